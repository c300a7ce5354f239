/// The plain rules: `bad` of the last `of` probes convict, `rise` good ones in a row acquit.
///
/// `consecutive` is the case `bad == of`. A probe is bad when it fails or is slower than its objective.
package struct CountingDetector: ProbeDetector {
    private let probe: ProbeName
    private let bad: Int
    private let of: Int
    private let rise: Int
    /// The last probes.
    private var recent: BoundedRing<Recent>
    private var badCount = 0
    private var goodInARow = 0
    private var lastBadFinding: ReasonCode?

    private struct Recent: Sendable {
        let start: MonotonicInstant
        let isBad: Bool
        let isLoading: Bool
    }

    package init(probe: ProbeName, bad: Int, of: Int, rise: Int) {
        self.probe = probe
        self.bad = bad
        self.of = of
        self.rise = rise
        recent = BoundedRing(capacity: max(of, 1))
    }

    /// The plain rules do not tell errors from slowness.
    package mutating func recordAvailability(_ sample: JudgedSample) {}
    package mutating func recordLatency(_ sample: JudgedSample) {}
    package mutating func recordTTFT(_ sample: JudgedSample) {}
    package mutating func recordLatencyAndWhole(_ sample: JudgedSample) { recordWhole(sample) }

    package mutating func recordWhole(_ sample: JudgedSample) {
        goodInARow = sample.isBad ? 0 : goodInARow + 1
        guard sample.isBad || !isConsecutive else { return acquit() }
        badCount += sample.isBad ? 1 : 0
        if sample.isBad { lastBadFinding = sample.finding }
        let added = Recent(start: sample.start, isBad: sample.isBad, isLoading: sample.finding == .loading)
        if let evicted = recent.append(added), evicted.isBad { badCount -= 1 }
    }

    package mutating func retractSlow(_ kind: IndicatorKind, start: MonotonicInstant) -> Bool { false }

    package mutating func retractWhole(start: MonotonicInstant) -> Bool {
        let kept = recent.elements
        guard let retracted = kept.lastIndex(where: { $0.start == start && $0.isBad }) else { return false }
        recent.removeAll()
        for index in kept.indices where index != retracted { recent.append(kept[index]) }
        badCount -= 1
        return true
    }

    package var isTripped: Bool { badCount >= bad }
    package var isHardDown: Bool { isTripped }

    package var trip: Trip? {
        guard isTripped else { return nil }
        let last = lastBadFinding.map { ", last: \($0)" } ?? ""
        let reason =
            isConsecutive
            ? Reason(.consecutiveFailures, "\(bad.counted("bad probe")) in a row\(last)")
            : Reason(.windowFailures, "\(badCount) bad among the last \(of.counted("probe"))\(last)")
        let isLoading = recent.elements.allSatisfy { !$0.isBad || $0.isLoading }
        return Trip(reason: reason, isHardDown: true, isLoading: isLoading)
    }

    package var fullness: Double { Double(badCount) / Double(bad) }
    /// They count probes, so faster probing would change their meaning.
    package var isSuspicious: Bool { false }
    package var minimumSamples: Int { min(3, rise) }
    package var readyStreak: Int { 1 }

    package var proof: ProofProgress {
        ProofProgress(value: Double(goodInARow), needed: Double(rise), cleanProbesLeft: max(0, rise - goodInARow))
    }

    package mutating func beginProof() { goodInARow = 0 }

    package mutating func acquit() {
        guard !recent.isEmpty else { return }
        recent.removeAll()
        badCount = 0
    }

    package func evidence(for kind: IndicatorKind) -> (evidence: Double, threshold: Double) {
        (Double(badCount), Double(bad))
    }

    package func explanation(for kind: IndicatorKind) -> IndicatorExplanation {
        IndicatorExplanation(
            name: IndicatorName(probe: probe, kind: kind),
            threshold: Double(bad),
            scores: [],
            steps: []
        )
    }

    private var isConsecutive: Bool { bad == of }
}
