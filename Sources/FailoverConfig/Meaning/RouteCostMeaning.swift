package import FailoverCore

/// What a typical request of a route costs, wherever it goes.
package struct RouteCostMeaning: Hashable, Sendable {
    /// In order of preference; `nil` without a price.
    package let costs: [EndpointCost]
    package let workload: Workload
    package let currency: String
    package let maximumRatio: Double?

    package struct EndpointCost: Hashable, Sendable {
        package let endpoint: EndpointName
        package let cost: Money?
    }

    /// `nil` if no endpoint of `route` has a price.
    init?(_ route: RouteConfiguration, endpoints: [EndpointName: EndpointConfiguration], currency: String) {
        workload = route.cost.workload
        self.currency = currency
        maximumRatio = route.cost.maximumRatio
        costs = route.endpoints.map { name in
            let cost = endpoints[name]?.price?
                .cost(input: route.cost.workload.inputTokens, output: route.cost.workload.outputTokens)
            return EndpointCost(endpoint: name, cost: cost)
        }
        guard costs.contains(where: { $0.cost != nil }) else { return nil }
    }

    /// Indented.
    var lines: [String] {
        let each = costs.map { entry in
            "\(entry.endpoint) \(entry.cost.map { "\(MoneyText.exact($0)) \(currency)" } ?? "unknown")"
        }
        let counts =
            "\(workload.inputTokens.grouped) tokens in and \(workload.outputTokens.grouped) out"
        var lines = ["  a request with \(counts) costs: \(ShownText.list(each))"]
        if let maximumRatio {
            let times = NumberText.format(maximumRatio)
            lines.append("  alarms, and moves all the same, when a failover makes it more than \(times) times as dear")
        }
        return lines
    }
}
