import FailoverCore

/// What traffic would have met on each route: results of the probes of the endpoints in use, each by the endpoint's share.
package struct RouteTally: Sendable {
    /// What one result of an endpoint counts for one route.
    struct Share: Hashable, Sendable {
        let route: Int
        /// More than 0, at most 1.
        let part: Double
    }

    private struct Route: Sendable {
        let name: RouteName
        let endpoints: [EndpointName]
        /// Percent, in the order of `endpoints`; empty until something is published.
        var weights: [Int] = []
        var good = 0.0
        var bad = 0.0
    }

    /// In configuration order.
    private var routes: [Route] = []

    package init() {}

    /// Goes on with the routes that there still are, and forgets the rest.
    mutating func apply(_ next: [RouteConfiguration]) {
        let before = Dictionary(uniqueKeysWithValues: routes.map { ($0.name, $0) })
        routes = next.map { route in
            var fresh = Route(name: route.name, endpoints: route.endpoints)
            guard let old = before[route.name] else { return fresh }
            (fresh.good, fresh.bad) = (old.good, old.bad)
            if old.endpoints == route.endpoints { fresh.weights = old.weights }
            return fresh
        }
    }

    /// Takes what was published; `false` if nothing is other than before.
    mutating func follow(_ published: [RouteSnapshot]) -> Bool {
        var isChanged = false
        for (index, route) in published.enumerated() where index < routes.count {
            // Both are in configuration order; a snapshot of the configuration before is left for the next one.
            guard routes[index].name == route.name, routes[index].endpoints == route.endpoints else { continue }
            let weights = route.weights
            guard weights != routes[index].weights else { continue }
            routes[index].weights = weights
            isChanged = true
        }
        return isChanged
    }

    /// The shares of each endpoint that has any.
    var shares: [EndpointName: [Share]] {
        var shares: [EndpointName: [Share]] = [:]
        for (index, route) in routes.enumerated() {
            for (endpoint, weight) in zip(route.endpoints, route.weights) where weight > 0 {
                shares[endpoint, default: []].append(Share(route: index, part: Double(weight) / 100))
            }
        }
        return shares
    }

    mutating func count(_ shares: [Share], isGood: Bool) {
        for share in shares {
            if isGood { routes[share.route].good += share.part } else { routes[share.route].bad += share.part }
        }
    }

    /// What was counted of each route.
    package func write(to lines: inout MetricLines) {
        let name = "failoverd_route_probes_total"
        lines.head(name, "counter", "Results of probes as traffic would have met them, by the share of each endpoint.")
        for route in routes {
            for (outcome, count) in [("success", route.good), ("failure", route.bad)] {
                let labels = MetricLines.labels([("route", route.name.rawValue), ("outcome", outcome)])
                lines.sample(name, labels, count)
            }
        }
    }
}
