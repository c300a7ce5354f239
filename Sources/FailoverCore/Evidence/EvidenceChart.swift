/// Evidence against one indicator: a Bernoulli CUSUM in powers of ten for each alternative, over a healthy model with
/// blips that is corrected by what the endpoint has shown.
///
/// If, while healthy, the chance that the next probe is bad never exceeds what this predicts, the alternatives together
/// trip no more often than the budget says. Sources: Page 1954; Reynolds and Stoumbos 1999; Ville 1939.
package struct EvidenceChart: Sendable {
    private let name: IndicatorName
    private let scale: EvidenceScale
    private var state = EvidenceScale.State()
    private(set) var baseline = EvidenceBaseline()
    /// The samples since the leading score last left zero; empty while it is.
    private var trail: Rare<Trail> = Rare()

    /// Samples; what they did is computed when somebody asks.
    private struct Trail: Sendable {
        /// Before the first of them.
        var base: EvidenceScale.State
        var steps = BoundedRing<Sample>(capacity: keptSteps)
    }

    /// One judged sample, in 16 bytes: thousands of endpoints keep some.
    private struct Sample: Sendable {
        let start: MonotonicInstant
        /// `nil` for a good one.
        let bad: Finding?
    }

    /// What a bad sample found.
    private final class Finding: Sendable {
        let code: ReasonCode
        init(_ code: ReasonCode) { self.code = code }
        static let slow = Finding(.slow)
    }

    /// Steps kept for explanations: an outage trips within 35 probes at the slowest preset and 1 s.
    package static let keptSteps = 40

    /// A chart without samples; all `probes` of the endpoint share the budget of false failovers.
    package init(
        _ kind: IndicatorKind,
        parameters: EvidenceParameters,
        probe: ProbeConfiguration,
        availability: Ratio,
        probes: Int
    ) {
        name = IndicatorName(probe: probe.name, kind: kind)
        scale = EvidenceScale(
            kind,
            parameters: parameters,
            probe: probe,
            availability: availability,
            probes: probes
        )
    }

    /// The highest of the sums.
    package var evidence: Double { state.scores.highest }
    /// In the order of `Alternative.allCases`.
    package var scores: [Double] { state.scores.list }
    package var blip: Double { state.blip }

    /// Powers of ten that each alternative has to reach.
    package var thresholds: EvidenceScores { scale.thresholds }
    /// The share of a threshold that is reached, the highest of all alternatives.
    package var fullness: Double { state.scores.fullness(of: scale.thresholds) }
    /// The alternative that is nearest to its threshold; the graver one of equals.
    package var leading: Alternative {
        var leading = Alternative.outage
        guard state.scores.highest > 0 else { return leading }
        for alternative in Alternative.allCases
        where state.scores[alternative] / thresholds[alternative] > state.scores[leading] / thresholds[leading] {
            leading = alternative
        }
        return leading
    }

    /// The sum of the leading alternative, and what it has to reach.
    package var lead: (evidence: Double, threshold: Double) {
        let leading = leading
        return (state.scores[leading], thresholds[leading])
    }

    /// As if there were no sample.
    var none: (evidence: Double, threshold: Double) { (0, thresholds.outage) }

    /// "Outage" itself reached its threshold.
    var isHardDown: Bool { state.scores.outage >= thresholds.outage }

    var isLastBad: Bool { state.counts.isLastBad }
    /// `nil` before the first sample.
    var lastStart: MonotonicInstant? { state.lastStart }

    /// The sum of one alternative.
    package func score(of alternative: Alternative) -> Double { state.scores[alternative] }

    /// Oldest first.
    package var recentSteps: [EvidenceStep] {
        guard let trail = trail.value else { return [] }
        var state = trail.base
        return trail.steps.elements.map { sample in
            let weight = weigh(sample, on: &state, isShown: true)
            return EvidenceStep(
                start: sample.start,
                isBad: sample.bad != nil,
                situation: weight.situation,
                finding: sample.bad?.code ?? .ok,
                healthyProbability: weight.healthyProbability,
                modelProbability: weight.modelProbability,
                increments: weight.increments.list,
                scores: weight.scores.list
            )
        }
    }

    /// What the last bad sample found, since the leading score last left zero.
    package var lastBadFinding: ReasonCode? { samples.last { $0.bad != nil }?.bad?.code }

    /// Whether all bad samples since then, of those that are kept, found this.
    func isAllBad(of code: ReasonCode) -> Bool { samples.allSatisfy { $0.bad == nil || $0.bad?.code == code } }

    private var samples: [Sample] { trail.read(\.steps.elements) ?? [] }

    /// Weighs one sample.
    ///
    /// - Parameters:
    ///   - isBad: Whether the probe was bad for this indicator.
    ///   - finding: What a bad one found, for explanations.
    ///   - start: When the probe began; samples come in that order.
    /// - Returns: The arithmetic.
    @discardableResult
    mutating func record(isBad: Bool, finding: ReasonCode, start: MonotonicInstant) -> EvidenceScale.Weight {
        let bad = isBad ? (finding == .slow ? Finding.slow : Finding(finding)) : nil
        return record(Sample(start: start, bad: bad))
    }

    @discardableResult
    private mutating func record(_ sample: Sample) -> EvidenceScale.Weight {
        let weight = weighOn(sample)
        baseline.take(weight, isBad: sample.bad != nil, start: sample.start)
        return weight
    }

    /// Weighs a sample and keeps it among the steps.
    private mutating func weighOn(_ sample: Sample) -> EvidenceScale.Weight {
        let before = state
        let weight = weigh(sample, on: &state)
        if weight.wasQuiet, !trail.isEmpty { trail = Rare() }
        guard evidence > 0 else { return weight }
        if trail.isEmpty { trail.value = Trail(base: before) }
        if let evicted = trail.change({ $0.steps.append(sample) }) ?? nil, var base = trail.read(\.base) {
            _ = weigh(evicted, on: &base)
            trail.change { $0.base = base }
        }
        return weight
    }

    private func weigh(
        _ sample: Sample,
        on state: inout EvidenceScale.State,
        isShown: Bool = false
    ) -> EvidenceScale.Weight {
        scale.weigh(
            isBad: sample.bad != nil,
            start: sample.start,
            factors: baseline.factors,
            on: &state,
            isShown: isShown
        )
    }

    /// Takes a bad sample back, as if it had never been: it turned out to say nothing.
    ///
    /// - Returns: Whether it could be; only what is among the recent steps can.
    package mutating func retract(start: MonotonicInstant) -> Bool {
        let kept = samples
        guard let retracted = kept.lastIndex(where: { $0.start == start && $0.bad != nil }),
            let base = trail.read(\.base)
        else { return false }
        state = base
        let weights = kept.map { weigh($0, on: &state) }
        // What was too long a trouble is not counted any more.
        if !weights.contains(where: { $0.trouble == .tooLong }) { baseline.giveBack(weights[retracted]) }
        state = base
        trail = Rare()
        for index in kept.indices where index != retracted { _ = weighOn(kept[index]) }
        return true
    }

    /// Forgets the sums, after a proven recovery.
    package mutating func reset() {
        state.scores = .zero
        trail = Rare()
    }

    // MARK: - The baseline

    /// What was seen lately was health.
    mutating func learn(at now: MonotonicInstant) {
        baseline.learn(at: now, on: scale)
        // What led to the sums was weighed with other factors.
        trail = Rare()
    }

    /// What was seen lately was an outage.
    mutating func unlearn() { baseline.discardPending() }

    /// What the baseline changes, for explanations.
    package var learned: [LearnedSituation] { baseline.learned }

    /// `nil` before anything was learned.
    package var memory: BaselineMemory? { baseline.memory(of: name, on: scale) }

    /// Goes on with what an earlier process learned of this very indicator.
    mutating func restore(_ memories: [BaselineMemory]) {
        guard let memory = memories.first(where: { $0.indicator == name }) else { return }
        baseline.restore(memory, on: scale)
    }
}
