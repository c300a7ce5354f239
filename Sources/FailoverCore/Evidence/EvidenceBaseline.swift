import RealModule

/// What one indicator of one endpoint showed while the endpoint was well: how often a probe was bad in each situation,
/// beside how often the model expected it.
///
/// It corrects the model, so that the budget holds where hiccups are longer or more frequent than configured, and sooner
/// convicts what is better than its objective. See docs/decision-rule.md.
struct EvidenceBaseline: Sendable {
    /// Bad probes that were seen and that were expected.
    struct Counts: Sendable, Equatable {
        var bad = PerSituation(repeating: 0)
        var expected = PerSituation(repeating: 0)

        mutating func fade(to share: Double) {
            for situation in Situation.allCases {
                bad[situation] *= share
                expected[situation] *= share
            }
        }

        mutating func add(_ other: Counts) {
            for situation in Situation.allCases {
                bad[situation] += other.bad[situation]
                expected[situation] += other.expected[situation]
            }
        }
    }

    /// What the model's chance of a bad probe is multiplied with.
    private(set) var factors = PerSituation(repeating: 1)
    /// Of time that turned out healthy.
    private(set) var kept = Counts()
    /// Of the time since, which may turn out otherwise.
    private(set) var pending = Counts()
    /// `pending` as it was when the trouble that is under way began; empty while there is none.
    private var beforeTrouble: Rare<Counts> = Rare()
    /// The first sample that is in `kept`.
    private(set) var since: MonotonicInstant?
    /// When `kept` was last added to; before that, the first sample.
    private(set) var learnedAt: MonotonicInstant?

    /// Counts halve in this time, in seconds: about a hundred hiccups at one a day.
    private static let halfLife = 90.0 * 86_400
    /// Larger counts are damage: a probe every 100 ms for a year is 3e8.
    private static let largestCount = 1e9

    /// Counts one sample.
    mutating func take(_ weight: EvidenceScale.Weight, isBad: Bool, start: MonotonicInstant) {
        if learnedAt == nil { learnedAt = start }
        switch weight.trouble {
        case .begins: beforeTrouble.value = pending
        case .none: if !beforeTrouble.isEmpty { beforeTrouble = Rare() }
        case .goesOn: break
        case .tooLong:
            // No hiccup, whatever it is: none of it counts.
            if let before = beforeTrouble.value { pending = before }
            beforeTrouble = Rare()
            return
        }
        pending.expected[weight.situation] += weight.modelProbability
        if isBad { pending.bad[weight.situation] += 1 }
    }

    /// Takes back what was counted for a bad sample of a trouble that was not too long.
    ///
    /// That the samples after it were counted as they would stand behind a bad one is left so.
    mutating func giveBack(_ weight: EvidenceScale.Weight) {
        let (situation, least) = (weight.situation, 0.0)
        pending.expected[situation] = max(least, pending.expected[situation] - weight.modelProbability)
        pending.bad[situation] = max(least, pending.bad[situation] - 1)
    }

    /// What was seen lately is no measure of health.
    mutating func discardPending() {
        pending = Counts()
        beforeTrouble = Rare()
    }

    /// What was seen lately was health: it is kept, and the factors are worked out anew.
    mutating func learn(at now: MonotonicInstant, on scale: EvidenceScale) {
        let before = learnedAt ?? now
        if since == nil { since = before }
        let left = Double.exp2(-(now - before).inSeconds / Self.halfLife)
        learnedAt = now
        kept.fade(to: left)
        // Worse than the objective allows, all in all: that is no excuse, however long it lasts. Not by the half hour alone,
        // because a baseline without its worse half hours would promise too much.
        let isWorse =
            kept.bad.sumOfGood + pending.bad.sumOfGood > kept.expected.sumOfGood + pending.expected.sumOfGood
        if !scale.isTimed || !isWorse { kept.add(pending) }
        discardPending()
        factors = Self.factors(of: kept, on: scale)
    }

    /// The factors, in the order of situations: where little was seen, that of the situation before speaks.
    ///
    /// What is likelier than the model says is taken as it was seen; that something is less likely must be shown by one
    /// standard deviation.
    private static func factors(of counts: Counts, on scale: EvidenceScale) -> PerSituation {
        var factors = PerSituation(repeating: 1)
        let weights = scale.priorWeights
        var near = 1.0
        for situation in Situation.allCases {
            if situation == .lapse || situation == .bad1 { near = 1 }
            let seen = counts.bad[situation]
            var bad = seen + weights[situation] * near
            let expected = counts.expected[situation] + weights[situation]
            if bad < expected {
                bad += (situation == .clear ? bad : seen).squareRoot()
            } else if !scale.isTimed, situation.rawValue >= Situation.bad3.rawValue {
                // A long row is crossed many times, so that its error of estimation multiplies.
                bad += 0.5 * seen.squareRoot()
            }
            var factor = bad / expected
            if situation == .clear {
                // Never worse than the objective.
                factor = scale.isTimed ? min(factor, 1) : 1
                near = factor
            }
            let mayBeLess = scale.isTimed && situation.rawValue <= Situation.good1.rawValue
            factors[situation] = max(factor, mayBeLess ? EvidenceModel.leastFactor : 1)
            if situation != .clear { near = factors[situation] }
        }
        return factors
    }

    // MARK: - Over a restart

    /// `nil` before anything was learned.
    func memory(of indicator: IndicatorName, on scale: EvidenceScale) -> BaselineMemory? {
        guard let since, let learnedAt else { return nil }
        return BaselineMemory(
            indicator: indicator,
            digest: scale.digest,
            since: since,
            learnedAt: learnedAt,
            bad: kept.bad.list,
            expected: kept.expected.list
        )
    }

    /// Goes on with what an earlier process learned, unless that was of another model or cannot be.
    mutating func restore(_ memory: BaselineMemory, on scale: EvidenceScale) {
        guard memory.digest == scale.digest, memory.since <= memory.learnedAt,
            (memory.bad + memory.expected).allSatisfy({ (0...Self.largestCount).contains($0) }),
            let bad = PerSituation(memory.bad), let expected = PerSituation(memory.expected),
            !scale.isTimed || bad.sumOfGood <= expected.sumOfGood * 1.001
        else { return }
        kept = Counts(bad: bad, expected: expected)
        since = memory.since
        learnedAt = memory.learnedAt
        factors = Self.factors(of: kept, on: scale)
    }

    /// What it changes, for people; only what it knows better than the model.
    var learned: [LearnedSituation] {
        guard let since else { return [] }
        return Situation.allCases.compactMap { situation in
            guard factors[situation] != 1 else { return nil }
            return LearnedSituation(
                situation: situation,
                bad: kept.bad[situation],
                expected: kept.expected[situation],
                factor: factors[situation],
                since: since
            )
        }
    }
}
