package import FailoverCore

extension TemplateVocabulary {
    /// The names of a configuration.
    package init(_ configuration: Configuration) {
        self.init(endpoints: configuration.endpoints, routes: configuration.routes)
    }

    package init(endpoints: [EndpointConfiguration], routes: [RouteConfiguration]) {
        var counts: [String: Int] = [:]
        for attribute in endpoints.flatMap(\.attributes) where attribute.value != .null {
            counts[attribute.name, default: 0] += 1
        }
        self.init(
            routes: routes.map(\.name.rawValue),
            endpoints: endpoints.map(\.name.rawValue),
            mayLackProvider: endpoints.contains { $0.provider == nil },
            attributes: counts.mapValues { $0 == endpoints.count }
        )
    }
}
