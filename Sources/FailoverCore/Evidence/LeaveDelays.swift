/// How long an active endpoint keeps its traffic after it goes bad, under one rule and one probe.
///
/// From the fault to the trip, on average: half an interval until the first bad probe, the probes that the rule wants,
/// and the time until each is known to be bad. At most two attempts are under way, so slow ones cost starts.
/// Confirming the target comes on top: one round trip.
package struct LeaveDelays: Hashable, Sendable {
    /// Every probe fails at once, as when a connection is refused.
    package let hardDown: Duration?
    /// Every probe takes twice its objectives; `nil` without an objective.
    package let fullySlow: Duration?
    /// Three probes in ten fail at once; `nil` if the rule would usually not notice within an hour.
    package let thirtyPercentErrors: Duration?

    package init(hardDown: Duration?, fullySlow: Duration?, thirtyPercentErrors: Duration?) {
        self.hardDown = hardDown
        self.fullySlow = fullySlow
        self.thirtyPercentErrors = thirtyPercentErrors
    }

    /// Played through with the real detectors, so that the figures cannot drift from the rule.
    package init(rule: RuleConfiguration, probe: ProbeConfiguration, availability: Ratio, probes: Int) {
        let play = FaultPlay(rule: rule, probe: probe, availability: availability, probes: probes)
        hardDown = play.delay { _ in .failsAtOnce }
        fullySlow = play.slowAfter == nil ? nil : play.delay { _ in .isSlow }
        thirtyPercentErrors = play.meanDelay(runs: 200, share: 0.3)
    }
}

/// Plays one fault against a fresh detector on a virtual clock.
///
/// As in the schedule, probes start on a grid at the interval that the evidence asks for, and a start that finds two
/// under way is skipped.
private struct FaultPlay {
    enum Probe { case failsAtOnce, isSlow, isGood }

    let rule: RuleConfiguration
    let probe: ProbeConfiguration
    let availability: Ratio
    let probes: Int

    /// Beyond an hour a delay is no use to anybody.
    private static let horizon = MonotonicInstant.seconds(3600)
    /// How long a slow probe lasts, in objectives: far enough beyond one to be slow, not so far as to be an outage.
    private static let slowness = 2

    /// When a slow probe is known to be one; `nil` without an objective.
    ///
    /// The charts of latency and first tokens are alike, so that the one that knows first decides.
    var slowAfter: Duration? { [probe.judgedTTFT, probe.judgedLatency].compactMap(\.self).min() }

    /// One attempt under way: when it is known to be bad, and when it makes room for another.
    private struct Attempt {
        let start: MonotonicInstant
        let knownAt: MonotonicInstant
        let endsAt: MonotonicInstant
        let outcome: Probe
    }

    /// The time from the fault to the trip, where `next` says what the probe of that number meets; `nil` beyond the
    /// horizon.
    func delay(_ next: (Int) -> Probe) -> Duration? {
        let fault = MonotonicInstant(nanoseconds: 0)
        var detector = rule.detector(for: probe, availability: availability, probes: probes)
        var now = fault
        // The last grid instant, whether used or skipped; `nil` before the first.
        var grid: MonotonicInstant?
        // Both oldest first: attempts last equally long or end at once.
        var unjudged: [Attempt] = []
        var ends: [MonotonicInstant] = []
        var count = 0
        while now <= Self.horizon {
            let due = grid.map { nextGridInstant(after: $0, spacing: spacing(after: detector), now: now) } ?? fault
            if let attempt = unjudged.first, attempt.knownAt <= due {
                unjudged.removeFirst()
                now = attempt.knownAt
                record(attempt, in: &detector)
                if detector.trip != nil { return now - fault + probe.interval / 2 }
                continue
            }
            now = due
            grid = due
            ends.removeAll { $0 <= now }
            guard ends.count < ProbeConfiguration.maximumInFlight else { continue }
            let attempt = attempt(next(count), at: now)
            count += 1
            unjudged.append(attempt)
            ends.append(attempt.endsAt)
        }
        return nil
    }

    /// The grid passes through its last instant when the interval changes; what passed unused is not caught up.
    private func nextGridInstant(
        after last: MonotonicInstant,
        spacing: Duration,
        now: MonotonicInstant
    ) -> MonotonicInstant {
        let step = max(1, spacing.nanoseconds)
        let passed = (max(now - last, .zero).nanoseconds + step - 1) / step
        return last + .nanoseconds(max(1, passed) * step)
    }

    /// `nil` if more than half of the runs never trip.
    func meanDelay(runs: Int, share: Double) -> Duration? {
        var generator = SplitMix64(seed: 1)
        let delays = (0..<runs).compactMap { _ in
            delay { _ in Double.random(in: 0..<1, using: &generator) < share ? .failsAtOnce : .isGood }
        }
        guard delays.count * 2 > runs else { return nil }
        return delays.reduce(.zero, +) / delays.count
    }

    private func attempt(_ outcome: Probe, at start: MonotonicInstant) -> Attempt {
        switch outcome {
        case .failsAtOnce, .isGood:
            return Attempt(start: start, knownAt: start, endsAt: start, outcome: outcome)
        case .isSlow:
            return Attempt(
                start: start,
                knownAt: start + (slowAfter ?? .zero),
                endsAt: start + (probe.judgedLatency ?? slowAfter ?? .zero) * Self.slowness,
                outcome: outcome
            )
        }
    }

    private func record(_ attempt: Attempt, in detector: inout any ProbeDetector) {
        let isError = attempt.outcome == .failsAtOnce
        let finding: ReasonCode = attempt.outcome == .isGood ? .ok : .slow
        detector.recordAvailability(JudgedSample(start: attempt.start, isBad: isError, finding: finding))
        let whole = JudgedSample(start: attempt.start, isBad: attempt.outcome != .isGood, finding: finding)
        detector.recordLatency(whole)
        detector.recordTTFT(whole)
        detector.recordWhole(whole)
    }

    private func spacing(after detector: any ProbeDetector) -> Duration {
        guard case .evidence(let parameters) = rule, detector.isSuspicious else { return probe.interval }
        return min(probe.interval, parameters.confirmInterval)
    }
}
