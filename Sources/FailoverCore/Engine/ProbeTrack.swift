/// One probe of an endpoint: its windows, its detector, and the attempts under way.
struct ProbeTrack: Sendable {
    let key: ProbeKey
    let configuration: ProbeConfiguration
    var detector: any ProbeDetector
    private var errors = ErrorWindow()
    private var latencies = LatencyWindow()
    private var availabilityOrder = StartOrder<JudgedSample?>()
    private var latencyOrder = StartOrder<JudgedSample?>()
    /// Judged samples since the daemon started or the endpoint changed.
    private(set) var judged = 0
    private(set) var goodInARow = 0
    private(set) var lastJudged: MonotonicInstant?
    private(set) var isThrottled = false
    /// The interval last asked for.
    private(set) var interval: Duration
    /// Attempts under way that wait for our own machine: for the resolver, or for a look at the body.
    private var waitingOnUs: [AttemptID] = []
    /// The latest attempt that was told; a result of an older one that is no longer under way counts nowhere.
    private var latestAttempt: AttemptID?
    /// Results of attempts that began earlier speak of another configuration; `nil` for the first one.
    private let notBefore: MonotonicInstant?

    init(
        key: ProbeKey,
        configuration: ProbeConfiguration,
        detector: any ProbeDetector,
        notBefore: MonotonicInstant? = nil
    ) {
        self.key = key
        self.configuration = configuration
        self.detector = detector
        self.notBefore = notBefore
        interval = configuration.interval
    }

    /// After this long without a judged sample the endpoint is unknown: six missed intervals, at least 30 s.
    ///
    /// Both attempts under way may hang to their limit before the next one can begin: that silence is an answer too.
    var staleAfter: Duration {
        max(.seconds(30), configuration.interval * 6, configuration.timeouts.total + configuration.interval * 2)
    }

    var indicators: [IndicatorKind] {
        configuration.latencyObjective == nil ? [.availability] : [.availability, .latency]
    }

    mutating func begin(_ start: AttemptStart) {
        if let notBefore, start.start < notBefore { return }
        guard !isUnderWay(start.attempt) else { return }
        latestAttempt = max(latestAttempt ?? start.attempt, start.attempt)
        judgeAvailability(availabilityOrder.begin(start.attempt))
        judgeLatency(latencyOrder.begin(start.attempt))
    }

    /// Notes whether time counts against the endpoint; what has passed already is judged by the result.
    mutating func wait(_ attempt: AttemptID, onUs: Bool) {
        waitingOnUs.removeAll { $0 == attempt }
        if onUs, isUnderWay(attempt) { waitingOnUs.append(attempt) }
    }

    private func isUnderWay(_ attempt: AttemptID) -> Bool {
        availabilityOrder.isPending(attempt) || latencyOrder.isPending(attempt)
    }

    /// The attempt has been under way for longer than the objective: slow now, whatever comes later.
    ///
    /// - Returns: Whether that was news.
    mutating func becomeOverdue(_ attempt: AttemptID, start: MonotonicInstant, at now: MonotonicInstant) -> Bool {
        guard latencyOrder.isPending(attempt), !waitingOnUs.contains(attempt) else { return false }
        // Judged here, so that an endpoint which swallows every probe is unhealthy rather than unknown.
        judged += 1
        lastJudged = now
        goodInARow = 0
        let slow = JudgedSample(start: start, isBad: true, finding: .slow)
        judgeLatency(latencyOrder.complete(attempt, with: slow))
        return true
    }

    /// An attempt whose end was never told counts nowhere.
    mutating func abandon(_ attempt: AttemptID) {
        wait(attempt, onUs: false)
        judgeAvailability(availabilityOrder.complete(attempt, with: nil))
        judgeLatency(latencyOrder.complete(attempt, with: nil))
    }

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
                latencies.record(waited, isCensored: true, isSlow: configuration.latencyObjective != nil, at: now)
            }
            isGood = false
        case .throttled, .misconfigured, .inconclusive:
            isGood = nil
        }
        record(observation, isGood: isGood, at: now)
        return isGood
    }

    /// Windows and evidence of each indicator.
    mutating func snapshots(availability objective: Ratio, at now: MonotonicInstant) -> [IndicatorSnapshot] {
        indicators.map { kind in
            let (evidence, threshold) = detector.evidence(for: kind)
            let counts = errors.counts(at: now)
            let window: IndicatorWindow
            switch kind {
            case .availability:
                window = .availability(objective: objective, counts: counts)
            case .latency:
                let judged = latencies.counts(at: now)
                window = .latency(
                    objective: configuration.latencyObjective,
                    counts: SampleCounts(samples: judged.samples, bad: judged.bad, void: counts.void),
                    percentiles: latencies.percentiles(at: now)
                )
            }
            return IndicatorSnapshot(
                name: IndicatorName(probe: key.probe, kind: kind),
                window: window,
                evidence: evidence,
                threshold: threshold
            )
        }
    }

    /// The interval that the evidence asks for, if it differs from the one last asked for.
    ///
    /// The way back is not hurried: recovery counts probes, so faster ones would prove it too soon.
    mutating func changedInterval(rule: RuleConfiguration, isTripped: Bool) -> Duration? {
        var wanted = configuration.interval
        if case .evidence(let parameters) = rule, !isTripped, detector.isSuspicious {
            wanted = min(wanted, parameters.confirmInterval)
        }
        guard wanted != interval else { return nil }
        interval = wanted
        return wanted
    }

    private func isSlow(_ latency: Duration?) -> Bool {
        guard let latency, let objective = configuration.latencyObjective else { return false }
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
        // A recording tells results only.
        if !isUnderWay(observation.attempt) {
            begin(
                AttemptStart(
                    key: key,
                    attempt: observation.attempt,
                    source: observation.source,
                    start: observation.start
                )
            )
        }
        guard let isGood else {
            errors.record(.void, at: now)
            return abandon(observation.attempt)
        }
        wait(observation.attempt, onUs: false)
        let wasOverdue = !latencyOrder.isPending(observation.attempt)
        judged += wasOverdue ? 0 : 1
        lastJudged = now
        if !wasOverdue { goodInARow = isGood ? goodInARow + 1 : 0 }
        let isError = observation.outcome != .success
        errors.record(isError ? .bad : .good, at: now)
        let finding = observation.outcome.reason ?? (isGood ? .ok : .slow)
        let error = JudgedSample(start: observation.start, isBad: isError, finding: isError ? finding : .ok)
        judgeAvailability(availabilityOrder.complete(observation.attempt, with: error))
        let slow = JudgedSample(start: observation.start, isBad: !isGood, finding: finding)
        judgeLatency(latencyOrder.complete(observation.attempt, with: slow))
    }

    /// `nil` stands for an attempt that counts nowhere.
    private mutating func judgeAvailability(_ samples: [JudgedSample?]) {
        for case .some(let sample) in samples { detector.recordAvailability(sample) }
    }

    private mutating func judgeLatency(_ samples: [JudgedSample?]) {
        for case .some(let sample) in samples { detector.recordLatency(sample) }
    }
}
