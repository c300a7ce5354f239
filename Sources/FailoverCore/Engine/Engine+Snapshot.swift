extension Engine {
    /// Everything that is published, as of `now`.
    package mutating func snapshot(at now: MonotonicInstant) -> Snapshot {
        Snapshot(
            generation: generation,
            persisted: isPersisted,
            routes: groups.map { routeSnapshot($0, at: now) },
            endpoints: endpoints.indices.map { endpoints[$0].snapshot(at: now) },
            probing: probing.snapshot(at: now),
            intents: intents.intents,
            vantage: vantage.snapshot
        )
    }

    /// The published route; `nil` if there is none of that name.
    package func route(named name: RouteName, at now: MonotonicInstant) -> RouteSnapshot? {
        index(of: name).map { _ in routeSnapshot(indices(of: name), at: now) }
    }

    /// The arithmetic of each endpoint of a route, in order of preference; `nil` if there is no such route.
    package func explanation(of name: RouteName, at now: MonotonicInstant) -> [EndpointExplanation]? {
        guard let index = index(of: name) else { return nil }
        guard routes[index].share != nil else {
            return routes[index].members.map { explanation(of: $0.endpoint, at: now) }
        }
        return routes[index].configuration.endpoints.compactMap { endpointIndex[$0] }
            .map { explanation(of: $0, at: now) }
    }

    /// How a route stands by an operator's word, or while our own vantage is in doubt; `nil` if by the rule.
    ///
    /// A pin holds either way.
    private func standing(of index: Int) -> (mode: RouteMode, reason: Reason)? {
        let byIntent = standingByIntent(of: index)
        if byIntent?.mode == .pinned { return byIntent }
        return vantage.watch.snapshot.reason.map { (.held, $0) } ?? byIntent
    }

    /// How a route or a share stands, and why.
    func published(_ index: Int) -> (mode: RouteMode, reason: Reason) {
        let route = routes[index]
        let reason: Reason
        switch route.impasse {
        case .nobodyHealthy(let why), .moveLimit(let why), .frozen(let why): reason = why
        case nil: reason = route.reason
        }
        return standing(of: index) ?? (route.mode, reason)
    }

    private func routeSnapshot(_ group: Range<Int>, at now: MonotonicInstant) -> RouteSnapshot {
        let index = group.lowerBound
        guard routes[index].share == nil else { return weightedSnapshot(group, at: now) }
        let route = routes[index]
        let (mode, reason) = published(index)
        return RouteSnapshot(
            name: route.configuration.name,
            active: name(route.active),
            mode: mode,
            generation: route.generation,
            since: route.since,
            reason: reason,
            order: order(of: index, at: now),
            provisional: endpoints[route.active].isProvisional,
            dryRun: route.isObserving,
            wouldBeActive: name(route.decided),
            endpoints: route.configuration.endpoints,
            policy: speedSnapshot(of: index, at: now).map { .lowestLatency($0) } ?? .activeStandby
        )
    }

    /// The active endpoint first, then those that could take over, best first.
    private func order(of index: Int, at now: MonotonicInstant) -> [EndpointName] {
        let active = routes[index].active
        var order: [EndpointName] = []
        order.reserveCapacity(routes[index].members.count)
        order.append(name(active))
        if routes[index].hasEquals {
            let others = routes[index].members.map(\.endpoint).filter { endpoint in
                endpoint != active && endpoints[endpoint].isEligible
                    && !isHeldDown(endpoint, for: routes[index], at: now)
            }
            return order + ranked(others, in: routes[index], at: now).map { name($0) }
        }
        for place in Place.inOrder {
            for member in routes[index].members where member.endpoint != active && isAt(place, member.endpoint, at: now)
            {
                guard endpoints[member.endpoint].isEligible, !isHeldDown(member.endpoint, for: routes[index], at: now)
                else { continue }
                order.append(name(member.endpoint))
            }
        }
        return order
    }
}

extension EndpointState {
    /// Not judged yet since the daemon started.
    var isProvisional: Bool {
        guard conviction == nil else { return false }
        for index in tracks.indices where tracks[index].isDeep {
            if tracks[index].judged >= tracks[index].detector.minimumSamples { return false }
        }
        return true
    }

    mutating func snapshot(at now: MonotonicInstant) -> EndpointSnapshot {
        var indicators: [IndicatorSnapshot] = []
        // Errors and latency; only chats have more.
        indicators.reserveCapacity(tracks.count * 2)
        var connections: [ConnectionSnapshot] = []
        var chats: [ChatSnapshot] = []
        for index in tracks.indices {
            tracks[index].appendSnapshots(to: &indicators, availability: availability, at: now)
            if let connection = tracks[index].connectionSnapshot(at: now) { connections.append(connection) }
            guard !tracks[index].chat.isEmpty, let report = tracks[index].chat.read(\.report) ?? nil else { continue }
            chats.append(ChatSnapshot(probe: tracks[index].key.probe, report: report))
        }
        return EndpointSnapshot(
            configuration: configuration,
            verdict: verdict,
            reason: reason,
            since: since,
            indicators: indicators,
            connections: connections,
            tier: tier(at: now),
            chats: chats,
            spend: spend.value
        )
    }

    func explanation(at now: MonotonicInstant) -> EndpointExplanation {
        EndpointExplanation(
            endpoint: name,
            verdict: verdict,
            reason: reason,
            rule: rule,
            interval: configuration.probes[0].interval,
            indicators: tracks.flatMap(\.explanations),
            recovery: mustProve ? recovery(at: now) : nil
        )
    }

    /// The slowest of its probes counts.
    private func recovery(at now: MonotonicInstant) -> RecoveryExplanation? {
        let proofs = tracks.filter(\.isDeep).map { needsDeepProof ? $0.detector.proof : $0.detector.shallowProof }
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
