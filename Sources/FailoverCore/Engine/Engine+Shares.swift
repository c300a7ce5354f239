/// Weighted routes: each share is decided like a route of its own.
extension Engine {
    /// The states of a route, one for each share; empty if there is no such route.
    func indices(of route: RouteName) -> Range<Int> {
        guard let first = routeIndex[route] else { return 0..<0 }
        return routes[first].share?.siblings ?? first..<(first + 1)
    }

    /// The states of each route, in configuration order.
    var groups: [Range<Int>] {
        var groups: [Range<Int>] = []
        var next = routes.startIndex
        while next < routes.endIndex {
            let group = routes[next].share?.siblings ?? next..<(next + 1)
            groups.append(group)
            next = group.upperBound
        }
        return groups
    }

    /// Whether the endpoint is that of a canary of the same route that was stopped.
    func isClosed(_ endpoint: Int, to index: Int) -> Bool {
        guard routes[index].isShare, let share = routes[index].share, share.hasCanaries else { return false }
        return share.siblings.contains { sibling in
            guard let other = routes[sibling].share else { return false }
            return other.stopped != nil && other.owner == endpoint
        }
    }

    /// Whether the route may have the endpoint active: an operator may have set a share beside its chain.
    func serves(_ index: Int, _ endpoint: Int) -> Bool {
        !routes[index].isShare
            ? routes[index].contains(endpoint) : routes[index].configuration.endpoints.contains(name(endpoint))
    }

    /// Percent by endpoint, of those that have any.
    func weights(of group: Range<Int>) -> [EndpointName: Int] {
        Dictionary(group.map { (name(routes[$0].active), routes[$0].weight) }, uniquingKeysWith: +)
    }

    /// Whether traffic is on a stopped canary's endpoint, against which no evidence speaks: only an operator can have put it there.
    func isVacating(_ index: Int) -> Bool {
        let decided = routes[index].decided
        return isClosed(decided, to: index) && endpoints[decided].conviction == nil
    }

    /// Takes traffic off a stopped canary's endpoint; nothing has failed, so that it waits for a good place.
    mutating func vacate(_ index: Int, at now: MonotonicInstant, _ actions: inout [Action]) {
        switch routes[index].phase {
        case .persisting: return
        case .waiting(let move):
            routes[index].phase = .settled
            if isStillWanted(move) { begin(move, at: now, &actions) }
        case .returning(let order): bringBack(index, order, at: now, &actions)
        case .confirming(let confirmation):
            if now >= confirmation.deadline { askNext(after: confirmation, of: index, at: now, &actions) }
        case .settled:
            let askable = candidates(for: index, at: now).filter { !endpoints[$0].isHeld(at: now) }
            guard let best = askable.first else { return settle(index, impasse: nil, at: now, &actions) }
            let reason = Reason(.canaryStopped, "the canary of \(name(routes[index].decided)) is stopped")
            ask(best, others: Array(askable.dropFirst()), for: index, because: reason, at: now, &actions)
        }
    }

    /// Whether the move takes a canary off its owner by the rule, so that it does not return by itself.
    func stopsCanary(_ move: Move) -> Bool {
        guard let share = routes[move.route].share, share.isCanary, share.stopped == nil else { return false }
        return move.kind == .failover && move.from == share.owner
    }

    /// The kind under which a move is told.
    func kindToTell(_ move: Move) -> EventKind {
        guard routes[move.route].share != nil else { return move.kind }
        return move.kind == .failover || move.kind == .failback ? .weights : move.kind
    }

    /// What is told of a share, beginning with what it is about: `70 % from cheap to long-context: ...`.
    func tellingShare(_ index: Int, _ what: String, _ reason: Reason) -> Reason {
        guard let share = routes[index].share else { return reason }
        return Reason(reason.code, "\(share.weight) % \(what): \(reason.text)")
    }

    /// The owner of a share; `nil` for an active-standby route.
    func owner(of index: Int) -> EndpointName? { routes[index].share.map { name($0.owner) } }

    /// `chat`, or `70 % of chat (cheap)`.
    func label(of index: Int) -> String {
        let route = routes[index].configuration.name
        guard let share = routes[index].share else { return route.rawValue }
        return "\(share.weight) % of \(route) (\(name(share.owner)))"
    }
}
