/// One share of a weighted route as published.
package struct ShareSnapshot: Hashable, Sendable {
    package let owner: EndpointName
    /// Percent; 1...100.
    package let weight: Int
    package let isCanary: Bool
    package let active: EndpointName
    /// Equal to `active` outside observe mode.
    package let wouldBeActive: EndpointName
    package let mode: RouteMode
    /// The generation at which this share last changed.
    package let generation: UInt64
    package let since: MonotonicInstant
    package let reason: Reason
    /// Its owner first.
    package let chain: [EndpointName]
    /// `nil` unless it is a canary that has left its owner by the rule.
    package let stopped: StoppedCanary?

    package init(
        owner: EndpointName,
        weight: Int,
        isCanary: Bool = false,
        active: EndpointName,
        wouldBeActive: EndpointName? = nil,
        mode: RouteMode,
        generation: UInt64,
        since: MonotonicInstant,
        reason: Reason,
        chain: [EndpointName],
        stopped: StoppedCanary? = nil
    ) {
        self.owner = owner
        self.weight = weight
        self.isCanary = isCanary
        self.active = active
        self.wouldBeActive = wouldBeActive ?? active
        self.mode = mode
        self.generation = generation
        self.since = since
        self.reason = reason
        self.chain = chain
        self.stopped = stopped
    }
}

extension RouteSnapshot {
    /// How a route uses its endpoints.
    package enum Policy: Hashable, Sendable {
        /// All traffic goes to one of them.
        case activeStandby
        /// In configuration order; at least one.
        case weighted([ShareSnapshot])
        /// All traffic goes to the fastest one that is healthy.
        case lowestLatency(SpeedSnapshot)
    }

    /// Empty for an active-standby route.
    package var shares: [ShareSnapshot] {
        guard case .weighted(let shares) = policy else { return [] }
        return shares
    }

    /// Percent of the traffic for each of `endpoints`, in the same order; sums to 100.
    package var weights: [Int] { weights(active: active) { $0.active } }

    /// The same if the route did not only observe.
    package var wouldBeWeights: [Int] { weights(active: wouldBeActive) { $0.wouldBeActive } }

    private func weights(active: EndpointName, of place: (ShareSnapshot) -> EndpointName) -> [Int] {
        guard case .weighted(let shares) = policy else { return endpoints.map { $0 == active ? 100 : 0 } }
        return endpoints.map { endpoint in
            shares.reduce(0) { $0 + (place($1) == endpoint ? $1.weight : 0) }
        }
    }
}

extension RouteMode {
    /// Of several shares the worst is the route's.
    package var severity: Int {
        switch self {
        case .preferred: 0
        case .pinned: 1
        case .failover: 2
        case .held: 3
        case .failOpen: 4
        }
    }
}
