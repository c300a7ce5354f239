extension Engine {
    /// Draws a route's conclusions: leave, return, or stay.
    mutating func evaluate(_ index: Int, at now: MonotonicInstant, _ actions: inout [Action]) {
        // Without copies: this is done with every sample.
        if !routes[index].rareSpeed.isEmpty { noteLeads(of: index, at: now) }
        if !intents.isEmpty, obey(index, at: now, &actions) { return }
        let decided = routes[index].decided
        // While our own eyes cannot be trusted nothing moves, and nothing is concluded.
        guard vantage.watch.isClear else {
            switch routes[index].phase {
            case .confirming, .waiting: routes[index].phase = .settled
            case .returning(let order): giveUp(order, of: index, "our own vantage is in doubt", at: now, &actions)
            case .settled, .persisting: break
            }
            return
        }
        if routes[index].isShare, isVacating(index) { return vacate(index, at: now, &actions) }
        switch routes[index].phase {
        case .persisting:
            return
        case .returning(let order):
            bringBack(index, order, at: now, &actions)
        case .waiting(let move):
            routes[index].phase = .settled
            guard isStillWanted(move), endpoints[decided].conviction != nil, endpoints[decided].verdict == .unhealthy
            else { return evaluate(index, at: now, &actions) }
            begin(move, at: now, &actions)
        case .confirming(let confirmation):
            guard endpoints[decided].conviction != nil else { return settle(index, impasse: nil, at: now, &actions) }
            // Stale evidence is no reason to move.
            guard endpoints[decided].verdict == .unhealthy else {
                routes[index].phase = .settled
                return
            }
            if now >= confirmation.deadline { askNext(after: confirmation, of: index, at: now, &actions) }
        case .settled:
            if case .tripped = endpoints[decided].standing, let trip = endpoints[decided].conviction {
                // Stale evidence is no reason to move.
                guard endpoints[decided].verdict == .unhealthy else { return }
                leave(index, because: trip, at: now, &actions)
            } else {
                settle(index, impasse: nil, at: now, &actions)
                considerFailback(index, at: now, &actions)
            }
        }
    }

    // MARK: - Leaving

    mutating func leave(_ index: Int, because trip: Trip, at now: MonotonicInstant, _ actions: inout [Action]) {
        if !trip.isHardDown, !routes[index].isCanaryAtHome, routes[index].isAtMoveLimit(at: now) {
            return holdBack(index, because: trip, at: now, &actions)
        }
        let candidates = candidates(for: index, at: now)
        let askable = candidates.filter { !endpoints[$0].isHeld(at: now) }
        guard let best = askable.first else {
            // All of them are held.
            if let held = candidates.first { return move(index, to: held, because: trip.reason, at: now, &actions) }
            if let other = leastBad(for: index, at: now) {
                let reason = Reason(.leastBad, other.text)
                return ask(other.endpoint, others: [], for: index, because: reason, at: now, &actions)
            }
            let why = impasse(of: index, because: trip.reason, unconfirmed: false, at: now)
            return settle(index, impasse: .nobodyHealthy(why), at: now, &actions)
        }
        ask(best, others: Array(askable.dropFirst()), for: index, because: trip.reason, at: now, &actions)
    }

    private mutating func holdBack(
        _ index: Int,
        because trip: Trip,
        at now: MonotonicInstant,
        _ actions: inout [Action]
    ) {
        let limit = routes[index].configuration.decision.maximumMovesPerHour ?? 0
        let text = "\(trip.reason.text), but the route has moved \(limit) times within an hour"
        settle(index, impasse: .moveLimit(Reason(.moveLimit, text)), at: now, &actions)
        awaitLimitEnd(of: index, at: now)
    }

    private mutating func awaitLimitEnd(of index: Int, at now: MonotonicInstant) {
        guard let end = routes[index].moveLimitEnd(at: now), end != routes[index].awaitedLimitEnd else { return }
        routes[index].awaitedLimitEnd = end
        deadlines.insert(.route(routes[index].configuration.name), at: end)
    }

    func isHeldDown(_ endpoint: Int, for route: RouteState, at now: MonotonicInstant) -> Bool {
        guard let end = endpoints[endpoint].holdDownEnd(base: route.configuration.decision.holdDown) else {
            return false
        }
        return now < end
    }

    // MARK: - Confirming

    mutating func ask(
        _ candidate: Int,
        others: [Int],
        for index: Int,
        because reason: Reason,
        alive: [Int] = [],
        at now: MonotonicInstant,
        _ actions: inout [Action]
    ) {
        let patience = endpoints[candidate].confirming.limits.confirmationPatience
        routes[index].phase = .confirming(
            RouteState.Confirmation(
                candidate: candidate,
                others: others,
                asked: now,
                deadline: now + patience,
                reason: reason,
                alive: alive
            )
        )
        deadlines.insert(.route(routes[index].configuration.name), at: now + patience)
        actions.append(.probeNow(endpoints[candidate].confirming.key, source: .confirm))
    }

    mutating func askNext(
        after confirmation: RouteState.Confirmation,
        of index: Int,
        at now: MonotonicInstant,
        _ actions: inout [Action]
    ) {
        let (others, reason, alive) = (confirmation.others, confirmation.reason, confirmation.alive)
        if let next = others.first(where: { mayTake($0, of: index) && !endpoints[$0].isHeld(at: now) }) {
            let others = others.filter { $0 != next }
            return ask(next, others: others, for: index, because: reason, alive: alive, at: now, &actions)
        }
        // Better than staying: one that lives, is held to be well, and must not be asked or could not say.
        let lastResort = candidates(for: index, at: now).first { endpoints[$0].isHeld(at: now) || alive.contains($0) }
        if let lastResort { return move(index, to: lastResort, because: reason, at: now, &actions) }
        guard !isVacating(index) else { return settle(index, impasse: nil, at: now, &actions) }
        let trip = endpoints[routes[index].decided].conviction?.reason ?? confirmation.reason
        let why = impasse(of: index, because: trip, unconfirmed: true, at: now)
        routes[index].phase = .settled
        settle(index, impasse: .nobodyHealthy(why), at: now, &actions)
    }

    /// What a question to a candidate brought.
    enum Confirmation: Sendable {
        case good, bad
        /// It lives; more was not to be learnt.
        case alive
    }

    /// Whatever probe of the candidate began after the question answers it.
    mutating func answerConfirmations(
        of endpoint: Int,
        _ observation: Observation,
        with answer: Confirmation,
        at now: MonotonicInstant,
        _ actions: inout [Action]
    ) {
        for index in routesOfEndpoint[endpoint] {
            guard case .confirming(var confirmation) = routes[index].phase, confirmation.candidate == endpoint,
                observation.start >= confirmation.asked, observation.key == endpoints[endpoint].confirming.key
            else { continue }
            if answer == .good, endpoints[endpoint].isFit, !endpoints[endpoint].isDrained,
                !isClosed(endpoint, to: index)
            {
                move(index, to: endpoint, because: confirmation.reason, at: now, &actions)
            } else {
                if answer == .alive { confirmation.alive.append(endpoint) }
                askNext(after: confirmation, of: index, at: now, &actions)
            }
        }
    }

    private mutating func move(
        _ index: Int,
        to endpoint: Int,
        because reason: Reason,
        at now: MonotonicInstant,
        _ actions: inout [Action]
    ) {
        routes[index].phase = .settled
        let from = routes[index].decided
        let drain = drain(of: from)
        let isCanary = drain == nil && routes[index].isCanaryAtHome
        let move = Move(
            route: index,
            from: from,
            to: endpoint,
            kind: drain == nil ? .failover : .drained,
            reason: drain.map { Reason($0.code, "\(name(from)) is \($0.grounds.text)") }
                ?? (isCanary ? Reason(.canaryStopped, reason.text) : reason),
            at: now,
            intent: drain,
            vacates: drain == nil && isVacating(index)
        )
        begin(move, at: now, &actions)
    }

    // MARK: - Returning

    /// Whether traffic of the route may be moved there, hold-down aside.
    func mayTake(_ endpoint: Int, of index: Int) -> Bool {
        endpoints[endpoint].isEligible && !isClosed(endpoint, to: index)
    }

    private mutating func considerFailback(_ index: Int, at now: MonotonicInstant, _ actions: inout [Action]) {
        guard !routes[index].isPreferred(routes[index].decided) else {
            if !routes[index].rareSpeed.isEmpty { considerSpeed(index, at: now, &actions) }
            return
        }
        let route = routes[index]
        guard route.configuration.decision.failback == .automatic else { return }
        if let notBefore = route.noFailbackBefore, now < notBefore { return }
        // Only to a better rank: between equals nothing is worth a move, not even the price.
        let rank = route.rank(of: route.decided)
        let better = route.members.prefix { $0.rank < rank }.map(\.endpoint).filter { endpoint in
            endpoints[endpoint].verdict == .healthy && endpoints[endpoint].isEligible && !endpoints[endpoint].isTripped
                && !isHeldDown(endpoint, for: route, at: now) && !isClosed(endpoint, to: index)
        }
        guard let target = ranked(better, in: route, at: now).first else { return }
        if route.isAtMoveLimit(at: now) {
            return awaitLimitEnd(of: index, at: now)
        }
        let place =
            route.isPreferred(target) ? "is preferred" : "comes before \(name(route.decided)) in the order"
        let text =
            route.isMovedByOperator
            ? "\(name(target)) \(place), and nothing speaks against it"
            : "\(name(target)) has recovered and stayed so through its hold-down"
        let reason = Reason(.recovered, text)
        let move = Move(route: index, from: route.decided, to: target, kind: .failback, reason: reason, at: now)
        begin(move, at: now, &actions)
    }

    // MARK: - Staying

    /// Ends what was under way, and says once when a route gets stuck.
    mutating func settle(
        _ index: Int,
        impasse: RouteState.Impasse?,
        at now: MonotonicInstant,
        _ actions: inout [Action]
    ) {
        let before = routes[index].mode
        routes[index].phase = .settled
        routes[index].impasse = impasse
        guard before != routes[index].mode else { return }
        switch impasse {
        case .nobodyHealthy(let reason): actions.append(.emit(stay(index, kind: .failOpen, reason, at: now)))
        case .moveLimit(let reason), .frozen(let reason):
            actions.append(.emit(stay(index, kind: .held, reason, at: now)))
        case nil: break
        }
        actions.append(.publish)
    }

    private func stay(_ index: Int, kind: EventKind, _ reason: Reason, at now: MonotonicInstant) -> Event {
        let route = routes[index]
        return Event(
            kind: kind,
            at: now,
            route: route.configuration.name,
            endpoint: name(route.decided),
            share: owner(of: index),
            reason: tellingShare(index, "stays on \(name(route.decided))", reason),
            generation: generation,
            dryRun: route.isObserving,
            grounds: explanation(of: route.decided, at: now)
        )
    }

    func name(_ endpoint: Int) -> EndpointName { endpoints[endpoint].name }
}
