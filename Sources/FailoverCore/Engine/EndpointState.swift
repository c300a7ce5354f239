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
    private(set) var standing = Standing.up
    private(set) var penalty = Penalty.none
    /// One outage is one flap, however many routes leave the endpoint for it.
    private var isTripCounted = false
    /// It had nothing to prove before it tripped.
    private var wasUp = false
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
        let indicators = configuration.probes.reduce(0) { $0 + ($1.latencyObjective == nil ? 1 : 2) }
        tracks = configuration.probes.map { probe in
            ProbeTrack(
                key: ProbeKey(endpoint: configuration.name, probe: probe.name),
                configuration: probe,
                detector: rule.detector(for: probe, availability: availability, indicators: indicators),
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
        standing = old.standing
        penalty = old.penalty
        isTripCounted = old.isTripCounted
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
        return Trip(reason: trip.reason, isHardDown: trip.isHardDown || anyTrack { $0.isHardDown })
    }

    /// The trip, if samples of this configuration made it.
    ///
    /// A duty to prove from before keeps traffic from coming, and moves none away.
    var conviction: Trip? {
        guard let trip, trip.reason.code != .recovering else { return nil }
        return trip
    }

    /// Judged lately, and not unhealthy.
    var isFit: Bool { !isTripped && (verdict == .healthy || verdict == .degraded) }

    /// Whether traffic may be moved to it, hold-down aside: judged, fresh, and lately good.
    var isEligible: Bool {
        guard isFit else { return false }
        for index in tracks.indices where tracks[index].goodInARow < tracks[index].detector.readyStreak { return false }
        return true
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
    func penalty(afterLeavingAt now: MonotonicInstant) -> Penalty {
        guard !isTripCounted else { return penalty }
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

    /// A restart must not acquit: it tripped before, and has not proven its recovery yet.
    mutating func remember(_ memory: EndpointMemory) {
        penalty = Penalty(count: memory.penalty, at: memory.penaltyAt)
        if memory.mustProve { requireProof("was unhealthy before the restart and has to prove its recovery") }
    }

    mutating func requireProof(_ text: String) {
        trip(Trip(reason: Reason(.recovering, text), isHardDown: false))
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

    /// - Returns: Whether the probe was good, `nil` if it counts nowhere.
    mutating func observe(_ observation: Observation, track: Int, at now: MonotonicInstant) -> Bool? {
        guard case .inconclusive = observation.outcome, isConvictedNow else {
            return tracks[track].observe(observation, at: now)
        }
        let wasTripped = anyTrack { $0.isTripped }
        let isGood = tracks[track].observe(observation, at: now)
        // What convicted it was a slowness that has just been taken back.
        if wasUp, wasTripped, !anyTrack({ $0.isTripped }) { standing = .up }
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
            guard !anyTrack({ !$0.proof.isProven }) else { return }
            for index in tracks.indices { tracks[index].detector.acquit() }
            standing = .proven(since: now)
            endHoldDownIfOver(at: now)
        case .proven:
            convictIfTripped()
            guard case .proven = standing else { return }
            if anyTrack({ !$0.proof.isProven }) {
                let reason = Reason(.recovering, "bad probes again before the hold-down ended")
                trip(Trip(reason: reason, isHardDown: false))
            } else {
                endHoldDownIfOver(at: now)
            }
        }
    }

    private mutating func convictIfTripped() {
        guard anyTrack({ $0.isTripped }) else { return }
        for index in tracks.indices where tracks[index].detector.isTripped {
            guard let trip = tracks[index].detector.trip else { continue }
            self.trip(trip)
            return beginProof()
        }
    }

    private mutating func trip(_ trip: Trip) {
        wasUp = standing == .up
        standing = .tripped(trip)
        isTripCounted = false
    }

    private mutating func beginProof() {
        for index in tracks.indices { tracks[index].detector.beginProof() }
    }

    private mutating func endHoldDownIfOver(at now: MonotonicInstant) {
        if let end = holdDownEnd(base: holdDown), end <= now { standing = .up }
    }

    private func conclusion(at now: MonotonicInstant) -> (Verdict, Reason) {
        for index in tracks.indices where isStale(index, at: now) {
            let silence = tracks[index].limits.staleAfter.inSeconds.trimmed
            return (.unknown, Reason(.stale, "no judged probe for \(silence) s"))
        }
        if !isConvictedNow {
            for index in tracks.indices {
                let (judged, least) = (tracks[index].judged, tracks[index].detector.minimumSamples)
                if judged < least { return (.unknown, Reason(.tooFewSamples, "\(judged) of \(least) samples")) }
            }
        }
        if let trip { return (.unhealthy, trip.reason) }
        if anyTrack({ $0.fullness >= 0.5 }), let suspicion { return (.degraded, suspicion) }
        for index in tracks.indices where tracks[index].isThrottled {
            return (.degraded, Reason(.throttled, "it limits our rate"))
        }
        if case .proven = standing {
            return (.healthy, Reason(.holdDown, "recovery proven; it has to stay so until its hold-down ends"))
        }
        return (.healthy, Reason(.withinObjectives, "no evidence against it"))
    }

    /// Tripped by samples of this process rather than by memory.
    private var isConvictedNow: Bool {
        guard case .tripped(let trip) = standing else { return false }
        return trip.reason.code != .recovering
    }

    private func isStale(_ track: Int, at now: MonotonicInstant) -> Bool {
        guard let last = tracks[track].lastJudged else { return false }
        return now - last > tracks[track].limits.staleAfter
    }

    /// Half of the threshold or more, on the fullest indicator.
    private var suspicion: Reason? {
        guard let track = tracks.max(by: { $0.detector.fullness < $1.detector.fullness }),
            track.detector.fullness >= 0.5
        else { return nil }
        let fullest = track.indicators.max { left, right in
            track.detector.evidence(for: left).evidence < track.detector.evidence(for: right).evidence
        }
        let kind = fullest ?? .availability
        let (evidence, threshold) = track.detector.evidence(for: kind)
        let name = IndicatorName(probe: track.key.probe, kind: kind)
        return Reason(
            kind == .availability ? .availability : .latency,
            "\(name): evidence \(evidence.formatted(decimals: 2)) of \(threshold.formatted(decimals: 2))"
        )
    }
}
