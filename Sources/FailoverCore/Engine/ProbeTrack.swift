/// One probe of an endpoint: its windows, its detector, and the attempts under way.
struct ProbeTrack: Sendable {
    let key: ProbeKey
    let limits: ProbeLimits
    var detector: any ProbeDetector
    private var errors = ErrorWindow()
    private var latencies: LatencyWindow
    private var availabilityOrder = StartOrder<JudgedSample?>()
    private var latencyOrder = StartOrder<JudgedSample?>()
    /// Judged samples since the daemon started or the endpoint changed.
    private(set) var judged = 0
    private(set) var goodInARow = 0
    private(set) var lastJudged: MonotonicInstant?
    private(set) var isThrottled = false
    /// The interval last asked for.
    private(set) var interval: Duration
    /// Oldest first; at most `StartOrder.capacity`.
    private var underWay: [UnderWay] = []
    /// The latest attempt that was told; a result of an older one that is no longer under way counts nowhere.
    private var latestAttempt: AttemptID?
    /// Results of attempts that began earlier speak of another configuration; `nil` for the first one.
    private let notBefore: MonotonicInstant?
    /// The way that the last attempt with a connection took.
    private(set) var connection: ConnectionFacts?
    private var certificates: CertificateWatch
    /// The look at its deadlines that the engine waits for; `nil` if for none.
    private var awaited: MonotonicInstant?

    /// One attempt whose end has not been told.
    private struct UnderWay: Sendable {
        let attempt: AttemptID
        let start: MonotonicInstant
        /// Since when it waits for our own machine: for the resolver, or for a look at the body.
        var waitsSince: MonotonicInstant?
        /// The time that it has waited so before, which does not count.
        var waited = Duration.zero
        /// The time at which it would be overdue has passed.
        var isPastObjective = false
        /// It was judged slow by the clock.
        var isOverdue = false
    }

    init(
        key: ProbeKey,
        configuration: ProbeConfiguration,
        detector: any ProbeDetector,
        notBefore: MonotonicInstant? = nil
    ) {
        self.key = key
        self.detector = detector
        self.notBefore = notBefore
        limits = ProbeLimits(configuration)
        interval = configuration.interval
        latencies = LatencyWindow(interval: configuration.interval)
        certificates = CertificateWatch(warnBefore: configuration.request.tls?.warnBefore)
    }

    var indicators: [IndicatorKind] {
        limits.objective == nil ? [.availability] : [.availability, .latency]
    }

    // MARK: - Attempts

    mutating func begin(_ start: AttemptStart) {
        if let notBefore, start.start < notBefore { return }
        guard !isUnderWay(start.attempt) else { return }
        latestAttempt = max(latestAttempt ?? start.attempt, start.attempt)
        // What waits for its latency waits for its availability too.
        let isOneGivenUp = availabilityOrder.begin(start.attempt)
        latencyOrder.begin(start.attempt)
        if isOneGivenUp { forgetGivenUp() }
        underWay.append(UnderWay(attempt: start.attempt, start: start.start))
        judgeReady()
    }

    /// Notes whether time counts against the endpoint; what has passed already is judged by the result.
    mutating func wait(_ attempt: AttemptID, onUs: Bool, at now: MonotonicInstant) {
        guard let index = underWay.firstIndex(where: { $0.attempt == attempt }) else { return }
        if let since = underWay[index].waitsSince { underWay[index].waited += now - since }
        underWay[index].waitsSince = onUs ? now : nil
    }

    private func isUnderWay(_ attempt: AttemptID) -> Bool {
        availabilityOrder.isPending(attempt) || latencyOrder.isPending(attempt)
    }

    private mutating func forgetGivenUp() {
        let kept = underWay.filter { isUnderWay($0.attempt) }
        underWay = kept
    }

    // MARK: - Time

    /// When the engine has to look next; `nil` if there is nothing to look at, or it waits for an earlier look already.
    mutating func takeNextLook() -> MonotonicInstant? {
        guard let first = earliest() else { return nil }
        let next = deadline(of: underWay[first])
        if let awaited, awaited <= next { return nil }
        awaited = next
        return next
    }

    /// Nothing is waited for any more.
    mutating func forgetLooks() { awaited = nil }

    /// Looks at the attempt whose deadline comes first; one at a time, because other probes may have earlier ones.
    ///
    /// - Returns: Whether that may change the verdict.
    mutating func look(at now: MonotonicInstant) -> Bool {
        // Nothing if an earlier look was asked for since.
        guard let due = awaited, due <= now else { return false }
        awaited = nil
        guard let first = earliest(), deadline(of: underWay[first]) <= now else { return false }
        guard awaitsObjective(underWay[first]) != nil else {
            abandon(underWay[first].attempt)
            return true
        }
        underWay[first].isPastObjective = true
        return becomeOverdue(at: first, now: now)
    }

    /// The attempt whose deadline comes first; the first begun of equals.
    private func earliest() -> Int? {
        var earliest: Int?
        for index in underWay.indices {
            if let earliest, deadline(of: underWay[earliest]) <= deadline(of: underWay[index]) { continue }
            earliest = index
        }
        return earliest
    }

    private func deadline(of attempt: UnderWay) -> MonotonicInstant {
        attempt.start + attempt.waited + (awaitsObjective(attempt) ?? limits.abandonAfter)
    }

    /// `nil` if the next deadline of the attempt is the one at which it is given up.
    private func awaitsObjective(_ attempt: UnderWay) -> Duration? {
        guard !attempt.isPastObjective, attempt.waitsSince == nil, let overdueAfter = limits.overdueAfter,
            overdueAfter <= limits.abandonAfter
        else { return nil }
        return overdueAfter
    }

    /// The attempt has been under way for longer than the objective: slow now, whatever comes later.
    ///
    /// Unless it turns out to say nothing at all: then that is taken back.
    /// - Returns: Whether that was news.
    private mutating func becomeOverdue(at index: Int, now: MonotonicInstant) -> Bool {
        let attempt = underWay[index]
        guard latencyOrder.isPending(attempt.attempt), attempt.waitsSince == nil else { return false }
        // Judged here, so that an endpoint which swallows every probe is unhealthy rather than unknown.
        underWay[index].isOverdue = true
        judged += 1
        lastJudged = now
        goodInARow = 0
        let slow = JudgedSample(start: attempt.start, isBad: true, finding: .slow)
        latencyOrder.complete(attempt.attempt, with: slow)
        judgeReady()
        return true
    }

    /// An attempt whose end was never told counts nowhere.
    private mutating func abandon(_ attempt: AttemptID) {
        underWay.removeAll { $0.attempt == attempt }
        availabilityOrder.complete(attempt, with: nil)
        latencyOrder.complete(attempt, with: nil)
        judgeReady()
    }

    /// What our own machine did not let run its course is no slowness of the endpoint.
    ///
    /// The good answers in a row and the proof of recovery that it cost are not given back: that only delays a return.
    private mutating func takeBackSlowness(of attempt: AttemptID) {
        guard let overdue = underWay.first(where: { $0.attempt == attempt }), overdue.isOverdue else { return }
        guard latencyOrder.replace(attempt, with: nil) || detector.retractSlow(start: overdue.start) else { return }
        judged -= 1
    }

    // MARK: - Results

    /// - Returns: Whether the probe was good, `nil` if it counts nowhere.
    @discardableResult
    mutating func observe(_ observation: Observation, at now: MonotonicInstant) -> Bool? {
        guard isExpected(observation) else { return nil }
        isThrottled = if case .throttled = observation.outcome { true } else { false }
        let isGood: Bool?
        switch observation.outcome {
        case .success:
            let isSlow = isSlow(observation.latency)
            if let latency = observation.latency {
                latencies.record(latency, isCensored: false, isSlow: isSlow, at: now)
            }
            isGood = !isSlow
        case .failure(_, let isTimeout):
            if isTimeout, let waited = observation.latency {
                latencies.record(waited, isCensored: true, isSlow: limits.objective != nil, at: now)
            }
            isGood = false
        case .throttled, .misconfigured, .inconclusive:
            isGood = nil
        }
        record(observation, isGood: isGood, at: now)
        return isGood
    }

    /// Notes the way that an attempt took.
    ///
    /// - Returns: What there is to tell about its certificate.
    mutating func noteConnection(of observation: Observation, at now: MonotonicInstant) -> CertificateWatch.News? {
        guard let facts = observation.connection else { return nil }
        if let notBefore, observation.start < notBefore { return nil }
        if facts !== connection { connection = facts }
        return facts.certificate.flatMap { certificates.see($0, at: now) }
    }

    /// The interval that the evidence asks for, if it differs from the one last asked for.
    ///
    /// The way back is not hurried: recovery counts probes, so faster ones would prove it too soon.
    mutating func changedInterval(rule: RuleConfiguration, isTripped: Bool) -> Duration? {
        var wanted = limits.interval
        if case .evidence(let parameters) = rule, !isTripped, detector.isSuspicious {
            wanted = min(wanted, parameters.confirmInterval)
        }
        guard wanted != interval else { return nil }
        interval = wanted
        return wanted
    }

    private func isSlow(_ latency: Duration?) -> Bool {
        guard let latency, let objective = limits.objective else { return false }
        return latency > objective
    }

    /// One attempt is one sample.
    ///
    /// Neither a second result of it counts, nor the one of an attempt that was given up or belongs to an old
    /// configuration.
    private func isExpected(_ observation: Observation) -> Bool {
        if let notBefore, observation.start < notBefore { return false }
        if isUnderWay(observation.attempt) { return true }
        guard let latestAttempt else { return true }
        return observation.attempt > latestAttempt
    }

    private mutating func record(_ observation: Observation, isGood: Bool?, at now: MonotonicInstant) {
        let attempt = observation.attempt
        // A recording tells results only.
        if !isUnderWay(attempt) {
            begin(AttemptStart(key: key, attempt: attempt, source: observation.source, start: observation.start))
        }
        guard let isGood else {
            errors.record(.void, at: now)
            if case .inconclusive = observation.outcome { takeBackSlowness(of: attempt) }
            return abandon(attempt)
        }
        underWay.removeAll { $0.attempt == attempt }
        let wasOverdue = !latencyOrder.isPending(attempt)
        judged += wasOverdue ? 0 : 1
        lastJudged = now
        if !wasOverdue { goodInARow = isGood ? goodInARow + 1 : 0 }
        let isError = observation.outcome != .success
        errors.record(isError ? .bad : .good, at: now)
        let finding = observation.outcome.reason ?? (isGood ? .ok : .slow)
        availabilityOrder.complete(
            attempt,
            with: JudgedSample(start: observation.start, isBad: isError, finding: isError ? finding : .ok)
        )
        latencyOrder.complete(attempt, with: JudgedSample(start: observation.start, isBad: !isGood, finding: finding))
        judgeReady()
    }

    /// Judges what is in order now; `nil` stands for an attempt that counts nowhere.
    private mutating func judgeReady() {
        while let ready = availabilityOrder.popReady() {
            if let sample = ready { detector.recordAvailability(sample) }
        }
        while let ready = latencyOrder.popReady() {
            if let sample = ready { detector.recordLatency(sample) }
        }
    }
}

// MARK: - Publishing

extension ProbeTrack {
    /// Windows and evidence of each indicator, appended.
    mutating func appendSnapshots(
        to list: inout [IndicatorSnapshot],
        availability objective: Ratio,
        at now: MonotonicInstant
    ) {
        let counts = errors.counts(at: now)
        let (evidence, threshold) = detector.evidence(for: .availability)
        list.append(
            IndicatorSnapshot(
                name: IndicatorName(probe: key.probe, kind: .availability),
                window: .availability(objective: objective, counts: counts),
                evidence: evidence,
                threshold: threshold
            )
        )
        guard let latencyObjective = limits.objective else { return }
        let judged = latencies.counts(at: now)
        let latency = detector.evidence(for: .latency)
        list.append(
            IndicatorSnapshot(
                name: IndicatorName(probe: key.probe, kind: .latency),
                window: .latency(
                    objective: latencyObjective,
                    counts: SampleCounts(samples: judged.samples, bad: judged.bad, void: counts.void),
                    percentiles: latencies.percentiles(at: now)
                ),
                evidence: latency.evidence,
                threshold: latency.threshold
            )
        )
    }

    /// `nil` if no attempt has had a connection.
    func connectionSnapshot(at now: MonotonicInstant) -> ConnectionSnapshot? {
        guard let connection else { return nil }
        let isExpiring = connection.certificate.map { certificates.isExpiring($0, at: now) } ?? false
        return ConnectionSnapshot(probe: key.probe, facts: connection, expiresSoon: isExpiring)
    }
}
