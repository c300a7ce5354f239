/// What intents do to routes, as long as they stand.
extension Engine {
    /// Does to a route what operators want of it.
    ///
    /// - Returns: Whether they do: otherwise the rule decides.
    mutating func obey(_ index: Int, at now: MonotonicInstant, _ actions: inout [Action]) -> Bool {
        if case .persisting = routes[index].phase { return false }
        if let pin = intents.pin(of: routes[index].configuration.name), let target = pinnedEndpoint(pin) {
            hold(index, on: target, by: pin, at: now, &actions)
            return true
        }
        let decided = routes[index].decided
        if endpoints[decided].isDrained, let drain = intents.drain(of: endpoints[decided].configuration) {
            depart(index, because: drain, at: now, &actions)
            return true
        }
        guard let freeze = intents.freeze else { return false }
        standStill(index, because: freeze, at: now, &actions)
        return true
    }

    func pinnedEndpoint(_ intent: OperatorIntent) -> Int? {
        guard case .pin(_, let endpoint) = intent.kind else { return nil }
        return endpointIndex[endpoint]
    }

    /// Where an operator wants a route or a share that has to begin somewhere; `nil` if nowhere in particular.
    func pinnedPlace(of index: Int) -> Int? {
        guard !routes[index].isObserving, let pin = intents.pin(of: routes[index].configuration.name),
            let endpoint = pinnedEndpoint(pin), serves(index, endpoint)
        else { return nil }
        return endpoint
    }

    /// Whether a pin has nothing to move.
    func isInPlace(_ intent: OperatorIntent) -> Bool {
        guard case .pin(let route, let endpoint) = intent.kind else { return true }
        return indices(of: route).allSatisfy { name(routes[$0].decided) == endpoint }
    }

    private mutating func hold(
        _ index: Int,
        on endpoint: Int,
        by pin: OperatorIntent,
        at now: MonotonicInstant,
        _ actions: inout [Action]
    ) {
        let from = routes[index].decided
        guard from != endpoint else { return settle(index, impasse: nil, at: now, &actions) }
        // Until the move is made the route stands as it stood.
        routes[index].phase = .settled
        let move = Move(
            route: index,
            from: from,
            to: endpoint,
            kind: .pinned,
            reason: pin.grounds,
            at: now,
            intent: pin
        )
        begin(move, at: now, &actions)
    }

    private mutating func depart(
        _ index: Int,
        because drain: OperatorIntent,
        at now: MonotonicInstant,
        _ actions: inout [Action]
    ) {
        switch routes[index].phase {
        case .confirming(let confirmation):
            if now >= confirmation.deadline { askNext(after: confirmation, of: index, at: now, &actions) }
            return
        case .waiting(let move):
            routes[index].phase = .settled
            if isStillWanted(move) { return begin(move, at: now, &actions) }
        case .settled, .returning, .persisting: break
        }
        if case .returning(let order) = routes[index].phase { return bringBack(index, order, at: now, &actions) }
        // A daemon that has just started knows of nobody to move to, and will in a moment.
        if candidates(for: index, at: now).isEmpty, isAwaitingJudgement(index, at: now) {
            return settle(index, impasse: nil, at: now, &actions)
        }
        // At once, however many moves there were.
        leave(index, because: Trip(reason: drain.grounds, isHardDown: true), at: now, &actions)
    }

    private func isAwaitingJudgement(_ index: Int, at now: MonotonicInstant) -> Bool {
        routes[index].members.contains { member in
            !endpoints[member.endpoint].isDrained && endpoints[member.endpoint].isNew(at: now)
        }
    }

    private mutating func standStill(
        _ index: Int,
        because freeze: OperatorIntent,
        at now: MonotonicInstant,
        _ actions: inout [Action]
    ) {
        if case .returning(let order) = routes[index].phase {
            giveUp(order, of: index, "automatic moves are frozen", at: now, &actions)
        }
        let decided = routes[index].decided
        guard endpoints[decided].verdict == .unhealthy, let trip = endpoints[decided].conviction else {
            return settle(index, impasse: nil, at: now, &actions)
        }
        let text = "\(freeze.grounds.text); \(name(decided)) is unhealthy: \(trip.reason.text)"
        settle(index, impasse: .frozen(Reason(.frozen, text)), at: now, &actions)
    }

    /// Whether a move that waited for the disk is still to be made.
    ///
    /// Nothing automatic goes to an endpoint that turned bad meanwhile, nor against what operators want by now.
    func isStillWanted(_ move: Move) -> Bool {
        let pin = intents.pin(of: routes[move.route].configuration.name)
        if move.kind == .pinned { return pin.flatMap(pinnedEndpoint) == move.to }
        guard pin == nil, endpoints[move.to].isFit, !endpoints[move.to].isDrained else { return false }
        if move.order != nil { return intents.freeze == nil }
        guard !isClosed(move.to, to: move.route) else { return false }
        return endpoints[move.from].isDrained ? move.kind == .drained : move.kind != .drained && intents.freeze == nil
    }

    /// How a route stands by an operator's word; `nil` if it stands by the rule.
    func standingByIntent(of index: Int) -> (mode: RouteMode, reason: Reason)? {
        guard !intents.isEmpty else { return nil }
        let route = routes[index]
        if let pin = intents.pin(of: route.configuration.name) {
            return pinnedEndpoint(pin) == route.active ? (.pinned, pin.grounds) : nil
        }
        guard let freeze = intents.freeze, route.impasse == nil else { return nil }
        return (.held, freeze.grounds)
    }

    /// The drain that a move from an endpoint obeys.
    func drain(of endpoint: Int) -> OperatorIntent? {
        endpoints[endpoint].isDrained ? intents.drain(of: endpoints[endpoint].configuration) : nil
    }

    // MARK: - Changes

    /// Looks again at what intents are about that came or went, and makes that durable.
    mutating func applyIntents(_ changed: [OperatorIntent], at now: MonotonicInstant, _ actions: inout [Action]) {
        markDrained()
        dropUnwanted()
        let before = persistence.ticket
        for index in concerned(by: changed) {
            if case .frozen = routes[index].impasse, intents.freeze == nil { routes[index].impasse = nil }
            evaluate(index, at: now, &actions)
        }
        // A move that they caused is on its way to the disk with them.
        if persistence.ticket == before { actions.append(persist()) }
        actions.append(.publish)
        awaitIntents()
    }

    /// Gives up a move that waits for the disk and is against what operators want by now.
    ///
    /// The disk may hold it already: what is ordered next says that nothing moved, so that no crash brings it back.
    private mutating func dropUnwanted() {
        guard let pending = persistence.pending, !isStillWanted(pending.move) else { return }
        persistence.pending = nil
        routes[pending.move.route].phase = .settled
        isPersisted = false
    }

    private func concerned(by changed: [OperatorIntent]) -> [Int] {
        guard changed.count != 1 else { return concerned(by: changed[0].subject) }
        return Set(changed.flatMap { concerned(by: $0.subject) }).sorted()
    }

    /// Routes, in configuration order.
    func concerned(by subject: IntentSubject) -> [Int] {
        let drained: [Int]
        switch subject {
        case .everything: return Array(routes.indices)
        case .route(let name): return Array(indices(of: name))
        case .endpoint(let name): drained = endpointIndex[name].map { [$0] } ?? []
        case .region(let name): drained = endpoints.indices.filter { endpoints[$0].configuration.region == name }
        }
        return Set(drained.flatMap { routesOfEndpoint[$0] }).sorted()
    }

    private mutating func markDrained() {
        for index in endpoints.indices {
            endpoints[index].isDrained = !intents.isEmpty && intents.drain(of: endpoints[index].configuration) != nil
        }
    }

    /// Ends and begins what is due.
    mutating func changeIntents(at now: MonotonicInstant, _ actions: inout [Action]) {
        guard let next = intents.nextChange, next <= now else { return }
        let (begun, expired) = intents.advance(to: now)
        actions += expired.map { .emit(event(endedBy: $0, at: now)) }
        actions += begun.map { .emit(event(begunBy: $0, at: now)) }
        applyIntents(begun + expired, at: now, &actions)
    }

    /// One look is awaited: at what begins or ends next.
    private mutating func awaitIntents() {
        deadlines.removeAll { if case .intents = $0 { true } else { false } }
        if let next = intents.nextChange { deadlines.insert(.intents, at: next) }
    }

    // MARK: - Restarts and reloads

    /// Takes over what operators wanted of an earlier process; what is over by now ends here.
    mutating func restoreIntents(_ remembered: [OperatorIntent], at now: MonotonicInstant) {
        intents = IntentBook(remembered.map { $0.bounded(at: now) })
        let (begun, expired) = intents.advance(to: now)
        intentNews = expired.map { event(endedBy: $0, at: now) } + begun.map { event(begunBy: $0, at: now) }
        intentNews += dropIntents(at: now)
        markDrained()
    }

    /// What a start has to tell and to do about intents.
    mutating func resumeIntents(at now: MonotonicInstant, _ actions: inout [Action]) {
        actions += intentNews.map { .emit($0) }
        intentNews = []
        awaitIntents()
        // A crash may have come between the pin and its move.
        for index in routes.indices where intents.pin(of: routes[index].configuration.name) != nil {
            evaluate(index, at: now, &actions)
        }
    }

    /// Keeps what operators want under a new configuration, as far as it has room for it.
    mutating func carryIntentsOver(at now: MonotonicInstant, _ actions: inout [Action]) {
        actions += dropIntents(at: now).map { .emit($0) }
        markDrained()
        awaitIntents()
    }

    /// - Returns: What there is to tell.
    private mutating func dropIntents(at now: MonotonicInstant) -> [Event] {
        var events: [Event] = []
        for intent in intents.intents {
            do throws(OperatorRefusal) { try checkNames(of: intent.kind) } catch {
                intents.remove(intent.subject)
                let reason = Reason(.removed, "\(intent.description) was dropped: \(error.text) any more")
                events.append(event(intent.endKind, of: intent, reason, requester: nil, at: now))
            }
        }
        return events
    }

    // MARK: - Events

    func event(begunBy intent: OperatorIntent, at now: MonotonicInstant) -> Event {
        let kind: EventKind =
            switch intent.kind {
            case .pin: .pinned
            case .drain: .drained
            case .freeze: .frozen
            }
        let reason =
            intent.isBegun
            ? Reason(intent.code, intent.reason)
            : Reason(.drainScheduled, "begins in \((intent.from - now).inWords): \(intent.reason)")
        return event(kind, of: intent, reason, requester: intent.by, at: now)
    }

    private func event(endedBy intent: OperatorIntent, at now: MonotonicInstant) -> Event {
        event(.expired, of: intent, Reason(.expired, "\(intent.description) has expired"), requester: nil, at: now)
    }

    func event(
        _ kind: EventKind,
        of intent: OperatorIntent,
        _ reason: Reason,
        requester: String?,
        at now: MonotonicInstant
    ) -> Event {
        var (route, endpoint, region): (RouteName?, EndpointName?, RegionName?)
        switch intent.kind {
        case .pin(let name, let target): (route, endpoint) = (name, target)
        case .drain(.endpoint(let name)): endpoint = name
        case .drain(.region(let name)): region = name
        case .freeze: break
        }
        return Event(
            kind: kind,
            at: now,
            route: route,
            endpoint: endpoint,
            regionFrom: region,
            reason: reason,
            generation: generation,
            requester: requester,
            dryRun: route.flatMap { index(of: $0) }.map { routes[$0].isObserving } ?? false
        )
    }
}

extension EndpointState {
    /// It has not been asked often enough to be a target, and may be one soon.
    fileprivate func isNew(at now: MonotonicInstant) -> Bool {
        guard !isTripped else { return false }
        for index in tracks.indices where tracks[index].isDeep && now - since <= tracks[index].limits.staleAfter {
            let detector = tracks[index].detector
            if tracks[index].judged < max(detector.minimumSamples, detector.readyStreak) { return true }
        }
        return false
    }
}

extension OperatorIntent {
    /// No longer than allowed, whatever the clock on the wall did while nobody ran.
    fileprivate func bounded(at now: MonotonicInstant) -> OperatorIntent {
        let from = min(from, isBegun ? now : now + Self.longest)
        return OperatorIntent(
            kind: kind,
            by: by,
            reason: reason,
            since: min(since, now),
            from: from,
            until: min(until, max(from, now) + Self.longest),
            isBegun: isBegun
        )
    }
}
