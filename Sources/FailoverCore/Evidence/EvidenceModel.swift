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

    /// "Degraded" also means so many times the odds of a healthy endpoint.
    ///
    /// Slow spells with a correlation of 0.7 have 2.5 times the odds of a bad probe after a bad one at 5 % as at 0.3 %.
    package static let degradedOdds = 2.0

    /// Whatever an endpoint has shown, a healthy one's next probe is no likelier to be bad than this.
    package static let mostLearned = 0.80
    /// Nor does it ever count as more than ten times better than its objective.
    package static let leastFactor = 0.1
    /// In rows the configuration counts for as much as so many hiccups.
    package static let priorHiccups = 14.0
    /// A healthy endpoint that is better than its objective may be as slow as that once in 14 days for an hour; in seconds.
    package static let busyEvery = 14.0 * 86_400
    package static let busyLength = 3600.0
    /// Between looks at whether what was seen lately was health.
    package static let learnEvery = Duration.seconds(1800)
    /// Until the next look if it could not be said.
    package static let learnAgain = Duration.seconds(300)
    /// With evidence above this share of a threshold something may have begun: nothing is learned.
    package static let calmFullness = 0.15
    /// Bad probes later than so many blips and intervals after a trip make it an outage, of which nothing is learned.
    package static let hiccupBlips = 8.0
    package static let hiccupIntervals = 2.0
    /// Trouble that lasts longer than so many blips and intervals, without four good ones in a row, is no hiccup: nothing
    /// excuses it, and nothing is learned of it.
    package static let troubleBlips = 30.0
    package static let troubleIntervals = 18.0

    /// Below this a single bad probe would move traffic.
    package static let leastThreshold = 0.3

    /// Powers of ten that each score must reach, so that healthy endpoints trip at most as often as the budget says.
    ///
    /// A score leaves zero only with a bad probe, at a chance of at most `starts` while the alternative is what is
    /// weighed, and from there reaches `h` with a chance of at most `10^-h` (Ville's inequality).
    /// - Parameters:
    ///   - starts: Highest chance that a probe starts the score of an alternative, times what it then adds.
    ///   - shares: Of the budget, for each alternative.
    ///   - interval: Time between probes.
    ///   - falseFailoversPerYear: The budget for the endpoint.
    /// - Returns: The thresholds, logarithms.
    static func thresholds(
        starts: EvidenceScores,
        shares: EvidenceScores,
        interval: Duration,
        falseFailoversPerYear: Double
    ) -> EvidenceScores {
        let probesPerBudget = secondsPerYear / interval.inSeconds / falseFailoversPerYear
        func threshold(_ alternative: Alternative) -> Double {
            max(leastThreshold, Double.log10(starts[alternative] * probesPerBudget / shares[alternative]))
        }
        return EvidenceScores(
            outage: threshold(.outage),
            partial: threshold(.partial),
            degraded: threshold(.degraded)
        )
    }

    /// The shares of the budget for errors and for slowness; together 1.
    ///
    /// Most is for outages, so that a clean one takes five probes at the default preset.
    private static let errorShares = EvidenceScores(outage: 0.43, partial: 0.07, degraded: 0.10)
    private static let slowShares = EvidenceScores(outage: 0.22, partial: 0.08, degraded: 0.10)

    /// The shares of the budget of one indicator.
    ///
    /// Where there is nothing to be slow, errors have all; latency and first tokens share equally, and so do the `probes` of
    /// an endpoint. Quality, which never trips, is measured as the only timed one.
    static func shares(of kind: IndicatorKind, probe: ProbeConfiguration, probes: Int) -> EvidenceScores {
        let timed = probe.decidingIndicators - 1
        let errors = errorShares.outage + errorShares.partial + errorShares.degraded
        let parts = Double(max(1, probes))
        switch kind {
        case .availability: return errorShares.map { $0 / (timed == 0 ? errors : 1) / parts }
        case .latency, .ttft: return slowShares.map { $0 / Double(max(1, timed)) / parts }
        case .quality: return slowShares.map { $0 / parts }
        }
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
