import RealModule

/// What one indicator of one endpoint showed while the endpoint was well: how often a probe was bad in each situation,
/// beside how often the model expected it.
///
/// It corrects the model, so that the budget holds where hiccups are longer or more frequent than configured, and sooner
/// convicts what is better than its objective. See docs/decision-rule.md.
struct EvidenceBaseline: Sendable {
    /// Bad probes that were seen in one situation, and that were expected there.
    struct Count: Sendable, Equatable {
        var bad = 0.0
        var expected = 0.0
    }

    /// One for each situation.
    struct Counts: Sendable {
        private var clear = Count()
        /// Empty until a probe was bad: thousands of endpoints stand nowhere but at `clear` for days.
        private var others: Rare<PerSituation<Count>> = Rare()

        subscript(situation: Situation) -> Count {
            get { situation == .clear ? clear : others.read { $0[situation] } ?? Count() }
            set {
                if situation == .clear {
                    clear = newValue
                } else {
                    if others.isEmpty, newValue != Count() { others.value = PerSituation(repeating: Count()) }
                    others.change { $0[situation] = newValue }
                }
            }
        }

        /// Of the situations in which nothing bad is under way.
        var sumOfGood: Count {
            Situation.allCases.prefix { $0 != .lapse }.reduce(into: Count()) { sum, situation in
                sum.bad += self[situation].bad
                sum.expected += self[situation].expected
            }
        }

        mutating func fade(to share: Double) {
            for situation in Situation.allCases where self[situation] != Count() {
                self[situation].bad *= share
                self[situation].expected *= share
            }
        }

        mutating func add(_ other: Counts) {
            for situation in Situation.allCases where other[situation] != Count() {
                self[situation].bad += other[situation].bad
                self[situation].expected += other[situation].expected
            }
        }
    }

    /// What the model's chance of a bad probe is multiplied with.
    private(set) var factors = PerSituation(repeating: 1.0)
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
    /// A clock that was years ahead at the start takes away no more than this, in seconds: 365 days leave 6 %.
    private static let longestFade = 365.0 * 86_400
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
        pending[weight.situation].expected += weight.modelProbability
        if isBad { pending[weight.situation].bad += 1 }
    }

    /// Takes back what was counted for a bad sample of a trouble that was not too long.
    ///
    /// That the samples after it were counted as they would stand behind a bad one is left so.
    mutating func giveBack(_ weight: EvidenceScale.Weight) {
        let count = pending[weight.situation]
        pending[weight.situation] = Count(
            bad: max(0, count.bad - 1),
            expected: max(0, count.expected - weight.modelProbability)
        )
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
        let left = Double.exp2(-min((now - before).inSeconds, Self.longestFade) / Self.halfLife)
        learnedAt = now
        kept.fade(to: left)
        // Worse than the objective allows, all in all: that is no excuse, however long it lasts. Not by the half hour alone,
        // because a baseline without its worse half hours would promise too much.
        let (old, new) = (kept.sumOfGood, pending.sumOfGood)
        let isWorse = old.bad + new.bad > old.expected + new.expected
        if !scale.isTimed || !isWorse { kept.add(pending) }
        discardPending()
        factors = Self.factors(of: kept, on: scale)
    }

    /// The factors, in the order of situations: where little was seen, that of the situation before speaks.
    ///
    /// What is likelier than the model says is taken as it was seen; that something is less likely must be shown by one
    /// standard deviation.
    private static func factors(of counts: Counts, on scale: EvidenceScale) -> PerSituation<Double> {
        var factors = PerSituation(repeating: 1.0)
        let weights = scale.priorWeights
        var near = 1.0
        for situation in Situation.allCases {
            if situation == .lapse || situation == .bad1 { near = 1 }
            let seen = counts[situation].bad
            var bad = seen + weights[situation] * near
            let expected = counts[situation].expected + weights[situation]
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
            bad: Situation.allCases.map { kept[$0].bad },
            expected: Situation.allCases.map { kept[$0].expected }
        )
    }

    /// Goes on with what an earlier process learned, unless that was of another model or cannot be.
    mutating func restore(_ memory: BaselineMemory, on scale: EvidenceScale) {
        let situations = Situation.allCases
        guard memory.digest == scale.digest, memory.since <= memory.learnedAt,
            memory.bad.count == situations.count, memory.expected.count == situations.count,
            (memory.bad + memory.expected).allSatisfy({ (0...Self.largestCount).contains($0) })
        else { return }
        var counts = Counts()
        for (situation, (bad, expected)) in zip(situations, zip(memory.bad, memory.expected)) {
            counts[situation] = Count(bad: bad, expected: expected)
        }
        let sum = counts.sumOfGood
        guard !scale.isTimed || sum.bad <= sum.expected * 1.001 else { return }
        kept = counts
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
                bad: kept[situation].bad,
                expected: kept[situation].expected,
                factor: factors[situation],
                since: since
            )
        }
    }
}
