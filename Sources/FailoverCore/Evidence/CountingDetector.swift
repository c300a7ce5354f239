/// The plain rules: `bad` of the last `of` probes convict, `rise` good ones in a row acquit.
///
/// `consecutive` is the case `bad == of`. A probe is bad when it fails or is slower than its objective.
package struct CountingDetector: ProbeDetector {
    private let probe: ProbeName
    private let bad: Int
    private let of: Int
    private let rise: Int
    /// The probe's own questions.
    private var own: Tally
    /// These and the cheaper ones that stood in for them; empty until one did.
    ///
    /// Apart, so that a shallow success undoes shallow failures and no others.
    private var either: Rare<Tally> = Rare()

    package init(probe: ProbeName, bad: Int, of: Int, rise: Int) {
        self.probe = probe
        self.bad = bad
        self.of = of
        self.rise = rise
        own = Tally(of: of, isConsecutive: bad == of)
    }

    /// The plain rules do not tell errors from slowness.
    package mutating func recordAvailability(_ sample: JudgedSample) {}
    package mutating func recordLatency(_ sample: JudgedSample) {}
    package mutating func recordTTFT(_ sample: JudgedSample) {}
    package mutating func recordLatencyAndWhole(_ sample: JudgedSample) { recordWhole(sample) }

    package mutating func recordWhole(_ sample: JudgedSample) {
        if sample.isShallow, either.isEmpty { either = Rare(own) }
        if !either.isEmpty { either.change { $0.record(sample) } }
        guard sample.isShallow else { return own.record(sample) }
        // A shallow failure is one of users too; a shallow success proves nothing to them.
        if sample.isBad { own.goodInARow = 0 }
    }

    package mutating func retractSlow(_ kind: IndicatorKind, start: MonotonicInstant) -> Bool { false }

    package mutating func retractWhole(start: MonotonicInstant) -> Bool {
        let isInEither = either.change { $0.retract(start: start) } ?? false
        return own.retract(start: start) || isInEither
    }

    package var isTripped: Bool { worst >= bad }
    package var isTrippedByDeep: Bool { own.badCount >= bad }
    package var isHardDown: Bool { isTripped }

    package var trip: Trip? {
        guard isTripped, let tally = isTrippedByDeep ? own : either.value else { return nil }
        let last = tally.lastBadFinding.map { ", last: \($0)" } ?? ""
        let reason =
            bad == of
            ? Reason(.consecutiveFailures, "\(bad.counted("bad probe")) in a row\(last)")
            : Reason(.windowFailures, "\(tally.badCount) bad among the last \(of.counted("probe"))\(last)")
        return Trip(reason: reason, isHardDown: true, isLoading: tally.isLoading)
    }

    package var fullness: Double { Double(worst) / Double(bad) }
    /// They count probes, so faster probing would change their meaning.
    package var isSuspicious: Bool { false }
    package var minimumSamples: Int { min(3, rise) }
    package var readyStreak: Int { 1 }

    package var proof: ProofProgress { progress(own.goodInARow) }
    package var shallowProof: ProofProgress { progress(either.read(\.goodInARow) ?? own.goodInARow) }

    package mutating func beginProof() {
        own.goodInARow = 0
        either.change { $0.goodInARow = 0 }
    }

    package mutating func acquit() {
        own.acquit()
        either.change { $0.acquit() }
    }

    package mutating func pardon() {}
    package var baselines: [BaselineMemory] { [] }
    package mutating func restore(_ baselines: [BaselineMemory]) {}

    package func evidence(for kind: IndicatorKind) -> (evidence: Double, threshold: Double) {
        (Double(worst), Double(bad))
    }

    package func explanation(for kind: IndicatorKind) -> IndicatorExplanation {
        IndicatorExplanation(
            name: IndicatorName(probe: probe, kind: kind),
            threshold: Double(bad),
            scores: [],
            steps: []
        )
    }

    private var worst: Int { either.isEmpty ? own.badCount : max(own.badCount, either.read(\.badCount) ?? 0) }

    private func progress(_ goodInARow: Int) -> ProofProgress {
        ProofProgress(value: Double(goodInARow), needed: Double(rise), cleanProbesLeft: max(0, rise - goodInARow))
    }
}

/// The last probes and how many of them were bad.
private struct Tally: Sendable {
    private let isConsecutive: Bool
    private var recent: BoundedRing<Recent>
    private(set) var badCount = 0
    var goodInARow = 0
    private(set) var lastBadFinding: ReasonCode?

    private struct Recent: Sendable {
        let start: MonotonicInstant
        let isBad: Bool
        let isLoading: Bool
    }

    init(of: Int, isConsecutive: Bool) {
        self.isConsecutive = isConsecutive
        recent = BoundedRing(capacity: max(of, 1))
    }

    /// All bad ones were models on their way into memory.
    var isLoading: Bool { recent.elements.allSatisfy { !$0.isBad || $0.isLoading } }

    mutating func record(_ sample: JudgedSample) {
        goodInARow = sample.isBad ? 0 : goodInARow + 1
        guard sample.isBad || !isConsecutive else { return acquit() }
        badCount += sample.isBad ? 1 : 0
        if sample.isBad { lastBadFinding = sample.finding }
        let added = Recent(start: sample.start, isBad: sample.isBad, isLoading: sample.finding == .loading)
        if let evicted = recent.append(added), evicted.isBad { badCount -= 1 }
    }

    /// - Returns: Whether there was a bad one.
    mutating func retract(start: MonotonicInstant) -> Bool {
        let kept = recent.elements
        guard let retracted = kept.lastIndex(where: { $0.start == start && $0.isBad }) else { return false }
        recent.removeAll()
        for index in kept.indices where index != retracted { recent.append(kept[index]) }
        badCount -= 1
        return true
    }

    mutating func acquit() {
        guard !recent.isEmpty else { return }
        recent.removeAll()
        badCount = 0
    }
}
