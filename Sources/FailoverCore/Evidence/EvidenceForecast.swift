import RealModule

/// What the evidence rule expects of the next probe, without an endpoint or an engine around it.
///
/// For those who compare what the healthy model predicts with what was seen.
package struct EvidenceForecast: Sendable {
    private let scale: EvidenceScale
    private var state = EvidenceScale.State()

    /// The forecast for one indicator of a probe with this interval.
    package init(
        _ kind: IndicatorKind,
        parameters: EvidenceParameters,
        interval: Duration,
        availability: Ratio
    ) {
        let budget = kind.budget(availability: availability)
        scale = EvidenceScale(
            budget: budget,
            blipRate: EvidenceModel.blipRate(of: kind, budget: budget, interval: interval, parameters: parameters),
            blipMean: kind == .availability ? parameters.availabilityBlip : parameters.latencyBlip,
            interval: interval,
            degradedAt: parameters.degradedAt
        )
    }

    /// The highest of the sums so far.
    package var evidence: Double { state.scores.highest }

    /// Takes the next sample.
    ///
    /// - Returns: How likely it was to be bad if the endpoint is healthy, given what came before; 0...1.
    package mutating func record(isBad: Bool, start: MonotonicInstant) -> Double {
        scale.weigh(isBad: isBad, start: start, on: &state).healthyProbability
    }

    /// Forgets the sums and whether there was a hiccup, after a stretch that is not to count.
    package mutating func forget() {
        state.scores = .zero
        state.blip = 0
    }

    /// How well a prediction fits what came, as a natural logarithm: 0 for certainty, and less for a surprise.
    package static func logLikelihood(ofBad isBad: Bool, predicted: Double) -> Double {
        Double.log(max(leastChance, isBad ? predicted : 1 - predicted))
    }

    /// What a difference of evidence is as a factor.
    package static func powerOfTen(_ exponent: Double) -> Double { Double.exp10(exponent) }

    /// A chance of zero would outweigh all others.
    private static let leastChance = 1e-12
}
