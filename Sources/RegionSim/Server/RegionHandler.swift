import NIOCore
import NIOHTTP1

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Reads requests on one connection and carries out the steps that the region decides on, one request at a time.
final class RegionHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        /// No request yet, or the last one is answered. Can transition to: receiving, closed.
        case idle
        /// Can transition to: answering, rejecting, closed.
        case receiving(HTTPRequestHead, body: [UInt8])
        /// Already answered with 413; the rest of the request is thrown away. Can transition to: closed.
        case rejecting
        /// Can transition to: idle, closed.
        case answering(AnswerProgress)
        case closed
    }

    /// How far the answer to one request is.
    private struct AnswerProgress {
        let start: NIODeadline
        let version: HTTPVersion
        let isKeepAlive: Bool
        /// An answer to `HEAD` has no body.
        let isBodyless: Bool
        /// Of this request alone, for people who compare logs.
        let identifier: String
        var remaining: ArraySlice<ResponseStep>
    }

    private let region: Region
    private var state = State.idle
    /// Ends the phase that the connection is in.
    private var phaseLimit: Scheduled<Void>?
    private var nextStep: Scheduled<Void>?

    init(_ region: Region) { self.region = region }

    // MARK: Connection

    func channelActive(context: ChannelHandlerContext) {
        limitPhase(to: region.configuration.limits.idle, context: context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { finish() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A client that breaks the connection or the protocol is no error of the simulator.
        close(context: context)
    }

    private func finish() {
        if case .answering = state { region.countAnswer(isComplete: false) }
        state = .closed
        phaseLimit?.cancel()
        nextStep?.cancel()
    }

    private func close(context: ChannelHandlerContext) {
        finish()
        context.close(promise: nil)
    }

    private func limitPhase(to limit: Duration, context: ChannelHandlerContext) {
        phaseLimit?.cancel()
        phaseLimit = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(limit)) {
            self.close(context: context)
        }
    }

    // MARK: Request

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), state) {
        case (.head(let head), .idle):
            receive(head, context: context)
        case (.body(let part), .receiving(let head, var body)):
            guard body.count + part.readableBytes <= ConnectionLimits.maximumRequestBytes else {
                return reject(head, context: context)
            }
            state = .idle  // Lets go of the body, so that appending does not copy it.
            body.append(contentsOf: part.readableBytesView)
            state = .receiving(head, body: body)
        case (.end, .receiving(let head, let body)):
            answer(head, body: body, context: context)
        case (.end, .rejecting):
            close(context: context)
        case (.head, _), (.body, _), (.end, _):
            // The rest of a rejected request, or parts that arrive while the connection closes.
            break
        }
    }

    private func receive(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
        state = .receiving(head, body: [])
        limitPhase(to: region.configuration.limits.request, context: context)
        let announced = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        guard announced <= ConnectionLimits.maximumRequestBytes else { return reject(head, context: context) }
        if head.headers.first(name: "expect")?.lowercased() == "100-continue" {
            let proceed = HTTPResponseHead(version: head.version, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(proceed)), promise: nil)
        }
    }

    /// Answers 413 at once and reads on for a while: closing with unread bytes would reset the answer away.
    private func reject(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
        state = .rejecting
        let answer = Answer.tooLarge
        for step in ResponseStep.steps(for: answer, cause: nil, region: region.name, scale: 1) {
            switch step.action {
            case .head(let status, let headers):
                let closing = headers + [Answer.Header(name: "connection", value: "close")]
                write(status: status, headers: closing, version: head.version, context: context)
            case .body(let text): write(Array(text.utf8), context: context)
            case .end: context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            case .bytes, .drip, .forever, .raw, .silence, .close, .reset: break
            }
        }
    }

    private func answer(_ head: HTTPRequestHead, body: [UInt8], context: ChannelHandlerContext) {
        let request = RegionRequest(
            method: head.method.rawValue,
            target: head.uri,
            body: body,
            key: Self.key(in: head.headers)
        )
        let (identifier, steps) = region.answer(to: request, created: time(nil))
        state = .answering(
            AnswerProgress(
                start: .now(),
                version: head.version,
                // HTTP/1.0 knows no chunks, so only the end of the connection ends a stream.
                isKeepAlive: head.isKeepAlive && head.version != .http1_0,
                isBodyless: head.method == .HEAD,
                identifier: identifier,
                remaining: steps[...]
            )
        )
        limitPhase(to: region.configuration.limits.answer, context: context)
        proceed(context: context)
    }

    /// The key in the header of the API, or in those of its relatives.
    private static func key(in headers: HTTPHeaders) -> String? {
        if let value = headers.first(name: "authorization") {
            let words = value.split(separator: " ", maxSplits: 1)
            return words.count == 2 && words[0].lowercased() == "bearer" ? String(words[1]) : nil
        }
        return headers.first(name: "api-key") ?? headers.first(name: "x-api-key")
    }

    // MARK: Answer

    /// Carries out every step that is due, and comes back for the next one.
    private func proceed(context: ChannelHandlerContext) {
        while case .answering(var progress) = state, let step = progress.remaining.first {
            let due = progress.start + TimeAmount(step.at)
            guard due <= .now() else {
                nextStep = context.eventLoop.assumeIsolated().scheduleTask(deadline: due) {
                    self.proceed(context: context)
                }
                return
            }
            progress.remaining.removeFirst()
            state = .answering(progress)
            perform(step.action, progress, context: context)
        }
    }

    private func perform(_ action: ResponseStep.Action, _ progress: AnswerProgress, context: ChannelHandlerContext) {
        switch action {
        case .head(let status, var headers):
            headers.append(Answer.Header(name: "x-request-id", value: "req_" + progress.identifier))
            if !progress.isKeepAlive { headers.append(Answer.Header(name: "connection", value: "close")) }
            write(status: status, headers: headers, version: progress.version, context: context)
        case .body(let text):
            if !progress.isBodyless { write(Array(text.utf8), context: context) }
        case .bytes(let bytes):
            if !progress.isBodyless { write(bytes, context: context) }
        case .end:
            end(progress, context: context)
        case .drip(let text, let interval):
            drip(Array(text.utf8)[...], interval: TimeAmount(interval), progress, context: context)
        case .forever(let text, let interval):
            if !progress.isBodyless {
                let pause = max(TimeAmount(interval), Self.shortestPause)
                pour(Array(text.utf8), every: pause, context: context)
            }
        case .raw(let text):
            guard let encoder = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
            else { return close(context: context) }
            encoder.writeAndFlush(NIOAny(context.channel.allocator.buffer(string: text)), promise: nil)
        case .silence:
            break
        case .close:
            close(context: context)
        case .reset:
            // Lingering for no time makes closing a reset.
            let options = context.channel as? any SocketOptionProvider
            options?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in }
            close(context: context)
        }
    }

    private func end(_ progress: AnswerProgress, context: ChannelHandlerContext) {
        region.countAnswer(isComplete: true)
        state = .idle
        if progress.isKeepAlive {
            limitPhase(to: region.configuration.limits.idle, context: context)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        } else {
            finish()
            let isWritten = context.eventLoop.makePromise(of: Void.self)
            isWritten.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: isWritten)
        }
    }

    private func drip(
        _ bytes: ArraySlice<UInt8>,
        interval: TimeAmount,
        _ progress: AnswerProgress,
        context: ChannelHandlerContext
    ) {
        guard case .answering = state else { return }
        guard let byte = bytes.first, !progress.isBodyless else { return end(progress, context: context) }
        write([byte], context: context)
        nextStep = context.eventLoop.assumeIsolated().scheduleTask(in: interval) {
            self.drip(bytes.dropFirst(), interval: interval, progress, context: context)
        }
    }

    /// Keeps one endless body from taking the processor, however short the simulated times are.
    private static let shortestPause = TimeAmount.milliseconds(1)

    /// Sends for as long as the client reads.
    private func pour(_ bytes: [UInt8], every pause: TimeAmount, context: ChannelHandlerContext) {
        guard case .answering = state else { return }
        if context.channel.isWritable { write(bytes, context: context) }
        nextStep = context.eventLoop.assumeIsolated().scheduleTask(in: pause) {
            self.pour(bytes, every: pause, context: context)
        }
    }

    private func write(
        status: Int,
        headers: [Answer.Header],
        version: HTTPVersion,
        context: ChannelHandlerContext
    ) {
        region.countStatus(status)
        var fields = HTTPHeaders([("server", "regionsim"), ("x-region", region.name)])
        for header in headers where version != .http1_0 || header.name != "transfer-encoding" {
            fields.add(name: header.name, value: header.value)
        }
        let head = HTTPResponseHead(version: version, status: .init(statusCode: status), headers: fields)
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
    }

    private func write(_ bytes: [UInt8], context: ChannelHandlerContext) {
        let buffer = context.channel.allocator.buffer(bytes: bytes)
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
    }
}
