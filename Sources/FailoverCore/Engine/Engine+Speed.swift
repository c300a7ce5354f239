/// Lowest-latency routes: the fastest healthy endpoint, once it has been the fastest for long.
extension Engine {
    /// Takes a good answer into the figures of the routes that go by them.
    mutating func noteSpeed(_ observation: Observation, of endpoint: Int, at now: MonotonicInstant) {
        // What our own network slowed down says nothing of who is faster.
        guard vantage.watch.isClear else { return }
        for index in routesOfEndpoint[endpoint] where !routes[index].rareSpeed.isEmpty {
            routes[index].rareSpeed.change { $0.record(observation, of: endpoint, at: now) }
        }
    }

    /// Notes who is ahead of the active endpoint, or that nobody can be: looked at with everything that is judged.
    mutating func noteLeads(of index: Int, at now: MonotonicInstant) {
        routes[index].rareSpeed.change { $0.expire(at: now) }
        guard let watch = routes[index].rareSpeed.value else { return }
        guard mayMoveForSpeed(index), let active = watch.pace(of: routes[index].decided),
            let time = active.median(at: now), endpoints[routes[index].decided].tier(at: now) == .deep
        else {
            routes[index].rareSpeed.change { $0.forgetLeads() }
            return
        }
        let rank = routes[index].rank(of: routes[index].decided)
        for (position, pace) in watch.paces.enumerated() {
            let isAhead =
                pace.endpoint != active.endpoint && pace.figure == active.figure
                && routes[index].rank(of: pace.endpoint) == rank
                && pace.median(at: now).map { watch.configuration.isFaster($0, than: time) } == true
                && isWellEnough(pace.endpoint, for: index, at: now)
            guard isAhead != (pace.aheadSince != nil) else { continue }
            routes[index].rareSpeed.change { $0.paces[position].aheadSince = isAhead ? now : nil }
        }
    }

    /// Goes to whoever has been faster for long enough, the fastest of them first; a faster one that will soon have been is
    /// waited for.
    ///
    /// The evidence has the first word: nothing moves for speed while there is anything else to say about the route.
    mutating func considerSpeed(_ index: Int, at now: MonotonicInstant, _ actions: inout [Action]) {
        let route = routes[index]
        guard route.configuration.decision.failback == .automatic else { return }
        guard leavesMovesForFailures(index, at: now) else { return }
        if let notBefore = route.noFailbackBefore, now < notBefore { return }
        guard let watch = route.rareSpeed.value,
            let active = watch.pace(of: routes[index].decided), let time = active.median(at: now)
        else { return }
        let ahead = watch.paces.compactMap { pace -> Contender? in
            guard let due = watch.due(pace, at: now), let time = pace.median(at: now) else { return nil }
            return Contender(pace: pace, time: time, due: due)
        }
        guard let best = ahead.filter({ $0.due <= now }).min(by: { $0.time < $1.time }),
            let since = best.pace.aheadSince
        else { return }
        // One move rather than two.
        let soon = now + watch.dwell(at: now) / 2
        if ahead.contains(where: { $0.time < best.time && $0.due <= soon }) { return }
        let (samples, others) = (best.pace.current(at: now).samples, active.current(at: now).samples)
        let text =
            "\(name(best.pace.endpoint)) has been faster for \((now - since).inWords): median \(active.figure.words) "
            + "\(best.time.inMillisecondsText) of \(samples) probes, \(name(active.endpoint)) "
            + "\(time.inMillisecondsText) of \(others)"
        let move = Move(
            route: index,
            from: routes[index].decided,
            to: best.pace.endpoint,
            kind: .failback,
            reason: Reason(.faster, text),
            at: now
        )
        begin(move, at: now, &actions)
    }

    /// One that is ahead of the active endpoint.
    private struct Contender {
        let pace: Pace
        let time: Duration
        let due: MonotonicInstant
    }

    /// Whether traffic may be moved there although nothing is wrong where it is.
    private func isWellEnough(_ endpoint: Int, for index: Int, at now: MonotonicInstant) -> Bool {
        isAt(Place(verdict: .healthy, isDeep: true), endpoint, at: now) && mayTake(endpoint, of: index)
            && !endpoints[endpoint].mustProve && !isHeldDown(endpoint, for: routes[index], at: now)
            && !endpoints[endpoint].isOverloaded && !endpoints[endpoint].isHeld(at: now)
            && endpoints[endpoint].slowness <= endpoints[routes[index].decided].slowness
    }

    /// Whether nothing stands above speed: our own eyes, an operator, a move, a conviction.
    private func mayMoveForSpeed(_ index: Int) -> Bool {
        guard vantage.watch.isClear, case .settled = routes[index].phase, routes[index].impasse == nil else {
            return false
        }
        let decided = routes[index].decided
        guard endpoints[decided].isFit, !endpoints[decided].isDrained else { return false }
        return intents.freeze == nil && intents.pin(of: routes[index].configuration.name) == nil
    }

    /// Half of what the limit allows in an hour is kept for failovers.
    private func leavesMovesForFailures(_ index: Int, at now: MonotonicInstant) -> Bool {
        guard let limit = routes[index].configuration.decision.maximumMovesPerHour else { return true }
        return routes[index].movesWithinHour(at: now) < limit / 2
    }

    // MARK: - Restarts and reloads

    /// Lays out what lowest-latency routes need beside all others.
    mutating func layOutSpeed(at now: MonotonicInstant) {
        for index in routes.indices where !routes[index].isShare {
            guard let speed = routes[index].configuration.speed else { continue }
            let watch = SpeedWatch(speed, members: routes[index].members, endpoints: endpoints, at: now)
            routes[index].rareSpeed = Rare(watch)
        }
    }

    /// Goes on with what was known of each route's endpoints before a reload.
    mutating func carrySpeedOver(from past: Past, _ oldIndex: [EndpointName: Int]) {
        let now = endpoints
        for index in routes.indices where !routes[index].rareSpeed.isEmpty {
            guard let former = counterpart(of: index, in: past), let old = former.rareSpeed.value else { continue }
            let isObserving = routes[index].isObserving
            routes[index].rareSpeed.change { watch in
                watch.takeOver(from: old) { place in
                    guard let before = oldIndex[now[place].name] else { return nil }
                    let isSame = past.endpoints[before].configuration.probes == now[place].configuration.probes
                    return isSame ? before : nil
                }
                // Who led a wish does not lead the traffic, and wishes are no moves.
                if former.isObserving != isObserving { watch.forgetLeadsAndMoves() }
            }
        }
    }

    // MARK: - Publishing

    func speedSnapshot(of index: Int, at now: MonotonicInstant) -> SpeedSnapshot? {
        guard let watch = routes[index].rareSpeed.value, let first = watch.paces.first else { return nil }
        let leaders = watch.paces.compactMap { pace in watch.due(pace, at: now).map { (pace: pace, due: $0) } }
        let next = leaders.min { $0.due < $1.due }
        let moves = routes[index].configuration.decision.failback == .automatic
        let paces = routes[index].configuration.endpoints.compactMap { name -> SpeedSnapshot.Pace? in
            guard let endpoint = endpointIndex[name], let pace = watch.pace(of: endpoint) else { return nil }
            let (samples, median) = pace.current(at: now)
            return SpeedSnapshot.Pace(endpoint: name, median: median, samples: samples)
        }
        return SpeedSnapshot(
            figure: first.figure,
            configuration: watch.configuration,
            paces: paces,
            challenger: next.flatMap { next in
                next.pace.aheadSince.map { since in
                    let due = moves ? next.due : nil
                    return SpeedSnapshot.Challenger(endpoint: name(next.pace.endpoint), since: since, due: due)
                }
            }
        )
    }
}

extension RouteState {
    /// `nil` while it never moved for speed; wishes are no moves.
    ///
    /// `move` is one that is about to be made.
    func speedMovesToRemember(after move: Move?) -> SpeedMoves? {
        guard !isObserving, let watch = rareSpeed.value else { return nil }
        if let move { return watch.moves(afterMoveAt: move.at) }
        return watch.moves.count > 0 ? watch.moves : nil
    }
}

extension SpeedFigure {
    /// What is measured, for people.
    package var words: String {
        switch self {
        case .ttft: "first token"
        case .latency: "answer"
        }
    }
}

extension Duration {
    /// `182 ms`; with a decimal below 10 ms.
    package var inMillisecondsText: String {
        let milliseconds = inSeconds * 1000
        return "\(milliseconds.formatted(decimals: milliseconds < 10 ? 1 : 0)) ms"
    }
}
