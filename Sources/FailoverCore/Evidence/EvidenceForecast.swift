import RealModule

/// What the evidence rule expects of the next probe, without an endpoint or an engine around it.
///
/// For those who compare what the healthy model predicts with what was seen.
package struct EvidenceForecast: Sendable {
    private let scale: EvidenceScale
    private var state = EvidenceScale.State()

    /// The forecast for one indicator of a probe, by the model alone; all `probes` of the endpoint share the budget.
    package init(
        _ kind: IndicatorKind,
        parameters: EvidenceParameters,
        probe: ProbeConfiguration,
        availability: Ratio,
        probes: Int
    ) {
        scale = EvidenceScale(
            kind,
            parameters: parameters,
            probe: probe,
            availability: availability,
            probes: probes
        )
    }

    /// The sum that misses least to its threshold, and that threshold.
    package var nearest: (evidence: Double, threshold: Double) {
        let all = Alternative.allCases.map { (evidence: state.scores[$0], threshold: scale.thresholds[$0]) }
        return all.dropFirst().reduce(all[0]) { nearest, one in
            one.threshold - one.evidence < nearest.threshold - nearest.evidence ? one : nearest
        }
    }

    /// Takes the next sample.
    ///
    /// - Returns: How likely it was to be bad if the endpoint is healthy, given what came before; 0...1.
    package mutating func record(isBad: Bool, start: MonotonicInstant) -> Double {
        scale.weigh(isBad: isBad, start: start, factors: PerSituation(repeating: 1), on: &state).modelProbability
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
