/// What one probe keeps for the doubt of our own vantage.
struct TrackDoubt: Sendable {
    /// A bad sample counts only with a clean witness.
    var needsWitness = false
    /// The engine knows that samples wait here.
    var isListed = false
    /// Attempts that began earlier are no measurement: the daemon stood still, or had just done so; `nil` if it never did.
    var trustedFrom: MonotonicInstant?
    /// The start of the last bad attempt that counted.
    var lastCounted: MonotonicInstant?
}

extension ProbeTrack {
    /// Whether bad samples wait for a witness.
    var isInDoubt: Bool {
        availabilityOrder.isHeadReady || latencyOrder.isHeadReady
            || (!chat.isEmpty && chat.read(\.isInDoubt) == true)
    }

    /// Since when the first of them waits.
    var inDoubtSince: MonotonicInstant? {
        let since = earlier(availabilityOrder.waitsSince, latencyOrder.waitsSince)
        return chat.isEmpty ? since : earlier(since, chat.read(\.inDoubtSince) ?? nil)
    }

    /// Judges what waits, by what the witnesses say now.
    mutating func settleDoubts(_ view: WitnessView, at now: MonotonicInstant) -> DoubtSettlement {
        availabilityOrder.noteKnown(at: now)
        latencyOrder.noteKnown(at: now)
        if !chat.isEmpty { chat.change { $0.noteKnown(at: now) } }
        return judgeReady(view, at: now)
    }

    /// The same by what the witnesses say; `now` is used with them only.
    mutating func judgeReady(_ view: WitnessView, at now: MonotonicInstant) -> DoubtSettlement {
        var settlement = DoubtSettlement()
        while let (sample, isVoid) = availabilityOrder.popRuled(view) {
            if sample.isBad, doubt.needsWitness { errors.record(isVoid ? .void : .bad, at: now) }
            guard rule(on: sample, isVoid, at: now, &settlement) else { continue }
            detector.recordAvailability(sample)
        }
        while let (sample, isVoid) = latencyOrder.popRuled(view) {
            guard rule(on: sample, isVoid, at: now, &settlement) else { continue }
            if chat.isEmpty { detector.recordLatencyAndWhole(sample) } else { detector.recordLatency(sample) }
        }
        guard !chat.isEmpty else { return settlement }
        var bad: [JudgedSample] = []
        chat.change { $0.judgeReady(&detector, view, &settlement, &bad) }
        for sample in bad where doubt.needsWitness { countBad(sample, at: now) }
        return settlement
    }

    /// - Returns: Whether the sample counts.
    private mutating func rule(
        on sample: JudgedSample,
        _ isVoid: Bool,
        at now: MonotonicInstant,
        _ settlement: inout DoubtSettlement
    ) -> Bool {
        settlement.hasRuled = true
        if isVoid {
            settlement.veto(sample.start)
        } else if sample.isBad, doubt.needsWitness {
            countBad(sample, at: now)
        }
        return !isVoid
    }

    /// A bad sample counts: only now something was heard of the endpoint.
    mutating func countBad(_ sample: JudgedSample, at now: MonotonicInstant) {
        if isDeep, !sample.isShallow {
            if doubt.lastCounted != sample.start {
                doubt.lastCounted = sample.start
                judged += 1
                recent.record(isBad: true)
            }
            lastJudged = now
        }
        noteAlive(now)
    }

    // MARK: - Standstills

    /// Whether an attempt that began at `start` is no measurement.
    func isDistrusted(_ start: MonotonicInstant) -> Bool {
        guard let trustedFrom = doubt.trustedFrom else { return false }
        return start < trustedFrom
    }

    /// The daemon stood still for `pause` until `now`: what is under way is no measurement, and neither is the round after it.
    ///
    /// - Returns: When samples count again; `nil` if the pause was too short to matter to this probe.
    mutating func distrust(after pause: Duration, at now: MonotonicInstant) -> MonotonicInstant? {
        guard pause > max(Vantage.shortestStall, interval / 2) else { return nil }
        let trusted = now + interval
        doubt.trustedFrom = max(doubt.trustedFrom ?? trusted, trusted)
        return trusted
    }
}

extension ChatTrack {
    var isInDoubt: Bool { ttftOrder.isHeadReady || wholeOrder.isHeadReady }
    var inDoubtSince: MonotonicInstant? { earlier(ttftOrder.waitsSince, wholeOrder.waitsSince) }

    mutating func noteKnown(at now: MonotonicInstant) {
        ttftOrder.noteKnown(at: now)
        wholeOrder.noteKnown(at: now)
    }
}

/// The earlier of two instants of which either may be missing.
func earlier(_ one: MonotonicInstant?, _ other: MonotonicInstant?) -> MonotonicInstant? {
    guard let one, let other else { return one ?? other }
    return min(one, other)
}
