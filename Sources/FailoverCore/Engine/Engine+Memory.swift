extension Engine {
    /// What must survive, as it will be once `move` is made; without the baselines, for which no move waits.
    func memory(after move: Move?) -> Memory {
        var memory = Memory(
            generation: generation,
            routes: groups.map { self.memory(of: $0, after: move) },
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
        if move.countsLeaving {
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
        routes = []
        routes.reserveCapacity(configuration.routes.count)
        routeIndex = [:]
        for route in configuration.routes {
            routeIndex[route.name] = routes.count
            routes += RouteState.states(
                of: route,
                from: routes.count,
                endpoints: endpointIndex,
                members: members(of: route),
                generation: generation,
                at: now
            )
        }
        layOutSpeed(at: now)
        routesOfEndpoint = endpoints.map { _ in [] }
        for index in routes.indices {
            guard routes[index].share != nil else {
                for member in routes[index].members { routesOfEndpoint[member.endpoint].append(index) }
                continue
            }
            // A pin may set a share on any endpoint of its route.
            for name in routes[index].configuration.endpoints {
                if let endpoint = endpointIndex[name] { routesOfEndpoint[endpoint].append(index) }
            }
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
            guard route.speed == nil else { return left.position < right.position }
            switch (left.cost, right.cost) {
            case (let cost?, let other?) where cost != other: return cost < other
            case (_?, nil): return true
            case (nil, _?): return false
            default: return left.position < right.position
            }
        }.map(\.member)
    }

    /// Takes over what an earlier process decided and learned.
    ///
    /// A route that it did not know, or whose endpoint is gone, is decided anew: for the first endpoint that has
    /// nothing to prove, with a generation of its own. All routes of a first start share one.
    mutating func restore(_ memory: Memory?, at now: MonotonicInstant) {
        for remembered in memory?.endpoints ?? [] {
            guard let index = endpointIndex[remembered.name] else { continue }
            endpoints[index].remember(remembered)
            endpoints[index].restore(remembered.baselines)
        }
        guard let memory, memory.holdsDecision else {
            generation = 1
            isPersisted = false
            for index in routes.indices { routes[index].generation = generation }
            return
        }
        restoreIntents(memory.intents, at: now)
        let known = Dictionary(memory.routes.map { ($0.name, $0) }) { first, _ in first }
        recallStops(from: known)
        let remembered = routes.indices.map { recall($0, from: known) }
        let kept = routes.indices.filter { resume(remembered[$0], in: $0) }
        let inUse = Set(kept.map { routes[$0].active })
        // Endpoints that were left must prove themselves, also if that was not remembered.
        for index in kept where !routes[index].isMovedByOperator {
            let rank = routes[index].rank(of: routes[index].active)
            // Beside its chain it was set by an operator, and a stopped canary returns by an operator's word alone.
            for better in routes[index].members
            where rank != .max && better.rank < rank && !endpoints[better.endpoint].mustProve
                && !inUse.contains(better.endpoint) && !isClosed(better.endpoint, to: index)
            {
                endpoints[better.endpoint].requireProof("was not active before the restart and has to prove itself")
            }
        }
        let isKept = Set(kept)
        for index in routes.indices where !isKept.contains(index) { decideAnew(index, insteadOf: remembered[index]) }
        for group in groups where group.allSatisfy(isKept.contains) { countNewWeights(of: group, after: known) }
    }

    /// - Returns: Whether the route goes on where it was.
    private mutating func resume(_ remembered: RouteMemory?, in index: Int) -> Bool {
        let route = routes[index]
        guard let remembered, let active = endpointIndex[remembered.active], serves(index, active) else {
            return false
        }
        routes[index] = RouteState(
            configuration: route.configuration,
            members: route.members,
            active: active,
            generation: remembered.generation,
            since: remembered.since,
            reason: remembered.reason,
            moves: remembered.moves,
            share: route.share,
            speed: route.rareSpeed
        )
        if let moves = remembered.speedMoves { routes[index].rareSpeed.change { $0.moves = moves } }
        return true
    }

    private mutating func decideAnew(_ index: Int, insteadOf remembered: RouteMemory?) {
        let active =
            pinnedPlace(of: index)
            ?? routes[index].members.first { member in
                !endpoints[member.endpoint].mustProve && !endpoints[member.endpoint].isDrained
                    && !isClosed(member.endpoint, to: index)
            }?.endpoint ?? lastResort(of: index)
        generation += 1
        isPersisted = false
        routes[index].active = active
        routes[index].decided = active
        routes[index].generation = generation
        let text = remembered.map { "\($0.active) was taken out of the route" } ?? novelty(of: index)
        routes[index].reason = Reason(.configured, text)
    }
}

extension RouteState {
    /// As many moves as the limit can ask about; wishes are no moves.
    var movesToRemember: [MonotonicInstant] {
        isObserving ? [] : Array(moves.suffix(configuration.decision.maximumMovesPerHour ?? 0))
    }
}
