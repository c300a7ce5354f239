import FailoverWire
import FoundationEssentials
import NIOCore

/// Tells a client that came one too many, and closes.
final class RefusalHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let maximum: Int

    init(maximum: Int) { self.maximum = maximum }

    func channelActive(context: ChannelHandlerContext) {
        let problem = ProblemDocument(
            title: "Too many connections",
            status: 503,
            detail: "\(maximum) connections are open, which is the limit; try again soon"
        )
        let body = (try? Wire.encode(problem)) ?? Data()
        var answer = ByteBuffer(
            string: "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\n"
                + "Content-Length: \(body.count)\r\nRetry-After: 1\r\nConnection: close\r\n\r\n"
        )
        answer.writeBytes(body)
        context.writeAndFlush(wrapOutboundOut(answer)).assumeIsolated().whenComplete { _ in context.close(promise: nil)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // Whatever it asks for, it has its answer.
    }
}

@available(*, unavailable)
extension RefusalHandler: Sendable {}
