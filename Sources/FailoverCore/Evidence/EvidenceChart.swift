/// Evidence against one indicator: a Bernoulli CUSUM in powers of ten for each alternative, over a healthy model with
/// blips.
///
/// If, while healthy, the chance that the next probe is bad never exceeds what this predicts, each alternative trips at
/// most once in `10^threshold` probes on average. Sources: Page 1954; Reynolds and Stoumbos 1999.
package struct EvidenceChart: Sendable {
    private let scale: EvidenceScale
    private var state = EvidenceScale.State()
    /// The samples since the leading score last left zero; what they did is computed when somebody asks.
    private var steps: BoundedRing<Sample>
    /// Before the first of the steps.
    private var base = EvidenceScale.State()

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

    /// A chart without samples.
    ///
    /// - Parameters:
    ///   - budget: Share of bad probes that the objective allows, outside blips.
    ///   - blipRate: Blips that start per second.
    ///   - blipMean: How long one usually lasts.
    ///   - interval: Time between probes.
    ///   - degradedAt: Lowest bad rate that is worth leaving for.
    package init(
        budget: Double,
        blipRate: Double,
        blipMean: Duration,
        interval: Duration,
        degradedAt: Ratio
    ) {
        scale = EvidenceScale(
            budget: budget,
            blipRate: blipRate,
            blipMean: blipMean,
            interval: interval,
            degradedAt: degradedAt
        )
        steps = BoundedRing(capacity: Self.keptSteps)
    }

    /// The highest of the sums.
    package var evidence: Double { state.scores.highest }
    /// In the order of `Alternative.allCases`.
    package var scores: [Double] { state.scores.list }
    package var blip: Double { state.blip }

    /// The alternative with the highest sum; the graver one of equals.
    package var leading: Alternative {
        var leading = Alternative.outage
        for alternative in Alternative.allCases where state.scores[alternative] > state.scores[leading] {
            leading = alternative
        }
        return leading
    }

    /// The sum of one alternative.
    package func score(of alternative: Alternative) -> Double { state.scores[alternative] }

    /// Oldest first.
    package var recentSteps: [EvidenceStep] {
        var state = base
        return steps.elements.map { sample in
            let weight = scale.weigh(isBad: sample.bad != nil, start: sample.start, on: &state, isShown: true)
            return EvidenceStep(
                start: sample.start,
                isBad: sample.bad != nil,
                finding: sample.bad?.code ?? .ok,
                healthyProbability: weight.healthyProbability,
                increments: weight.increments.list,
                scores: weight.scores.list
            )
        }
    }

    /// What the last bad sample found, since the leading score last left zero.
    package var lastBadFinding: ReasonCode? { steps.elements.last { $0.bad != nil }?.bad?.code }

    /// Whether all bad samples since then, of those that are kept, found this.
    func isAllBad(of code: ReasonCode) -> Bool { steps.elements.allSatisfy { $0.bad == nil || $0.bad?.code == code } }

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
        let before = state
        let weight = scale.weigh(isBad: sample.bad != nil, start: sample.start, on: &state)
        if weight.wasQuiet, !steps.isEmpty { steps.removeAll() }
        guard evidence > 0 else { return weight }
        if steps.isEmpty { base = before }
        if let evicted = steps.append(sample) {
            _ = scale.weigh(isBad: evicted.bad != nil, start: evicted.start, on: &base)
        }
        return weight
    }

    /// Takes a bad sample back, as if it had never been: it turned out to say nothing.
    ///
    /// - Returns: Whether it could be; only what is among the recent steps can.
    package mutating func retract(start: MonotonicInstant) -> Bool {
        let kept = steps.elements
        guard let retracted = kept.lastIndex(where: { $0.start == start && $0.bad != nil }) else { return false }
        state = base
        steps.removeAll()
        for index in kept.indices where index != retracted { record(kept[index]) }
        return true
    }

    /// Forgets the sums, after a proven recovery.
    package mutating func reset() {
        state.scores = .zero
        steps.removeAll()
    }
}
