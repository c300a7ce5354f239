/// What makes a route's state the state of one share of a weighted route.
struct Share: Sendable {
    /// The endpoint that it belongs to.
    let owner: Int
    /// Percent; 1...100.
    let weight: Int
    let isCanary: Bool
    /// The states of all shares of the route, this one among them.
    let siblings: Range<Int>
    /// One of them is a canary, so that an endpoint may be closed to all of them.
    let hasCanaries: Bool
    var stopped: StoppedCanary?
}

/// An operator's word that traffic returns where it belongs.
struct ReturnOrder: Sendable, Equatable {
    let target: Int
    let by: String
    let reason: String
}

extension RouteState {
    /// The states that a configured route has, beginning at the place `first`: one, or one for each share.
    static func states(
        of route: RouteConfiguration,
        from first: Int,
        endpoints: [EndpointName: Int],
        members: [Member],
        generation: UInt64,
        at now: MonotonicInstant
    ) -> [RouteState] {
        let reason = Reason(.initial, "preferred by the configuration")
        guard !route.shares.isEmpty else {
            return [
                RouteState(
                    configuration: route,
                    members: members,
                    active: members[0].endpoint,
                    generation: generation,
                    since: now,
                    reason: reason
                )
            ]
        }
        let siblings = first..<(first + route.shares.count)
        let hasCanaries = route.shares.contains(where: \.isCanary)
        return route.shares.map { share in
            let members = share.chain.compactMap { endpoints[$0] }.enumerated()
                .map { Member(endpoint: $1, rank: $0) }
            return RouteState(
                configuration: route,
                members: members,
                active: members[0].endpoint,
                generation: generation,
                since: now,
                reason: reason,
                share: Share(
                    owner: members[0].endpoint,
                    weight: share.weight,
                    isCanary: share.isCanary,
                    siblings: siblings,
                    hasCanaries: hasCanaries
                )
            )
        }
    }

    /// A canary that is still where it belongs.
    var isCanaryAtHome: Bool {
        guard let share, share.isCanary else { return false }
        return decided == share.owner && share.stopped == nil
    }

    /// Percent of its route's traffic.
    var weight: Int { share?.weight ?? 100 }
}
