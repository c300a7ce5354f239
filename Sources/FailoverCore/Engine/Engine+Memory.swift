extension Engine {
    /// What must survive, as it will be once `move` is made.
    func memory(after move: Move?) -> Memory {
        var memory = Memory(
            generation: generation,
            routes: routes.map { route in
                RouteMemory(
                    name: route.configuration.name,
                    active: name(route.active),
                    generation: route.generation,
                    since: route.since,
                    reason: route.reason,
                    moves: route.movesToRemember
                )
            },
            endpoints: endpoints.map { endpoint in
                EndpointMemory(
                    name: endpoint.name,
                    penalty: endpoint.penalty.count,
                    penaltyAt: endpoint.penalty.at,
                    mustProve: endpoint.mustProve
                )
            },
            intents: intents.intents
        )
        guard let move else { return memory }
        memory.generation += 1
        memory.routes[move.route].active = name(move.to)
        memory.routes[move.route].generation = memory.generation
        memory.routes[move.route].since = move.at
        memory.routes[move.route].reason = move.reason
        if move.isAutomatic { memory.routes[move.route].moves.append(move.at) }
        if move.kind == .failover {
            let penalty = endpoints[move.from].penalty(afterLeavingAt: move.at)
            memory.endpoints[move.from].penalty = penalty.count
            memory.endpoints[move.from].penaltyAt = penalty.at
        }
        return memory
    }

    /// Lays the configuration out: every endpoint unknown, every route on its preferred endpoint.
    ///
    /// Results of attempts that began before `notBefore` count nowhere; `nil` at the start.
    mutating func build(
        from configuration: Configuration,
        at now: MonotonicInstant,
        notBefore: MonotonicInstant? = nil
    ) {
        // Thousands of endpoints in thousands of routes: each is looked at once.
        var users: [EndpointName: [RouteConfiguration]] = [:]
        for route in configuration.routes {
            for name in route.endpoints { users[name, default: []].append(route) }
        }
        endpoints = configuration.endpoints.map { endpoint in
            let uses = users[endpoint.name] ?? []
            return EndpointState(
                configuration: endpoint,
                rule: uses.first?.decision.rule ?? .evidence(.balanced),
                availability: uses.first?.availability.ratio ?? AvailabilityObjective().ratio,
                holdDown: uses.map(\.decision.holdDown).max() ?? .zero,
                at: now,
                notBefore: notBefore
            )
        }
        endpointIndex = Dictionary(uniqueKeysWithValues: endpoints.indices.map { (endpoints[$0].name, $0) })
        routes = configuration.routes.map { route in
            let members = members(of: route)
            return RouteState(
                configuration: route,
                members: members,
                active: members[0].endpoint,
                generation: generation,
                since: now,
                reason: Reason(.initial, "preferred by the configuration")
            )
        }
        routeIndex = Dictionary(uniqueKeysWithValues: routes.indices.map { (routes[$0].configuration.name, $0) })
        routesOfEndpoint = endpoints.map { _ in [] }
        for index in routes.indices {
            for member in routes[index].members { routesOfEndpoint[member.endpoint].append(index) }
        }
    }

    /// By rank, then what the route's workload costs, the unknown last, then as configured.
    private func members(of route: RouteConfiguration) -> [RouteState.Member] {
        let members = zip(route.endpoints, route.ranks).enumerated().compactMap { position, pair in
            endpointIndex[pair.0].map { endpoint in
                let cost = endpoints[endpoint].cost(of: route.cost.workload)
                return (member: RouteState.Member(endpoint: endpoint, rank: pair.1), cost: cost, position: position)
            }
        }
        return members.sorted { left, right in
            guard left.member.rank == right.member.rank else { return left.member.rank < right.member.rank }
            switch (left.cost, right.cost) {
            case (let cost?, let other?) where cost != other: return cost < other
            case (_?, nil): return true
            case (nil, _?): return false
            default: return left.position < right.position
            }
        }.map(\.member)
    }

    /// Takes over what an earlier process decided.
    ///
    /// A route that it did not know, or whose endpoint is gone, is decided anew: for the first endpoint that has
    /// nothing to prove, with a generation of its own. All routes of a first start share one.
    mutating func restore(_ memory: Memory?, at now: MonotonicInstant) {
        guard let memory else {
            generation = 1
            isPersisted = false
            for index in routes.indices { routes[index].generation = generation }
            return
        }
        for remembered in memory.endpoints {
            if let index = endpointIndex[remembered.name] { endpoints[index].remember(remembered) }
        }
        restoreIntents(memory.intents, at: now)
        let known = Dictionary(memory.routes.map { ($0.name, $0) }) { first, _ in first }
        let remembered = routes.map { known[$0.configuration.name] }
        let kept = routes.indices.filter { resume(remembered[$0], in: $0) }
        let inUse = Set(kept.map { routes[$0].active })
        // Endpoints that were left must prove themselves, also if that was not remembered.
        for index in kept where !routes[index].isMovedByOperator {
            let rank = routes[index].rank(of: routes[index].active)
            for better in routes[index].members
            where better.rank < rank && !endpoints[better.endpoint].mustProve && !inUse.contains(better.endpoint) {
                endpoints[better.endpoint].requireProof("was not active before the restart and has to prove itself")
            }
        }
        let isKept = Set(kept)
        for index in routes.indices where !isKept.contains(index) { decideAnew(index, insteadOf: remembered[index]) }
    }

    /// - Returns: Whether the route goes on where it was.
    private mutating func resume(_ remembered: RouteMemory?, in index: Int) -> Bool {
        let route = routes[index]
        guard let remembered, let active = endpointIndex[remembered.active], route.contains(active) else {
            return false
        }
        routes[index] = RouteState(
            configuration: route.configuration,
            members: route.members,
            active: active,
            generation: remembered.generation,
            since: remembered.since,
            reason: remembered.reason,
            moves: remembered.moves
        )
        return true
    }

    private mutating func decideAnew(_ index: Int, insteadOf remembered: RouteMemory?) {
        let active =
            routes[index].members.first { !endpoints[$0.endpoint].mustProve && !endpoints[$0.endpoint].isDrained }?
            .endpoint
            ?? routes[index].preferred
        generation += 1
        isPersisted = false
        routes[index].active = active
        routes[index].decided = active
        routes[index].generation = generation
        let text = remembered.map { "\($0.active) was taken out of the route" } ?? "a new route"
        routes[index].reason = Reason(.configured, text)
    }
}

extension RouteState {
    /// As many moves as the limit can ask about; wishes are no moves.
    fileprivate var movesToRemember: [MonotonicInstant] {
        isObserving ? [] : Array(moves.suffix(configuration.decision.maximumMovesPerHour ?? 0))
    }
}
