import FailoverCore
import FailoverSimulation

/// Reads a whole scenario file.
struct ScenarioReader {
    let findings: Findings
    /// Instead of the file's own world.
    let configuration: Configuration?
    let seed: UInt64?

    /// The scenario that `root` describes; only worth something if nothing was refused.
    func read(_ root: SettingNode) -> Scenario? {
        guard let reader = MappingReader(root, table: ScenarioKeys.root, findings: findings) else { return nil }
        _ = reader.value(ScenarioKeys.version)
        let own = reader.mapping(ScenarioKeys.world, table: WorldKeys.table).flatMap(world)
        if self.configuration == nil, reader[ScenarioKeys.world] == nil {
            reader.refuseMissing(
                ScenarioKeys.world,
                allowed: "a mapping with endpoints",
                hint: "or give a configuration with --config"
            )
        }
        // All of it is read, so that everything wrong is told at once.
        let configuration = self.configuration ?? own
        let duration = reader.value(ScenarioKeys.duration)
        let ownSeed = UInt64(reader.value(ScenarioKeys.seed))
        let isNoisy = reader.value(ScenarioKeys.noise)
        let endpoints = configuration?.endpoints.map(\.name)
        let entries = entries(reader[ScenarioKeys.timeline], endpoints, duration)
        guard let configuration, let duration else { return nil }
        return Scenario(
            seed: seed ?? ownSeed,
            configurations: [configuration],
            duration: duration,
            entries: entries,
            isNoisy: isNoisy
        )
    }

    // MARK: - The world

    private func world(_ reader: MappingReader) -> Configuration? {
        let names = names(reader[WorldKeys.endpoints])
        let probe = ProbeConfiguration(
            request: .http(HTTPProbe(address: HostPort(host: "192.0.2.1", port: 80))),
            interval: reader.value(WorldKeys.interval),
            timeouts: ProbeTimeouts(total: reader.value(WorldKeys.timeout)),
            latencyObjective: reader.value(WorldKeys.objective)
        )
        let preset = reader.value(WorldKeys.preset)
        let holdDown = reader.value(WorldKeys.holdDown)
        guard !names.isEmpty else { return nil }
        let endpoints = names.map { name in
            EndpointConfiguration(
                name: name,
                region: RegionName(rawValue: name.rawValue),
                publicURL: "http://192.0.2.1",
                probes: [probe]
            )
        }
        let decision = DecisionConfiguration(
            rule: .evidence(.preset(preset)),
            holdDown: holdDown
        )
        let route = RouteConfiguration(name: "main", endpoints: names, decision: decision)
        return Configuration(vantage: "local", endpoints: endpoints, routes: [route], outputs: OutputConfiguration())
    }

    private func names(_ node: SettingNode?) -> [EndpointName] {
        guard let node else { return [] }
        guard case .list(let items) = node.content, !items.isEmpty else {
            findings.refuse(node, found: node.foundKind, allowed: "a list of names, the preferred one first")
            return []
        }
        guard items.count <= WorldKeys.maximumEndpoints else {
            findings.refuse(node, found: "\(items.count) endpoints", allowed: "at most \(WorldKeys.maximumEndpoints)")
            return []
        }
        var names: [EndpointName] = []
        for item in items {
            guard let name = findings.read(item, as: NameRule<EndpointName>()) else { continue }
            if names.contains(name) {
                findings.refuse(item, found: "\(name) twice", allowed: "each endpoint once")
            } else {
                names.append(name)
            }
        }
        return names
    }

    // MARK: - The timeline

    /// Without `endpoints` or `duration`, which were refused, only what does not depend on them is looked at.
    private func entries(
        _ node: SettingNode?,
        _ endpoints: [EndpointName]?,
        _ duration: Duration?
    ) -> [ScenarioEntry] {
        guard let node else { return [] }
        guard case .list(let items) = node.content else {
            findings.refuse(node, found: node.foundKind, allowed: "a list of what happens")
            return []
        }
        guard items.count <= ScenarioKeys.maximumEntries else {
            findings.refuse(node, found: "\(items.count) entries", allowed: "at most \(ScenarioKeys.maximumEntries)")
            return []
        }
        return items.flatMap { entry($0, endpoints, duration) }
    }

    private func entry(_ node: SettingNode, _ endpoints: [EndpointName]?, _ duration: Duration?) -> [ScenarioEntry] {
        guard let reader = MappingReader(node, table: EntryKeys.table, findings: findings) else { return [] }
        let at = reader.value(EntryKeys.at)
        if let at, let duration, at >= duration {
            let allowed = "less than the duration, \(DurationText.format(duration))"
            findings.refuse(reader[EntryKeys.at.name] ?? node, allowed: allowed)
        }
        let lasts = reader.value(EntryKeys.lasts)
        let text = reader.value(EntryKeys.say)
        guard let (change, end) = ScenarioChangeReader(reader: reader, endpoints: endpoints).read() else { return [] }
        if lasts != nil, end == nil {
            findings.refuse(
                reader[EntryKeys.lasts.name] ?? node,
                allowed: "only beside fault, observer and disk, which end by it"
            )
        }
        guard let at else { return [] }
        var entries = [ScenarioEntry(at: at, change: change, text: text)]
        if let lasts, let end { entries.append(ScenarioEntry(at: at + lasts, change: end)) }
        return entries
    }
}
