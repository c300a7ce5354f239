import FailoverCore

/// Reads the settings of one probe, merged from the endpoint's own and the defaults.
struct ProbeReader {
    /// What the file says about a probe, before it is applied to an address.
    private struct Settings {
        var type = ProbeKeys.type.fallback
        var interval = ProbeKeys.interval.fallback
        var timeouts = ProbeTimeouts()
        var latencyObjective: Duration?
        var http = HTTPSettings()
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
        let isOnlyTCP = settings.type == .tcp && own != nil
        if isOnlyTCP, let own { refuseHTTPKeys(of: own) }
        settings.timeouts = timeouts(reader, isOnlyTCP: isOnlyTCP)
        if let slo = reader[ProbeKeys.slo] { settings.latencyObjective = latencyObjective(slo) }
        if !isOnlyTCP { settings.http = HTTPSettings(reader, cache: cache) }
        return settings
    }

    private func refuseHTTPKeys(of own: SettingNode) {
        let hint = "this probe is of type tcp"
        for entry in own.entries ?? [] where ProbeKeys.httpOnly.contains(entry.key) {
            let allowed = ProbeKeys.table.names.filter { !ProbeKeys.httpOnly.contains($0) }.joined(separator: ", ")
            findings.refuse(entry.value, found: "a key of http probes", allowed: allowed, hint: hint)
        }
        let timeouts = own[ProbeKeys.timeouts]?.entries ?? []
        for entry in timeouts where ProbeKeys.Timeouts.httpOnly.contains(entry.key) {
            findings.refuse(entry.value, found: "a key of http probes", allowed: "resolve, connect, total", hint: hint)
        }
    }

    /// Limits that the file does not mention shrink with the total, so that `total: 5s` alone is enough.
    private func timeouts(_ probe: MappingReader, isOnlyTCP: Bool) -> ProbeTimeouts {
        typealias Keys = ProbeKeys.Timeouts
        guard let reader = probe.mapping(ProbeKeys.timeouts, table: Keys.table) else { return ProbeTimeouts() }
        let total = reader.value(Keys.total)
        func limit(_ setting: DefaultedSetting<DurationRule>) -> Duration {
            let isIgnored = isOnlyTCP && Keys.httpOnly.contains(setting.name)
            return reader.has(setting) && !isIgnored ? reader.value(setting) : min(setting.fallback, total)
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
        guard settings.type == .http else { return .tcp(TCPProbe(address: url.address)) }
        guard url.scheme != .tcp else {
            findings.refuse(
                node[ProbeKeys.type.name] ?? node,
                found: "an http probe for a tcp:// URL",
                allowed: "type: tcp, or an http:// or https:// URL"
            )
            return nil
        }
        if url.scheme == .http, let tls = node[ProbeKeys.tls], tls.isBelow(node) {
            findings.warn(tls, "has no effect: the URL is plain http://")
        }
        let http = settings.http
        return .http(
            HTTPProbe(
                address: url.address,
                tls: url.scheme == .https ? TLSSettings(caFile: http.caFile) : nil,
                target: url.target(appending: http.path),
                method: http.method,
                headers: http.headers,
                body: http.body,
                expect: http.expect
            )
        )
    }
}
