import FailoverCore

/// Reads one endpoint with its probes.
struct EndpointReader {
    let findings: Findings
    let cache: FileAndPatternCache
    /// `defaults.probe`.
    let defaults: SettingNode?

    /// The endpoint at `node`, or `nil` after a refusal.
    func read(_ node: SettingNode, name: EndpointName) -> EndpointConfiguration? {
        guard let reader = MappingReader(node, table: EndpointKeys.table, findings: findings) else { return nil }
        let region = reader.value(EndpointKeys.region)
        let provider = reader.value(EndpointKeys.provider)
        let url = url(reader)
        let attributes = reader[EndpointKeys.attributes].map(attributes) ?? []
        let probes = probes(reader, url: url)
        _ = CredentialReader.read([node], findings: findings, cache: cache)
        let price = reader[PriceKeys.price].flatMap { SpendReader.price($0, findings) }
        let dailyCap = SpendReader.dailyCap(reader, table: SpendKeys.table)
        guard let region, let url else { return nil }
        return EndpointConfiguration(
            name: name,
            region: region,
            provider: provider,
            publicURL: url.publicURL,
            attributes: attributes,
            probes: probes,
            price: price,
            dailyCap: dailyCap
        )
    }

    private func url(_ reader: MappingReader) -> EndpointURL? {
        guard let node = reader[EndpointKeys.url.name], let text = reader.value(EndpointKeys.url) else { return nil }
        do {
            return try EndpointURL(text)
        } catch {
            findings.refuse(node, found: error.found, allowed: error.allowed, hint: error.hint)
            return nil
        }
    }

    private func attributes(_ node: SettingNode) -> [EndpointAttribute] {
        guard node.entries?.isEmpty != true else { return [] }
        return findings.named(node, what: "attribute", maximum: EndpointKeys.maximumAttributes)
            .compactMap { name, value in
                findings.read(value, as: ScalarValueRule()).map { EndpointAttribute(name: name, value: $0) }
            }
            .sorted { $0.name < $1.name }
    }

    // MARK: Probes

    private func probes(_ reader: MappingReader, url: EndpointURL?) -> [ProbeConfiguration] {
        let single = reader[EndpointKeys.probe]
        guard let profiles = reader[EndpointKeys.probes] else {
            let path = SettingNode.path(reader.node.path, EndpointKeys.probe)
            let own = single ?? .emptyMapping(path: path, line: reader.node.line)
            return [probe(own, of: reader.node, name: .default, url: url)].compactMap(\.self)
        }
        if let single {
            findings.refuse(single, found: "both probe and probes", allowed: "one of them")
        }
        return findings.named(profiles, what: "probe", maximum: EndpointKeys.maximumProbes)
            .compactMap { name, node in
                guard !isTaken(name, node) else { return nil }
                return probe(node, of: reader.node, name: ProbeName(rawValue: name), url: url)
            }
    }

    private func probe(
        _ own: SettingNode,
        of endpoint: SettingNode,
        name: ProbeName,
        url: EndpointURL?
    ) -> ProbeConfiguration? {
        let sources = ProbeReader.Sources(own: own, endpoint: endpoint, defaults: defaults)
        return ProbeReader.read(sources, name: name, url: url, findings: findings, cache: cache)
    }

    /// Whether a profile's name would be taken for an indicator: `short.latency` is the latency of `short`.
    private func isTaken(_ name: String, _ node: SettingNode) -> Bool {
        let indicators = IndicatorKind.allCases.map(\.rawValue)
        guard name.split(separator: ".").contains(where: { indicators.contains(String($0)) }) else { return false }
        findings.refuse(
            node,
            found: "the name \(ShownText.quoted(name))",
            allowed: "a name without the words of indicators: \(indicators.joined(separator: ", "))"
        )
        return true
    }
}
