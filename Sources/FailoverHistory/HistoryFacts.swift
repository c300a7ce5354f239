package import FailoverCore

/// What of the configuration is needed to tell the past: kept beside it, so that a report needs no daemon.
package struct HistoryFacts: Codable, Hashable, Sendable {
    package var currency: String
    /// In configuration order.
    package var routes: [Route]
    /// In configuration order.
    package var endpoints: [Endpoint]

    package struct Route: Codable, Hashable, Sendable {
        package var name: String
        package var objective: Double
        package var periodDays: Double
        /// In order of preference.
        package var members: [Member]
        /// For which extra costs are reckoned; `nil` where the preferred endpoint has no price.
        package var requestsPerMonth: Int?

        package struct Member: Codable, Hashable, Sendable {
            package var endpoint: String
            /// What an hour of all traffic on it costs more than on the preferred one; `nil` without both prices.
            package var extraPerHour: Double?
            package var costRatio: Double?
            /// Percent of the traffic by configuration.
            package var weight: Int
        }
    }

    package struct Endpoint: Codable, Hashable, Sendable {
        package var name: String
        package var region: String
        package var objective: Double
        /// In configuration order.
        package var probes: [Probe]

        package struct Probe: Codable, Hashable, Sendable {
            package var name: String
            package var latencyMilliseconds: Double?
            package var ttftMilliseconds: Double?
        }
    }

    package init(currency: String = "USD", routes: [Route] = [], endpoints: [Endpoint] = []) {
        self.currency = currency
        self.routes = routes
        self.endpoints = endpoints
    }
}

extension HistoryFacts {
    package init(_ configuration: Configuration, today: CivilDate) {
        let costs = CostTable(configuration, today: today)
        var objectives: [EndpointName: Double] = [:]
        for route in configuration.routes {
            for endpoint in route.endpoints where objectives[endpoint] == nil {
                objectives[endpoint] = route.availability.ratio.value
            }
        }
        self.init(
            currency: configuration.spend.currency,
            routes: zip(configuration.routes, costs.routes).map { HistoryFacts.Route($0, $1) },
            endpoints: configuration.endpoints.map { endpoint in
                Endpoint(
                    name: endpoint.name.rawValue,
                    region: endpoint.region.rawValue,
                    objective: objectives[endpoint.name] ?? AvailabilityObjective().ratio.value,
                    probes: endpoint.probes.map { probe in
                        Endpoint.Probe(
                            name: probe.name.rawValue,
                            latencyMilliseconds: probe.judgedLatency?.inMillisecondsForReaders,
                            ttftMilliseconds: probe.judgedTTFT?.inMillisecondsForReaders
                        )
                    }
                )
            }
        )
    }
}

extension HistoryFacts.Route {
    fileprivate init(_ route: RouteConfiguration, _ costs: CostTable.RouteCosts) {
        let weights = Dictionary(route.shares.map { ($0.owner, $0.weight) }) { first, _ in first }
        self.init(
            name: route.name.rawValue,
            objective: route.availability.ratio.value,
            periodDays: route.availability.period.inSeconds / 86_400,
            members: zip(route.endpoints, costs.endpoints).enumerated().map { index, pair in
                Member(
                    endpoint: pair.0.rawValue,
                    extraPerHour: pair.1.failoverHour?.inUnits,
                    costRatio: pair.1.ratio,
                    weight: route.shares.isEmpty ? (index == 0 ? 100 : 0) : weights[pair.0] ?? 0
                )
            },
            requestsPerMonth: costs.preferred == nil ? nil : costs.load.requests
        )
    }
}

extension Duration {
    /// To a thousandth.
    fileprivate var inMillisecondsForReaders: Double { Double(nanoseconds / 1000) / 1000 }
}
