package import FailoverCore

/// What a configuration will do, in figures and plain words.
package struct ConfigurationMeaning: Hashable, Sendable {
    /// In configuration order.
    package let routes: [RouteMeaning]
    /// In configuration order.
    ///
    /// Probes while an endpoint is under suspicion come on top.
    package let probesPerDay: [EndpointLoad]
    /// In configuration order; empty if every probe has a fresh connection of its own and nothing else is set.
    package let connections: [ConnectionMeaning]
    /// In configuration order; empty if no LLM is asked.
    package let chats: [ChatMeaning]
    /// What all probes cost at most in a day and in a month, and of which endpoints that is unknown.
    ///
    /// `nil` without any price.
    package let costAtMost: String?
    /// How a fault of our own network is told from one of an endpoint; `nil` if only the other endpoints show it.
    package let vantage: String?
    /// Why nothing is recorded though nobody asked for that; `nil` if something is, or somebody did.
    package let recording: String?

    /// Probes of one endpoint.
    package struct EndpointLoad: Hashable, Sendable {
        package let endpoint: EndpointName
        package let probes: Int
    }

    /// How long the rule of a route takes to leave an endpoint by one of its probes.
    package typealias Delays = (RouteConfiguration, EndpointConfiguration, ProbeConfiguration) -> LeaveDelays

    /// What `configuration` does if endpoints are left after `delays`.
    package init(_ configuration: Configuration, delays: Delays) {
        let endpoints = Dictionary(configuration.endpoints.map { ($0.name, $0) }) { first, _ in first }
        let currency = configuration.spend.currency
        routes = configuration.routes.map {
            RouteMeaning($0, endpoints: endpoints, currency: currency, delays: delays)
        }
        probesPerDay = configuration.endpoints.map { endpoint in
            let probes = endpoint.probes.reduce(0.0) { $0 + 86_400 / $1.interval.inSeconds }
            return EndpointLoad(endpoint: endpoint.name, probes: Int(probes.rounded()))
        }
        connections = ConnectionMeaning.all(of: configuration.endpoints)
        let costs = ProbingCost(configuration)
        chats = ChatMeaning.all(of: configuration, costs: costs)
        costAtMost = costs.inAll
        recording = RecordConfiguration.whyOff(in: configuration)
        if configuration.hasWitnesses {
            let anchors = configuration.anchors.map(\.address)
            vantage = anchors.isEmpty ? nil : "the other endpoints and \(ShownText.list(anchors)) show whether it works"
        } else {
            vantage = Configuration.noWitnessText
        }
    }

    /// With the delays of the real detectors.
    package init(_ configuration: Configuration) {
        var known: [DelayKey: LeaveDelays] = [:]
        self.init(configuration) { route, endpoint, probe in
            let key = DelayKey(
                rule: route.decision.rule,
                availability: route.availability.ratio,
                interval: probe.interval,
                latencyObjective: probe.latencyObjective,
                ttftObjective: probe.ttftObjective,
                tier: probe.tier,
                probes: endpoint.probes.count
            )
            if let delays = known[key] { return delays }
            let delays = LeaveDelays(
                rule: key.rule,
                probe: probe,
                availability: key.availability,
                probes: endpoint.probes.count
            )
            known[key] = delays
            return delays
        }
    }

    /// All that delays depend on: playing a fault takes a while, and most endpoints are alike.
    private struct DelayKey: Hashable {
        let rule: RuleConfiguration
        let availability: Ratio
        let interval: Duration
        let latencyObjective: Duration?
        let ttftObjective: Duration?
        let tier: EvidenceTier
        let probes: Int
    }

    /// Of all endpoints together.
    package var probesPerDayInAll: Int { probesPerDay.reduce(0) { $0 + $1.probes } }
}

/// What one route will do.
package struct RouteMeaning: Hashable, Sendable {
    package let route: RouteConfiguration
    /// In order of preference; neighbours with equal delays are one group.
    package let leaves: [Leave]
    /// At most so many moves a year without a fault: the budget of each endpoint, added up.
    ///
    /// `nil` where the rule has
    /// no budget, zero where there is nowhere to go.
    package let falseFailoversPerYear: Double?
    /// What a request costs where; `nil` without a price.
    package let costs: RouteCostMeaning?

    /// Endpoints that are left equally fast.
    package struct Leave: Hashable, Sendable {
        package let endpoints: [EndpointName]
        /// Of whole answers; empty if slowness does not count.
        package let latencyObjectives: [ProfileObjective]
        /// Of the first token; likewise.
        package let ttftObjectives: [ProfileObjective]
        package let delays: LeaveDelays
        /// Whether a model is asked, so that it may accept a question and never say a token.
        package let asksModel: Bool
        /// How long such a hang goes unnoticed; `nil` if no model is asked, or if the rule never leaves.
        package let hang: Duration?
        /// How long a crash goes unnoticed that closes the connections of the endpoint and refuses new ones.
        ///
        /// `nil` without a tripwire, or if the rule never leaves.
        package let crashWithTripwire: Duration?

        /// The same for other endpoints.
        fileprivate func with(_ endpoints: [EndpointName]) -> Leave {
            Leave(
                endpoints: endpoints,
                latencyObjectives: latencyObjectives,
                ttftObjectives: ttftObjectives,
                delays: delays,
                asksModel: asksModel,
                hang: hang,
                crashWithTripwire: crashWithTripwire
            )
        }
    }

    fileprivate init(
        _ route: RouteConfiguration,
        endpoints: [EndpointName: EndpointConfiguration],
        currency: String,
        delays: ConfigurationMeaning.Delays
    ) {
        self.route = route
        costs = RouteCostMeaning(route, endpoints: endpoints, currency: currency)
        var leaves: [Leave] = []
        for name in route.endpoints {
            guard let endpoint = endpoints[name] else { continue }
            let probes = endpoint.probes
            let each = probes.map { (probe: $0, delays: delays(route, endpoint, $0)) }
            guard let first = each.first else { continue }
            let combined = each.dropFirst().reduce(first.delays) { $0.earliest($1.delays) }
            // A broken tripwire spares the wait for the next scheduled probe: half an interval on average.
            let crash = each.compactMap { entry in
                entry.probe.connection.tripwire
                    ? entry.delays.hardDown.map { max($0 - entry.probe.interval / 2, .zero) } : nil
            }
            .min()
            let hanging = probes.compactMap(\.whileHanging)
            let own = Leave(
                endpoints: [name],
                latencyObjectives: ProfileObjective.all(of: probes, \.latencyObjective),
                ttftObjectives: ProfileObjective.all(of: probes, \.ttftObjective),
                delays: combined,
                asksModel: !hanging.isEmpty,
                hang: hanging.compactMap { delays(route, endpoint, $0).fullySlow }.min(),
                crashWithTripwire: crash
            )
            if let last = leaves.last, own.with(last.endpoints) == last {
                leaves[leaves.count - 1] = own.with(last.endpoints + [name])
            } else {
                leaves.append(own)
            }
        }
        self.leaves = leaves
        falseFailoversPerYear =
            switch route.decision.rule {
            case _ where route.endpoints.count == 1: 0
            case .evidence(let parameters): parameters.falseFailoversPerYear * Double(route.endpoints.count)
            case .consecutive, .window: nil
            }
    }
}

extension LeaveDelays {
    /// The first of two probes of one endpoint to trip decides.
    fileprivate func earliest(_ other: LeaveDelays) -> LeaveDelays {
        LeaveDelays(
            hardDown: [hardDown, other.hardDown].compactMap(\.self).min(),
            fullySlow: [fullySlow, other.fullySlow].compactMap(\.self).min(),
            thirtyPercentErrors: [thirtyPercentErrors, other.thirtyPercentErrors].compactMap(\.self).min()
        )
    }
}
