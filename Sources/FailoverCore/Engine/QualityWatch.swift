/// Whether complete answers are what was expected: poor ones rank an endpoint behind others, and move nothing.
struct QualityWatch: Sendable {
    private var window = ErrorWindow(length: .seconds(900))
    private var chart: EvidenceChart
    /// Told that answers are poor.
    private var isTold = false
    private var last: Reason?

    /// A watch with the parameters of the rule, or of the default one where a plain rule judges the endpoint.
    ///
    /// Its thresholds are those of an endpoint's only timed indicator, of as many `probes`.
    init(rule: RuleConfiguration, probe: ProbeConfiguration, probes: Int) {
        var parameters = EvidenceParameters.balanced
        if case .evidence(let chosen) = rule { parameters = chosen }
        chart = EvidenceChart(
            .quality,
            parameters: parameters,
            probe: probe,
            availability: Ratio(1),
            probes: probes
        )
    }

    /// Half of the threshold or more.
    var isPoor: Bool { chart.fullness >= 0.5 }

    /// What made the last poor answer one; `nil` before the first.
    var lastPoor: Reason? { last }

    /// Takes one complete answer; `poor` is `nil` for a good one.
    ///
    /// - Returns: What to tell: once when answers become poor, and once when a quarter of the threshold is no longer
    ///   reached. Between the two nothing is told, so that what wavers does not flap.
    mutating func record(
        _ poor: Reason?,
        start: MonotonicInstant,
        at now: MonotonicInstant
    ) -> (code: ReasonCode, text: String)? {
        window.record(poor == nil ? .good : .bad, at: now)
        if let poor { last = poor }
        chart.record(isBad: poor != nil, finding: poor?.code ?? .ok, start: start)
        if isPoor, !isTold {
            isTold = true
            return (.quality, "answers are poor: \(last?.text ?? "")")
        }
        guard isTold, chart.fullness < 0.25 else { return nil }
        isTold = false
        return (.clear, "answers are as expected again")
    }

    mutating func snapshot(of probe: ProbeName, at now: MonotonicInstant) -> IndicatorSnapshot {
        let (evidence, threshold) = chart.lead
        return IndicatorSnapshot(
            name: IndicatorName(probe: probe, kind: .quality),
            window: .quality(counts: window.counts(at: now)),
            evidence: evidence,
            threshold: threshold
        )
    }

    func explanation(of probe: ProbeName) -> IndicatorExplanation {
        IndicatorExplanation(
            name: IndicatorName(probe: probe, kind: .quality),
            threshold: chart.lead.threshold,
            thresholds: chart.thresholds.list,
            scores: chart.scores,
            steps: chart.recentSteps
        )
    }

    /// Why an endpoint is degraded whose answers are poor.
    func reason(of probe: ProbeName) -> Reason {
        let name = IndicatorName(probe: probe, kind: .quality)
        let (score, threshold) = chart.lead
        let evidence = "\(score.formatted(decimals: 2)) of \(threshold.formatted(decimals: 2))"
        return Reason(.quality, "\(name): evidence \(evidence)" + (last.map { ", last: \($0.text)" } ?? ""))
    }
}
