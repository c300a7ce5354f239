/// A weighted route as published: its shares, and what sums them up.
extension Engine {
    func weightedSnapshot(_ group: Range<Int>, at now: MonotonicInstant) -> RouteSnapshot {
        let route = routes[group.lowerBound].configuration
        let shares = group.map { share($0) }
        let active = heaviest(of: shares, among: route.endpoints) { $0.active }
        let worst = shares.reduce(shares[0]) { $1.mode.severity > $0.mode.severity ? $1 : $0 }
        let latest = shares.reduce(shares[0]) { $1.generation > $0.generation ? $1 : $0 }
        return RouteSnapshot(
            name: route.name,
            active: active,
            mode: worst.mode,
            generation: latest.generation,
            since: latest.since,
            reason: worst.mode == .preferred ? latest.reason : worst.reason,
            order: weightedOrder(of: group, shares, active: active, at: now),
            provisional: group.contains { endpoints[routes[$0].active].isProvisional },
            dryRun: route.decision.observe,
            wouldBeActive: heaviest(of: shares, among: route.endpoints) { $0.wouldBeActive },
            endpoints: route.endpoints,
            policy: .weighted(shares)
        )
    }

    /// The active endpoint that readers are shown: of a weighted route the one with most of the traffic.
    func publishedActive(of group: Range<Int>) -> EndpointName {
        let first = routes[group.lowerBound]
        guard first.share != nil else { return name(first.active) }
        return heaviest(of: group.map { share($0) }, among: first.configuration.endpoints) { $0.active }
    }

    /// The published active endpoint of each weighted route.
    var weightedActives: [RouteName: EndpointName] {
        let weighted = groups.filter { routes[$0.lowerBound].share != nil }
        return Dictionary(
            uniqueKeysWithValues: weighted.map {
                (routes[$0.lowerBound].configuration.name, publishedActive(of: $0))
            }
        )
    }

    private func share(_ index: Int) -> ShareSnapshot {
        let route = routes[index]
        let (mode, reason) = published(index)
        return ShareSnapshot(
            owner: owner(of: index) ?? name(route.preferred),
            weight: route.weight,
            isCanary: route.share?.isCanary ?? false,
            active: name(route.active),
            wouldBeActive: name(route.decided),
            mode: mode,
            generation: route.generation,
            since: route.since,
            reason: reason,
            chain: route.members.map { name($0.endpoint) },
            stopped: route.share?.stopped
        )
    }

    /// The first of equals.
    private func heaviest(
        of shares: [ShareSnapshot],
        among endpoints: [EndpointName],
        _ place: (ShareSnapshot) -> EndpointName
    ) -> EndpointName {
        var best: (endpoint: EndpointName, weight: Int)?
        for endpoint in endpoints {
            let weight = shares.reduce(0) { $0 + (place($1) == endpoint ? $1.weight : 0) }
            if weight > best?.weight ?? 0 { best = (endpoint, weight) }
        }
        return best?.endpoint ?? place(shares[0])
    }

    /// Those that carry traffic, the most first, then those that could, in the order of the configuration.
    private func weightedOrder(
        of group: Range<Int>,
        _ shares: [ShareSnapshot],
        active: EndpointName,
        at now: MonotonicInstant
    ) -> [EndpointName] {
        let first = group.lowerBound
        let route = routes[first]
        let weights = route.configuration.endpoints.map { endpoint in
            shares.reduce(0) { $0 + ($1.active == endpoint ? $1.weight : 0) }
        }
        let places = weights.indices.sorted { (weights[$1], $0) < (weights[$0], $1) }
        return places.compactMap { place in
            let name = route.configuration.endpoints[place]
            if weights[place] > 0 { return name }
            guard let endpoint = endpointIndex[name], endpoints[endpoint].isEligible, !isClosed(endpoint, to: first),
                !isHeldDown(endpoint, for: route, at: now)
            else { return nil }
            return name
        }
    }
}
