import FailoverCore

/// Who started an attempt and takes its result.
protocol AttemptHost: AnyObject {
    /// From now on the attempt waits for our own machine, or no longer does.
    func attempt(_ attempt: ProbeAttempt, waits onUs: Bool, at now: MonotonicInstant)
    /// A chat has passed an objective, so that its end cannot be good for that indicator any more.
    func attempt(_ attempt: ProbeAttempt, isOverdue indicator: IndicatorKind, at now: MonotonicInstant)
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
    /// What is asked and answered; `nil` for all probes but chats.
    let chat: ChatTurn?
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
        isLate: Bool = false,
        chat: ChatTurn? = nil
    ) {
        self.start = start
        self.probe = probe
        self.worker = worker
        self.chat = chat
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
        // Its answer would count nowhere, and might cost tokens.
        if chat != nil, pausesBefore == nil { return finish(.stalled, at: start.start) }
        do throws(ProbeDefect) {
            try chat?.prepare(worker.resources.credentials)
        } catch {
            return end(.local(.localConfiguration, error.detail), at: start.start)
        }
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
        if let objective = chat?.nextObjective, now >= objective { tellOverdue(at: now) }
        guard now >= due else { return setTimer(at: now) }
        if isReadingChat { return conclude(.told(dueIsTotal ? .totalTimedOut : .timedOut), at: now) }
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

    /// Begins to wait for the next part of a chat's answer, which says itself how long that may take.
    func enterReading(_ phase: Phase, of chat: ChatTurn, at now: MonotonicInstant) {
        enter(phase, limit: chat.deadline.map { $0 - now }, at: now)
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
        let wakeUp = if let objective = chat?.nextObjective { min(due, objective) } else { due }
        if let timer {
            guard wakeUp < timer.due else { return }
            worker.loop.cancel(timer.token)
        }
        timer = (worker.loop.schedule(self, due: wakeUp, at: now), wakeUp)
    }

    /// Tells that objectives have passed, unless it is we who are late.
    private func tellOverdue(at now: MonotonicInstant) {
        for indicator in chat?.objectivesPassed(at: now) ?? [] where isReadingChat && !isVoid {
            host.attempt(self, isOverdue: indicator, at: now)
        }
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
        finish(Ending(.success, latency: now - start.start - ownTime), at: now)
    }

    /// Ends a chat as its answer was judged.
    func end(_ conclusion: ChatConclusion, at now: MonotonicInstant) {
        guard !hasEnded, let chat else { return }
        chat.end(conclusion)
        noteFacts(at: now)
        if conclusion.outcome == .success {
            probe.proved(chat.tier)
            keepConnection()
        }
        finish(Ending(conclusion, outcome: probe.judged(conclusion.outcome, chat.tier)), at: now)
    }

    func end(_ failure: ProbeFailure, at now: MonotonicInstant) {
        guard !hasEnded else { return }
        // The kernel may give up on a connection before our own limit does.
        let isTimeout = if case .failure(_, isTimeout: true) = failure.outcome { true } else { false }
        var ending = Ending(failure, latency: isTimeout ? now - start.start - ownTime : nil)
        if let field = failure.retryAfter {
            let fields = [(name: HTTPPlan.retryAfter, value: field)]
            ending.retryAfter = RetryAfter.delay(in: fields, wallSeconds: worker.loop.sessions.wallSeconds())
        }
        if let chat {
            chat.end()
            ending.outcome = probe.judged(failure.outcome, chat.tier)
        }
        finish(ending, at: now)
    }

    private func finish(_ ending: consuming Ending, at now: MonotonicInstant) {
        guard !hasEnded else { return }
        if isVoid, !ending.isInconclusive { ending = .stalled }
        ending.redact(chat?.redaction ?? probe.redaction)
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
            outcome: ending.outcome,
            latency: ending.latency,
            ttft: ending.ttft,
            phases: timings,
            connection: facts,
            chat: ending.report,
            tier: chat?.tier ?? .deep,
            retryAfter: ending.retryAfter,
            detail: ending.detail
        )
        host.attempt(self, ended: observation)
    }

    /// Whether a result says nothing because our own process stood still.
    private var isVoid: Bool { pausesBefore != worker.loop.pauses }

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
