import NIOCore

/// Watches the bytes of one connection: how long a request takes to arrive, how large its head grows, how long the
/// connection idles, and whether the client takes what it asked for.
///
/// It sits in front of the HTTP codec; its companion behind the codec, `RequestGuard`, tells it where requests begin
/// and end, and answers what this one finds wrong.
final class ConnectionGuard: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private enum Reading {
        /// Between requests. Can transition to: `head` with the next byte.
        case nothing
        /// Can transition to: `body` when the head is whole.
        case head(bytes: Int)
        /// Can transition to: `nothing` when the request is whole.
        case body
    }

    private let limits: ControlLimits
    private var reading = Reading.nothing
    private var writesUnderWay = 0
    private var requestTimer: Scheduled<Void>?
    private var idleTimer: Scheduled<Void>?
    private var stallTimer: Scheduled<Void>?
    private var context: ChannelHandlerContext?

    /// Answers a request that breaks a limit, then ends the connection.
    var onViolation: ((RequestViolation) -> Void)?

    init(limits: ControlLimits) { self.limits = limits }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        for timer in [requestTimer, idleTimer, stallTimer] { timer?.cancel() }
        self.context = nil
        onViolation = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        startRequestTimer(context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data).readableBytes
        switch reading {
        case .nothing:
            reading = .head(bytes: bytes)
            idleTimer?.cancel()
            if requestTimer == nil { startRequestTimer(context) }
        case .head(let before): reading = .head(bytes: before + bytes)
        case .body: break
        }
        context.fireChannelRead(data)
        if case .head(let bytes) = reading, bytes > limits.headBytes {
            onViolation?(.headTooLarge(limit: limits.headBytes))
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let written = promise ?? context.eventLoop.makePromise(of: Void.self)
        writesUnderWay += 1
        if writesUnderWay == 1 { startStallTimer(context) }
        written.futureResult.assumeIsolated().whenComplete { _ in self.writeCompleted() }
        context.write(data, promise: written)
    }

    // MARK: From the companion

    func headArrived(_ context: ChannelHandlerContext) {
        reading = .body
        // A request that came in one piece with the one before has no timer yet.
        if requestTimer == nil { startRequestTimer(context) }
    }

    func requestArrived() {
        reading = .nothing
        requestTimer?.cancel()
        requestTimer = nil
    }

    /// Everything that arrived is answered.
    func becameIdle(_ context: ChannelHandlerContext) {
        guard case .nothing = reading else { return }
        idleTimer?.cancel()
        idleTimer = schedule(context, in: limits.idleTime) { _ in context.close(promise: nil) }
    }

    // MARK: Timers

    private func startRequestTimer(_ context: ChannelHandlerContext) {
        requestTimer = schedule(context, in: limits.requestTime) { guardian in
            guardian.onViolation?(.tooSlow(limit: guardian.limits.requestTime))
        }
    }

    private func startStallTimer(_ context: ChannelHandlerContext) {
        stallTimer = schedule(context, in: limits.stallTime) { _ in context.close(promise: nil) }
    }

    private func writeCompleted() {
        writesUnderWay -= 1
        stallTimer?.cancel()
        stallTimer = nil
        if writesUnderWay > 0, let context { startStallTimer(context) }
    }

    private func schedule(
        _ context: ChannelHandlerContext,
        in time: Duration,
        _ body: @escaping (ConnectionGuard) -> Void
    ) -> Scheduled<Void> {
        context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(time)) { body(self) }
    }
}

@available(*, unavailable)
extension ConnectionGuard: Sendable {}

/// How a request breaks the limits or the grammar.
enum RequestViolation: Hashable, Sendable {
    case headTooLarge(limit: Int)
    case bodyTooLarge(limit: Int)
    case tooSlow(limit: Duration)
    case malformed(String)
}
