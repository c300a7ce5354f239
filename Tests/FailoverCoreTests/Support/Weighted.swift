@testable import FailoverCore

extension RouteConfiguration {
    /// Shares in the order of `weights`; whoever has no chain of its own goes to the others that are no canaries.
    static func weighted(
        named name: RouteName = "chat",
        _ weights: [(EndpointName, Int)],
        chains: [EndpointName: [EndpointName]] = [:],
        canaries: Set<EndpointName> = [],
        decision: DecisionConfiguration = .plain
    ) -> RouteConfiguration {
        let owners = weights.map(\.0)
        var endpoints = owners
        let shares = weights.map { owner, weight in
            let others = chains[owner] ?? owners.filter { $0 != owner && !canaries.contains($0) }
            for other in others where !endpoints.contains(other) { endpoints.append(other) }
            return ShareConfiguration(weight: weight, chain: [owner] + others, isCanary: canaries.contains(owner))
        }
        return RouteConfiguration(name: name, endpoints: endpoints, decision: decision, shares: shares)
    }
}

extension Configuration {
    /// 70/24/5 over tiers, and a canary of 1 %.
    static func tiers(
        _ weights: [(EndpointName, Int)] = [("cheap", 70), ("long", 24), ("premium", 5), ("next", 1)],
        chains: [EndpointName: [EndpointName]] = [:],
        decision: DecisionConfiguration = .plain
    ) -> Configuration {
        .routes([.weighted(weights, chains: chains, canaries: ["next"], decision: decision)])
    }
}

extension World {
    /// Percent by endpoint, of those that have any.
    var weights: [EndpointName: Int] {
        let weights = zip(route.endpoints, route.weights).filter { $0.1 > 0 }
        return Dictionary(uniqueKeysWithValues: weights.map { ($0, $1) })
    }

    func share(_ owner: EndpointName) -> ShareSnapshot? { route.shares.first { $0.owner == owner } }

    /// `OWNER: FROM -> TO`, with the kind and the reason's code.
    var shifts: [String] {
        events.compactMap { event in
            guard let share = event.share, let from = event.from, let to = event.to else { return nil }
            return "\(event.kind.rawValue) \(share): \(from) -> \(to) (\(event.reason.code))"
        }
    }
}
