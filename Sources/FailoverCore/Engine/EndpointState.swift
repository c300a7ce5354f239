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
        let isHardDown = trip.isHardDown || tracks.contains { $0.detector.trip?.isHardDown == true }
        return Trip(reason: trip.reason, isHardDown: isHardDown)
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
        return tracks.allSatisfy { $0.goodInARow >= $0.detector.readyStreak }
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

    /// Draws the conclusions from the samples so far.
    mutating func judge(at now: MonotonicInstant) {
        updateStanding(at: now)
        let (verdict, reason) = conclusion(at: now)
        if verdict != self.verdict { since = now }
        self.verdict = verdict
        self.reason = reason
    }

    private mutating func updateStanding(at now: MonotonicInstant) {
        switch standing {
        case .up:
            convictIfTripped()
        case .tripped(let trip):
            if trip.reason.code == .recovering { convictIfTripped() }
            guard tracks.allSatisfy({ $0.detector.proof.isProven }) else { return }
            for index in tracks.indices { tracks[index].detector.acquit() }
            standing = .proven(since: now)
            endHoldDownIfOver(at: now)
        case .proven:
            convictIfTripped()
            guard case .proven = standing else { return }
            if !tracks.allSatisfy({ $0.detector.proof.isProven }) {
                let reason = Reason(.recovering, "bad probes again before the hold-down ended")
                trip(Trip(reason: reason, isHardDown: false))
            } else {
                endHoldDownIfOver(at: now)
            }
        }
    }

    private mutating func convictIfTripped() {
        guard let trip = tracks.lazy.compactMap(\.detector.trip).first else { return }
        self.trip(trip)
        beginProof()
    }

    private mutating func trip(_ trip: Trip) {
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
        if let track = tracks.first(where: { isStale($0, at: now) }) {
            return (.unknown, Reason(.stale, "no judged probe for \(track.staleAfter.inSeconds.trimmed) s"))
        }
        if !isConvictedNow, let track = tracks.first(where: { $0.judged < $0.detector.minimumSamples }) {
            return (.unknown, Reason(.tooFewSamples, "\(track.judged) of \(track.detector.minimumSamples) samples"))
        }
        if let trip { return (.unhealthy, trip.reason) }
        if let suspicion = suspicion { return (.degraded, suspicion) }
        if tracks.contains(where: \.isThrottled) {
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

    private func isStale(_ track: ProbeTrack, at now: MonotonicInstant) -> Bool {
        guard let last = track.lastJudged else { return false }
        return now - last > track.staleAfter
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
