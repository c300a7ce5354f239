import RealModule

/// The constants of the evidence rule and the numbers that follow from a configuration.
///
/// See docs/decision-rule.md.
package enum EvidenceModel {
    /// Share of bad probes inside a blip.
    ///
    /// Not 1: some probes slip through a hiccup.
    package static let blipBadProbability = 0.95
    /// What an outage looks like: a stray success does not hide it.
    package static let outageBadProbability = 0.98
    /// Between an outage and the lowest rate that matters.
    package static let partialBadProbability = 0.40
    /// 365.25 days.
    package static let secondsPerYear = 31_557_600.0
    /// Half of the slow probes that an objective allows may come in spells rather than one by one.
    package static let slowSpellShare = 0.5
    /// No single step may make a blip likelier than not.
    package static let maximumBlipStart = 0.5
    /// Evidence above this asks for faster probing.
    package static let suspicion = 0.5
    /// A gap of that many intervals is still normal spacing.
    package static let normalGapIntervals = 2.0
    /// Beyond a normal gap, evidence halves in this time: what is old convicts less.
    package static let gapHalfLife = Duration.seconds(60)

    /// Powers of ten that evidence must reach, so that healthy endpoints trip at most as often as the budget says.
    ///
    /// Each of the charts (indicators times alternatives) trips at most once in `10^h` probes while the endpoint is
    /// healthy.
    /// - Parameters:
    ///   - indicators: Indicators of the endpoint, at least 1.
    ///   - interval: Time between probes.
    ///   - falseFailoversPerYear: The budget for the endpoint.
    /// - Returns: The threshold, a logarithm.
    package static func threshold(indicators: Int, interval: Duration, falseFailoversPerYear: Double) -> Double {
        let charts = Double(indicators * Alternative.allCases.count)
        let probesPerYear = secondsPerYear / interval.inSeconds
        return Double.log10(charts * probesPerYear / falseFailoversPerYear)
    }

    /// Blips that start per second, for one indicator.
    package static func blipRate(
        of indicator: IndicatorKind,
        budget: Double,
        interval: Duration,
        parameters: EvidenceParameters
    ) -> Double {
        switch indicator {
        case .availability: parameters.blipsPerDay / 86_400
        case .latency, .ttft, .quality: budget * slowSpellShare / interval.inSeconds
        }
    }

    static func badProbabilities(degradedAt: Ratio) -> EvidenceScores {
        EvidenceScores(
            outage: outageBadProbability,
            partial: partialBadProbability,
            degraded: degradedAt.value
        )
    }
}
