/// What becomes of weighted routes under a new configuration.
extension Engine {
    /// How things stood under the old configuration.
    struct Past {
        let endpoints: [EndpointState]
        let routes: [RouteState]
        /// The first state of each route.
        let index: [RouteName: Int]
        /// The published active endpoint of each weighted route.
        let actives: [RouteName: EndpointName]

        /// The states of the route of that name; empty if it is new.
        func group(of route: RouteName) -> Range<Int> {
            guard let first = index[route] else { return 0..<0 }
            return routes[first].share?.siblings ?? first..<(first + 1)
        }

        func owner(of index: Int) -> EndpointName? { routes[index].share.map { endpoints[$0.owner].name } }

        func weights(of group: Range<Int>) -> [EndpointName: Int] {
            let weights = group.map { (endpoints[routes[$0].active].name, routes[$0].weight) }
            return Dictionary(weights, uniquingKeysWith: +)
        }
    }

    /// A share goes on with the share of the same owner; an active-standby route with a share that is on what readers were told is active.
    ///
    /// `nil` for what is new.
    func counterpart(of index: Int, in past: Past) -> RouteState? {
        let group = past.group(of: routes[index].configuration.name)
        guard let first = group.first else { return nil }
        if let owner = owner(of: index) {
            return group.first { past.owner(of: $0) == owner }.map { past.routes[$0] }
        }
        guard let active = past.actives[routes[index].configuration.name] else { return past.routes[first] }
        let carrying = group.first { past.endpoints[past.routes[$0].active].name == active }
        return past.routes[carrying ?? first]
    }

    /// A canary that was stopped stays so as long as it is one.
    mutating func carryStopsOver(from past: Past) {
        for index in routes.indices {
            guard let share = routes[index].share, share.isCanary,
                let old = counterpart(of: index, in: past)
            else { continue }
            let isOver = old.isStopOnlyWished && !routes[index].isObserving
            routes[index].share?.stopped = isOver ? nil : old.share?.stopped
        }
    }

    /// Tells other percentages, although every share stays where it is.
    mutating func tellNewWeights(
        of group: Range<Int>,
        after past: Past,
        at now: MonotonicInstant,
        _ actions: inout [Action]
    ) {
        let first = group.lowerBound
        let route = routes[first].configuration
        let old = past.group(of: route.name)
        guard let before = old.first, routes[first].share != nil || past.routes[before].share != nil,
            past.weights(of: old) != weights(of: group)
                || (past.actives[route.name].map { $0 != publishedActive(of: group) } ?? false)
        else { return }
        generation += 1
        // Published at once, as the rest of a new configuration.
        isPersisted = false
        for index in group {
            let same = old.first { past.owner(of: $0) == owner(of: index) }
            if same.map({ past.routes[$0].weight }) != routes[index].weight { routes[index].generation = generation }
        }
        let weights = weights(of: group)
        let words = route.endpoints.compactMap { endpoint in weights[endpoint].map { "\(endpoint) \($0) %" } }
        let reason = Reason(.configured, "the weights are now \(words.joined(separator: ", "))")
        let event = Event(kind: .config, at: now, route: route.name, reason: reason, generation: generation)
        actions.append(.emit(event))
    }
}
