import FailoverCore
import NIOCore
import NIOHTTP1
import NIOSSL
import NIOTLS

/// The request and the answer of one HTTP attempt on its channel.
enum HTTPExchange {
    static func addHandlers(
        to pipeline: ChannelPipeline.SynchronousOperations,
        plan: HTTPPlan,
        attempt: ProbeAttempt
    ) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = HTTPProbe.maximumHeaderBytes
        limits.maxHeaderListSize = HTTPProbe.maximumHeaderBytes
        let decoder = HTTPResponseDecoder(
            leftOverBytesStrategy: .dropBytes,
            informationalResponseStrategy: .drop,
            limitConfiguration: limits
        )
        let meter = HTTPMeter(plan: plan, attempt: attempt)
        try pipeline.addHandler(meter)
        try pipeline.addHandler(ByteToMessageHandler(decoder))
        try pipeline.addHandler(HTTPAnswerHandler(plan: plan, meter: meter, attempt: attempt))
    }

    static func send(_ plan: HTTPPlan, on channel: any Channel, attempt: ProbeAttempt) {
        let promise = channel.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { attempt.requestWritten($0) }
        // The decoder wants to see the request's method; the meter replaces the head by the bytes of the whole request.
        let head = HTTPRequestHead(version: .http1_1, method: plan.method, uri: "/")
        channel.pipeline.syncOperations.writeAndFlush(NIOAny(HTTPClientRequestPart.head(head)), promise: promise)
    }
}

/// Next to the network: writes the rendered request, and feeds the decoder so that an answer whose head, chunk headers
/// or trailers never end is cut off at the limit.
private final class HTTPMeter: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = ByteBuffer

    private let plan: HTTPPlan
    private let attempt: ProbeAttempt
    private var hasFirstByte = false
    /// Bytes that went to the decoder since it last decoded something; never above `HTTPProbe.maximumHeaderBytes`.
    private var undecoded = 0

    init(plan: HTTPPlan, attempt: ProbeAttempt) {
        self.plan = plan
        self.attempt = attempt
    }

    func decoded() { undecoded = 0 }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        context.write(wrapOutboundOut(plan.request), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !attempt.hasEnded else { return }
        if !hasFirstByte {
            hasFirstByte = true
            attempt.firstByteArrived()
        }
        var buffer = unwrapInboundIn(data)
        while buffer.readableBytes > 0, !attempt.hasEnded {
            let allowance = HTTPProbe.maximumHeaderBytes - undecoded
            guard allowance > 0, let slice = buffer.readSlice(length: min(allowance, buffer.readableBytes)) else {
                let detail = "over \(HTTPProbe.maximumHeaderBytes) bytes of head, chunk headers or trailers"
                return attempt.end(.endpoint(.headerTooLarge, detail))
            }
            undecoded += slice.readableBytes
            context.fireChannelRead(wrapInboundOut(slice))
        }
    }
}

/// Judges the decoded answer while it arrives, and keeps its body only if something is expected of it.
private final class HTTPAnswerHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let plan: HTTPPlan
    private let meter: HTTPMeter
    private let attempt: ProbeAttempt
    private var bodyBytes = 0
    /// At most `HTTPProbe.maximumBodyBytes`.
    private var body: [UInt8] = []

    init(plan: HTTPPlan, meter: HTTPMeter, attempt: ProbeAttempt) {
        self.plan = plan
        self.meter = meter
        self.attempt = attempt
    }

    func channelActive(context: ChannelHandlerContext) { attempt.connected() }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted = event { attempt.secured() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { attempt.failed(error) }

    func channelInactive(context: ChannelHandlerContext) { attempt.connectionClosed() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !attempt.hasEnded else { return }
        meter.decoded()
        switch unwrapInboundIn(data) {
        case .head(let head): judge(Int(head.status.code))
        case .body(let buffer):
            bodyBytes += buffer.readableBytes
            guard bodyBytes <= HTTPProbe.maximumBodyBytes else {
                let detail = "the body is over \(HTTPProbe.maximumBodyBytes) bytes"
                return attempt.end(.endpoint(.bodyTooLarge, detail))
            }
            if !plan.matcher.isEmpty { body.append(contentsOf: buffer.readableBytesView) }
        case .end: attempt.answered(body: body, matcher: plan.matcher)
        }
    }

    /// An unexpected status ends the attempt; the body cannot change that.
    private func judge(_ status: Int) {
        guard !plan.statuses.contains(where: { $0.contains(status) }) else { return }
        let detail = "status \(status), expected \(plan.expectedStatuses)"
        // The endpoint limits our rate, which says nothing about its health.
        attempt.end(
            status == 429
                ? ProbeFailure(.throttled(.http(status)), detail)
                : .endpoint(.http(status), detail)
        )
    }
}

/// Reports only that the connection stands.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let attempt: ProbeAttempt

    init(attempt: ProbeAttempt) { self.attempt = attempt }

    func channelActive(context: ChannelHandlerContext) { attempt.connected() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
