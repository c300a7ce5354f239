extension Engine {
    /// Everything that is published, as of `now`.
    package mutating func snapshot(at now: MonotonicInstant) -> Snapshot {
        Snapshot(
            generation: generation,
            persisted: isPersisted,
            routes: routes.indices.map { routeSnapshot($0, at: now) },
            endpoints: endpoints.indices.map { endpoints[$0].snapshot(at: now) },
            probing: probing.snapshot(at: now)
        )
    }

    /// The published route; `nil` if there is none of that name.
    package func route(named name: RouteName, at now: MonotonicInstant) -> RouteSnapshot? {
        index(of: name).map { routeSnapshot($0, at: now) }
    }

    /// The arithmetic of each endpoint of a route, in order of preference; `nil` if there is no such route.
    package func explanation(of name: RouteName, at now: MonotonicInstant) -> [EndpointExplanation]? {
        index(of: name).map { routes[$0].members.map { endpoints[$0].explanation(at: now) } }
    }

    private func routeSnapshot(_ index: Int, at now: MonotonicInstant) -> RouteSnapshot {
        let route = routes[index]
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
            order: order(of: index, at: now),
            provisional: endpoints[route.active].isProvisional,
            dryRun: route.isObserving,
            wouldBeActive: name(route.decided),
            endpoints: route.configuration.endpoints
        )
    }

    /// The active endpoint first, then those that could take over, best first.
    private func order(of index: Int, at now: MonotonicInstant) -> [EndpointName] {
        let active = routes[index].active
        var order: [EndpointName] = []
        order.reserveCapacity(routes[index].members.count)
        order.append(name(active))
        for verdict in [Verdict.healthy, .degraded] {
            for member in routes[index].members where member != active && endpoints[member].verdict == verdict {
                guard endpoints[member].isEligible, !isHeldDown(member, for: routes[index], at: now) else { continue }
                order.append(name(member))
            }
        }
        return order
    }
}

extension EndpointState {
    /// Not judged yet since the daemon started.
    fileprivate var isProvisional: Bool {
        for index in tracks.indices where tracks[index].judged < tracks[index].detector.minimumSamples { return true }
        return false
    }

    mutating func snapshot(at now: MonotonicInstant) -> EndpointSnapshot {
        var indicators: [IndicatorSnapshot] = []
        indicators.reserveCapacity(tracks.count * IndicatorKind.allCases.count)
        var connections: [ConnectionSnapshot] = []
        for index in tracks.indices {
            tracks[index].appendSnapshots(to: &indicators, availability: availability, at: now)
            if let connection = tracks[index].connectionSnapshot(at: now) { connections.append(connection) }
        }
        return EndpointSnapshot(
            configuration: configuration,
            verdict: verdict,
            reason: reason,
            since: since,
            indicators: indicators,
            connections: connections
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
