/// The evidence rule for one probe: a chart for errors, one each for slowness and for late first tokens where there is an
/// objective, and the way back.
package struct EvidenceDetector: ProbeDetector {
    package let threshold: Double
    package let probe: ProbeName
    package private(set) var availability: EvidenceChart
    /// `nil` for a probe without a latency objective.
    package private(set) var latency: EvidenceChart?
    /// Empty for all but chats that can prove something well.
    private var chats: Rare<ChatCharts>
    private var recovery = RecoveryProof()

    package init(parameters: EvidenceParameters, probe: ProbeConfiguration, availability: Ratio, indicators: Int) {
        threshold = EvidenceModel.threshold(
            indicators: indicators,
            interval: probe.interval,
            falseFailoversPerYear: parameters.falseFailoversPerYear
        )
        self.probe = probe.name
        func chart(_ kind: IndicatorKind) -> EvidenceChart {
            EvidenceChart(kind, parameters: parameters, interval: probe.interval, availability: availability)
        }
        self.availability = chart(.availability)
        latency = probe.judgedLatency == nil ? nil : chart(.latency)
        if case .chat = probe.request, probe.tier == .deep {
            chats = Rare(ChatCharts(ttft: probe.judgedTTFT == nil ? nil : chart(.ttft)))
        } else {
            chats = Rare()
        }
    }

    package func chart(for kind: IndicatorKind) -> EvidenceChart? {
        switch kind {
        case .availability: leadingAvailability
        case .latency: latency
        case .ttft: chats.read(\.ttft) ?? nil
        case .quality: nil
        }
    }

    /// Of the chart for errors that chats saw and the one for those of either tier, the fuller one.
    private var leadingAvailability: EvidenceChart {
        guard let either = chats.read(\.either) ?? nil, either.evidence > availability.evidence else {
            return availability
        }
        return either
    }

    package mutating func recordAvailability(_ sample: JudgedSample) {
        if !chats.isEmpty {
            if sample.isShallow {
                let deep = availability
                chats.change { $0.recordShallow(sample, deep: deep) }
                return
            }
            chats.change { $0.recordDeep(sample) }
        }
        availability.record(isBad: sample.isBad, finding: sample.finding, start: sample.start)
    }

    package mutating func recordLatency(_ sample: JudgedSample) {
        latency?.record(isBad: sample.isBad, finding: sample.finding, start: sample.start)
    }

    package mutating func recordTTFT(_ sample: JudgedSample) {
        chats.change { chats in
            _ = chats.ttft?.record(isBad: sample.isBad, finding: sample.finding, start: sample.start)
        }
    }

    package mutating func recordWhole(_ sample: JudgedSample) {
        let recovery = recovery
        chats.change { $0.recordWhole(sample, deep: recovery) }
        // A shallow failure is one of users too; a shallow success proves nothing to them.
        if sample.isBad || !sample.isShallow { self.recovery.record(isBad: sample.isBad) }
    }

    package mutating func recordLatencyAndWhole(_ sample: JudgedSample) {
        latency?.record(isBad: sample.isBad, finding: sample.finding, start: sample.start)
        recovery.record(isBad: sample.isBad)
    }

    package mutating func retractSlow(_ kind: IndicatorKind, start: MonotonicInstant) -> Bool {
        switch kind {
        case .latency: latency?.retract(start: start) ?? false
        case .ttft: chats.change { $0.ttft?.retract(start: start) ?? false } ?? false
        case .availability, .quality: false
        }
    }

    package mutating func retractWhole(start: MonotonicInstant) -> Bool { false }

    package var isTripped: Bool { strongest >= threshold }

    package var isTrippedByDeep: Bool { strongestOfDeep >= threshold }

    /// The strongest indicator that reached the threshold; errors before slowness.
    package var trip: Trip? {
        for kind in IndicatorKind.allCases {
            guard let chart = chart(for: kind), chart.evidence >= threshold else { continue }
            let name = IndicatorName(probe: probe, kind: kind)
            let text =
                "\(name): \"\(chart.leading.rawValue)\" evidence \(chart.evidence.formatted(decimals: 2)) "
                + ">= \(threshold.formatted(decimals: 2))"
                + (chart.lastBadFinding.map { ", last bad probe: \($0)" } ?? "")
            return Trip(
                reason: Reason(kind.reasonCode, text),
                isHardDown: isHardDown,
                isLoading: chart.isAllBad(of: .loading)
            )
        }
        return nil
    }

    /// The outage alternative itself reached the threshold, on any indicator and whatever else did.
    package var isHardDown: Bool {
        availability.score(of: .outage) >= threshold || (latency?.score(of: .outage) ?? 0) >= threshold
            || (chats.read { $0.outageScore } ?? 0) >= threshold
    }

    package var fullness: Double { strongest / threshold }
    package var isSuspicious: Bool { strongest > EvidenceModel.suspicion }
    /// Fewer cannot tell a good endpoint from a lucky one; a first verdict after 15 s at the default interval.
    package var minimumSamples: Int { 3 }
    package var readyStreak: Int { 5 }

    package var proof: ProofProgress { ProofProgress(recovery) }
    package var shallowProof: ProofProgress { ProofProgress((chats.read(\.proof) ?? nil) ?? recovery) }

    package mutating func beginProof() {
        recovery.reset()
        chats.change { $0.beginProof() }
    }

    package mutating func acquit() {
        availability.reset()
        latency?.reset()
        chats.change { $0.acquit() }
        recovery.secure()
    }

    package func evidence(for kind: IndicatorKind) -> (evidence: Double, threshold: Double) {
        switch kind {
        case .availability: (max(availability.evidence, chats.read { $0.either?.evidence ?? 0 } ?? 0), threshold)
        case .latency: (latency?.evidence ?? 0, threshold)
        case .ttft: (chats.read { $0.ttft?.evidence ?? 0 } ?? 0, threshold)
        case .quality: (0, threshold)
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

    private var strongest: Double {
        let strongest = strongestOfDeep
        return chats.isEmpty ? strongest : max(strongest, chats.read { $0.either?.evidence ?? 0 } ?? 0)
    }

    private var strongestOfDeep: Double {
        let strongest = max(availability.evidence, latency?.evidence ?? 0)
        return chats.isEmpty ? strongest : max(strongest, chats.read { $0.ttft?.evidence ?? 0 } ?? 0)
    }
}

extension ProofProgress {
    fileprivate init(_ proof: RecoveryProof) {
        self.init(value: proof.proof, needed: RecoveryProof.needed, cleanProbesLeft: proof.cleanProbesLeft)
    }
}

extension EvidenceChart {
    /// The chart that the rule's parameters give an indicator.
    init(_ kind: IndicatorKind, parameters: EvidenceParameters, interval: Duration, availability: Ratio) {
        let budget = kind.budget(availability: availability)
        self.init(
            budget: budget,
            blipRate: EvidenceModel.blipRate(of: kind, budget: budget, interval: interval, parameters: parameters),
            blipMean: kind == .availability ? parameters.availabilityBlip : parameters.latencyBlip,
            interval: interval,
            degradedAt: parameters.degradedAt
        )
    }
}
