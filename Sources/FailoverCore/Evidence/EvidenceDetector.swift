/// The evidence rule for one probe: a chart for errors, one each for slowness and for late first tokens where there is an
/// objective, and the way back.
package struct EvidenceDetector: ProbeDetector {
    package let probe: ProbeName
    package private(set) var availability: EvidenceChart
    /// `nil` for a probe without a latency objective.
    package private(set) var latency: EvidenceChart?
    /// Empty for all but chats that can prove something well.
    private var chats: Rare<ChatCharts>
    private var recovery = RecoveryProof()
    private var learning: Learning

    /// All `probes` of the endpoint share the budget of false failovers.
    package init(parameters: EvidenceParameters, probe: ProbeConfiguration, availability: Ratio, probes: Int) {
        self.probe = probe.name
        func chart(_ kind: IndicatorKind) -> EvidenceChart {
            EvidenceChart(kind, parameters: parameters, probe: probe, availability: availability, probes: probes)
        }
        self.availability = chart(.availability)
        latency = probe.judgedLatency == nil ? nil : chart(.latency)
        if case .chat = probe.request, probe.tier == .deep {
            chats = Rare(ChatCharts(ttft: probe.judgedTTFT == nil ? nil : chart(.ttft)))
        } else {
            chats = Rare()
        }
        learning = Learning(blip: parameters.availabilityBlip, interval: probe.interval)
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
        guard let either = chats.read(\.either) ?? nil, either.fullness > availability.fullness else {
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
        learn(from: sample)
    }

    package mutating func recordLatencyAndWhole(_ sample: JudgedSample) {
        latency?.record(isBad: sample.isBad, finding: sample.finding, start: sample.start)
        recovery.record(isBad: sample.isBad)
        learn(from: sample)
    }

    /// Now and then, what was seen lately is kept as what the endpoint shows while it is well.
    private mutating func learn(from sample: JudgedSample) {
        guard learning.isDue(with: sample) else { return }
        let most = EvidenceModel.calmFullness
        // Who has not shown to be well has nothing to be measured by.
        let isCalm =
            shallowProof.isProven && fullness < most && !availability.isLastBad && latency?.isLastBad != true
            && chats.read { $0.isCalm(below: most) } != false
        learning.lookAgain(after: sample.start, hasLearned: isCalm)
        guard isCalm else { return }
        availability.learn(at: sample.start)
        latency?.learn(at: sample.start)
        if !chats.isEmpty { chats.change { $0.learn(at: sample.start) } }
    }

    package mutating func retractSlow(_ kind: IndicatorKind, start: MonotonicInstant) -> Bool {
        switch kind {
        case .latency: latency?.retract(start: start) ?? false
        case .ttft: chats.change { $0.ttft?.retract(start: start) ?? false } ?? false
        case .availability, .quality: false
        }
    }

    package mutating func retractWhole(start: MonotonicInstant) -> Bool { false }

    package var isTripped: Bool { fullness >= 1 }

    package var isTrippedByDeep: Bool { fullnessOfDeep >= 1 }

    /// The strongest indicator that reached the threshold; errors before slowness.
    package var trip: Trip? {
        for kind in IndicatorKind.allCases {
            guard let chart = chart(for: kind), chart.fullness >= 1 else { continue }
            let name = IndicatorName(probe: probe, kind: kind)
            let (evidence, threshold) = chart.lead
            let text =
                "\(name): \"\(chart.leading.rawValue)\" evidence \(evidence.formatted(decimals: 2)) "
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

    /// The outage alternative itself reached its threshold, on any indicator and whatever else did.
    package var isHardDown: Bool {
        availability.isHardDown || latency?.isHardDown == true || chats.read { $0.isHardDown } == true
    }

    package var fullness: Double {
        let fullness = fullnessOfDeep
        return chats.isEmpty ? fullness : max(fullness, chats.read { $0.either?.fullness ?? 0 } ?? 0)
    }

    package var isSuspicious: Bool {
        let strongest = max(availability.evidence, latency?.evidence ?? 0)
        if strongest > EvidenceModel.suspicion { return true }
        return !chats.isEmpty && chats.read { $0.evidence } ?? 0 > EvidenceModel.suspicion
    }

    /// Fewer cannot tell a good endpoint from a lucky one; a first verdict after 15 s at the default interval.
    package var minimumSamples: Int { 3 }
    package var readyStreak: Int { 5 }

    package var proof: ProofProgress { ProofProgress(recovery) }
    package var shallowProof: ProofProgress { ProofProgress((chats.read(\.proof) ?? nil) ?? recovery) }

    package mutating func beginProof() {
        recovery.reset()
        learning.trip(at: availability.lastStart)
        chats.change { $0.beginProof() }
    }

    package mutating func acquit() {
        if learning.wasOutage {
            availability.unlearn()
            latency?.unlearn()
            chats.change { $0.unlearn() }
        }
        learning.endTrip()
        availability.reset()
        latency?.reset()
        chats.change { $0.acquit() }
        recovery.secure()
    }

    package mutating func pardon() { learning.endTrip() }

    package var baselines: [BaselineMemory] {
        [availability.memory, latency?.memory, chats.read { $0.ttft?.memory } ?? nil].compactMap(\.self)
    }

    package mutating func restore(_ baselines: [BaselineMemory]) {
        availability.restore(baselines)
        latency?.restore(baselines)
        chats.change { $0.ttft?.restore(baselines) }
    }

    package func evidence(for kind: IndicatorKind) -> (evidence: Double, threshold: Double) {
        chart(for: kind)?.lead ?? availability.none
    }

    package func explanation(for kind: IndicatorKind) -> IndicatorExplanation {
        let name = IndicatorName(probe: probe, kind: kind)
        guard let chart = chart(for: kind) else {
            return IndicatorExplanation(name: name, threshold: availability.none.threshold, scores: [], steps: [])
        }
        return IndicatorExplanation(
            name: name,
            threshold: chart.lead.threshold,
            thresholds: chart.thresholds.list,
            scores: chart.scores,
            steps: chart.recentSteps,
            baseline: chart.learned
        )
    }

    private var fullnessOfDeep: Double {
        let fullness = max(availability.fullness, latency?.fullness ?? 0)
        return chats.isEmpty ? fullness : max(fullness, chats.read { $0.ttft?.fullness ?? 0 } ?? 0)
    }
}

/// When the detector looks whether what was seen lately was health.
private struct Learning: Sendable {
    /// The longest time from a trip to the last bad probe of a hiccup.
    private let hiccup: Duration
    private var nextLook: MonotonicInstant?
    private var lastBad: MonotonicInstant?
    /// `nil` while the endpoint has nothing to prove.
    private var trippedAt: MonotonicInstant?

    init(blip: Duration, interval: Duration) {
        hiccup = max(blip * EvidenceModel.hiccupBlips, interval * EvidenceModel.hiccupIntervals)
    }

    /// The trouble that convicted it went on for so long that it was no hiccup.
    var wasOutage: Bool {
        guard let trippedAt, let lastBad else { return false }
        return lastBad - trippedAt > hiccup
    }

    mutating func isDue(with sample: JudgedSample) -> Bool {
        if sample.isBad { lastBad = sample.start }
        guard let nextLook else {
            nextLook = sample.start + EvidenceModel.learnEvery
            return false
        }
        return trippedAt == nil && sample.start >= nextLook
    }

    mutating func lookAgain(after now: MonotonicInstant, hasLearned: Bool) {
        nextLook = now + (hasLearned ? EvidenceModel.learnEvery : EvidenceModel.learnAgain)
    }

    mutating func trip(at last: MonotonicInstant?) { trippedAt = last }
    mutating func endTrip() { trippedAt = nil }
}

extension ProofProgress {
    fileprivate init(_ proof: RecoveryProof) {
        self.init(value: proof.proof, needed: RecoveryProof.needed, cleanProbesLeft: proof.cleanProbesLeft)
    }
}
