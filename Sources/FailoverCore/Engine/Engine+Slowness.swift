extension Engine {
    /// Members best first as in `ranked`, where among equals that also cost the same the quicker ones come first.
    ///
    /// Traffic that is on one of them stays there all the same.
    func ranked(_ members: [Int], in route: RouteState, at now: MonotonicInstant) -> [Int] {
        guard route.hasEquals else { return ranked(members, at: now) }
        if let order = route.rareSpeed.read(\.order) {
            return ranked(order.filter { members.contains($0) }, at: now)
        }
        return Place.inOrder.flatMap { place in
            quickestFirst(members.filter { isAt(place, $0, at: now) }, in: route)
        }
    }

    private func quickestFirst(_ members: [Int], in route: RouteState) -> [Int] {
        guard members.count > 1 else { return members }
        return members.enumerated()
            .map { (group: group(of: $1, in: route), slowness: endpoints[$1].slowness, position: $0, endpoint: $1) }
            .sorted { ($0.group, $0.slowness, $0.position) < ($1.group, $1.slowness, $1.position) }
            .map(\.endpoint)
    }

    /// The place of the first member that has the same rank and costs the same.
    private func group(of endpoint: Int, in route: RouteState) -> Int {
        let rank = route.rank(of: endpoint)
        let cost = endpoints[endpoint].cost(of: route.configuration.cost.workload)
        let first = route.members.firstIndex { member in
            member.rank == rank && endpoints[member.endpoint].cost(of: route.configuration.cost.workload) == cost
        }
        return first ?? route.members.count
    }
}

extension EndpointState {
    /// How often its last probes were slow or failed, in steps of the least share that is worth leaving for: less is noise.
    var slowness: Int { Int((badShare ?? 0) / Self.slownessStep) }

    /// Source: the default of `degraded_at`.
    private static let slownessStep = 0.05
}
