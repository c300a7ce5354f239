import FailoverCore
import NIOCore
import NIOPosix
import NIOSSL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// One attempt from start to observation: a state machine that the event loop drives.
final class ProbeAttempt: TimerTarget {
    enum Phase {
        /// Can transition to: connecting, ended.
        case resolving(NameResolver.Ticket?)
        /// Trying the addresses in order. Can transition to: securing, requesting, ended.
        case connecting
        /// Can transition to: requesting, ended.
        case securing
        /// Can transition to: awaiting, reading (an answer that does not wait for the request), ended.
        case requesting
        /// Can transition to: reading, ended.
        case awaiting
        /// Can transition to: matching, ended.
        case reading
        /// The answer is complete, another thread looks at its body. Can transition to: ended.
        case matching
        case ended
    }

    /// How long matching a body may take before it is given up.
    static let matchingLimit: Duration = .seconds(1)

    let start: AttemptStart
    let probe: PreparedProbe
    private unowned let runner: ProbeRunner
    private let waiting: (_ onUs: Bool) -> Void
    private let completion: (Observation) -> Void
    private(set) var phase: Phase = .resolving(nil)
    private var timings = PhaseTimings()
    private var tlsContext: NIOSSLContext?
    private var tlsHandler: NIOSSLClientHandler?
    private var channel: (any Channel)?
    /// Still to be tried, in order.
    private var addresses: ArraySlice<SocketAddress> = []
    /// The most telling failure of the addresses tried so far.
    private var connectFailure: ProbeFailure?
    private var due: MonotonicInstant
    private var dueIsTotal = true
    private var timer: (token: TimerToken, due: MonotonicInstant)?

    init(
        _ start: AttemptStart,
        probe: PreparedProbe,
        runner: ProbeRunner,
        waiting: @escaping (_ onUs: Bool) -> Void,
        completion: @escaping (Observation) -> Void
    ) {
        self.start = start
        self.probe = probe
        self.runner = runner
        self.waiting = waiting
        self.completion = completion
        due = start.start + probe.configuration.timeouts.total
    }

    var hasEnded: Bool { if case .ended = phase { true } else { false } }
    private var timeouts: ProbeTimeouts { probe.configuration.timeouts }

    // MARK: Entry points

    func begin() {
        if let defect = probe.defect { return end(.local(.localConfiguration, defect)) }
        if let settings = probe.tls {
            switch runner.resources.tlsContexts.context(for: settings) {
            case .success(let context): tlsContext = context
            case .failure(let failure): return end(.local(.localConfiguration, failure.detail))
            }
        }
        if let literal = probe.literal {
            connect(to: [literal])
        } else {
            resolve()
        }
    }

    func cancel() { end(.local(.localCancelled, "the attempt was cancelled")) }

    func timerFired(at now: MonotonicInstant) {
        timer = nil
        guard now >= due else { return setTimer(at: now) }
        switch phase {
        case .resolving:
            end(.local(.resolveTimeout, "the resolver did not answer for \(probe.address.host)"))
        case .connecting: timedOut(.connectTimeout, "no connection to \(probe.address)", at: now)
        case .securing: timedOut(.tlsTimeout, "no TLS handshake with \(probe.address)", at: now)
        case .requesting: timedOut(.requestTimeout, "the request was not taken by \(probe.address)", at: now)
        case .awaiting: timedOut(.responseTimeout, "no answer from \(probe.address)", at: now)
        case .reading: timedOut(.bodyTimeout, "the answer did not end", at: now)
        case .matching: end(.local(.localConfiguration, "matching the body took too long"))
        case .ended: break
        }
    }

    // MARK: Resolve

    private func resolve() {
        enter(.resolving(nil), limit: timeouts.resolve, at: start.start)
        let attempt = NIOLoopBound(self, eventLoop: runner.eventLoop)
        let ticket = runner.resources.resolver.resolve(probe.address.host, on: runner.eventLoop) { result in
            attempt.value.resolved(result)
        }
        guard let ticket else { return end(ProbeFailure(lookup: .overflow, host: probe.address.host)) }
        phase = .resolving(ticket)
        waiting(true)
    }

    private func resolved(_ result: Result<[SocketAddress], LookupFailure>) {
        guard case .resolving = phase else { return }
        switch result {
        case .failure(let failure): end(ProbeFailure(lookup: failure, host: probe.address.host))
        case .success(var addresses):
            timings.resolved = runner.clock() - start.start
            waiting(false)
            for index in addresses.indices { addresses[index].port = probe.address.port }
            connect(to: addresses[...])
        }
    }

    // MARK: Connect

    private func connect(to addresses: ArraySlice<SocketAddress>) {
        self.addresses = addresses
        enter(.connecting, limit: timeouts.connect, at: runner.clock())
        connectToNextAddress()
    }

    private func connectToNextAddress() {
        guard let address = addresses.popFirst() else {
            return end(connectFailure ?? .local(.localResolver, "\(probe.address.host) has no usable address"))
        }
        let attempt = NIOLoopBound(self, eventLoop: runner.eventLoop)
        ClientBootstrap(group: runner.eventLoop)
            // Our own timer ends it earlier.
            .connectTimeout(.hours(24))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try attempt.value.addHandlers(to: channel) }
            }
            .connect(to: address)
            .assumeIsolated()
            .whenFailure { error in self.connectFailed(error, to: address) }
    }

    private func addHandlers(to channel: any Channel) throws {
        self.channel = channel
        let pipeline = channel.pipeline.syncOperations
        if let tlsContext {
            let handler = try NIOSSLClientHandler(context: tlsContext, serverHostname: probe.serverName)
            tlsHandler = handler
            try pipeline.addHandler(handler)
        }
        switch probe.exchange {
        case .none: try pipeline.addHandler(ConnectionHandler(attempt: self))
        case .http(let plan): try HTTPExchange.addHandlers(to: pipeline, plan: plan, attempt: self)
        }
    }

    private func connectFailed(_ error: any Error, to address: SocketAddress) {
        guard case .connecting = phase else { return }
        if let error = error as? NIOSSLExtraError {
            return end(.local(.localConfiguration, "\(probe.address.host) cannot be used with TLS: \(error)"))
        }
        let failure = ProbeFailure(connecting: error, to: address)
        guard failure.isWorthAnotherAddress else { return end(failure) }
        // What an endpoint said outranks that we could not even ask at another address.
        if connectFailure?.isLocal ?? true { connectFailure = failure }
        connectToNextAddress()
    }

    // MARK: What the connection reports

    func connected() {
        guard case .connecting = phase else { return }
        // On loopback a connection to a free port may be met by itself, which proves that nobody listens there.
        guard channel?.localAddress != channel?.remoteAddress else {
            return end(.endpoint(.connectRefused, "\(probe.address): met only ourselves"))
        }
        let now = runner.clock()
        timings.connected = now - start.start
        guard tlsHandler == nil else { return enter(.securing, limit: timeouts.tls, at: now) }
        beginExchange(at: now)
    }

    func secured() {
        guard case .securing = phase else { return }
        let now = runner.clock()
        timings.secured = now - start.start
        beginExchange(at: now)
    }

    func requestWritten(_ result: Result<Void, any Error>) {
        guard case .requesting = phase else { return }
        switch result {
        case .success:
            let now = runner.clock()
            timings.requestWritten = now - start.start
            enter(.awaiting, limit: timeouts.firstByte, at: now)
        case .failure(let error): failed(error)
        }
    }

    func firstByteArrived() {
        let now = runner.clock()
        timings.firstByte = now - start.start
        enter(.reading, limit: nil, at: now)
    }

    /// An error of the connection, in whatever phase it is.
    func failed(_ error: any Error) {
        switch phase {
        case .securing:
            end(
                ProbeFailure(
                    handshake: error,
                    certificate: tlsHandler?.peerCertificate,
                    name: probe.address.host,
                    now: time(nil)
                )
            )
        case .requesting, .awaiting, .reading:
            end(ProbeFailure(answering: error, hasFirstByte: timings.firstByte != nil))
        case .resolving, .connecting, .matching, .ended: break
        }
    }

    func connectionClosed() {
        switch phase {
        case .securing: end(.endpoint(.tlsHandshake, "the connection closed during the TLS handshake"))
        case .requesting, .awaiting, .reading: end(.answerEnded(hasFirstByte: timings.firstByte != nil))
        case .resolving, .connecting, .matching, .ended: break
        }
    }

    /// The answer is complete and its status is expected; `body` is empty unless something is expected of it.
    func answered(body: [UInt8], matcher: BodyMatcher) {
        let now = runner.clock()
        timings.lastByte = now - start.start
        guard matcher.isSlow(byteCount: body.count) else { return matched(matcher.mismatch(in: body), at: now) }
        guard !probe.isMatching else {
            return end(.local(.localConfiguration, "an earlier body is still being matched"))
        }
        waiting(true)
        enter(.matching, limit: Self.matchingLimit, at: now)
        due = now + Self.matchingLimit
        setTimer(at: now)
        channel?.close(promise: nil)
        let attempt = NIOLoopBound(self, eventLoop: runner.eventLoop)
        let eventLoop = runner.eventLoop
        probe.isMatching = runner.resources.matching.submit {
            let mismatch = matcher.mismatch(in: body)
            eventLoop.execute {
                attempt.value.probe.isMatching = false
                attempt.value.matched(mismatch, at: now)
            }
        }
        if !probe.isMatching { end(.local(.localConfiguration, "too many bodies wait to be matched")) }
    }

    private func matched(_ mismatch: String?, at now: MonotonicInstant) {
        if let mismatch {
            end(.endpoint(.bodyMismatch, mismatch), at: now)
        } else {
            succeeded(at: now)
        }
    }

    // MARK: Transitions

    private func beginExchange(at now: MonotonicInstant) {
        switch probe.exchange {
        case .none: succeeded(at: now)
        case .http(let plan):
            enter(.requesting, limit: timeouts.firstByte, at: now)
            channel.map { HTTPExchange.send(plan, on: $0, attempt: self) }
        }
    }

    /// Begins a phase that ends after `limit` or with the whole attempt, whichever is earlier.
    private func enter(_ phase: Phase, limit: Duration?, at now: MonotonicInstant) {
        self.phase = phase
        let total = start.start + timeouts.total
        let own = limit.map { now + $0 } ?? total
        due = min(own, total)
        dueIsTotal = limit == nil || total < own
        setTimer(at: now)
    }

    /// Keeps a timer that fires early enough: it looks at `due` again then.
    private func setTimer(at now: MonotonicInstant) {
        if let timer {
            guard due < timer.due else { return }
            runner.timers.cancel(timer.token)
        }
        timer = (runner.timers.schedule(self, due: due, at: now), due)
    }

    private func timedOut(_ code: ReasonCode, _ what: String, at now: MonotonicInstant) {
        let isBody = code == .bodyTimeout
        let waited = now - start.start
        let limit = dueIsTotal ? "of \(timeouts.total) in total" : "of this phase"
        let outcome = Outcome.failure(dueIsTotal && !isBody ? .totalTimeout : code, isTimeout: true)
        end(ProbeFailure(outcome, "\(what) within the limit \(limit)"), latency: waited, at: now)
    }

    private func succeeded(at now: MonotonicInstant) {
        end(.success, latency: now - start.start, detail: nil, at: now)
    }

    func end(_ failure: ProbeFailure, latency: Duration? = nil, at now: MonotonicInstant? = nil) {
        guard !hasEnded else { return }
        let now = now ?? runner.clock()
        // The kernel may give up on a connection before our own limit does.
        let isTimeout = if case .failure(_, isTimeout: true) = failure.outcome { true } else { false }
        let latency = latency ?? (isTimeout ? now - start.start : nil)
        end(failure.outcome, latency: latency, detail: failure.detail, at: now)
    }

    private func end(_ outcome: Outcome, latency: Duration?, detail: String?, at now: MonotonicInstant) {
        guard !hasEnded else { return }
        if case .resolving(let ticket?) = phase { runner.resources.resolver.forget(ticket) }
        phase = .ended
        if let timer { runner.timers.cancel(timer.token) }
        timer = nil
        addresses = []
        channel?.close(promise: nil)
        channel = nil
        tlsHandler = nil
        runner.attemptEnded(self)
        completion(
            Observation(
                key: start.key,
                attempt: start.attempt,
                source: start.source,
                start: start.start,
                end: now,
                outcome: outcome,
                latency: latency,
                phases: timings,
                detail: detail
            )
        )
    }
}
