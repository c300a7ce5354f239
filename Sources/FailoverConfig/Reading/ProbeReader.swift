import FailoverCore

/// Reads the settings of one probe, merged from the endpoint's own and the defaults.
struct ProbeReader {
    /// Where the settings of a probe stand.
    struct Sources {
        /// The probe's own part.
        let own: SettingNode
        /// The endpoint, for what it says for all its probes.
        let endpoint: SettingNode
        /// `defaults.probe`.
        let defaults: SettingNode?
    }

    /// What the file says about a probe, before it is applied to an address.
    private struct Settings {
        var type = ProbeKeys.type.fallback
        var interval = ProbeKeys.interval.fallback
        var timeouts = ProbeTimeouts()
        var latencyObjective: Duration?
        var ttftObjective: Duration?
        var connection = ConnectionSettings()
        var http = HTTPSettings()
        var chat = ChatSettings()
        var credential: Credential?
        var tls = TLSSettings()

        /// Only such a chat shows how fast answers are.
        var isChat: Bool { type == .chat && chat.mode == .chat }
    }

    private let node: SettingNode
    private let findings: Findings

    /// Checks `defaults.probe` by itself, so that a slip is told even if no endpoint inherits it.
    static func check(defaults: SettingNode, findings: Findings, cache: FileAndPatternCache) {
        guard MappingReader(defaults, table: ProbeKeys.table, findings: findings, isPartial: true) != nil else {
            return
        }
        let probe = ProbeReader(node: defaults, findings: findings)
        _ = probe.settings(nil, cache: cache)
        _ = CredentialReader.read([defaults], findings: findings, cache: cache)
    }

    /// The probe that `sources` describe for `url`; `nil` after a refusal.
    static func read(
        _ sources: Sources,
        name: ProbeName,
        url: EndpointURL?,
        findings: Findings,
        cache: FileAndPatternCache
    ) -> ProbeConfiguration? {
        let own = sources.own
        guard MappingReader(own, table: ProbeKeys.table, findings: findings, isPartial: true) != nil else { return nil }
        let merged = own.merged(over: sources.defaults, table: ProbeKeys.table)
        let probe = ProbeReader(node: merged, findings: findings)
        guard let settings = probe.settings(sources, cache: cache) else { return nil }
        TimeoutReader.check(settings.timeouts, type: settings.type, merged, findings)
        probe.checkObjectives(settings, own: own)
        probe.warnOfLongTotal(settings)
        guard let url, let request = probe.request(settings, url: url) else { return nil }
        return ProbeConfiguration(
            name: name,
            request: request,
            interval: settings.interval,
            timeouts: settings.timeouts,
            connection: settings.connection,
            latencyObjective: settings.latencyObjective,
            ttftObjective: settings.ttftObjective
        )
    }

    // MARK: Settings

    /// What the merged mapping says; `sources` is `nil` for defaults, of which any key may be for other probes.
    private func settings(_ sources: Sources?, cache: FileAndPatternCache) -> Settings? {
        guard let reader = MappingReader(node, table: ProbeKeys.table, findings: findings, isPartial: true) else {
            return nil
        }
        var settings = Settings()
        settings.type = reader.value(ProbeKeys.type)
        settings.interval = reader.value(ProbeKeys.interval)
        // Defaults may serve probes of every type.
        let type = sources == nil ? nil : settings.type
        if let sources { refuseForeignKeys(of: sources.own, type: settings.type) }
        settings.timeouts = TimeoutReader.read(reader, type: type)
        let own = sources?.own
        settings.connection = ConnectionReader(probe: reader, own: own, type: type ?? .http, cache: cache).read()
        if type == .http || type == .chat || type == nil {
            settings.http = HTTPSettings(reader, cache: cache, isChat: type == .chat)
        }
        if type == .chat || type == nil { settings.chat = ChatSettings(reader, cache: cache) }
        if type != .tcp { settings.tls = TLSReader.read(reader, cache: cache) }
        if type == .chat, let sources {
            let levels = [sources.own, sources.endpoint, sources.defaults].compactMap(\.self)
            settings.credential = CredentialReader.read(levels, findings: findings, cache: cache)
        }
        // A cheaper question is not worth timing.
        let isTimed = type != .chat || settings.isChat
        if let slo = reader.mapping(ProbeKeys.slo, table: ProbeKeys.objectives) {
            let latency = objective(ProbeKeys.latency, slo)
            let ttft = objective(ProbeKeys.ttft, slo)
            if isTimed { settings.latencyObjective = latency }
            if isTimed, type == .chat { settings.ttftObjective = ttft }
        }
        return settings
    }

    private func objective(_ key: String, _ slo: MappingReader) -> Duration? {
        slo.mapping(key, table: ProbeKeys.objective)?.value(ProbeKeys.p99)
    }

    /// Refuses what means nothing to a probe of `type`, unless it comes from the defaults.
    private func refuseForeignKeys(of own: SettingNode, type: ProbeType) {
        func refuse(_ entries: [SettingNode.Entry]?, of table: KeyTable, types: (String) -> [ProbeType]) {
            for entry in entries ?? [] where table[entry.key] != nil && !types(entry.key).contains(type) {
                let owners = types(entry.key).map(\.rawValue)
                let names = owners.dropLast().joined(separator: ", ")
                findings.refuse(
                    entry.value,
                    found: "a key of \(names.isEmpty ? "" : "\(names) and ")\(owners.last ?? "") probes",
                    allowed: table.names.filter { types($0).contains(type) }.joined(separator: ", "),
                    hint: "this probe is of type \(type.rawValue)"
                )
            }
        }
        typealias Limits = ProbeKeys.Timeouts
        typealias Expect = ProbeKeys.Expect
        refuse(own.entries, of: ProbeKeys.table, types: ProbeKeys.types)
        refuse(own[ProbeKeys.timeouts]?.entries, of: Limits.table, types: Limits.types)
        refuse(own[ProbeKeys.slo]?.entries, of: ProbeKeys.objectives, types: ProbeKeys.objectiveTypes)
        // Elsewhere the whole of it is refused.
        guard type == .http || type == .chat else { return }
        refuse(own[ProbeKeys.expect]?.entries, of: Expect.table, types: Expect.types)
    }

    // MARK: Across keys

    private func checkObjectives(_ settings: Settings, own: SettingNode) {
        let slo = node[ProbeKeys.slo]
        let latencyNode = slo?[ProbeKeys.latency]?[ProbeKeys.p99.name]
        if let objective = settings.latencyObjective, objective >= settings.timeouts.total {
            findings.refuse(latencyNode ?? node, allowed: "less than \(TimeoutReader.totalText(settings.timeouts))")
        }
        if let objective = settings.ttftObjective, objective >= settings.timeouts.ttft {
            findings.refuse(
                slo?[ProbeKeys.ttft]?[ProbeKeys.p99.name] ?? node,
                allowed: "less than timeouts.ttft (\(DurationText.format(settings.timeouts.ttft)))"
            )
        }
        if settings.type == .http, latencyNode == nil {
            refuseMissing("slo.latency.p99", allowed: "the slowest answer that is still good, such as 3s")
        }
        if settings.isChat {
            let ttftNode = slo?[ProbeKeys.ttft]?[ProbeKeys.p99.name]
            if latencyNode == nil, ttftNode == nil {
                refuseMissing(
                    "slo",
                    allowed: "the slowest first token that is still good, such as ttft: { p99: 300ms }, "
                        + "or the slowest answer, such as latency: { p99: 3s }, or both"
                )
            }
            if node[ChatKeys.model.name] == nil {
                refuseMissing(ChatKeys.model.name, allowed: "the name of a model, as the endpoint knows it")
            }
        } else if settings.type == .chat {
            refuseWithoutChat(own, settings.chat.mode)
        }
    }

    /// A cheaper question has no answer that could be judged, so nobody must believe that it is.
    private func refuseWithoutChat(_ own: SettingNode, _ mode: ChatProbe.Mode) {
        for key in [ProbeKeys.slo, ProbeKeys.expect] {
            guard let place = own[key] else { continue }
            findings.refuse(
                place,
                found: "a setting of mode: chat",
                allowed: "no \(key) with mode: \(mode.rawValue)",
                hint: "such a probe can prove an endpoint down, and nothing about its answers"
            )
        }
    }

    private func refuseMissing(_ key: String, allowed: String) {
        findings.refuse(
            path: "\(node.path).\(key)",
            line: node.line,
            found: "nothing",
            allowed: allowed,
            hint: "here or under defaults.probe"
        )
    }

    private func warnOfLongTotal(_ settings: Settings) {
        guard settings.timeouts.total > settings.interval * 20 else { return }
        let interval = DurationText.format(settings.interval)
        findings.warn(
            node[ProbeKeys.timeouts]?[ProbeKeys.Timeouts.total.name] ?? node[ProbeKeys.interval.name] ?? node,
            "\(TimeoutReader.totalText(settings.timeouts)) is more than 20 times the interval (\(interval)): "
                + "a silent endpoint uses up both attempts that may be under way, and starts are skipped"
        )
    }

    // MARK: Request

    private func request(_ settings: Settings, url: EndpointURL) -> ProbeRequest? {
        guard accepts(url, type: settings.type) else { return nil }
        ConnectionReader.check(settings.connection, to: url.address, node, findings)
        if settings.type != .tcp, url.scheme != .http { TLSReader.checkPair(node, findings) }
        switch settings.type {
        case .tcp: return .tcp(TCPProbe(address: url.address))
        case .tls: return .tls(TLSProbe(address: url.address, tls: settings.tls))
        case .http: return .http(httpProbe(settings, url: url, path: settings.http.path))
        case .chat:
            warnOfCredential(settings, url: url)
            if settings.chat.mode != .health, settings.http.path == nil, ["", "/"].contains(url.path) {
                findings.warn(node, "the URL has no path: most servers have their API below /v1")
            }
            let http = httpProbe(settings, url: url, path: settings.http.path ?? ChatKeys.standardPath)
            return .chat(settings.chat.probe(http: http, url: url, credential: settings.credential))
        }
    }

    /// A tcp probe takes the host and port of any URL, the others need the scheme that says what is spoken there.
    private func accepts(_ url: EndpointURL, type: ProbeType) -> Bool {
        let allowed: String
        switch (type, url.scheme) {
        case (.tcp, _), (.http, .http), (.http, .https), (.chat, .http), (.chat, .https), (.tls, .https), (.tls, .tls):
            return true
        case (.http, .tcp): allowed = "type: tcp, or an http:// or https:// URL"
        case (.http, .tls): allowed = "type: tls, or an http:// or https:// URL"
        case (.chat, .tcp), (.chat, .tls): allowed = "an http:// or https:// URL"
        case (.tls, .http), (.tls, .tcp): allowed = "an https:// or tls:// URL"
        }
        let probe = type == .http || type == .chat ? "an \(type.rawValue) probe" : "a \(type.rawValue) probe"
        let found = "\(probe) for \(url.scheme == .http ? "an" : "a") \(url.scheme):// URL"
        findings.refuse(node[ProbeKeys.type.name] ?? node, found: found, allowed: allowed)
        return false
    }

    private func warnOfCredential(_ settings: Settings, url: EndpointURL) {
        guard settings.credential != nil else { return }
        if url.scheme == .http, !HostText.isLoopback(url.address.host) {
            findings.warn(
                node,
                "the URL is plain http://, so the credential travels in the clear, for everybody on the way to read"
            )
        }
        let name = settings.chat.authHeader.headerName
        if let headers = node[ProbeKeys.headersName],
            settings.http.headers.contains(where: { $0.name.lowercased() == name })
        {
            findings.warn(headers, "the header \(name) takes the place of the credential")
        }
    }

    private func httpProbe(_ settings: Settings, url: EndpointURL, path: String?) -> HTTPProbe {
        if url.scheme == .http, let tls = node[ProbeKeys.tls], tls.isBelow(node) {
            findings.warn(tls, "has no effect: the URL is plain http://")
        }
        let http = settings.http
        return HTTPProbe(
            address: url.address,
            tls: url.scheme == .https ? settings.tls : nil,
            target: url.target(appending: path),
            method: http.method,
            headers: http.headers,
            body: http.body,
            version: http.version,
            expect: http.expect
        )
    }
}
