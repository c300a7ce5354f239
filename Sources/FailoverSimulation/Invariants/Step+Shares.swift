import FailoverCore

/// Weighted routes for checks that know active-standby ones: each share is a route of its own, named `ROUTE/OWNER`.
struct Expansion: Sendable {
    private var configuration: Configuration?
    private var isWeighted = false

    /// The same step with a route for each share.
    mutating func expanded(_ step: Step) -> Step {
        switch step.cause {
        case .started, .restarted, .reloaded: configuration = nil
        case .tick, .input, .resumed: break
        }
        if configuration == nil {
            isWeighted = step.configuration.routes.contains { !$0.shares.isEmpty }
            configuration = isWeighted ? Self.expanded(step.configuration) : step.configuration
        }
        guard isWeighted, let configuration else { return step }
        var expanded = step
        expanded.configuration = configuration
        expanded.routes = step.routes.flatMap(Self.expanded)
        expanded.events = step.events.map(Self.expanded)
        expanded.intents = step.intents.flatMap { Self.expanded($0, step.configuration) }
        return expanded
    }

    private static func name(_ route: RouteName, _ owner: EndpointName) -> RouteName {
        RouteName(rawValue: "\(route)/\(owner)")
    }

    private static func expanded(_ configuration: Configuration) -> Configuration {
        Configuration(
            vantage: configuration.vantage,
            endpoints: configuration.endpoints,
            routes: configuration.routes.flatMap { route -> [RouteConfiguration] in
                guard !route.shares.isEmpty else { return [route] }
                return route.shares.map { share in
                    // A pin may set it on any endpoint of the route.
                    let others = route.endpoints.filter { !share.chain.contains($0) }
                    return RouteConfiguration(
                        name: name(route.name, share.owner),
                        endpoints: share.chain + others,
                        availability: route.availability,
                        decision: route.decision
                    )
                }
            },
            outputs: configuration.outputs
        )
    }

    private static func expanded(_ route: RouteSnapshot) -> [RouteSnapshot] {
        guard !route.shares.isEmpty else { return [route] }
        let closed = route.shares.filter { $0.stopped != nil }.map(\.owner)
        return route.shares.map { share in
            RouteSnapshot(
                name: name(route.name, share.owner),
                active: share.active,
                // A canary that was stopped is where it belongs.
                mode: share.stopped != nil && share.mode == .failover ? .preferred : share.mode,
                generation: share.generation,
                since: share.since,
                reason: share.reason,
                order: [share.active],
                provisional: route.provisional,
                dryRun: route.dryRun,
                wouldBeActive: share.wouldBeActive,
                endpoints: share.chain.filter { !closed.contains($0) },
                policy: .weighted([share])
            )
        }
    }

    private static func expanded(_ event: Event) -> Event {
        guard let route = event.route, let owner = event.share else { return event }
        let isMove = event.from != nil && event.to != nil
        return Event(
            kind: event.kind == .weights && isMove ? (event.isLeaving ? .failover : .failback) : event.kind,
            at: event.at,
            route: name(route, owner),
            endpoint: event.endpoint,
            from: event.from,
            to: event.to,
            share: owner,
            regionFrom: event.regionFrom,
            regionTo: event.regionTo,
            reason: event.reason,
            generation: event.generation,
            requester: event.requester,
            dryRun: event.dryRun
        )
    }

    private static func expanded(_ intent: OperatorIntent, _ configuration: Configuration) -> [OperatorIntent] {
        guard case .pin(let route, let endpoint) = intent.kind,
            let shares = configuration.routes.first(where: { $0.name == route })?.shares, !shares.isEmpty
        else { return [intent] }
        return shares.map { share in
            OperatorIntent(
                kind: .pin(name(route, share.owner), to: endpoint),
                by: intent.by,
                reason: intent.reason,
                since: intent.since,
                from: intent.from,
                until: intent.until,
                isBegun: intent.isBegun
            )
        }
    }
}

extension [RouteSnapshot] {
    /// The published weights of weighted routes whose shares were made routes, by the name of the route.
    var weightsOfShares: [Substring: [EndpointName: Int]] {
        var weights: [Substring: [EndpointName: Int]] = [:]
        for route in self {
            guard let share = route.shares.first, route.shares.count == 1 else { continue }
            weights[route.group, default: [:]][share.active, default: 0] += share.weight
        }
        return weights
    }
}

extension RouteSnapshot {
    /// The route that a share was made a route of; its own name otherwise.
    var group: Substring { name.rawValue.prefix { $0 != "/" } }
}
