/// The last decision of one share of a weighted route.
package struct ShareMemory: Hashable, Sendable {
    package var owner: EndpointName
    /// Percent, as it was published.
    package var weight: Int
    package var active: EndpointName
    package var generation: UInt64
    package var since: MonotonicInstant
    package var reason: Reason
    /// When the share moved in the last hour, oldest first.
    package var moves: [MonotonicInstant]
    package var stopped: StoppedCanary?

    package init(
        owner: EndpointName,
        weight: Int,
        active: EndpointName,
        generation: UInt64,
        since: MonotonicInstant,
        reason: Reason,
        moves: [MonotonicInstant],
        stopped: StoppedCanary? = nil
    ) {
        self.owner = owner
        self.weight = weight
        self.active = active
        self.generation = generation
        self.since = since
        self.reason = reason
        self.moves = moves
        self.stopped = stopped
    }
}

extension RouteMemory {
    /// What is remembered of a weighted route: that of its shares, and for those who know none what sums it up.
    ///
    /// `shares` are in configuration order, at least one; `endpoints` in the route's.
    package init(name: RouteName, shares: [ShareMemory], endpoints: [EndpointName]) {
        let heaviest = endpoints.max { left, right in
            // Of equals the first.
            Self.weight(of: left, in: shares) < Self.weight(of: right, in: shares)
        }
        let latest = shares.max { $0.generation < $1.generation } ?? shares[0]
        self.init(
            name: name,
            active: heaviest ?? latest.active,
            generation: latest.generation,
            since: latest.since,
            reason: latest.reason,
            moves: [],
            shares: shares
        )
    }

    private static func weight(of endpoint: EndpointName, in shares: [ShareMemory]) -> Int {
        shares.reduce(0) { $0 + ($1.active == endpoint ? $1.weight : 0) }
    }

    /// Percent by endpoint, of those that have any.
    var weights: [EndpointName: Int] {
        guard !shares.isEmpty else { return [active: 100] }
        return Dictionary(shares.map { ($0.active, $0.weight) }, uniquingKeysWith: +)
    }

    /// What is remembered of the share of that owner, as of a route of its own.
    func share(of owner: EndpointName) -> RouteMemory? {
        shares.first { $0.owner == owner }.map { share in
            RouteMemory(
                name: name,
                active: share.active,
                generation: share.generation,
                since: share.since,
                reason: share.reason,
                moves: share.moves
            )
        }
    }
}
