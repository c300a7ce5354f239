import FailoverCore
import FailoverTemplates

/// Reads the whole file.
struct ConfigurationReader {
    private let findings: Findings
    private let cache: FileAndPatternCache
    private let inspectsFiles: Bool

    /// Files that the settings name need not be there unless `inspectsFiles`.
    init(findings: Findings, inspectsFiles: Bool = true) {
        self.findings = findings
        self.inspectsFiles = inspectsFiles
        cache = FileAndPatternCache(inspectsFiles: inspectsFiles)
    }

    /// The configuration that `root` describes; only worth something if nothing was refused.
    func read(_ root: SettingNode) -> Configuration? {
        guard let reader = MappingReader(root, table: KnownKeys.root, findings: findings) else { return nil }
        _ = reader.value(KnownKeys.version)
        let vantage = reader.mapping("vantage", table: KnownKeys.vantage)
        let defaults = reader.mapping("defaults", table: KnownKeys.defaults)
        let defaultProbe = defaults?["probe"]
        let defaultDecision = defaults?["decision"]
        if let defaultProbe { ProbeReader.check(defaults: defaultProbe, findings: findings, cache: cache) }
        if let defaultDecision { DecisionReader.check(defaults: defaultDecision, findings: findings) }

        let endpointNodes = named(reader, "endpoints", what: "endpoint", maximum: KnownKeys.maximumEndpoints)
        let endpointReader = EndpointReader(findings: findings, cache: cache, defaults: defaultProbe)
        let endpoints = endpointNodes.compactMap { name, node in
            endpointReader.read(node, name: EndpointName(rawValue: name))
        }

        let routeNodes = named(reader, "routes", what: "route", maximum: KnownKeys.maximumRoutes)
        let routeReader = RouteReader(
            findings: findings,
            defaults: defaultDecision,
            endpoints: endpointNodes.map(\.name)
        )
        let known = Dictionary(endpoints.map { ($0.name, $0) }) { first, _ in first }
        let speedReader = SpeedReader(findings: findings)
        let routes = routeNodes.compactMap { name, node in
            routeReader.read(node, name: RouteName(rawValue: name))
                .map { (route: speedReader.completed($0, node, endpoints: known), node: node) }
        }
        let templates = TemplateReader(
            findings: findings,
            vocabulary: TemplateVocabulary(endpoints: endpoints, routes: routes.map(\.route)),
            inspectsFiles: inspectsFiles
        )
        let outputs = reader["outputs"].map {
            OutputReader.read($0, templates: templates, cache: cache, findings: findings)
        }
        let notifications = NotificationReader(
            findings: findings,
            cache: cache,
            templates: templates,
            routes: routeNodes.map(\.name)
        )
        let record = reader[RecordKeys.record].map { RecordReader.read($0, findings: findings) }
        let history = reader[HistoryKeys.history].map { HistoryReader.read($0, findings: findings) }

        let configuration = Configuration(
            vantage: vantage?.value(KnownKeys.vantageName) ?? KnownKeys.vantageName.fallback,
            endpoints: endpoints,
            routes: routes.map(\.route),
            outputs: outputs ?? OutputConfiguration(),
            spend: SpendReader.configuration(reader),
            record: record ?? .usual(for: endpoints),
            history: history ?? HistoryConfiguration(),
            anchors: vantage?[AnchorKeys.anchors].map { AnchorReader(findings: findings).read($0) } ?? [],
            notifications: reader[NotificationKeys.notifications].map(notifications.read) ?? []
        )
        let nodes = Dictionary(endpointNodes) { first, _ in first }
        let checks = CrossChecks(configuration: configuration, findings: findings)
        checks.run(defaults: defaultProbe, endpoints: nodes, routes: routes.map(\.node))
        SpendChecks(configuration: configuration, findings: findings)
            .run(root: root, endpoints: nodes, routes: routes.map(\.node))
        TargetChecks(configuration: configuration, findings: findings).run(endpoints: nodes)
        return configuration
    }

    private func named(
        _ reader: MappingReader,
        _ key: String,
        what: String,
        maximum: Int
    ) -> [(name: String, value: SettingNode)] {
        reader[key].map { findings.named($0, what: what, maximum: maximum) } ?? []
    }
}
