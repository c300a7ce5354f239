import RealModule

/// Weighs samples for one indicator: the constants of its charts and the arithmetic of one step.
struct EvidenceScale: Sendable {
    /// Everything that the next sample is weighed with.
    struct State: Sendable {
        /// Sums so far; never below zero.
        var scores = EvidenceScores.zero
        /// Probability of being inside a blip, if the endpoint is healthy.
        var blip = 0.0
        /// `nil` before the first sample.
        var lastStart: MonotonicInstant?
    }

    /// What one sample did.
    struct Weight: Sendable {
        /// Probability of a bad probe if the endpoint is healthy, given what came before.
        let healthyProbability: Double
        /// Zero also for a good probe that found all scores at zero, where it changes nothing.
        let increments: EvidenceScores
        /// The sums after it.
        let scores: EvidenceScores
        /// All scores were zero before.
        let wasQuiet: Bool
    }

    private let budget: Double
    private let blipRate: Double
    private let blipMean: Double
    private let interval: Double
    private let normalGap: Double
    /// Bad share under each alternative.
    private let alternatives: EvidenceScores

    init(budget: Double, blipRate: Double, blipMean: Duration, interval: Duration, degradedAt: Ratio) {
        self.budget = budget
        self.blipRate = blipRate
        self.blipMean = blipMean.inSeconds
        self.interval = interval.inSeconds
        normalGap = EvidenceModel.normalGapIntervals * interval.inSeconds
        alternatives = EvidenceModel.badProbabilities(degradedAt: degradedAt)
    }

    /// Weighs one sample; with `isShown`, also works out increments that change nothing.
    func weigh(isBad: Bool, start: MonotonicInstant, on state: inout State, isShown: Bool = false) -> Weight {
        let gap = state.lastStart.map { Self.seconds(from: $0, to: start) } ?? interval
        state.lastStart = start
        fade(&state.scores, after: gap)

        let inBlip = predictedBlip(state.blip, after: max(gap, 0))
        let healthy = inBlip * EvidenceModel.blipBadProbability + (1 - inBlip) * budget
        state.blip =
            isBad
            ? inBlip * EvidenceModel.blipBadProbability / healthy
            : inBlip * (1 - EvidenceModel.blipBadProbability) / (1 - healthy)
        let wasQuiet = state.scores.highest == 0
        // A good probe never adds: what is zero stays zero.
        guard isBad || isShown || !wasQuiet else {
            return Weight(healthyProbability: healthy, increments: .zero, scores: .zero, wasQuiet: wasQuiet)
        }
        let increments = alternatives.map { alternative in
            // At least the healthy chance, so that a bad probe is never good news.
            let probability = max(alternative, healthy)
            return Double.log10(isBad ? probability / healthy : (1 - probability) / (1 - healthy))
        }
        state.scores.add(increments)
        return Weight(
            healthyProbability: healthy,
            increments: increments,
            scores: state.scores,
            wasQuiet: wasQuiet
        )
    }

    /// The probability of being in a blip when the next probe starts.
    private func predictedBlip(_ blip: Double, after gap: Double) -> Double {
        blip * Double.exp(-gap / blipMean)
            + (1 - blip) * min(blipRate * gap, EvidenceModel.maximumBlipStart)
    }

    /// A long silence only ever lowers a score.
    private func fade(_ scores: inout EvidenceScores, after gap: Double) {
        let excess = gap - normalGap
        guard excess > 0, scores.highest > 0 else { return }
        let factor = Double.exp2(-excess / EvidenceModel.gapHalfLife.inSeconds)
        scores = scores.map { $0 * factor }
    }

    /// Whole seconds and the rest apart, rounded as `Duration.inSeconds` rounds.
    private static func seconds(from earlier: MonotonicInstant, to later: MonotonicInstant) -> Double {
        let (seconds, rest) = (later.nanoseconds &- earlier.nanoseconds).quotientAndRemainder(dividingBy: 1_000_000_000)
        return Double(seconds) + Double(rest * 1_000_000_000) * 1e-18
    }
}
