import FailoverCore
package import FailoverTemplates
package import FailoverWire

extension TemplateFacts {
    /// What a published state says, without what is only measured.
    package init(_ state: PublishedState) {
        let snapshot = state.snapshot
        let intents = snapshot.intents.filter(\.isBegun)
        self.init(
            vantage: state.publisher.vantage.rawValue,
            generation: snapshot.generation,
            routes: snapshot.routes.map(Route.init).sorted { $0.name < $1.name },
            endpoints: snapshot.endpoints.indices
                // By index, because whole endpoints are dear to move.
                .map { Endpoint(snapshot.endpoints[$0].configuration, snapshot.endpoints[$0].verdict, intents) }
                .sorted { $0.name < $1.name }
        )
    }
}

extension TemplateFacts.Route {
    fileprivate init(_ route: RouteSnapshot) {
        self.init(
            name: route.name.rawValue,
            policy: route.shares.isEmpty ? (route.speed == nil ? "active-standby" : "lowest-latency") : "weighted",
            mode: route.mode.rawValue,
            generation: route.generation,
            reasonCode: route.reason.code.rawValue,
            isObserved: route.dryRun,
            active: route.active.rawValue,
            order: route.order.map(\.rawValue),
            endpoints: route.endpoints.map(\.rawValue),
            weights: route.weights
        )
    }
}

extension TemplateFacts.Endpoint {
    fileprivate init(_ endpoint: EndpointConfiguration, _ verdict: Verdict, _ intents: [OperatorIntent]) {
        self.init(
            name: endpoint.name.rawValue,
            region: endpoint.region.rawValue,
            provider: endpoint.provider?.rawValue,
            url: endpoint.publicURL,
            attributes: Dictionary(
                endpoint.attributes.compactMap { attribute in attribute.value.text.map { (attribute.name, $0) } }
            ) { first, _ in first },
            verdict: verdict.rawValue,
            isDrained: intents.contains { $0.drains(endpoint) }
        )
    }
}

extension JSONScalar {
    /// `nil` for null.
    fileprivate var text: String? {
        switch self {
        case .null: nil
        case .bool(let flag): "\(flag)"
        case .number(let number) where number.rounded() == number && number.magnitude < 1e15: "\(Int64(number))"
        case .number(let number): "\(number)"
        case .string(let text): text
        }
    }
}
