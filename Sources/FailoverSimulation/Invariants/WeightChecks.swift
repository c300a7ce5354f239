import FailoverCore

/// The weights of a weighted route sum to 100, lie only on its endpoints, and no route has another active endpoint without a new
/// generation.
struct WeightsAddUp: InvariantCheck {
    private var actives: [(route: RouteName, active: EndpointName)] = []
    private var generation: UInt64 = 0

    init() {}

    mutating func findings(in step: Step) -> [String] {
        var findings: [String] = []
        for route in step.routes where step.generation == generation {
            let before = actives.first { $0.route == route.name }?.active
            if let before, before != route.active {
                findings.append("\(route.name) went from \(before) to \(route.active) within generation \(generation)")
            }
        }
        actives = step.routes.map { ($0.name, $0.active) }
        generation = step.generation
        for (route, wanted) in zip(step.routes, step.configuration.routes)
        where !wanted.shares.isEmpty || !route.shares.isEmpty {
            let sum = route.shares.reduce(0) { $0 + $1.weight }
            if sum != 100 { findings.append("the weights of \(route.name) sum to \(sum)") }
            if route.shares.map(\.owner) != wanted.shares.map(\.owner) {
                findings.append("the shares of \(route.name) are not those of the configuration")
            }
            for share in route.shares where !wanted.endpoints.contains(share.active) {
                findings.append(
                    "\(share.weight) % of \(route.name) are on \(share.active), which is none of its endpoints"
                )
            }
        }
        return findings
    }
}

/// A canary that was stopped carries nothing until an operator says otherwise.
struct StoppedCanaryStays: InvariantCheck {
    private struct Stop: Sendable {
        let route: RouteName
        let owner: EndpointName
        /// Percent on its endpoint, whosever.
        let weight: Int
    }

    private var before: [Stop] = []

    init() {}

    mutating func findings(in step: Step) -> [String] {
        guard !before.isEmpty || step.routes.contains(where: { !$0.shares.isEmpty }) else { return [] }
        defer { before = Self.stops(in: step) }
        // What was not durable may be lost, and what was about to be published may not have been.
        if case .restarted(let restart) = step.cause, restart.isReboot || restart.hadPendingMove { return [] }
        return before.compactMap { stop in
            guard let share = step.route(stop.route)?.shares.first(where: { $0.owner == stop.owner }), share.isCanary
            else { return nil }
            let events = step.events.filter { $0.route == stop.route }
            let isTold = events.contains { $0.share == stop.owner && $0.kind == .weights && $0.requester != nil }
            guard share.stopped != nil || isTold else {
                return "the canary \(stop.owner) of \(stop.route) is no longer stopped, and nobody said so"
            }
            let weight = Self.weight(of: stop.owner, in: step.route(stop.route))
            let isPinned = events.contains { $0.kind == .pinned && $0.to == stop.owner }
            guard share.stopped != nil, weight > stop.weight, !isPinned, !isTold else { return nil }
            return "\(weight) % of \(stop.route) are on \(stop.owner), a canary that was stopped"
        }
    }

    private static func stops(in step: Step) -> [Stop] {
        step.routes.flatMap { route in
            // A route that only observes carries nothing anywhere because of what would have been.
            route.shares.filter { $0.stopped != nil && !route.dryRun }.map { share in
                Stop(route: route.name, owner: share.owner, weight: weight(of: share.owner, in: route))
            }
        }
    }

    private static func weight(of endpoint: EndpointName, in route: RouteSnapshot?) -> Int {
        route?.shares.reduce(0) { $0 + ($1.active == endpoint ? $1.weight : 0) } ?? 0
    }
}
