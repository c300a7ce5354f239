package import FailoverCore

/// A configuration printed as YAML with every default filled in and every secret masked.
///
/// Values of headers are shown as `(set)`, queries of URLs as `?(hidden)`. Without those, the text reads back to the
/// same configuration. For a recording, the bodies of requests are shown as `(hidden)` too.
package struct ResolvedConfigurationText: CustomStringConvertible, Sendable {
    /// Lines that end in a line break.
    package private(set) var text = ""
    package var description: String { text }

    /// Whether bodies of requests are left out: they may hold what only the server should see.
    let hidesBodies: Bool

    package init(_ configuration: Configuration, hidesBodies: Bool = false) {
        self.hidesBodies = hidesBodies
        line(0, "version: 1")
        line(0, "vantage:")
        line(1, "name: \(name(configuration.vantage))")
        add(configuration.anchors)
        line(0, "endpoints:")
        for endpoint in configuration.endpoints { add(endpoint) }
        line(0, "routes:")
        let hasPrices = configuration.endpoints.contains { $0.price != nil }
        for route in configuration.routes {
            add(route)
            if hasPrices || route.cost != RouteCost() { add(route.cost, depth: 2) }
        }
        if hasPrices || configuration.spend != SpendConfiguration() { add(configuration.spend) }
        add(configuration.outputs)
        // Who is told is nothing that decides, and a replay needs none of it.
        if !hidesBodies { add(configuration.notifications) }
        line(0, "\(RecordKeys.record):")
        line(1, "\(RecordKeys.keep.name): \(RecordKeys.keep.rule.write(configuration.record.keep))")
        let size = RecordKeys.maximumSize.rule.write(configuration.record.maximumBytes)
        line(1, "\(RecordKeys.maximumSize.name): \(size)")
        add(configuration.history)
    }

    private mutating func add(_ history: HistoryConfiguration) {
        line(0, "\(HistoryKeys.history):")
        line(1, "\(HistoryKeys.keep.name): \(history.isOn ? HistoryKeys.keep.rule.write(history.keep) : "off")")
        line(1, "\(HistoryKeys.keepMinutes.name): \(HistoryKeys.keepMinutes.rule.write(history.keepMinutes))")
        line(1, "\(HistoryKeys.maximumSize.name): \(HistoryKeys.maximumSize.rule.write(history.maximumBytes))")
    }

    mutating func line(_ depth: Int, _ content: String) {
        text += String(repeating: "  ", count: depth) + content + "\n"
    }

    private func name(_ name: some Name) -> String { YAMLText.string(name.rawValue) }

    // MARK: Endpoints

    private mutating func add(_ endpoint: EndpointConfiguration) {
        line(1, "\(name(endpoint.name)):")
        line(2, "region: \(name(endpoint.region))")
        if let provider = endpoint.provider { line(2, "provider: \(name(provider))") }
        line(2, "url: \(YAMLText.string(endpoint.publicURL))")
        if !endpoint.attributes.isEmpty {
            line(2, "attributes:")
            for attribute in endpoint.attributes {
                line(3, "\(YAMLText.string(attribute.name)): \(YAMLText.scalar(attribute.value))")
            }
        }
        if let price = endpoint.price { add(price, depth: 2) }
        if let cap = endpoint.dailyCap { add(cap, depth: 2) }
        if let probe = endpoint.probes.first, endpoint.probes.count == 1, probe.name == .default {
            line(2, "probe:")
            add(probe, of: endpoint, depth: 3)
            return
        }
        line(2, "probes:")
        for probe in endpoint.probes {
            line(3, "\(name(probe.name)):")
            add(probe, of: endpoint, depth: 4)
        }
    }

    private mutating func add(_ probe: ProbeConfiguration, of endpoint: EndpointConfiguration, depth: Int) {
        line(depth, "type: \(probe.request.type)")
        line(depth, "interval: \(DurationText.format(probe.interval))")
        let objectives = [(ProbeKeys.latency, probe.latencyObjective), (ProbeKeys.ttft, probe.ttftObjective)]
            .compactMap { name, objective in objective.map { "\(name): { p99: \(DurationText.format($0)) }" } }
        if !objectives.isEmpty { line(depth, "slo: { \(objectives.joined(separator: ", ")) }") }
        let limits = probe.timeouts
        var timeouts = [("resolve", limits.resolve), ("connect", limits.connect)]
        switch probe.request {
        case .http: timeouts += [("tls", limits.tls), ("first_byte", limits.firstByte)]
        case .chat:
            timeouts += [("tls", limits.tls), ("first_byte", limits.firstByte)]
            timeouts += [("ttft", limits.ttft), ("idle", limits.idle)]
        case .tls: timeouts.append(("tls", limits.tls))
        case .tcp: break
        }
        timeouts.append(("total", limits.total))
        let list = timeouts.map { "\($0.0): \(DurationText.format($0.1))" }.joined(separator: ", ")
        line(depth, "timeouts: { \(list) }")
        add(probe.connection, depth: depth)
        switch probe.request {
        case .http(let request): add(request, publicURL: endpoint.publicURL, depth: depth)
        case .chat(let chat): add(chat, publicURL: endpoint.publicURL, depth: depth)
        case .tls, .tcp: break
        }
        if let tls = probe.request.tls { add(tls, depth: depth) }
    }

    /// What differs from the defaults.
    private mutating func add(_ connection: ConnectionSettings, depth: Int) {
        typealias Keys = ConnectionKeys
        if case .reuse(let freshEvery) = connection.use {
            line(depth, "\(Keys.connection.name): \(ConnectionWord.reuse.rawValue)")
            line(depth, "\(Keys.freshEvery.name): \(freshEvery)")
        }
        if connection.tripwire { line(depth, "\(Keys.tripwire.name): true") }
        if let address = connection.sourceAddress {
            line(depth, "\(Keys.sourceAddress.name): \(YAMLText.string(address))")
        }
        guard let proxy = connection.proxy else { return }
        let url = YAMLText.string(Keys.proxyURL.rule.write(proxy.address))
        guard let file = proxy.credentialFile else { return line(depth, "\(Keys.proxy): \(url)") }
        line(depth, "\(Keys.proxy): { url: \(url), \(Keys.credentialFile.name): \(YAMLText.string(file)) }")
    }

    /// What differs from the defaults.
    private mutating func add(_ tls: TLSSettings, depth: Int) {
        typealias Keys = TLSKeys
        var settings: [String] = []
        func text(_ setting: Setting<PathRule>, _ path: String) -> String {
            "\(setting.name): \(YAMLText.string(path))"
        }
        if let file = tls.caFile { settings.append(text(Keys.caFile, file)) }
        if let certificate = tls.clientCertificate {
            settings.append(text(Keys.certificateFile, certificate.certificateFile))
            settings.append(text(Keys.keyFile, certificate.keyFile))
        }
        if let name = tls.serverName { settings.append("\(Keys.serverName.name): \(YAMLText.string(name))") }
        if tls.minimumVersion != Keys.minimumVersion.fallback {
            settings.append("\(Keys.minimumVersion.name): \(YAMLText.string(tls.minimumVersion.rawValue))")
        }
        if let time = tls.warnBefore { settings.append("\(Keys.warnBefore.name): \(DurationText.format(time))") }
        guard !settings.isEmpty else { return }
        let list = settings.joined(separator: ", ")
        line(depth, "\(ProbeKeys.tls): { \(list) }")
    }

    private mutating func add(_ request: HTTPProbe, publicURL: String, depth: Int) {
        addVersion(request, depth: depth)
        line(depth, "method: \(YAMLText.string(request.method))")
        if let path = Self.path(of: request.target, beyond: publicURL) { line(depth, "path: \(YAMLText.string(path))") }
        addHeaders(request, depth: depth)
        if let body = request.body {
            line(depth, "body: \(hidesBodies ? "(hidden)" : YAMLText.string(body))")
        }
        line(depth, "expect:")
        let statuses = request.expect.statuses.map {
            $0.count == 1 ? "\($0.lowerBound)" : "\"\($0.lowerBound)-\($0.upperBound)\""
        }
        line(depth + 1, "status: [\(statuses.joined(separator: ", "))]")
        if !request.expect.body.isEmpty {
            line(depth + 1, "body:")
            for expectation in request.expect.body { line(depth + 2, "- \(Self.text(expectation))") }
        }
    }

    mutating func addVersion(_ request: HTTPProbe, depth: Int) {
        guard request.version != ProbeKeys.version.fallback else { return }
        line(depth, "\(ProbeKeys.version.name): \(YAMLText.string(request.version.rawValue))")
    }

    mutating func addHeaders(_ request: HTTPProbe, depth: Int) {
        guard !request.headers.isEmpty else { return }
        line(depth, "headers:")
        for header in request.headers { line(depth + 1, "\(YAMLText.string(header.name)): (set)") }
    }

    static func text(_ expectation: BodyExpectation) -> String {
        switch expectation {
        case .contains(let text): "contains: \(YAMLText.string(text))"
        case .regex(let pattern): "regex: \(YAMLText.string(pattern))"
        case .json(let pointer, let equals):
            "json: { pointer: \(YAMLText.string(pointer)), equals: \(YAMLText.scalar(equals)) }"
        }
    }

    /// What `probe.path` has to say so that the public URL leads to `target`; `nil` for nothing.
    static func path(of target: String, beyond publicURL: String) -> String? {
        let authority = publicURL.firstRange(of: "://").map { publicURL[$0.upperBound...] } ?? publicURL[...]
        var base = authority.drop { $0 != "/" }
        let hasQuery = target.contains("?")
        let path = target.prefix { $0 != "?" }
        if !hasQuery, path == (base.isEmpty ? "/" : base) { return nil }
        if base.hasSuffix("/") { base.removeLast() }
        let rest = path.hasPrefix(base) ? path.dropFirst(base.count) : path
        return rest + (hasQuery ? "?(hidden)" : "")
    }

    // MARK: Routes and outputs

    private mutating func add(_ route: RouteConfiguration) {
        line(1, "\(name(route.name)):")
        let usual: RoutePolicy = route.speed == nil ? .activeStandby : .lowestLatency
        let policy = route.shares.isEmpty ? usual : .weighted
        line(2, "policy: \(policy.rawValue)")
        let preferences = route.preferences.map { equals in
            let names = equals.map { name($0) }.joined(separator: ", ")
            return equals.count == 1 ? names : "[\(names)]"
        }
        switch policy {
        case .activeStandby: line(2, "endpoints: [\(preferences.joined(separator: ", "))]")
        case .weighted: for setting in WeightsText.settings(route) { line(2, setting) }
        case .lowestLatency: for setting in SpeedMeaning.settings(route) { line(2, setting) }
        }
        let availability = PercentageText.format(route.availability.ratio)
        line(2, "slo: { availability: \(availability), period: \(DurationText.format(route.availability.period)) }")
        line(2, "decision:")
        let decision = route.decision
        switch decision.rule {
        case .evidence(let parameters): add(parameters)
        case .consecutive(let fall, let rise):
            line(3, "rule: consecutive")
            line(3, "fall: \(fall)")
            line(3, "rise: \(rise)")
        case .window(let bad, let of, let rise):
            line(3, "rule: window")
            line(3, "bad: \(bad)")
            line(3, "of: \(of)")
            line(3, "rise: \(rise)")
        }
        line(3, "failback: \(decision.failback.rawValue)")
        line(3, "hold_down: \(DurationText.format(decision.holdDown))")
        line(3, "max_moves_per_hour: \(DecisionKeys.maximumMoves.rule.write(decision.maximumMovesPerHour))")
        line(3, "observe: \(decision.observe)")
    }

    private mutating func add(_ parameters: EvidenceParameters) {
        let errors = DurationText.format(parameters.availabilityBlip)
        let slow = DurationText.format(parameters.latencyBlip)
        line(3, "rule: evidence")
        line(3, "preset: \(parameters.preset.rawValue)")
        line(3, "false_failovers: \(NumberText.format(parameters.falseFailoversPerYear))")
        line(3, "blip: { errors: \(errors), slow: \(slow) }")
        line(3, "blips_per_day: \(NumberText.format(parameters.blipsPerDay))")
        line(3, "degraded_at: \(PercentageText.format(parameters.degradedAt))")
        line(3, "confirm_interval: \(DurationText.format(parameters.confirmInterval))")
    }

    private mutating func add(_ outputs: OutputConfiguration) {
        line(0, "outputs:")
        line(1, "state_file: \(YAMLText.string(outputs.stateFile))")
        line(1, "socket: \(YAMLText.string(outputs.socket))")
        line(1, "state_directory: \(YAMLText.string(outputs.stateDirectory))")
        line(1, "journal: \(outputs.journal)")
        line(1, "write_interval: \(DurationText.format(outputs.writeInterval))")
        line(1, "valid_for: \(DurationText.format(outputs.validFor))")
        if let agent = outputs.haproxyAgent {
            line(1, "haproxy_agent: { listen: \(YAMLText.string("\(agent.listen)")) }")
        }
        if let http = outputs.http { add(http) }
        add(outputs.templates)
    }
}

extension RouteConfiguration {
    /// The endpoints in order of preference; equals share a list.
    var preferences: [[EndpointName]] {
        var lists: [[EndpointName]] = []
        var last: Int?
        for (endpoint, rank) in zip(endpoints, ranks) {
            if rank == last { lists[lists.count - 1].append(endpoint) } else { lists.append([endpoint]) }
            last = rank
        }
        return lists
    }
}
