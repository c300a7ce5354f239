/// Where the durability of decisions stands.
struct Persistence: Sendable {
    /// The ticket of the last order to the disk.
    var ticket: UInt64 = 0
    /// The move that waits for the disk; one at a time, so that the memory on disk never mixes two.
    var pending: (move: Move, ticket: UInt64)?
    /// The last answer was a failure, or there was none in time.
    var isFailing = false
    /// A retry is among the deadlines.
    var isRetryAwaited = false

    /// A disk that has not answered by then is treated as failing: leaving a dead endpoint does not wait for it.
    static let patience = Duration.seconds(2)
    /// How often a decision that is only in memory is offered to the disk again.
    static let retryInterval = Duration.seconds(5)
}

extension Engine {
    /// Orders the present memory to disk, with the move that waits for it.
    mutating func persist() -> Action {
        persistence.ticket += 1
        return .persist(memory(after: persistence.pending?.move), ticket: persistence.ticket)
    }

    /// Makes a move durable before it is published; in observe mode there is nothing to publish but the wish.
    mutating func begin(_ move: Move, at now: MonotonicInstant, _ actions: inout [Action]) {
        guard !routes[move.route].isObserving else { return observeOnly(move, at: now, &actions) }
        // Looked at again when the disk has answered; who has confirmed is not asked again.
        guard persistence.pending == nil else {
            if move.kind == .failover || move.kind == .drained { routes[move.route].phase = .waiting(move) }
            return
        }
        if persistence.isFailing {
            guard move.kind != .failback || move.order != nil else { return postpone(move, at: now) }
            isPersisted = false
            commit(move, at: now, &actions)
            actions.append(persist())
            retryPersisting(at: now)
            return
        }
        persistence.pending = (move, persistence.ticket + 1)
        routes[move.route].phase = .persisting(move)
        actions.append(persist())
        deadlines.insert(.persistence(ticket: persistence.ticket), at: now + Persistence.patience)
    }

    mutating func persisted(_ ticket: UInt64, succeeded: Bool, at now: MonotonicInstant, _ actions: inout [Action]) {
        // An older answer says nothing about what was ordered since.
        let isLatest = ticket == persistence.ticket
        if isLatest {
            persistence.isFailing = !succeeded
            if !succeeded { retryPersisting(at: now) }
        }
        // Whatever was ordered after a move contains it.
        if let pending = persistence.pending, pending.ticket <= ticket {
            conclude(pending.move, durable: succeeded, at: now, &actions)
        } else if isLatest, isPersisted != succeeded {
            isPersisted = succeeded
            actions.append(.publish)
        }
        answerOrders(through: ticket, durable: succeeded, at: now, &actions)
    }

    mutating func persistenceTimedOut(_ ticket: UInt64, at now: MonotonicInstant, _ actions: inout [Action]) {
        defer { answerOrders(through: ticket, durable: false, at: now, &actions) }
        guard let pending = persistence.pending, pending.ticket == ticket else { return }
        persistence.isFailing = true
        retryPersisting(at: now)
        conclude(pending.move, durable: false, at: now, &actions)
    }

    mutating func persistAgain(at now: MonotonicInstant, _ actions: inout [Action]) {
        persistence.isRetryAwaited = false
        guard persistence.isFailing || !isPersisted else { return }
        actions.append(persist())
        retryPersisting(at: now)
    }

    /// One retry is awaited at a time, however many orders fail.
    private mutating func retryPersisting(at now: MonotonicInstant) {
        guard !persistence.isRetryAwaited else { return }
        persistence.isRetryAwaited = true
        deadlines.insert(.persistAgain, at: now + Persistence.retryInterval)
    }

    /// A bad endpoint is left even when the disk fails; a return can wait.
    ///
    /// Neither goes to an endpoint that turned bad while the disk was busy, nor is it made while our own eyes cannot be trusted.
    private mutating func conclude(_ move: Move, durable: Bool, at now: MonotonicInstant, _ actions: inout [Action]) {
        persistence.pending = nil
        routes[move.route].phase = .settled
        let isBlind = !vantage.watch.isClear && (move.kind == .failover || move.kind == .failback)
        if isStillWanted(move), !isBlind, durable || move.kind != .failback || move.order != nil {
            isPersisted = durable
            commit(move, at: now, &actions)
        } else {
            if move.kind == .failback, move.order == nil { postpone(move, at: now) }
            // The disk may hold the move, or come to hold it: it has to learn that nothing moved.
            isPersisted = false
            actions.append(persist())
            actions.append(.publish)
        }
        for index in routes.indices { evaluate(index, at: now, &actions) }
    }

    private mutating func postpone(_ move: Move, at now: MonotonicInstant) {
        let again = now + Persistence.retryInterval
        routes[move.route].noFailbackBefore = again
        deadlines.insert(.route(routes[move.route].configuration.name), at: again)
    }

    private mutating func commit(_ move: Move, at now: MonotonicInstant, _ actions: inout [Action]) {
        let grounds = grounds(of: move, at: now)
        if move.countsLeaving { endpoints[move.from].countLeaving(at: move.at) }
        generation += 1
        routes[move.route].active = move.to
        routes[move.route].generation = generation
        routes[move.route].since = move.at
        routes[move.route].reason = move.reason
        settleMove(move)
        actions.append(.emit(event(of: move, grounds: grounds, dryRun: false, at: now)))
        if let news = costNews(of: move, dryRun: false, at: now) { actions.append(.emit(news)) }
        actions.append(.publish)
    }

    private mutating func observeOnly(_ move: Move, at now: MonotonicInstant, _ actions: inout [Action]) {
        let grounds = grounds(of: move, at: now)
        // As it would count if it were real, so that the wish is what would happen.
        if move.countsLeaving { endpoints[move.from].countLeaving(at: move.at) }
        let isStop = stopsCanary(move) && !routes[move.route].isStopOnlyWished
        settleMove(move)
        // A canary whose share really is elsewhere stays stopped.
        if isStop { actions.append(persist()) }
        actions.append(.emit(event(of: move, grounds: grounds, dryRun: true, at: now)))
        if let news = costNews(of: move, dryRun: true, at: now) { actions.append(.emit(news)) }
        actions.append(.publish)
    }

    private mutating func settleMove(_ move: Move) {
        if stopsCanary(move) {
            routes[move.route].share?.stopped = StoppedCanary(since: move.at, reason: move.reason)
        } else if move.order != nil {
            routes[move.route].share?.stopped = nil
        }
        routes[move.route].decided = move.to
        routes[move.route].phase = .settled
        routes[move.route].impasse = nil
        if move.isAutomatic { routes[move.route].countMove(at: move.at) }
        routes[move.route].rareSpeed.change { $0.restart(at: move.at, forSpeed: move.isForSpeed) }
    }

    /// `nil` for what an operator wanted, which has no arithmetic.
    private func grounds(of move: Move, at now: MonotonicInstant) -> EndpointExplanation? {
        guard move.isAutomatic else { return nil }
        return explanation(of: move.kind == .failover ? move.from : move.to, at: now)
    }

    private func event(of move: Move, grounds: EndpointExplanation?, dryRun: Bool, at now: MonotonicInstant) -> Event {
        let wish = move.intent?.reason ?? move.order?.reason
        let reason = wish.map { Reason(move.reason.code, $0) } ?? move.reason
        return Event(
            kind: kindToTell(move),
            at: now,
            route: routes[move.route].configuration.name,
            endpoint: nil,
            from: name(move.from),
            to: name(move.to),
            share: owner(of: move.route),
            regionFrom: endpoints[move.from].configuration.region,
            regionTo: endpoints[move.to].configuration.region,
            reason: tellingShare(move.route, "from \(name(move.from)) to \(name(move.to))", reason),
            generation: generation,
            requester: move.intent?.by ?? move.order?.by,
            dryRun: dryRun,
            grounds: grounds
        )
    }
}
