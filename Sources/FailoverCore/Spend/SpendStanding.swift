/// How one endpoint fares with its caps.
struct SpendStanding: Hashable, Sendable {
    /// How one of its probes fares.
    struct Probe: Hashable, Sendable {
        /// The last time that it was let ask a model, or began to wait for its first turn; `nil` before that.
        var lastDeep: UnixTime?
        /// The last time that it was let ask anything; `nil` before the first.
        var lastAny: UnixTime?
        /// How often it was let ask a model.
        var asked = 0
        /// What an answer usually uses: cost in units of the currency, and tokens.
        var usual: Usual
    }

    /// A trailing mean of what attempts used; for pacing only, never for a cap.
    struct Usual: Hashable, Sendable {
        var cost: Double
        var tokens: Double
        /// Answers that it is the mean of; what was assumed at first counts as one.
        private var count = 1.0

        init(_ total: SpendTotal) {
            cost = total.cost.inUnits
            tokens = Double(total.tokens)
        }

        /// Of so many answers the mean is known to a few parts in a hundred, whatever their spread.
        private static let most = 64.0

        mutating func learn(_ total: SpendTotal) {
            count = min(count + 1, Self.most)
            cost += (total.cost.inUnits - cost) / count
            tokens += (Double(total.tokens) - tokens) / count
        }
    }

    /// What urgent probes may spend at once.
    struct Haste: Hashable, Sendable {
        let since: UnixTime
        let day: Int
        /// The endpoint's own spending may reach this.
        let limit: SpendCap
    }

    var pace = SpendPace.full
    /// What people were told last.
    var told = SpendPace.full
    /// When the pace changed last; `nil` if it may change at once, because something else did.
    var changed: UnixTime?
    /// The day for which the pace was found.
    var day: Int?
    /// How many times further apart than configured the probes that ask a model are; at least 1.
    var stretch = 1.0
    var haste: Haste?
    var leakTold: UnixTime?
    /// What was reported last; `nil` before the first report.
    var reported: SpendReport?
    /// In the order of the plan.
    var probes: [Probe]

    init(_ endpoint: SpendPlan.Endpoint) {
        probes = endpoint.probes.map { Probe(usual: Usual($0.worst)) }
    }

    /// Every moment that lies in the future, because the clock was set back, becomes now.
    mutating func forgetFuture(at now: UnixTime) {
        func past(_ time: UnixTime?) -> UnixTime? { time.map { min($0, now) } }
        changed = past(changed)
        leakTold = past(leakTold)
        if let haste, haste.since > now { self.haste = nil }
        for index in probes.indices {
            probes[index].lastDeep = past(probes[index].lastDeep)
            probes[index].lastAny = past(probes[index].lastAny)
        }
    }
}

extension SpendPace {
    /// From the least limited to the most.
    var severity: Int {
        switch self {
        case .full: 0
        case .slower: 1
        case .cheaper: 2
        case .exhausted: 3
        }
    }
}
