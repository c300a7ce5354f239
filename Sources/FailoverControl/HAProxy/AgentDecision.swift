package import FailoverCore

/// The published decision as HAProxy needs it: which endpoints of each route are to carry how much.
package struct AgentDecision: Hashable, Sendable {
    package struct Route: Hashable, Sendable {
        /// Of the route's last change.
        package let generation: UInt64
        /// For each endpoint of the route; 0 for one that is to carry nothing, 100 for the one that carries most.
        package let percents: [String: Int]

        package init(generation: UInt64, percents: [String: Int]) {
            self.generation = generation
            self.percents = percents
        }
    }

    package let routes: [String: Route]

    package init(routes: [String: Route]) { self.routes = routes }

    package init(_ snapshot: Snapshot) {
        routes = Dictionary(
            uniqueKeysWithValues: snapshot.routes.map { ($0.name.rawValue, Route($0)) }
        )
    }
}

extension AgentDecision.Route {
    /// Scales the shares so that the largest is 100.
    ///
    /// HAProxy multiplies these with the weight of the server and drops what is left of one: the largest share is never
    /// rounded away, however small the weights in HAProxy's configuration are.
    init(_ route: RouteSnapshot) {
        let weights = route.weights
        let largest = max(1, weights.max() ?? 0)
        let percents = weights.map { $0 == 0 ? 0 : max(1, ($0 * 100 + largest / 2) / largest) }
        generation = route.generation
        self.percents = Dictionary(
            zip(route.endpoints.map(\.rawValue), percents),
            uniquingKeysWith: { first, _ in first }
        )
    }
}
