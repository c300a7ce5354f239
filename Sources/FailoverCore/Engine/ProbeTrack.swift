/// One probe of an endpoint: its windows, its detector, and the attempts under way.
struct ProbeTrack: Sendable {
    let key: ProbeKey
    let limits: ProbeLimits
    var detector: any ProbeDetector
    /// Its attempts can prove it well, rather than only down.
    let isDeep: Bool
    var errors = ErrorWindow()
    var latencies: LatencyWindow
    var availabilityOrder = StartOrder<JudgedSample?>()
    /// For all but chats that of the whole probe too.
    var latencyOrder = StartOrder<JudgedSample?>()
    /// Empty for all but chats.
    var chat: Rare<ChatTrack>
    /// Judged samples since the daemon started or the endpoint changed; shallow ones are not among them.
    var judged = 0
    var goodInARow = 0
    var lastJudged: MonotonicInstant?
    /// When it was last heard that the endpoint lives, or that it does not, whatever that proves.
    var lastAlive: MonotonicInstant?
    var last = LastResult.none
    /// The last judged deep attempt found the provider without capacity.
    var isOverloaded = false
    /// This configuration has had a success.
    var hasWorked = false
    /// Empty while nothing is refused.
    var refusals: Rare<MisconfigurationWatch> = Rare()
    /// Empty while its attempts can be made.
    var defects: Rare<DefectWatch> = Rare()
    /// The interval last asked for.
    private(set) var interval: Duration
    /// Oldest first; at most `StartOrder.capacity`.
    var underWay: [UnderWay] = []
    /// The latest attempt that was told; a result of an older one that is no longer under way counts nowhere.
    private(set) var latestAttempt: AttemptID?
    /// Results of attempts that began earlier speak of another configuration; `nil` for the first one.
    let notBefore: MonotonicInstant?
    /// The way that the last attempt with a connection took.
    var connection: ConnectionFacts?
    var certificates: CertificateWatch
    /// Whether what it finds can be trusted.
    var doubt = TrackDoubt()
    /// The last probes that counted.
    var recent = RecentProbes()
    /// The look at its deadlines that the engine waits for; `nil` if for none.
    private var awaited: MonotonicInstant?

    /// What the last attempt that was told found.
    enum LastResult: Sendable {
        case none, good, bad, loading, throttled
        /// It said nothing about the endpoint.
        case void
    }

    /// One attempt whose end has not been told.
    struct UnderWay: Sendable {
        let attempt: AttemptID
        let start: MonotonicInstant
        /// Since when it waits for our own machine: for the resolver, or for a look at the body.
        var waitsSince: MonotonicInstant?
        /// The time that it has waited so before, which does not count.
        var waited = Duration.zero
        /// The time at which it would be overdue has passed.
        var isPastObjective = false
        /// It was judged slow before its end.
        var isOverdue = false
        /// Its first token was judged late before it came.
        var isLate = false

        var isJudged: Bool { isOverdue || isLate }
    }

    init(
        key: ProbeKey,
        configuration: ProbeConfiguration,
        detector: any ProbeDetector,
        quality: @autoclosure () -> QualityWatch,
        notBefore: MonotonicInstant? = nil
    ) {
        self.key = key
        self.detector = detector
        self.notBefore = notBefore
        isDeep = configuration.tier == .deep
        if case .chat(let probe) = configuration.request {
            chat = Rare(ChatTrack(probe, configuration, quality: isDeep ? quality() : nil))
        } else {
            chat = Rare()
        }
        limits = ProbeLimits(configuration)
        interval = configuration.interval
        latencies = LatencyWindow(interval: configuration.interval)
        certificates = CertificateWatch(warnBefore: configuration.request.tls?.warnBefore)
    }

    /// Those that can trip.
    var decidingIndicators: [IndicatorKind] {
        var kinds: [IndicatorKind] = limits.objective == nil ? [.availability] : [.availability, .latency]
        if ttftObjective != nil { kinds.append(.ttft) }
        return kinds
    }

    /// The objective for first tokens, if it is judged.
    var ttftObjective: Duration? { chat.read(\.ttftObjective) ?? nil }
    var isThrottled: Bool { last == .throttled }
    /// Refused, and that is held to be our own fault.
    var isRefused: Bool { refusals.read(\.isRefused) == true && last != .bad }

    // MARK: - Attempts

    mutating func begin(_ start: AttemptStart) {
        if let notBefore, start.start < notBefore { return }
        guard !isUnderWay(start.attempt) else { return }
        latestAttempt = max(latestAttempt ?? start.attempt, start.attempt)
        // What waits for its latency waits for its availability too.
        let isOneGivenUp = availabilityOrder.begin(start.attempt)
        latencyOrder.begin(start.attempt)
        if !chat.isEmpty { chat.change { $0.begin(start.attempt) } }
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

    func isUnderWay(_ attempt: AttemptID) -> Bool {
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

    /// An attempt has passed an objective, as its prober tells.
    ///
    /// - Returns: Whether that was news.
    mutating func overdue(_ attempt: AttemptID, _ kind: IndicatorKind, at now: MonotonicInstant) -> Bool {
        guard let index = underWay.firstIndex(where: { $0.attempt == attempt }) else { return false }
        switch kind {
        case .latency: return limits.objective != nil && becomeOverdue(at: index, now: now)
        case .ttft: return becomeLate(at: index, now: now)
        case .availability, .quality: return false
        }
    }

    /// The attempt has been under way for longer than the objective: slow now, whatever comes later.
    ///
    /// Unless it turns out to say nothing at all: then that is taken back.
    /// - Returns: Whether that was news.
    private mutating func becomeOverdue(at index: Int, now: MonotonicInstant) -> Bool {
        let attempt = underWay[index]
        guard latencyOrder.isPending(attempt.attempt), attempt.waitsSince == nil, !isDistrusted(attempt.start) else {
            return false
        }
        underWay[index].isOverdue = true
        latencyOrder.complete(attempt.attempt, with: .slow(attempt.start))
        countSlow(attempt, at: now)
        return true
    }

    /// The first token of the attempt has not come within its objective.
    private mutating func becomeLate(at index: Int, now: MonotonicInstant) -> Bool {
        let attempt = underWay[index]
        guard attempt.waitsSince == nil, !isDistrusted(attempt.start),
            chat.change({ $0.completeLate(attempt.attempt, attempt.start, at: now) }) == true
        else {
            return false
        }
        underWay[index].isLate = true
        countSlow(attempt, at: now)
        return true
    }

    /// Judged here, so that an endpoint which swallows every probe is unhealthy rather than unknown.
    private mutating func countSlow(_ attempt: UnderWay, at now: MonotonicInstant) {
        if !doubt.needsWitness {
            if !attempt.isJudged {
                judged += 1
                recent.record(isBad: true)
            }
            lastJudged = now
            noteAlive(now)
        }
        goodInARow = 0
        if !chat.isEmpty { chat.change { $0.completeWhole(attempt.attempt, .slow(attempt.start)) } }
        judgeReady()
    }

    /// An attempt whose end was never told counts nowhere.
    mutating func abandon(_ attempt: AttemptID) {
        underWay.removeAll { $0.attempt == attempt }
        availabilityOrder.complete(attempt, with: nil)
        latencyOrder.complete(attempt, with: nil)
        if !chat.isEmpty { chat.change { $0.abandon(attempt) } }
        judgeReady()
    }

    /// What our own machine did not let run its course is no slowness of the endpoint.
    ///
    /// Nor is what was throttled or refused in the end: it says nothing about the endpoint's health, however long it took.
    /// The good answers in a row and the proof of recovery that it cost are not given back: that only delays a return.
    mutating func takeBackSlowness(of attempt: AttemptID) {
        guard let overdue = underWay.first(where: { $0.attempt == attempt }), overdue.isJudged else { return }
        var isTaken = false
        if overdue.isOverdue {
            let isWaiting = latencyOrder.replace(attempt, with: nil)
            isTaken = isWaiting || detector.retractSlow(.latency, start: overdue.start)
            if !isWaiting, chat.isEmpty { isTaken = detector.retractWhole(start: overdue.start) || isTaken }
        }
        chat.change { chat in
            let isLateTaken = overdue.isLate && chat.takeBackLateness(of: attempt, overdue.start, &detector)
            let isWholeTaken = chat.takeBackWhole(of: attempt, overdue.start, &detector)
            isTaken = isTaken || isLateTaken || isWholeTaken
        }
        guard isTaken else { return }
        if doubt.needsWitness {
            // What still waited had not been counted.
            guard doubt.lastCounted == overdue.start else { return }
            doubt.lastCounted = nil
        }
        judged -= 1
        recent.takeBack()
    }

    /// A good answer without a first token says nothing about how late that came, and its whole is judged by its length.
    ///
    /// - Returns: Whether it had been judged late, which is taken back.
    mutating func takeBackLateness(before observation: Observation) -> Bool {
        guard observation.outcome == .success, observation.tier == .deep, observation.ttft == nil,
            let index = underWay.firstIndex(where: { $0.attempt == observation.attempt }), underWay[index].isLate
        else { return false }
        underWay[index].isLate = false
        let attempt = underWay[index]
        if !attempt.isOverdue, !doubt.needsWitness || doubt.lastCounted == attempt.start {
            judged -= 1
            recent.takeBack()
            doubt.lastCounted = nil
        }
        let isGood = !attempt.isOverdue && !isSlow(observation.latency)
        return chat.change { chat in
            let isTaken = chat.takeBackLateness(of: attempt.attempt, attempt.start, &detector)
            if isGood { chat.acceptWhole(of: attempt.attempt, attempt.start, &detector) }
            return isTaken || isGood
        } ?? false
    }

    /// It lives; a silence that it asked for goes on.
    mutating func noteAlive(_ now: MonotonicInstant) { lastAlive = max(lastAlive ?? now, now) }

    /// Judges what is in order now; `nil` stands for an attempt that counts nowhere.
    ///
    /// Bad samples that need a witness stay where they are, and so does what came after them.
    mutating func judgeReady() {
        _ = judgeReady(doubt.needsWitness ? .unasked : .unneeded, at: MonotonicInstant(nanoseconds: 0))
    }

    /// The interval that the evidence asks for, if it differs from the one last asked for.
    ///
    /// The way back is not hurried: recovery counts probes, so faster ones would prove it too soon. Nor is what only
    /// proves endpoints down while it proves nothing.
    mutating func changedInterval(rule: RuleConfiguration, isTripped: Bool) -> Duration? {
        var wanted = limits.interval
        if case .evidence(let parameters) = rule, !isTripped, detector.isSuspicious, isDeep || last == .bad {
            wanted = min(wanted, parameters.confirmInterval)
        }
        guard wanted != interval else { return nil }
        interval = wanted
        return wanted
    }
}

extension JudgedSample {
    /// Slow before its end.
    static func slow(_ start: MonotonicInstant) -> JudgedSample {
        JudgedSample(start: start, isBad: true, finding: .slow)
    }
}
