extension Engine {
    /// Applies a new configuration.
    ///
    /// Windows, evidence and decisions of what did not change go on.
    ///
    /// An endpoint goes on if its address, its probes and its rule are the same; other changes to it (region, price,
    /// caps, attributes) do not touch its evidence. A route whose active endpoint is gone moves to its best candidate.
    mutating func reconfigure(_ configuration: Configuration, at now: MonotonicInstant, _ actions: inout [Action]) {
        let oldEndpoints = endpoints
        let oldIndex = endpointIndex
        let oldRoutes = routes
        let oldRouteIndex = routeIndex
        let oldActives = weightedActives
        // A move that waits for the disk is decided again under the new configuration.
        persistence.pending = nil

        replaceConfiguration(configuration)
        build(from: configuration, at: now, notBefore: now)
        // Those that are probed as before, with their old places.
        var kept: [(endpoint: Int, old: Int)] = []
        for index in endpoints.indices {
            guard let old = oldIndex[endpoints[index].name] else { continue }
            endpoints[index].takeOver(from: oldEndpoints[old])
            // Whatever judges it: what it showed of our own network stays so.
            if endpoints[index].configuration.probes == oldEndpoints[old].configuration.probes {
                kept.append((index, old))
            }
            slowDown(index, after: oldEndpoints[old], &actions)
        }
        layOutVantage(after: vantage, kept: kept, at: now)
        wakeAgain(at: now)
        carryIntentsOver(at: now, &actions)
        let past = Past(endpoints: oldEndpoints, routes: oldRoutes, index: oldRouteIndex, actives: oldActives)
        carryStopsOver(from: past)
        carrySpeedOver(from: past, oldIndex)
        for group in groups {
            var isKept = true
            for index in group {
                let old = counterpart(of: index, in: past)
                let from = old.map { oldEndpoints[$0.active] }
                let wished = old.map { oldEndpoints[$0.decided].name }
                if let old, let from, let wished, adopt(old, from: from.name, wished: wished, in: index) { continue }
                relocate(index, from: from, moves: old?.moves ?? [], at: now, &actions)
                isKept = false
            }
            if isKept { tellNewWeights(of: group, after: past, at: now, &actions) }
        }
        actions.append(persist())
        actions.append(.publish)
        for index in endpoints.indices { judge(index, at: now, &actions) }
        lookAtVantage(at: now, &actions)
    }

    /// Evidence that starts again is not suspicious: what was probed faster goes back to its interval.
    private func slowDown(_ index: Int, after old: EndpointState, _ actions: inout [Action]) {
        for track in endpoints[index].tracks {
            guard let before = old.tracks.first(where: { $0.key == track.key }), before.interval != track.interval
            else { continue }
            actions.append(.setInterval(track.key, track.interval))
        }
    }

    /// Asks anew for the looks at endpoints and routes, which would otherwise add up over reloads; hold-downs may
    /// have changed too.
    ///
    /// Attempts under way are looked at anew too, because probes have other places now; the disk is waited for as
    /// before.
    private mutating func wakeAgain(at now: MonotonicInstant) {
        deadlines.removeAll { wake in
            switch wake {
            case .attempts, .endpoint, .holdDownEnd, .route: true
            case .persistence, .persistAgain, .probing, .intents: false
            // Asked for anew by what waits.
            case .vantage: true
            }
        }
        for index in endpoints.indices {
            for track in endpoints[index].tracks.indices {
                endpoints[index].tracks[track].forgetLooks()
                awaitAttempts(of: index, track: track)
            }
            wakeForEndpoint(index, at: now)
            wakeForHoldDown(index)
        }
    }

    /// - Returns: Whether the route keeps its active endpoint.
    private mutating func adopt(
        _ old: RouteState,
        from: EndpointName,
        wished: EndpointName,
        in index: Int
    ) -> Bool {
        guard let active = endpointIndex[from], serves(index, active) else { return false }
        routes[index] = RouteState(
            configuration: routes[index].configuration,
            members: routes[index].members,
            active: active,
            generation: old.generation,
            since: old.since,
            reason: old.reason,
            // Wishes of a route that only observed do not limit the moves that it may make now.
            moves: old.isObserving == routes[index].isObserving ? old.moves : [],
            share: routes[index].share,
            speed: routes[index].rareSpeed
        )
        if old.isObserving, routes[index].isObserving, let wished = endpointIndex[wished],
            serves(index, wished)
        {
            routes[index].decided = wished
        } else if old.isObserving {
            routes[index].rareSpeed.change { $0.forgetLeadsAndMoves() }
        }
        // Being stuck is told once, not once more after each reload.
        routes[index].impasse = old.impasse
        return true
    }

    /// Puts a route on its best endpoint: one that may carry traffic, else one that is not known to be bad.
    private mutating func relocate(
        _ index: Int,
        from: EndpointState?,
        moves: [MonotonicInstant],
        at now: MonotonicInstant,
        _ actions: inout [Action]
    ) {
        let route = routes[index]
        let eligible = route.members.map(\.endpoint).filter { mayTake($0, of: index) }
        let free = eligible.filter { !isHeldDown($0, for: route, at: now) }
        let best =
            pinnedPlace(of: index) ?? ranked(free.isEmpty ? eligible : free, in: route, at: now).first
            ?? route.members.first { member in
                !endpoints[member.endpoint].mustProve && !endpoints[member.endpoint].isDrained
                    && !isClosed(member.endpoint, to: index)
            }?.endpoint ?? lastResort(of: index)
        generation += 1
        // The old endpoint is gone: there is nothing to stay on until the disk has answered.
        isPersisted = false
        let text = from.map { "\($0.name) was taken out of the route" } ?? novelty(of: index)
        routes[index] = RouteState(
            configuration: route.configuration,
            members: route.members,
            active: best,
            generation: generation,
            since: now,
            reason: Reason(.configured, text),
            moves: moves,
            share: route.share,
            speed: route.rareSpeed
        )
        routes[index].rareSpeed.change { $0.restart(at: now, forSpeed: false) }
        actions.append(
            .emit(
                Event(
                    kind: .config,
                    at: now,
                    route: route.configuration.name,
                    from: from?.name,
                    to: from == nil ? nil : name(best),
                    share: owner(of: index),
                    regionFrom: from?.configuration.region,
                    regionTo: from == nil ? nil : endpoints[best].configuration.region,
                    reason: from == nil
                        ? routes[index].reason : tellingShare(index, "to \(name(best))", routes[index].reason),
                    generation: generation
                )
            )
        )
    }
}

extension EndpointState {
    /// Goes on with the evidence if nothing that it rests on changed; if not, the penalty and the duty to prove are kept, and
    /// what it showed while it was well as far as that is said of the same question, as over a restart.
    fileprivate mutating func takeOver(from old: EndpointState) {
        inheritPenalty(of: old)
        inheritSpend(of: old)
        let isSame =
            configuration.probes == old.configuration.probes && rule == old.rule && availability == old.availability
        guard isSame else {
            restore(old.baselines)
            if old.mustProve { requireProof("was unhealthy before its configuration changed") }
            return
        }
        self = EndpointState(
            configuration: configuration,
            rule: rule,
            availability: availability,
            holdDown: holdDown,
            continuing: old
        )
    }
}
