/// Judges the samples of one probe, by the rule that the operator chose.
package protocol ProbeDetector: Sendable {
    /// Takes the sample for errors.
    mutating func recordAvailability(_ sample: JudgedSample)
    /// Takes the sample for slowness, where an error is bad too.
    mutating func recordLatency(_ sample: JudgedSample)
    /// Takes the sample for first tokens, where an error is bad too.
    mutating func recordTTFT(_ sample: JudgedSample)
    /// Takes the whole probe, which is bad if it is for any indicator that decides.
    mutating func recordWhole(_ sample: JudgedSample)
    /// Takes the sample for slowness and as the whole of a probe that nothing else can make bad: one call where thousands
    /// are made each second.
    mutating func recordLatencyAndWhole(_ sample: JudgedSample)

    /// Takes a slow sample back that turned out to say nothing.
    ///
    /// - Returns: Whether it still could be.
    mutating func retractSlow(_ kind: IndicatorKind, start: MonotonicInstant) -> Bool
    /// Takes the whole of such a probe back; the proof of recovery is not given back.
    ///
    /// - Returns: Whether it still could be.
    mutating func retractWhole(start: MonotonicInstant) -> Bool

    /// Whether it trips now.
    var isTripped: Bool { get }
    /// Whether it trips now even without what only shallow probes saw.
    var isTrippedByDeep: Bool { get }
    /// It trips, and nearly everything fails.
    var isHardDown: Bool { get }
    /// Why it trips now, in words; `nil` while it does not.
    var trip: Trip? { get }
    /// The share of the threshold that is reached, from 0 to 1 and beyond.
    var fullness: Double { get }
    /// Evidence worth a closer look: probe faster for a while.
    var isSuspicious: Bool { get }
    /// Samples before a verdict other than unknown.
    var minimumSamples: Int { get }
    /// Good samples in a row that make an endpoint fit to be moved to.
    var readyStreak: Int { get }

    /// How far the proof of recovery is.
    var proof: ProofProgress { get }
    /// How far it is where only shallow probes saw failures: successes of either tier count.
    var shallowProof: ProofProgress { get }
    /// Starts the proof of recovery from nothing.
    mutating func beginProof()
    /// Forgets what convicted the endpoint, after its proof.
    mutating func acquit()
    /// The conviction was taken back: what led to it was no fault of the endpoint.
    mutating func pardon()

    /// What is known of the endpoint from time in which it was well; empty for the plain rules.
    var baselines: [BaselineMemory] { get }
    /// Goes on with what an earlier process knew; what does not fit is left out.
    mutating func restore(_ baselines: [BaselineMemory])

    /// Evidence and threshold as published for an indicator.
    func evidence(for kind: IndicatorKind) -> (evidence: Double, threshold: Double)
    /// The arithmetic of an indicator.
    func explanation(for kind: IndicatorKind) -> IndicatorExplanation
}

/// One judged sample for one indicator.
package struct JudgedSample: Sendable, Equatable {
    package let start: MonotonicInstant
    package let isBad: Bool
    /// Something cheaper stood in for the probe's own question.
    package let isShallow: Bool
    package let finding: ReasonCode

    package init(start: MonotonicInstant, isBad: Bool, isShallow: Bool = false, finding: ReasonCode) {
        self.start = start
        self.isBad = isBad
        self.isShallow = isShallow
        self.finding = finding
    }
}

/// What made a detector trip.
package struct Trip: Sendable, Equatable {
    package let reason: Reason
    /// Nearly everything fails: worth leaving even when moves are limited.
    package let isHardDown: Bool
    /// Nothing but models on their way into memory: that is no flap.
    package let isLoading: Bool

    package init(reason: Reason, isHardDown: Bool, isLoading: Bool = false) {
        self.reason = reason
        self.isHardDown = isHardDown
        self.isLoading = isLoading
    }
}

/// How far an endpoint has proven its recovery.
package struct ProofProgress: Sendable, Equatable {
    /// Powers of ten, or good probes in a row for the plain rules.
    package let value: Double
    package let needed: Double
    package let cleanProbesLeft: Int

    package var isProven: Bool { value >= needed }
}

extension ProbeConfiguration {
    /// The latency objective, if it is judged: of what proves nothing good, only failures are.
    package var judgedLatency: Duration? { tier == .deep ? latencyObjective : nil }
    /// The objective for first tokens, if it is judged.
    package var judgedTTFT: Duration? { tier == .deep ? ttftObjective : nil }

    /// How many of its indicators can trip: errors, latency and first tokens.
    package var decidingIndicators: Int { 1 + (judgedLatency == nil ? 0 : 1) + (judgedTTFT == nil ? 0 : 1) }
}

extension IndicatorKind {
    /// What a verdict names that rests on this indicator.
    var reasonCode: ReasonCode {
        switch self {
        case .availability: .availability
        case .latency: .latency
        case .ttft: .ttft
        case .quality: .quality
        }
    }
}

extension RuleConfiguration {
    /// The detector for one probe of an endpoint; all `probes` of the endpoint share the budget.
    package func detector(for probe: ProbeConfiguration, availability: Ratio, probes: Int) -> any ProbeDetector {
        switch self {
        case .evidence(let parameters):
            EvidenceDetector(parameters: parameters, probe: probe, availability: availability, probes: probes)
        case .consecutive(let fall, let rise):
            CountingDetector(probe: probe.name, bad: fall, of: fall, rise: rise)
        case .window(let bad, let of, let rise):
            CountingDetector(probe: probe.name, bad: bad, of: of, rise: rise)
        }
    }
}
