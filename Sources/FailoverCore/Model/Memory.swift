/// What must survive a restart: the decision, its generation, what operators want, and who still has something to prove.
///
/// Windows and evidence are not in it: they restart as unknown, and unknown moves nothing. Baselines are in it where an engine
/// is started, and not where a decision is made durable: a failover waits for that, and they are learned over weeks.
package struct Memory: Hashable, Sendable {
    /// 0 where nothing was decided yet.
    package var generation: UInt64
    /// In configuration order.
    package var routes: [RouteMemory]
    /// In configuration order.
    package var endpoints: [EndpointMemory]
    /// In the order of their subjects; none that is over.
    package var intents: [OperatorIntent]

    package init(
        generation: UInt64,
        routes: [RouteMemory],
        endpoints: [EndpointMemory],
        intents: [OperatorIntent] = []
    ) {
        self.generation = generation
        self.routes = routes
        self.endpoints = endpoints
        self.intents = intents
    }
}

/// The last decision of one route.
package struct RouteMemory: Hashable, Sendable {
    package var name: RouteName
    package var active: EndpointName
    package var generation: UInt64
    package var since: MonotonicInstant
    package var reason: Reason
    /// When the route moved in the last hour, oldest first; for the limit on moves.
    package var moves: [MonotonicInstant]
    /// Of a weighted route; empty for an active-standby one.
    package var shares: [ShareMemory]
    /// Of a lowest-latency route that has moved for speed; `nil` for any other.
    package var speedMoves: SpeedMoves?

    package init(
        name: RouteName,
        active: EndpointName,
        generation: UInt64,
        since: MonotonicInstant,
        reason: Reason,
        moves: [MonotonicInstant],
        shares: [ShareMemory] = [],
        speedMoves: SpeedMoves? = nil
    ) {
        self.name = name
        self.active = active
        self.generation = generation
        self.since = since
        self.reason = reason
        self.moves = moves
        self.shares = shares
        self.speedMoves = speedMoves
    }
}

/// What is remembered of one endpoint.
package struct EndpointMemory: Hashable, Sendable {
    package var name: EndpointName
    /// Failovers away from it, decayed to `penaltyAt`.
    package var penalty: Double
    package var penaltyAt: MonotonicInstant
    /// It tripped and has not proven its recovery, hold-down included.
    package var mustProve: Bool
    /// What it showed while it was well, in the order of its probes.
    package var baselines: [BaselineMemory]

    package init(
        name: EndpointName,
        penalty: Double,
        penaltyAt: MonotonicInstant,
        mustProve: Bool,
        baselines: [BaselineMemory] = []
    ) {
        self.name = name
        self.penalty = penalty
        self.penaltyAt = penaltyAt
        self.mustProve = mustProve
        self.baselines = baselines
    }
}

// MARK: - Baselines

extension Memory {
    /// A decision is remembered, not only what endpoints showed.
    package var holdsDecision: Bool { generation > 0 || !routes.isEmpty }

    /// Those that are remembered, by endpoint.
    package var baselines: [EndpointName: [BaselineMemory]] {
        var baselines: [EndpointName: [BaselineMemory]] = [:]
        for endpoint in endpoints where !endpoint.baselines.isEmpty { baselines[endpoint.name] = endpoint.baselines }
        return baselines
    }

    /// The same with these baselines and no others; of endpoints that it does not know there is nothing else to remember.
    package func with(_ baselines: [EndpointName: [BaselineMemory]], at now: MonotonicInstant) -> Memory {
        var memory = self
        var rest = baselines
        for index in memory.endpoints.indices {
            memory.endpoints[index].baselines = rest.removeValue(forKey: memory.endpoints[index].name) ?? []
        }
        for (name, own) in rest.sorted(by: { $0.key < $1.key }) {
            let endpoint = EndpointMemory(name: name, penalty: 0, penaltyAt: now, mustProve: false, baselines: own)
            memory.endpoints.append(endpoint)
        }
        return memory
    }
}
