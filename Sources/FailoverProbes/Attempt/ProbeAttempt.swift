import FailoverCore

/// Who started an attempt and takes its result.
protocol AttemptHost: AnyObject {
    /// From now on the attempt waits for our own machine, or no longer does.
    func attempt(_ attempt: ProbeAttempt, waits onUs: Bool, at now: MonotonicInstant)
    /// The attempt has ended; told once.
    func attempt(_ attempt: ProbeAttempt, ended observation: Observation)
}

/// One attempt from start to observation: a state machine that the loop drives.
///
/// One attempt is one sample: nothing is tried again, except on a kept connection that had ended already.
final class ProbeAttempt: TimerTarget {
    enum Phase {
        /// Can transition to: connecting, ended.
        case resolving(NameResolver.Ticket?)
        /// Trying the addresses, then the proxy. Can transition to: securing, requesting, ended.
        case connecting
        /// Can transition to: requesting, ended.
        case securing
        /// Can transition to: awaiting, reading (an answer that does not wait for the request), connecting (a kept
        /// connection had ended), ended.
        case requesting
        /// Can transition to: reading, connecting (a kept connection had ended), ended.
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
    unowned let worker: ProbeWorker
    private unowned let host: any AttemptHost
    var phase: Phase = .resolving(nil)
    var timings = PhaseTimings()
    var connection: Connection?
    var exchange: HTTPExchange?
    /// The connection was made by an earlier attempt.
    var isReused = false
    /// Time that passed in our own machine and says nothing about the endpoint.
    var ownTime = Duration.zero
    /// When the attempt began to wait for the resolver.
    var waitedSince: MonotonicInstant
    private var facts: ConnectionFacts?
    /// `nil` if it began late.
    private let pausesBefore: UInt64?
    private var due: MonotonicInstant
    private var dueIsTotal = true
    private var timer: (token: TimerToken, due: MonotonicInstant)?

    /// Prepares an attempt; ``begin()`` begins it.
    ///
    /// With `isLate` it counts nowhere: it begins so late that whatever held it up may hold up its answer, too.
    init(
        _ start: AttemptStart,
        probe: PreparedProbe,
        worker: ProbeWorker,
        host: any AttemptHost,
        isLate: Bool = false
    ) {
        self.start = start
        self.probe = probe
        self.worker = worker
        self.host = host
        waitedSince = start.start
        pausesBefore = isLate ? nil : worker.loop.pauses
        due = start.start + probe.configuration.timeouts.total
    }

    var hasEnded: Bool { if case .ended = phase { true } else { false } }
    var timeouts: ProbeTimeouts { probe.configuration.timeouts }

    // MARK: Entry points

    func begin() {
        if let defect = probe.defect { return end(.local(.localConfiguration, defect), at: start.start) }
        guard let kept = probe.takeKept() else { return locate(at: start.start) }
        isReused = true
        connection = kept.connection
        exchange = kept.exchange
        kept.connection.user = self
        beginExchange(at: start.start)
    }

    func cancel() { end(.local(.localCancelled, "the attempt was cancelled"), at: worker.loop.clock()) }

    func timerFired(at now: MonotonicInstant) {
        timer = nil
        guard now >= due else { return setTimer(at: now) }
        let place = probe.target
        if let trouble = connection?.ownTrouble { return end(trouble, at: now) }
        switch phase {
        case .resolving: resolveTimedOut(at: now)
        case .connecting where connection?.isTunnelling == true:
            timedOut(.proxyFailed, "the proxy \(place) did not reach the endpoint", at: now)
        case .connecting where probe.usesProxy:
            end(.local(.localProxy, "no connection to the proxy \(place) within the limit of this phase"), at: now)
        case .connecting: timedOut(.connectTimeout, "no connection to \(place)", at: now)
        case .securing: timedOut(.tlsTimeout, "no TLS handshake with \(place)", at: now)
        case .requesting: timedOut(.requestTimeout, "the request was not taken by \(place)", at: now)
        case .awaiting: timedOut(.responseTimeout, "no answer from \(place)", at: now)
        case .reading: timedOut(.bodyTimeout, "the answer did not end", at: now)
        case .matching: end(.local(.localConfiguration, "matching the body took too long"), at: now)
        case .ended: break
        }
    }

    // MARK: Phases

    /// Begins a phase that ends after `limit` or with the whole attempt, whichever is earlier.
    func enter(_ phase: Phase, limit: Duration?, at now: MonotonicInstant) {
        self.phase = phase
        let total = start.start + timeouts.total + ownTime
        let own = limit.map { now + $0 } ?? total
        due = min(own, total)
        dueIsTotal = limit == nil || total < own
        setTimer(at: now)
    }

    /// Begins to wait for another thread, for no longer than `limit`, whatever the whole attempt may take.
    func enterWaiting(_ phase: Phase, limit: Duration, at now: MonotonicInstant) {
        self.phase = phase
        due = now + limit
        dueIsTotal = false
        setTimer(at: now)
    }

    /// Keeps a timer that fires early enough: it looks at `due` again then.
    private func setTimer(at now: MonotonicInstant) {
        if let timer {
            guard due < timer.due else { return }
            worker.loop.cancel(timer.token)
        }
        timer = (worker.loop.schedule(self, due: due, at: now), due)
    }

    func waits(onUs: Bool, at now: MonotonicInstant) { host.attempt(self, waits: onUs, at: now) }

    private func timedOut(_ code: ReasonCode, _ what: String, at now: MonotonicInstant) {
        let isBody = code == .bodyTimeout
        let limit = dueIsTotal ? "of \(timeouts.total) in total" : "of this phase"
        let outcome = Outcome.failure(dueIsTotal && !isBody ? .totalTimeout : code, isTimeout: true)
        end(ProbeFailure(outcome, "\(what) within the limit \(limit)"), at: now)
    }

    // MARK: End

    func succeeded(at now: MonotonicInstant) {
        noteFacts(at: now)
        keepConnection()
        end(.success, latency: now - start.start - ownTime, detail: nil, at: now)
    }

    func end(_ failure: ProbeFailure, at now: MonotonicInstant) {
        guard !hasEnded else { return }
        // The kernel may give up on a connection before our own limit does.
        let isTimeout = if case .failure(_, isTimeout: true) = failure.outcome { true } else { false }
        end(failure.outcome, latency: isTimeout ? now - start.start - ownTime : nil, detail: failure.detail, at: now)
    }

    private func end(_ outcome: Outcome, latency: Duration?, detail: String?, at now: MonotonicInstant) {
        guard !hasEnded else { return }
        var (outcome, latency, detail) = (outcome, latency, detail)
        if isVoid(outcome) {
            let text = "the daemon stood still before or while the attempt was under way"
            (outcome, latency, detail) = (.inconclusive(.localStalled), nil, text)
        }
        if case .resolving(let ticket?) = phase { worker.resources.resolver.forget(ticket) }
        phase = .ended
        if let timer { worker.loop.cancel(timer.token) }
        timer = nil
        worker.expectNoAnswer(for: self)
        if facts == nil { noteFacts(at: now) }
        connection?.close()
        connection = nil
        exchange = nil
        let observation = Observation(
            key: start.key,
            attempt: start.attempt,
            source: start.source,
            start: start.start,
            end: now,
            outcome: outcome,
            latency: latency,
            phases: timings,
            connection: facts,
            detail: detail
        )
        host.attempt(self, ended: observation)
    }

    /// Whether a result says nothing because our own process stood still.
    private func isVoid(_ outcome: Outcome) -> Bool {
        if case .inconclusive = outcome { return false }
        return pausesBefore != worker.loop.pauses
    }

    private func noteFacts(at now: MonotonicInstant) {
        guard let connection else { return }
        facts = probe.facts(
            of: connection,
            isReused: isReused,
            http: exchange?.spoken,
            wallSeconds: worker.loop.sessions.wallSeconds,
            at: now
        )
    }

    /// Leaves the connection to the next attempt where that is wanted and possible.
    private func keepConnection() {
        guard let connection, let exchange, exchange.allowsAnother, connection.isOpen, worker.mayIdle else { return }
        guard probe.keep(connection, exchange) else { return }
        self.connection = nil
    }
}
