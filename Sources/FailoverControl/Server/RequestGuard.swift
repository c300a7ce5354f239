import FailoverCore
import FailoverWire
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// Watches the requests of one connection: refuses bodies that are too large and requests that cannot be understood,
/// keeps event streams alive, and ends a connection that broke a rule.
final class RequestGuard: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        /// Can transition to: `finishing` on a violation while an answer is under way, `ended` on any other.
        case serving
        /// Nothing more is read; the answers under way are still written. Can transition to: `ended` after the last.
        case finishing
        /// The connection lingers until the client has read everything, or the time is up.
        case ended
    }

    private let limits: ControlLimits
    private let bytes: ConnectionGuard
    private var state = State.serving
    private var bodyBytes = 0
    /// Of the request that is read.
    private var bodyLimit: Int
    /// Requests whose head arrived and whose answer is not whole yet.
    private var unanswered = 0
    private var answerBegun = false
    /// The head of a request arrived, its end has not.
    private var isReadingBody = false
    private var endsWithAnswer = false
    private var keepAlive: Scheduled<Void>?
    private var linger: Scheduled<Void>?

    init(limits: ControlLimits, bytes: ConnectionGuard) {
        self.limits = limits
        self.bytes = bytes
        bodyLimit = limits.bodyBytes
    }

    func handlerAdded(context: ChannelHandlerContext) {
        bytes.onViolation = { [unowned self] violation in refuse(violation, context: context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        bytes.onViolation = nil
        keepAlive?.cancel()
        linger?.cancel()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .serving = state else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            bytes.headArrived(context)
            bodyBytes = 0
            bodyLimit = head.uri.hasPrefix("/v1/observations") ? limits.observationBytes : limits.bodyBytes
            if let length = head.headers.first(name: "content-length").flatMap(Int.init), length > bodyLimit {
                return refuse(.bodyTooLarge(limit: bodyLimit), context: context)
            }
            isReadingBody = true
            unanswered += 1
        case .body(let part):
            bodyBytes += part.readableBytes
            if bodyBytes > bodyLimit {
                return refuse(.bodyTooLarge(limit: bodyLimit), context: context)
            }
        case .end:
            isReadingBody = false
            bytes.requestArrived()
            if unanswered == 0 { bytes.becameIdle(context) }
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .ended = state {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(let head):
            answerBegun = true
            if head.headers.first(name: "content-type") == "text/event-stream" {
                endsWithAnswer = true
                startKeepAlive(context)
            }
            context.write(data, promise: promise)
        case .body: context.write(data, promise: promise)
        case .end:
            answerBegun = false
            unanswered = max(0, unanswered - 1)
            keepAlive?.cancel()
            keepAlive = nil
            if endsWithAnswer || isFinished {
                context.writeAndFlush(data, promise: promise)
                end(context)
            } else {
                context.write(data, promise: promise)
                if unanswered == 0, !isReadingBody { bytes.becameIdle(context) }
            }
        }
    }

    /// The last answer is written.
    ///
    /// The client has a moment to read to the end: closing at once would cut off one that still writes, and waiting
    /// for it would let it keep the connection.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode == .output {
            state = .ended
            if linger == nil {
                linger = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(limits.lingerTime)) {
                    context.close(promise: nil)
                }
            }
        }
        context.close(mode: mode, promise: promise)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case HTTPParserError.headerOverflow: refuse(.headTooLarge(limit: limits.headBytes), context: context)
        case let error as HTTPParserError: refuse(.malformed("\(error)"), context: context)
        default: context.fireErrorCaught(error)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .ended = state, event as? ChannelEvent == .inputClosed {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    /// Whether the answer being written is the last one.
    private var isFinished: Bool {
        if case .finishing = state { unanswered == 0 } else { false }
    }

    private func refuse(_ violation: RequestViolation, context: ChannelHandlerContext) {
        guard case .serving = state, context.channel.isActive else { return }
        // Answered before it was read to its end: nothing is left to say.
        if isReadingBody, unanswered == 0 { return end(context) }
        // Writing in between would garble an answer under way, so that one is the last.
        guard !answerBegun, unanswered == (isReadingBody ? 1 : 0) else {
            state = .finishing
            return
        }
        let problem = violation.problem
        let body = (try? Wire.encode(problem)) ?? Data()
        var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: problem.status))
        head.headers.add(name: "Content-Type", value: "application/problem+json")
        head.headers.add(name: "Content-Length", value: "\(body.count)")
        head.headers.add(name: "Connection", value: "close")
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        end(context)
    }

    private func end(_ context: ChannelHandlerContext) {
        close(context: context, mode: .output, promise: nil)
    }

    private func startKeepAlive(_ context: ChannelHandlerContext) {
        keepAlive = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(limits.keepAlive)) {
            let comment = ByteBuffer(string: ": keep-alive\n\n")
            context.writeAndFlush(self.wrapOutboundOut(.body(.byteBuffer(comment))), promise: nil)
            self.startKeepAlive(context)
        }
    }
}

@available(*, unavailable)
extension RequestGuard: Sendable {}

extension RequestViolation {
    var problem: ProblemDocument {
        switch self {
        case .headTooLarge(let limit):
            ProblemDocument(
                title: "Request head too large",
                status: 431,
                detail: "the request line and its headers may have \(limit) bytes"
            )
        case .bodyTooLarge(let limit):
            ProblemDocument(title: "Request body too large", status: 413, detail: "a body may have \(limit) bytes")
        case .tooSlow(let limit):
            ProblemDocument(
                title: "Request too slow",
                status: 408,
                detail: "a request must arrive whole within \(limit.inSeconds.trimmed) s"
            )
        case .malformed(let what):
            ProblemDocument(title: "Not an HTTP request", status: 400, detail: "the request cannot be read: \(what)")
        }
    }
}
