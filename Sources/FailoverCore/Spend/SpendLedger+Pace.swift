/// How caps bear on probes: slower, then cheaper, never silent, never over the cap.
extension SpendLedger {
    /// What becomes of a request, before it is written down.
    enum Answer {
        case deep, shallow
        case later(Duration)
    }

    /// Of what is left of a cap, the share that scheduled probes leave to urgent ones.
    static let keptForUrgent = 0.2
    /// Up to so many intervals may pass without any probe; where more would be needed, cheaper ones stand in between.
    static let longestGap = 4.0
    /// A request may come so much earlier than its turn, in intervals: starts are spread by a tenth of it either way.
    static let earliness = 0.25
    /// A pace that has changed stays at least that long before it gets better, so that it is no news all the time.
    static let dwell = Duration.seconds(3600)
    /// A pace gets better only when the need has fallen to this part of what made it worse.
    ///
    /// Intervals are whole, so probes that are 1.3 times as far apart as configured alternate between one interval and two, and
    /// the need moves by as much.
    private static let relief = 0.7
    /// Urgent probes take at most half of what is left in that time: an endpoint must be able to prove itself later on.
    static let hasteSpan = Duration.seconds(3600)
    /// Intervals need not grow for less than this: what is kept for urgent probes makes up for it.
    private static let noticeable = 1.1
    /// More than any day has room for.
    private static let longestStretch = 1e6

    // MARK: One request

    /// Sets what the answer to a request is measured against.
    mutating func prepare(_ place: (endpoint: Int, probe: Int), isUrgent: Bool, at now: UnixTime) {
        let probe = plan.endpoints[place.endpoint].probes[place.probe]
        if isUrgent { renewHaste(of: place.endpoint, for: probe.worst, at: now) }
        let standing = standings[place.endpoint]
        // The first probe of a process is due at once, lest nothing is known for a long while. Where the rest of the day has
        // no room for one, it waits like all others: many endpoints may share a small cap.
        let spacing = standing.stretch * probe.interval.inSeconds
        if standing.probes[place.probe].lastDeep == nil, spacing > now.secondsLeftOfDay, standing.pace != .full {
            standings[place.endpoint].probes[place.probe].lastDeep = now
        }
    }

    func answer(to place: (endpoint: Int, probe: Int), isUrgent: Bool, at now: UnixTime) -> Answer {
        let endpoint = plan.endpoints[place.endpoint]
        let probe = endpoint.probes[place.probe]
        guard affords(probe.worst, endpoint) else { return .shallow }
        if isUrgent, mayHurry(place.endpoint, probe.worst) { return .deep }
        let standing = standings[place.endpoint]
        guard standing.pace != .full else { return .deep }
        let interval = Double(probe.interval.nanoseconds)
        let known = standing.probes[place.probe]
        let spacing = standing.stretch * interval - Self.earliness * interval
        let wait = known.lastDeep.map { spacing - Double((now - $0).nanoseconds) } ?? 0
        if wait <= 0, leavesOneForUrgent(probe.worst, endpoint) { return .deep }
        // Whoever asks in a hurry gets an answer of some kind.
        guard standing.pace == .slower, !isUrgent, let lastAny = known.lastAny else { return .shallow }
        // The next request comes at a whole number of intervals from now.
        let silence = Double((now - lastAny).nanoseconds)
        let most = (Self.longestGap + Self.earliness - silence / interval).rounded(.down)
        guard most >= 1 else { return .shallow }
        return .later(.nanoseconds(Int64(min(max(wait, interval / 2), (most - 0.5) * interval))))
    }

    private func affords(_ amount: SpendTotal, _ endpoint: SpendPlan.Endpoint) -> Bool {
        endpoint.accounts.allSatisfy { plan.accounts[$0].cap.allows(amount, after: accounts[$0].used) }
    }

    /// Whether a scheduled probe leaves enough for an urgent one, in caps that have room for two at all.
    private func leavesOneForUrgent(_ worst: SpendTotal, _ endpoint: SpendPlan.Endpoint) -> Bool {
        endpoint.accounts.allSatisfy { index in
            let cap = plan.accounts[index].cap
            return !cap.allows(worst * 2, after: SpendTotal()) || cap.allows(worst * 2, after: accounts[index].used)
        }
    }

    // MARK: Urgent probes

    /// So many good answers make an endpoint one that traffic may be moved to.
    ///
    /// Source: the streak that the evidence rule wants of a candidate.
    static let firstAnswers = 5

    /// Whether a probe is among the first of this process, which must not wait for hours: an endpoint without a verdict is no target.
    ///
    /// Only where the caps have room for those of all who share them.
    func isFirst(_ place: (endpoint: Int, probe: Int)) -> Bool {
        let endpoint = plan.endpoints[place.endpoint]
        let left = Self.firstAnswers - standings[place.endpoint].probes[place.probe].asked
        guard left > 0 else { return false }
        let worst = endpoint.probes[place.probe].worst
        return endpoint.accounts.allSatisfy { index in
            let account = plan.accounts[index]
            return account.cap.allows(worst * (2 * left * account.members), after: accounts[index].used)
        }
    }

    private func mayHurry(_ index: Int, _ worst: SpendTotal) -> Bool {
        guard let haste = standings[index].haste else { return false }
        let own = spent(by: plan.endpoints[index].name).used
        return haste.limit.allows(worst, after: own)
    }

    /// Sets anew what urgent probes may take, once the time of the last allowance is over.
    private mutating func renewHaste(of index: Int, for worst: SpendTotal, at now: UnixTime) {
        guard !plan.endpoints[index].accounts.isEmpty else { return }
        if let haste = standings[index].haste, haste.day == today, now - haste.since < Self.hasteSpan { return }
        let endpoint = plan.endpoints[index]
        let rest = endpoint.accounts.reduce(SpendCap()) {
            $0.tightened(by: plan.accounts[$1].cap.rest(after: accounts[$1].used))
        }
        let own = spent(by: endpoint.name).used
        standings[index].haste = SpendStanding.Haste(
            since: now,
            day: today,
            limit: SpendCap(
                cost: rest.cost.map { own.cost + max($0.divided(by: 2), worst.cost) },
                tokens: rest.tokens.map { own.tokens + max($0 / 2, worst.tokens) }
            )
        )
    }

    // MARK: The pace of an endpoint

    /// Finds how caps bear on an endpoint now.
    mutating func judge(_ index: Int, at now: UnixTime) {
        let stretch = stretch(of: index, at: now)
        standings[index].stretch = max(1, stretch)
        let standing = standings[index]
        var pace = pace(for: stretch, of: index)
        if pace.severity < standing.pace.severity, standing.day == today {
            // At the end of a day too little is left to tell whether things have got better.
            let isSettled = standing.changed.map { now - $0 >= Self.dwell } ?? true
            if !isSettled || now.secondsLeftOfDay < Self.dwell.inSeconds { pace = standing.pace }
        }
        standings[index].day = today
        guard pace != standing.pace else { return }
        standings[index].pace = pace
        standings[index].changed = now
    }

    /// With a distance between getting worse and getting better.
    private func pace(for stretch: Double, of index: Int) -> SpendPace {
        let endpoint = plan.endpoints[index]
        let isAnyAffordable = endpoint.probes.contains { probe in
            endpoint.accounts.allSatisfy { plan.accounts[$0].cap.allows(probe.worst, after: accounts[$0].settled) }
        }
        guard isAnyAffordable else { return .exhausted }
        let present = standings[index].pace.severity
        if stretch > Self.longestGap * (present >= SpendPace.cheaper.severity ? Self.relief : 1) { return .cheaper }
        return stretch > Self.noticeable * (present >= SpendPace.slower.severity ? Self.relief : 1) ? .slower : .full
    }

    /// By how much intervals must grow for the endpoint's part of each cap to last until midnight.
    ///
    /// Below 1 where probes might as well be denser.
    private func stretch(of index: Int, at now: UnixTime) -> Double {
        let endpoint = plan.endpoints[index]
        guard !endpoint.accounts.isEmpty else { return 0 }
        var need = SpendStanding.Usual(SpendTotal())
        var worst = SpendTotal()
        for (probe, standing) in zip(endpoint.probes, standings[index].probes) {
            let count = now.secondsLeftOfDay / probe.interval.inSeconds
            need.cost += count * standing.usual.cost
            need.tokens += count * standing.usual.tokens
            worst = SpendTotal(cost: max(worst.cost, probe.worst.cost), tokens: max(worst.tokens, probe.worst.tokens))
        }
        var stretch = 0.0
        for account in endpoint.accounts {
            let (cap, used) = (plan.accounts[account].cap, accounts[account].used)
            let members = Double(plan.accounts[account].members)
            if let cost = cap.cost {
                let pool = Self.pool(of: cost.inUnits, used: used.cost.inUnits, worst: worst.cost.inUnits)
                stretch = max(stretch, Self.ratio(need.cost * members, pool))
            }
            if let tokens = cap.tokens {
                let pool = Self.pool(of: Double(tokens), used: Double(used.tokens), worst: Double(worst.tokens))
                stretch = max(stretch, Self.ratio(need.tokens * members, pool))
            }
        }
        return stretch
    }

    /// What scheduled probes of all members may still spend.
    private static func pool(of cap: Double, used: Double, worst: Double) -> Double {
        let rest = cap - used
        return rest - (cap < 2 * worst ? 0 : max(keptForUrgent * rest, worst))
    }

    private static func ratio(_ need: Double, _ pool: Double) -> Double {
        guard need > 0 else { return 0 }
        return pool > 0 ? min(need / pool, longestStretch) : longestStretch
    }
}
