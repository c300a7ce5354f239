extension Engine {
    /// Endpoints to move to, best first.
    ///
    /// They are eligible and out of hold-down, unless all are in one. None whose provider is overloaded is among them: their
    /// own last probe said so.
    func candidates(for index: Int, at now: MonotonicInstant) -> [Int] {
        let route = routes[index]
        let eligible = route.members.map(\.endpoint).filter { endpoint in
            endpoint != route.decided && mayTake(endpoint, of: index) && !endpoints[endpoint].isTripped
        }
        let free = eligible.filter { !isHeldDown($0, for: route, at: now) }
        // Whoever only leaves a stopped canary can wait.
        let canWait = route.isShare && isVacating(index) && !endpoints[route.decided].isDrained
        return ranked(free.isEmpty && !canWait ? eligible : free, in: route, at: now)
    }

    /// Those that are healthy or degraded, best first: healthy before degraded, then those whose evidence is deep before
    /// those of which it is only known that they live, then in the order that `members` have.
    func ranked(_ members: [Int], at now: MonotonicInstant) -> [Int] {
        Place.inOrder.flatMap { place in members.filter { isAt(place, $0, at: now) } }
    }

    /// Where an endpoint stands among others, whatever a route prefers.
    struct Place: Sendable {
        let verdict: Verdict
        let isDeep: Bool

        /// Best first; no other is a place for traffic.
        static let inOrder = [
            Place(verdict: .healthy, isDeep: true), Place(verdict: .healthy, isDeep: false),
            Place(verdict: .degraded, isDeep: true), Place(verdict: .degraded, isDeep: false),
        ]
    }

    @inline(__always)
    func isAt(_ place: Place, _ endpoint: Int, at now: MonotonicInstant) -> Bool {
        endpoints[endpoint].verdict == place.verdict && (endpoints[endpoint].tier(at: now) == .deep) == place.isDeep
    }

    // MARK: - Providers

    /// Whether all endpoints that the provider has in the route were without capacity at the last look.
    ///
    /// Another region of such a provider is no way out: users who come there are those who made it full.
    private func isOverloaded(_ provider: ProviderName, in index: Int) -> Bool {
        routes[index].members.allSatisfy { member in
            endpoints[member.endpoint].configuration.provider != provider || endpoints[member.endpoint].isOverloaded
        }
    }

    /// Why a route stays on an unhealthy endpoint.
    ///
    /// `unconfirmed` if there were candidates, and none confirmed.
    func impasse(of index: Int, because trip: Reason, unconfirmed: Bool, at now: MonotonicInstant) -> Reason {
        let decided = routes[index].decided
        let isUnhealthy =
            trip.code == .drained
            ? "\(name(decided)) is \(trip.text)" : "\(name(decided)) is unhealthy (\(trip.text))"
        if let provider = endpoints[decided].configuration.provider, isOverloaded(provider, in: index) {
            let text =
                "\(provider) is overloaded in every region of the route, and no other provider is healthy: \(isUnhealthy)"
            return Reason(.providerOverloaded, text)
        }
        let others = whyNobody(index, unconfirmed: unconfirmed, at: now)
        return Reason(.noHealthyEndpoint, "nobody can take over (\(others)), and \(isUnhealthy)")
    }

    // MARK: - Money

    /// What to tell if a failover goes to an endpoint that costs more than the route allows; it goes there all the same.
    ///
    /// `nil` without a limit, and where a price is not known.
    func costNews(of move: Move, dryRun: Bool, at now: MonotonicInstant) -> Event? {
        let route = routes[move.route]
        let cost = route.configuration.cost
        guard move.kind == .failover, let limit = cost.maximumRatio, let usual = usualCost(of: route),
            let new = endpoints[move.to].cost(of: cost.workload), new.inUnits > usual.inUnits * limit
        else { return nil }
        let ratio =
            usual > .zero ? "\((new.inUnits / usual.inUnits).formatted(decimals: 1)) times the cost" : "no longer free"
        let currency = configuration.spend.currency
        let tokens = "\(cost.workload.inputTokens) tokens in and \(cost.workload.outputTokens) out"
        let text =
            "\(ratio) per request: \(tokens) cost \(new.short) \(currency) instead of \(usual.short) \(currency)"
        return Event(
            kind: .spend,
            at: now,
            route: route.configuration.name,
            from: name(move.from),
            to: name(move.to),
            regionFrom: endpoints[move.from].configuration.region,
            regionTo: endpoints[move.to].configuration.region,
            reason: Reason(.costlyFailover, text),
            generation: generation,
            dryRun: dryRun
        )
    }

    /// What the workload costs at the cheapest of the preferred endpoints.
    private func usualCost(of route: RouteState) -> Money? {
        let preferred = route.members.prefix { $0.rank == route.members[0].rank }
        return preferred.compactMap { endpoints[$0.endpoint].cost(of: route.configuration.cost.workload) }.min()
    }
}

extension EndpointState {
    var confirming: ProbeTrack { tracks[confirmingTrack] }

    /// `nil` without a price.
    func cost(of workload: Workload) -> Money? {
        configuration.price?.cost(input: workload.inputTokens, output: workload.outputTokens)
    }
}

extension Money {
    /// At most six decimals, without zeros at the end: `0.007`.
    fileprivate var short: String {
        var text = inUnits.formatted(decimals: 6)
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }
}
