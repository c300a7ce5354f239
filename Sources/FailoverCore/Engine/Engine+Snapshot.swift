extension Engine {
    /// Everything that is published, as of `now`.
    package mutating func snapshot(at now: MonotonicInstant) -> Snapshot {
        Snapshot(
            generation: generation,
            persisted: isPersisted,
            routes: routes.map { routeSnapshot($0, at: now) },
            endpoints: endpoints.indices.map { endpoints[$0].snapshot(at: now) }
        )
    }

    /// The published route; `nil` if there is none of that name.
    package func route(named name: RouteName, at now: MonotonicInstant) -> RouteSnapshot? {
        index(of: name).map { routeSnapshot(routes[$0], at: now) }
    }

    /// The arithmetic of each endpoint of a route, in order of preference; `nil` if there is no such route.
    package func explanation(of name: RouteName, at now: MonotonicInstant) -> [EndpointExplanation]? {
        index(of: name).map { routes[$0].members.map { endpoints[$0].explanation(at: now) } }
    }

    private func routeSnapshot(_ route: RouteState, at now: MonotonicInstant) -> RouteSnapshot {
        let active = endpoints[route.active]
        let reason: Reason
        switch route.impasse {
        case .nobodyHealthy(let why), .moveLimit(let why): reason = why
        case nil: reason = route.reason
        }
        return RouteSnapshot(
            name: route.configuration.name,
            active: name(route.active),
            mode: route.mode,
            generation: route.generation,
            since: route.since,
            reason: reason,
            order: order(of: route, at: now).map(name),
            provisional: active.tracks.contains { $0.judged < $0.detector.minimumSamples },
            dryRun: route.isObserving,
            wouldBeActive: name(route.decided),
            endpoints: route.members.map(name)
        )
    }

    /// The active endpoint first, then those that could take over, best first.
    private func order(of route: RouteState, at now: MonotonicInstant) -> [Int] {
        let others = route.members.filter { member in
            member != route.active && endpoints[member].isEligible && !endpoints[member].isTripped
                && !isHeldDown(member, for: route, at: now)
        }
        return [route.active] + ranked(others)
    }
}

extension EndpointState {
    mutating func snapshot(at now: MonotonicInstant) -> EndpointSnapshot {
        EndpointSnapshot(
            configuration: configuration,
            verdict: verdict,
            reason: reason,
            since: since,
            indicators: tracks.indices.flatMap { tracks[$0].snapshots(availability: availability, at: now) }
        )
    }

    func explanation(at now: MonotonicInstant) -> EndpointExplanation {
        EndpointExplanation(
            endpoint: name,
            verdict: verdict,
            reason: reason,
            rule: rule,
            interval: configuration.probes[0].interval,
            indicators: tracks.flatMap { track in track.indicators.map { track.detector.explanation(for: $0) } },
            recovery: mustProve ? recovery(at: now) : nil
        )
    }

    /// The slowest of its probes counts.
    private func recovery(at now: MonotonicInstant) -> RecoveryExplanation? {
        let proofs = tracks.map(\.detector.proof)
        guard let proof = proofs.max(by: { $0.cleanProbesLeft < $1.cleanProbesLeft }) else { return nil }
        return RecoveryExplanation(
            proof: proof.value,
            proofNeeded: proof.needed,
            cleanProbesLeft: proof.cleanProbesLeft,
            holdDown: penalty.holdDown(base: holdDown, at: now),
            holdDownEnds: holdDownEnd(base: holdDown),
            penalty: penalty.count(at: now)
        )
    }
}
