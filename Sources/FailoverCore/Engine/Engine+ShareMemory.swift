/// What of weighted routes survives a restart.
extension Engine {
    /// What is remembered of a route, as it will be once `move` is made.
    func memory(of group: Range<Int>, after move: Move?) -> RouteMemory {
        let route = routes[group.lowerBound]
        let states = group.map { state(of: $0, after: move) }
        guard route.share != nil else { return states[0] }
        let shares = group.map { index in
            let state = states[index - group.lowerBound]
            return ShareMemory(
                owner: owner(of: index) ?? name(route.preferred),
                weight: routes[index].weight,
                active: state.active,
                generation: state.generation,
                since: state.since,
                reason: state.reason,
                moves: state.moves,
                stopped: stopToRemember(of: index, after: move)
            )
        }
        return RouteMemory(name: route.configuration.name, shares: shares, endpoints: route.configuration.endpoints)
    }

    private func state(of index: Int, after move: Move?) -> RouteMemory {
        let route = routes[index]
        var state = RouteMemory(
            name: route.configuration.name,
            active: name(route.active),
            generation: route.generation,
            since: route.since,
            reason: route.reason,
            moves: route.movesToRemember,
            speedMoves: route.speedMovesToRemember(after: nil)
        )
        guard let move, move.route == index else { return state }
        state.active = name(move.to)
        state.generation = generation + 1
        state.since = move.at
        state.reason = move.reason
        if move.isAutomatic { state.moves.append(move.at) }
        if move.isForSpeed { state.speedMoves = route.speedMovesToRemember(after: move) }
        return state
    }

    /// What only would have been is no stop.
    private func stopToRemember(of index: Int, after move: Move?) -> StoppedCanary? {
        if let move, move.route == index, stopsCanary(move) {
            return StoppedCanary(since: move.at, reason: move.reason)
        }
        if let move, move.route == index, move.order != nil { return nil }
        return routes[index].isStopOnlyWished ? nil : routes[index].share?.stopped
    }

    /// What is remembered of a route or a share; `nil` for what is new.
    func recall(_ index: Int, from known: [RouteName: RouteMemory]) -> RouteMemory? {
        let remembered = known[routes[index].configuration.name]
        return owner(of: index).map { remembered?.share(of: $0) } ?? remembered
    }

    /// Canaries that were stopped stay so.
    mutating func recallStops(from known: [RouteName: RouteMemory]) {
        for index in routes.indices {
            guard let share = routes[index].share, share.isCanary else { continue }
            let remembered = known[routes[index].configuration.name]?.shares.first { $0.owner == name(share.owner) }
            routes[index].share?.stopped = remembered?.stopped
        }
    }

    /// Other percentages than an earlier process published are a change that readers have to see.
    mutating func countNewWeights(of group: Range<Int>, after known: [RouteName: RouteMemory]) {
        let first = routes[group.lowerBound]
        guard let remembered = known[first.configuration.name], first.share != nil || !remembered.shares.isEmpty,
            remembered.weights != weights(of: group) || remembered.active != publishedActive(of: group)
        else { return }
        generation += 1
        isPersisted = false
        for index in group {
            let weight = owner(of: index).flatMap { owner in remembered.shares.first { $0.owner == owner }?.weight }
            if weight != routes[index].share?.weight || first.share == nil { routes[index].generation = generation }
        }
    }

    /// Where a route or a share begins if something speaks against all.
    func lastResort(of index: Int) -> Int {
        routes[index].members.first { !isClosed($0.endpoint, to: index) }?.endpoint ?? routes[index].preferred
    }

    /// What there was not before.
    func novelty(of index: Int) -> String {
        routes[index].share.map { "a new share of \($0.weight) %" } ?? "a new route"
    }
}

extension RouteState {
    /// Observing only, the canary would have left its owner, and has not.
    var isStopOnlyWished: Bool { isObserving && active == share?.owner }
}
