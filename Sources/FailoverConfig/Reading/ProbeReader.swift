import FailoverCore

/// Reads the settings of one probe, merged from the endpoint's own and the defaults.
struct ProbeReader {
    /// What the file says about a probe, before it is applied to an address.
    private struct Settings {
        var type = ProbeKeys.type.fallback
        var interval = ProbeKeys.interval.fallback
        var timeouts = ProbeTimeouts()
        var latencyObjective: Duration?
        var connection = ConnectionSettings()
        var http = HTTPSettings()
        var tls = TLSSettings()
    }

    private let node: SettingNode
    private let findings: Findings

    /// Checks `defaults.probe` by itself, so that a slip is told even if no endpoint inherits it.
    static func check(defaults: SettingNode, findings: Findings, cache: FileAndPatternCache) {
        guard MappingReader(defaults, table: ProbeKeys.table, findings: findings, isPartial: true) != nil else {
            return
        }
        let probe = ProbeReader(node: defaults, findings: findings)
        _ = probe.settings(own: nil, cache: cache)
    }

    /// The probe that `own`, completed by `defaults`, describes for `url`; `nil` after a refusal.
    static func read(
        own: SettingNode,
        defaults: SettingNode?,
        name: ProbeName,
        url: EndpointURL?,
        findings: Findings,
        cache: FileAndPatternCache
    ) -> ProbeConfiguration? {
        guard MappingReader(own, table: ProbeKeys.table, findings: findings, isPartial: true) != nil else { return nil }
        let merged = own.merged(over: defaults, table: ProbeKeys.table)
        let probe = ProbeReader(node: merged, findings: findings)
        guard let settings = probe.settings(own: own, cache: cache) else { return nil }
        probe.checkLimits(settings)
        guard let url, let request = probe.request(settings, url: url) else { return nil }
        return ProbeConfiguration(
            name: name,
            request: request,
            interval: settings.interval,
            timeouts: settings.timeouts,
            connection: settings.connection,
            latencyObjective: settings.latencyObjective
        )
    }

    // MARK: Settings

    /// What the merged mapping says; `own` is the endpoint's part, `nil` for defaults, of which any key may be for others.
    private func settings(own: SettingNode?, cache: FileAndPatternCache) -> Settings? {
        guard let reader = MappingReader(node, table: ProbeKeys.table, findings: findings, isPartial: true) else {
            return nil
        }
        var settings = Settings()
        settings.type = reader.value(ProbeKeys.type)
        settings.interval = reader.value(ProbeKeys.interval)
        // Defaults may serve probes of every type.
        let type = own == nil ? .http : settings.type
        if let own { refuseForeignKeys(of: own, type: type) }
        settings.timeouts = timeouts(reader, type: type)
        if let slo = reader[ProbeKeys.slo] { settings.latencyObjective = latencyObjective(slo) }
        settings.connection = ConnectionReader(probe: reader, own: own, type: type, cache: cache).read()
        if type == .http { settings.http = HTTPSettings(reader, cache: cache) }
        if type != .tcp { settings.tls = TLSReader.read(reader, cache: cache) }
        return settings
    }

    /// Refuses what means nothing to a probe of `type`, unless it comes from the defaults.
    private func refuseForeignKeys(of own: SettingNode, type: ProbeType) {
        func refuse(_ entries: [SettingNode.Entry]?, of table: KeyTable, types: (String) -> [ProbeType]) {
            for entry in entries ?? [] where !types(entry.key).contains(type) {
                findings.refuse(
                    entry.value,
                    found: "a key of \(types(entry.key).map(\.rawValue).joined(separator: " and ")) probes",
                    allowed: table.names.filter { types($0).contains(type) }.joined(separator: ", "),
                    hint: "this probe is of type \(type.rawValue)"
                )
            }
        }
        typealias Limits = ProbeKeys.Timeouts
        refuse(own.entries, of: ProbeKeys.table, types: ProbeKeys.types)
        refuse(own[ProbeKeys.timeouts]?.entries, of: Limits.table, types: Limits.types)
    }

    /// Limits that the file does not mention shrink with the total, so that `total: 5s` alone is enough.
    private func timeouts(_ probe: MappingReader, type: ProbeType) -> ProbeTimeouts {
        typealias Keys = ProbeKeys.Timeouts
        guard let reader = probe.mapping(ProbeKeys.timeouts, table: Keys.table) else { return ProbeTimeouts() }
        let total = reader.value(Keys.total)
        func limit(_ setting: DefaultedSetting<DurationRule>) -> Duration {
            let isUsed = Keys.types(of: setting.name).contains(type)
            return reader.has(setting) && isUsed ? reader.value(setting) : min(setting.fallback, total)
        }
        return ProbeTimeouts(
            resolve: limit(Keys.resolve),
            connect: limit(Keys.connect),
            tls: limit(Keys.tls),
            firstByte: limit(Keys.firstByte),
            total: total
        )
    }

    private func latencyObjective(_ slo: SettingNode) -> Duration? {
        let latencyTable = KeyTable([ProbeKeys.p99.known])
        let table = KeyTable([KnownKey(ProbeKeys.latency, .mapping(latencyTable))])
        return MappingReader(slo, table: table, findings: findings)?
            .mapping(ProbeKeys.latency, table: latencyTable)?
            .value(ProbeKeys.p99)
    }

    // MARK: Across keys

    private func checkLimits(_ settings: Settings) {
        let total = settings.timeouts.total
        let totalText = "timeouts.total (\(DurationText.format(total)))"
        let timeouts = node[ProbeKeys.timeouts]
        let phases = [
            (ProbeKeys.Timeouts.resolve.name, settings.timeouts.resolve),
            (ProbeKeys.Timeouts.connect.name, settings.timeouts.connect),
            (ProbeKeys.Timeouts.tls.name, settings.timeouts.tls),
            (ProbeKeys.Timeouts.firstByte.name, settings.timeouts.firstByte),
        ]
        for (name, limit) in phases where limit > total {
            findings.refuse(timeouts?[name] ?? node, allowed: "at most \(totalText)")
        }
        let objectiveNode = node[ProbeKeys.slo]?[ProbeKeys.latency]?[ProbeKeys.p99.name]
        if let objective = settings.latencyObjective, objective >= total {
            findings.refuse(objectiveNode ?? node, allowed: "less than \(totalText)")
        }
        if settings.type == .http, objectiveNode == nil {
            findings.refuse(
                path: "\(node.path).slo.latency.p99",
                line: node.line,
                found: "nothing",
                allowed: "the slowest answer that is still good, such as 3s",
                hint: "here or under defaults.probe"
            )
        }
        if total > settings.interval * 20 {
            let interval = DurationText.format(settings.interval)
            findings.warn(
                timeouts?[ProbeKeys.Timeouts.total.name] ?? node[ProbeKeys.interval.name] ?? node,
                "\(totalText) is more than 20 times the interval (\(interval)): "
                    + "a silent endpoint uses up both attempts that may be under way, and starts are skipped"
            )
        }
    }

    // MARK: Request

    private func request(_ settings: Settings, url: EndpointURL) -> ProbeRequest? {
        guard accepts(url, type: settings.type) else { return nil }
        ConnectionReader.check(settings.connection, to: url.address, node, findings)
        if settings.type != .tcp, url.scheme != .http { TLSReader.checkPair(node, findings) }
        switch settings.type {
        case .tcp: return .tcp(TCPProbe(address: url.address))
        case .tls: return .tls(TLSProbe(address: url.address, tls: settings.tls))
        case .http: return .http(httpProbe(settings, url: url))
        }
    }

    /// A tcp probe takes the host and port of any URL, the others need the scheme that says what is spoken there.
    private func accepts(_ url: EndpointURL, type: ProbeType) -> Bool {
        let allowed: String
        switch (type, url.scheme) {
        case (.tcp, _), (.http, .http), (.http, .https), (.tls, .https), (.tls, .tls): return true
        case (.http, .tcp): allowed = "type: tcp, or an http:// or https:// URL"
        case (.http, .tls): allowed = "type: tls, or an http:// or https:// URL"
        case (.tls, .http), (.tls, .tcp): allowed = "an https:// or tls:// URL"
        }
        let probe = type == .http ? "an http probe" : "a \(type) probe"
        let found = "\(probe) for \(url.scheme == .http ? "an" : "a") \(url.scheme):// URL"
        findings.refuse(node[ProbeKeys.type.name] ?? node, found: found, allowed: allowed)
        return false
    }

    private func httpProbe(_ settings: Settings, url: EndpointURL) -> HTTPProbe {
        if url.scheme == .http, let tls = node[ProbeKeys.tls], tls.isBelow(node) {
            findings.warn(tls, "has no effect: the URL is plain http://")
        }
        let http = settings.http
        return HTTPProbe(
            address: url.address,
            tls: url.scheme == .https ? settings.tls : nil,
            target: url.target(appending: http.path),
            method: http.method,
            headers: http.headers,
            body: http.body,
            version: http.version,
            expect: http.expect
        )
    }
}
