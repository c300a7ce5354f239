import RealModule

/// Evidence against one indicator: a Bernoulli CUSUM in powers of ten for each alternative, over a healthy model with
/// blips.
///
/// If, while healthy, the chance that the next probe is bad never exceeds what this predicts, each alternative trips at
/// most once in `10^threshold` probes on average. Sources: Page 1954; Reynolds and Stoumbos 1999.
package struct EvidenceChart: Sendable {
    /// Share of bad probes that the objective allows, outside blips.
    package let budget: Double
    /// Blips that start per second.
    package let blipRate: Double
    package let blipMean: Duration
    package let interval: Duration
    /// Bad share under each alternative, in the order of `Alternative.allCases`.
    private let alternatives: [Double]

    /// Sums so far, in the order of `Alternative.allCases`; never below zero.
    package private(set) var scores: [Double]
    /// Probability of being inside a blip, if the endpoint is healthy.
    package private(set) var blip = 0.0
    /// The samples since the leading score last left zero.
    private var steps: BoundedRing<EvidenceStep>
    private var lastStart: MonotonicInstant?

    /// Steps kept for explanations: an outage trips within 35 probes at the slowest preset and 1 s.
    package static let keptSteps = 40

    package init(
        budget: Double,
        blipRate: Double,
        blipMean: Duration,
        interval: Duration,
        degradedAt: Ratio
    ) {
        self.budget = budget
        self.blipRate = blipRate
        self.blipMean = blipMean
        self.interval = interval
        alternatives = EvidenceModel.badProbabilities(degradedAt: degradedAt)
        scores = alternatives.map { _ in 0 }
        steps = BoundedRing(capacity: Self.keptSteps)
    }

    /// The highest of the sums.
    package var evidence: Double { scores.max() ?? 0 }

    /// The alternative with the highest sum; the graver one of equals.
    package var leading: Alternative {
        let index = scores.indices.max { (scores[$0], -$0) < (scores[$1], -$1) } ?? 0
        return Alternative.allCases[index]
    }

    /// The sum of one alternative.
    package func score(of alternative: Alternative) -> Double {
        Alternative.allCases.firstIndex(of: alternative).map { scores[$0] } ?? 0
    }

    /// Oldest first.
    package var recentSteps: [EvidenceStep] { Array(steps.elements) }

    /// What the last bad sample found, since the leading score last left zero.
    package var lastBadFinding: ReasonCode? { steps.elements.last(where: \.isBad)?.finding }

    /// Weighs one sample.
    ///
    /// - Parameters:
    ///   - isBad: Whether the probe was bad for this indicator.
    ///   - finding: What was found, for explanations.
    ///   - start: When the probe began; samples come in that order.
    /// - Returns: The arithmetic.
    @discardableResult
    package mutating func record(isBad: Bool, finding: ReasonCode, start: MonotonicInstant) -> EvidenceStep {
        let gap = lastStart.map { start - $0 } ?? interval
        lastStart = start
        fade(after: gap)

        let inBlip = predictedBlip(after: max(gap.inSeconds, 0))
        let healthy = inBlip * EvidenceModel.blipBadProbability + (1 - inBlip) * budget
        let increments = alternatives.map { alternative in
            // At least the healthy chance, so that a bad probe is never good news.
            let probability = max(alternative, healthy)
            return Double.log10(isBad ? probability / healthy : (1 - probability) / (1 - healthy))
        }
        let wasQuiet = evidence == 0
        scores = zip(scores, increments).map { max(0, $0 + $1) }
        blip =
            isBad
            ? inBlip * EvidenceModel.blipBadProbability / healthy
            : inBlip * (1 - EvidenceModel.blipBadProbability) / (1 - healthy)

        let step = EvidenceStep(
            start: start,
            isBad: isBad,
            finding: finding,
            healthyProbability: healthy,
            increments: increments,
            scores: scores
        )
        keep(step, wasQuiet: wasQuiet)
        return step
    }

    /// Forgets the sums, after a proven recovery.
    package mutating func reset() {
        scores = alternatives.map { _ in 0 }
        steps.removeAll()
    }

    /// The probability of being in a blip when the next probe starts.
    private func predictedBlip(after gap: Double) -> Double {
        blip * Double.exp(-gap / blipMean.inSeconds)
            + (1 - blip) * min(blipRate * gap, EvidenceModel.maximumBlipStart)
    }

    /// A long silence only ever lowers a score.
    private mutating func fade(after gap: Duration) {
        let excess = gap.inSeconds - EvidenceModel.normalGapIntervals * interval.inSeconds
        guard excess > 0 else { return }
        let factor = Double.exp2(-excess / EvidenceModel.gapHalfLife.inSeconds)
        scores = scores.map { $0 * factor }
    }

    private mutating func keep(_ step: EvidenceStep, wasQuiet: Bool) {
        if wasQuiet { steps.removeAll() }
        if evidence > 0 { steps.append(step) }
    }
}
