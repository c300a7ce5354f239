/// One endpoint as the engine knows it.
struct EndpointState: Sendable {
    /// Where an endpoint stands between trips.
    enum Standing: Sendable, Equatable {
        /// Nothing to prove. Can transition to: `tripped`.
        case up
        /// Left, or to be left, and not to be moved to. Can transition to: `proven`.
        case tripped(Trip)
        /// Recovery proven, hold-down running. Can transition to: `up` when the hold-down ends, `tripped` when the
        /// proof is lost or it trips again.
        case proven(since: MonotonicInstant)
    }

    let configuration: EndpointConfiguration
    let rule: RuleConfiguration
    let availability: Ratio
    /// The longest hold-down of the routes that use it, before doubling.
    let holdDown: Duration
    var tracks: [ProbeTrack]
    /// The probe that confirms it as a candidate: the first one that can prove it well.
    let confirmingTrack: Int
    /// Empty while nothing is throttled.
    var throttling: Rare<ThrottleWatch> = Rare()
    /// Empty until something is told of spend.
    private(set) var spend: Rare<SpendReport> = Rare()
    /// An operator wants no traffic there.
    var isDrained = false
    private(set) var standing = Standing.up
    private(set) var penalty = Penalty.none
    /// One outage is one flap, however many routes leave the endpoint for it.
    private var isTripCounted = false
    /// It had nothing to prove before it tripped.
    private var wasUp = false
    /// What convicted it was not only shallow, so that only deep successes prove it well.
    private(set) var needsDeepProof = false
    private(set) var verdict = Verdict.unknown
    private(set) var reason = Reason(.tooFewSamples, "no samples yet")
    private(set) var since: MonotonicInstant

    init(
        configuration: EndpointConfiguration,
        rule: RuleConfiguration,
        availability: Ratio,
        holdDown: Duration,
        at now: MonotonicInstant,
        notBefore: MonotonicInstant? = nil
    ) {
        self.configuration = configuration
        self.rule = rule
        self.availability = availability
        self.holdDown = holdDown
        since = now
        confirmingTrack = configuration.leadingProbe
        let probes = configuration.probes.count
        tracks = configuration.probes.map { probe in
            ProbeTrack(
                key: ProbeKey(endpoint: configuration.name, probe: probe.name),
                configuration: probe,
                detector: rule.detector(for: probe, availability: availability, probes: probes),
                quality: QualityWatch(rule: rule, probe: probe, probes: probes),
                notBefore: notBefore
            )
        }
    }

    /// The same endpoint under a configuration that does not touch its evidence.
    init(
        configuration: EndpointConfiguration,
        rule: RuleConfiguration,
        availability: Ratio,
        holdDown: Duration,
        continuing old: EndpointState
    ) {
        self.configuration = configuration
        self.rule = rule
        self.availability = availability
        self.holdDown = holdDown
        tracks = old.tracks
        confirmingTrack = old.confirmingTrack
        throttling = old.throttling
        spend = old.spend
        standing = old.standing
        penalty = old.penalty
        isTripCounted = old.isTripCounted
        wasUp = old.wasUp
        needsDeepProof = old.needsDeepProof
        verdict = old.verdict
        reason = old.reason
        since = old.since
    }

    var name: EndpointName { configuration.name }
    var isTripped: Bool { if case .tripped = standing { true } else { false } }
    var mustProve: Bool { standing != .up }

    /// The trip that stands, with what the detectors say now.
    var trip: Trip? {
        guard case .tripped(let trip) = standing else { return nil }
        return Trip(
            reason: trip.reason,
            isHardDown: trip.isHardDown || anyTrack { $0.isHardDown },
            isLoading: trip.isLoading
        )
    }

    /// The trip, if samples of this configuration made it.
    ///
    /// A duty to prove from before keeps traffic from coming, and moves none away.
    var conviction: Trip? {
        guard let trip, trip.reason.code != .recovering else { return nil }
        return trip
    }

    /// Without copying a track: this is asked with every sample.
    func anyTrack(_ isSo: (any ProbeDetector) -> Bool) -> Bool {
        for index in tracks.indices where isSo(tracks[index].detector) { return true }
        return false
    }

    /// When the hold-down of a route ends; `nil` if none is running.
    func holdDownEnd(base: Duration) -> MonotonicInstant? {
        guard case .proven(let since) = standing else { return nil }
        return since + penalty.holdDown(base: base, at: since)
    }

    /// What the penalty is after traffic left the endpoint.
    ///
    /// A model that was on its way into memory is no flap.
    func penalty(afterLeavingAt now: MonotonicInstant) -> Penalty {
        guard !isTripCounted, trip?.isLoading != true else { return penalty }
        var counted = penalty
        counted.add(at: now)
        return counted
    }

    mutating func countLeaving(at now: MonotonicInstant) {
        penalty = penalty(afterLeavingAt: now)
        isTripCounted = true
    }

    /// The flaps of an endpoint whose evidence starts again are not forgotten.
    mutating func inheritPenalty(of old: EndpointState) { penalty = old.penalty }

    /// Money spent is spent, whatever becomes of the configuration.
    mutating func inheritSpend(of old: EndpointState) { spend = old.spend }

    mutating func note(_ report: SpendReport) { spend.value = report }

    /// A restart must not acquit: it tripped before, and has not proven its recovery yet.
    mutating func remember(_ memory: EndpointMemory) {
        penalty = Penalty(count: memory.penalty, at: memory.penaltyAt)
        if memory.mustProve { requireProof("was unhealthy before the restart and has to prove its recovery") }
    }

    mutating func requireProof(_ text: String) {
        trip(Trip(reason: Reason(.recovering, text), isHardDown: false))
        // Which tier convicted it is not remembered.
        needsDeepProof = true
        beginProof()
    }

    /// What a judgement changed.
    struct Change: Sendable {
        let verdictBefore: Verdict
        let hasNewDuty: Bool
        /// Its recovery has just been proven.
        let isNewlyProven: Bool
    }

    /// Draws the conclusions from the samples so far.
    mutating func judge(at now: MonotonicInstant) -> Change {
        let (verdictBefore, mustProveBefore, provenBefore) = (verdict, mustProve, provenSince)
        updateStanding(at: now)
        let (verdict, reason) = conclusion(at: now)
        if verdict != self.verdict { since = now }
        self.verdict = verdict
        self.reason = reason
        return Change(
            verdictBefore: verdictBefore,
            hasNewDuty: mustProve != mustProveBefore,
            isNewlyProven: provenSince != nil && provenSince != provenBefore
        )
    }

    /// Takes the result of an attempt; what there is to tell beside the verdict is appended.
    ///
    /// - Returns: Whether the probe was good, `nil` if it counts nowhere.
    mutating func observe(
        _ observation: Observation,
        track: Int,
        at now: MonotonicInstant,
        _ news: inout [EndpointNews]
    ) -> Bool? {
        let mayTakeBack = observation.outcome != .success || (observation.ttft == nil && !tracks[track].chat.isEmpty)
        // What began after the conviction is not what convicted it.
        let mayHaveConvicted = verdict != .unhealthy || since >= observation.start
        let wasTripped = isConvictedNow && mayTakeBack && mayHaveConvicted && anyTrack { $0.isTripped }
        // Before it is judged: what a good sample takes away is nothing taken back.
        let isLatenessTaken =
            mayTakeBack && tracks[track].isExpected(observation)
            && tracks[track].takeBackLateness(before: observation)
        if isLatenessTaken, wasTripped { pardonIfCleared() }
        let isThrottled = if case .throttled = observation.outcome { true } else { false }
        let isCounted = (isThrottled || !throttling.isEmpty) && tracks[track].isExpected(observation)
        let isGood = tracks[track].observe(observation, at: now, &news)
        if isCounted { noteThrottling(by: track, observation, at: now, &news) }
        if isGood == true { lightenShallow(observation.start) }
        // What convicted it was a slowness that has just been taken back.
        if isGood == nil, observation.outcome != .success, wasTripped { pardonIfCleared() }
        return isGood
    }

    /// Asks for the intervals that the evidence wants.
    mutating func adjustIntervals(_ actions: inout [Action]) {
        for index in tracks.indices {
            if let changed = tracks[index].changedInterval(rule: rule, isTripped: isTripped) {
                actions.append(.setInterval(tracks[index].key, changed))
            }
        }
    }

    private var provenSince: MonotonicInstant? {
        guard case .proven(let since) = standing else { return nil }
        return since
    }

    private mutating func updateStanding(at now: MonotonicInstant) {
        switch standing {
        case .up:
            convictIfTripped()
        case .tripped(let trip):
            if trip.reason.code == .recovering { convictIfTripped() }
            if !needsDeepProof, isTrippedByDeep { needsDeepProof = true }
            guard isProven else { return }
            for index in tracks.indices { tracks[index].detector.acquit() }
            standing = .proven(since: now)
            endHoldDownIfOver(at: now)
        case .proven:
            convictIfTripped()
            guard case .proven = standing else { return }
            if !isProven {
                let reason = Reason(.recovering, "bad probes again before the hold-down ended")
                trip(Trip(reason: reason, isHardDown: false))
            } else {
                endHoldDownIfOver(at: now)
            }
        }
    }

    private mutating func convictIfTripped() {
        guard anyTrack({ $0.isTripped }) else { return }
        let trips = tracks.compactMap { $0.detector.trip }
        guard let first = trips.first else { return }
        let isLoading = trips.allSatisfy(\.isLoading)
        trip(Trip(reason: first.reason, isHardDown: first.isHardDown, isLoading: isLoading))
        needsDeepProof = isTrippedByDeep
        beginProof()
    }

    private var isTrippedByDeep: Bool {
        for index in tracks.indices where tracks[index].isDeep && tracks[index].detector.isTrippedByDeep { return true }
        return false
    }

    /// By every probe that can prove it; where there is none, it never is.
    ///
    /// What only something shallow convicted, successes of either tier acquit: there may be no tokens for chats until
    /// midnight. A chat that failed meanwhile has to be made up for by one that is good, see `ChatTrack`.
    private var isProven: Bool {
        var isProven = false
        for index in tracks.indices {
            guard tracks[index].isDeep else {
                if tracks[index].isFailing { return false }
                continue
            }
            let detector = tracks[index].detector
            guard (needsDeepProof ? detector.proof : detector.shallowProof).isProven else { return false }
            isProven = true
        }
        return isProven
    }

    private mutating func trip(_ trip: Trip) {
        wasUp = standing == .up
        standing = .tripped(trip)
        isTripCounted = false
    }

    /// Nothing is left of what convicted it.
    private mutating func pardonIfCleared() {
        guard wasUp, !anyTrack({ $0.isTripped }) else { return }
        standing = .up
        for index in tracks.indices { tracks[index].detector.pardon() }
    }

    private mutating func beginProof() {
        for index in tracks.indices { tracks[index].detector.beginProof() }
    }

    private mutating func endHoldDownIfOver(at now: MonotonicInstant) {
        if let end = holdDownEnd(base: holdDown), end <= now { standing = .up }
    }

    /// Tripped by samples of this process rather than by memory.
    var isConvictedNow: Bool {
        guard case .tripped(let trip) = standing else { return false }
        return trip.reason.code != .recovering
    }
}
