/// One alternative that the evidence rule weighs against "healthy".
package enum Alternative: String, Hashable, Sendable, CaseIterable {
    /// Almost every probe is bad.
    case outage
    /// Four in ten are bad.
    case partial
    /// The lowest rate that is worth leaving for.
    case degraded
}

/// One judged sample and what it did to the scores of its indicator.
package struct EvidenceStep: Hashable, Sendable {
    package let start: MonotonicInstant
    package let isBad: Bool
    /// Before it.
    package let situation: Situation
    /// What was found: a reason code, `ok` or `slow`.
    package let finding: ReasonCode
    /// Probability of a bad probe if the endpoint is healthy, given what came before and what it has shown; 0...1.
    package let healthyProbability: Double
    /// The same without what the endpoint has shown.
    package let modelProbability: Double
    /// Added for each alternative, in the order of `Alternative.allCases`; powers of ten, before the floor at zero.
    package let increments: [Double]
    /// The sums after the step, in the same order.
    package let scores: [Double]

    package init(
        start: MonotonicInstant,
        isBad: Bool,
        situation: Situation,
        finding: ReasonCode,
        healthyProbability: Double,
        modelProbability: Double,
        increments: [Double],
        scores: [Double]
    ) {
        self.start = start
        self.isBad = isBad
        self.situation = situation
        self.finding = finding
        self.healthyProbability = healthyProbability
        self.modelProbability = modelProbability
        self.increments = increments
        self.scores = scores
    }
}

/// What an endpoint has shown in one situation while it was well.
package struct LearnedSituation: Hashable, Sendable {
    package let situation: Situation
    /// Bad probes; old ones count less.
    package let bad: Double
    /// Bad probes that the model expected.
    package let expected: Double
    /// What the model's chance of a bad probe is multiplied with there.
    package let factor: Double
    /// The first sample that is counted.
    package let since: MonotonicInstant

    package init(situation: Situation, bad: Double, expected: Double, factor: Double, since: MonotonicInstant) {
        self.situation = situation
        self.bad = bad
        self.expected = expected
        self.factor = factor
        self.since = since
    }
}

/// The arithmetic of one indicator.
package struct IndicatorExplanation: Hashable, Sendable {
    package let name: IndicatorName
    /// Of the leading alternative: the one that is nearest to its own.
    package let threshold: Double
    /// In the order of `Alternative.allCases`; empty for the plain rules.
    package let thresholds: [Double]
    /// In the same order.
    package let scores: [Double]
    /// Oldest first, at most `EvidenceChart.keptSteps`, beginning where the leading score last left zero.
    package let steps: [EvidenceStep]
    /// Where the endpoint is known to differ from the model.
    package let baseline: [LearnedSituation]

    package init(
        name: IndicatorName,
        threshold: Double,
        thresholds: [Double] = [],
        scores: [Double],
        steps: [EvidenceStep],
        baseline: [LearnedSituation] = []
    ) {
        self.name = name
        self.threshold = threshold
        self.thresholds = thresholds
        self.scores = scores
        self.steps = steps
        self.baseline = baseline
    }
}

/// How far an endpoint is on its way back.
package struct RecoveryExplanation: Hashable, Sendable {
    /// Proof so far and the proof needed; powers of ten, or a count of good probes for the plain rules.
    package let proof: Double
    package let proofNeeded: Double
    /// Clean probes still needed if all of them are good.
    package let cleanProbesLeft: Int
    /// Time that it must stay proven before traffic returns.
    package let holdDown: Duration
    /// Set once proven.
    package let holdDownEnds: MonotonicInstant?
    /// Failovers away from this endpoint that still count, after decay.
    package let penalty: Double

    package init(
        proof: Double,
        proofNeeded: Double,
        cleanProbesLeft: Int,
        holdDown: Duration,
        holdDownEnds: MonotonicInstant?,
        penalty: Double
    ) {
        self.proof = proof
        self.proofNeeded = proofNeeded
        self.cleanProbesLeft = cleanProbesLeft
        self.holdDown = holdDown
        self.holdDownEnds = holdDownEnds
        self.penalty = penalty
    }
}

/// Why an endpoint has its verdict, and what would change it.
package struct EndpointExplanation: Hashable, Sendable {
    package let endpoint: EndpointName
    package let verdict: Verdict
    package let reason: Reason
    package let rule: RuleConfiguration
    package let interval: Duration
    package let indicators: [IndicatorExplanation]
    /// `nil` for an endpoint that has nothing to prove.
    package let recovery: RecoveryExplanation?
    /// `nil` where no bad probe is to be explained.
    package var witness: WitnessExplanation?

    package init(
        endpoint: EndpointName,
        verdict: Verdict,
        reason: Reason,
        rule: RuleConfiguration,
        interval: Duration,
        indicators: [IndicatorExplanation],
        recovery: RecoveryExplanation?,
        witness: WitnessExplanation? = nil
    ) {
        self.endpoint = endpoint
        self.verdict = verdict
        self.reason = reason
        self.rule = rule
        self.interval = interval
        self.indicators = indicators
        self.recovery = recovery
        self.witness = witness
    }
}
