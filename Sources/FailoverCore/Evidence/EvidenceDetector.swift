/// The evidence rule for one probe: a chart for errors, one for slowness where there is an objective, and the way back.
package struct EvidenceDetector: ProbeDetector {
    package let threshold: Double
    package let probe: ProbeName
    package private(set) var availability: EvidenceChart
    /// `nil` for a probe without a latency objective.
    package private(set) var latency: EvidenceChart?
    private var recovery = RecoveryProof()

    package init(parameters: EvidenceParameters, probe: ProbeConfiguration, availability: Ratio, indicators: Int) {
        threshold = EvidenceModel.threshold(
            indicators: indicators,
            interval: probe.interval,
            falseFailoversPerYear: parameters.falseFailoversPerYear
        )
        self.probe = probe.name
        func chart(_ kind: IndicatorKind, blip: Duration) -> EvidenceChart {
            let budget = kind.budget(availability: availability)
            return EvidenceChart(
                budget: budget,
                blipRate: EvidenceModel.blipRate(
                    of: kind,
                    budget: budget,
                    interval: probe.interval,
                    parameters: parameters
                ),
                blipMean: blip,
                interval: probe.interval,
                degradedAt: parameters.degradedAt
            )
        }
        self.availability = chart(.availability, blip: parameters.availabilityBlip)
        latency = probe.latencyObjective == nil ? nil : chart(.latency, blip: parameters.latencyBlip)
    }

    package func chart(for kind: IndicatorKind) -> EvidenceChart? {
        switch kind {
        case .availability: availability
        case .latency: latency
        }
    }

    package mutating func recordAvailability(_ sample: JudgedSample) {
        availability.record(isBad: sample.isBad, finding: sample.finding, start: sample.start)
    }

    package mutating func recordLatency(_ sample: JudgedSample) {
        latency?.record(isBad: sample.isBad, finding: sample.finding, start: sample.start)
        recovery.record(isBad: sample.isBad)
    }

    package mutating func retractSlow(start: MonotonicInstant) -> Bool { latency?.retract(start: start) ?? false }

    package var isTripped: Bool { strongest >= threshold }

    /// The strongest indicator that reached the threshold; errors before slowness.
    package var trip: Trip? {
        for kind in IndicatorKind.allCases {
            guard let chart = chart(for: kind), chart.evidence >= threshold else { continue }
            let name = IndicatorName(probe: probe, kind: kind)
            let text =
                "\(name): \"\(chart.leading.rawValue)\" evidence \(chart.evidence.formatted(decimals: 2)) "
                + ">= \(threshold.formatted(decimals: 2))"
                + (chart.lastBadFinding.map { ", last bad probe: \($0)" } ?? "")
            let code: ReasonCode = kind == .availability ? .availability : .latency
            return Trip(reason: Reason(code, text), isHardDown: isHardDown)
        }
        return nil
    }

    /// The outage alternative itself reached the threshold, on any indicator and whatever else did.
    package var isHardDown: Bool {
        availability.score(of: .outage) >= threshold || (latency?.score(of: .outage) ?? 0) >= threshold
    }

    package var fullness: Double { strongest / threshold }
    package var isSuspicious: Bool { strongest > EvidenceModel.suspicion }
    /// Fewer cannot tell a good endpoint from a lucky one; a first verdict after 15 s at the default interval.
    package var minimumSamples: Int { 3 }
    package var readyStreak: Int { 5 }

    package var proof: ProofProgress {
        ProofProgress(
            value: recovery.proof,
            needed: RecoveryProof.needed,
            cleanProbesLeft: recovery.cleanProbesLeft
        )
    }

    package mutating func beginProof() { recovery.reset() }

    package mutating func acquit() {
        availability.reset()
        latency?.reset()
        recovery.secure()
    }

    package func evidence(for kind: IndicatorKind) -> (evidence: Double, threshold: Double) {
        switch kind {
        case .availability: (availability.evidence, threshold)
        case .latency: (latency?.evidence ?? 0, threshold)
        }
    }

    package func explanation(for kind: IndicatorKind) -> IndicatorExplanation {
        let chart = chart(for: kind)
        return IndicatorExplanation(
            name: IndicatorName(probe: probe, kind: kind),
            threshold: threshold,
            scores: chart?.scores ?? [],
            steps: chart?.recentSteps ?? []
        )
    }

    private var strongest: Double { max(availability.evidence, latency?.evidence ?? 0) }
}
