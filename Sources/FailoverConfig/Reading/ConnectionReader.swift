import FailoverCore

/// Reads how a probe gets its connection.
struct ConnectionReader {
    private typealias Keys = ConnectionKeys

    /// The endpoint's settings, completed by the defaults, or the defaults by themselves.
    let probe: MappingReader
    /// The endpoint's own part; `nil` for defaults.
    let own: SettingNode?
    let type: ProbeType
    let cache: FileAndPatternCache
    private var findings: Findings { probe.findings }

    /// What the probe says about its connection; refusals are told and leave defaults behind.
    func read() -> ConnectionSettings {
        ConnectionSettings(
            use: use(),
            sourceAddress: probe.value(Keys.sourceAddress),
            proxy: probe[Keys.proxy].flatMap(proxy),
            tripwire: probe.value(Keys.tripwire)
        )
    }

    // MARK: Reuse

    /// A probe without requests has a connection of its own, whatever the defaults say for others.
    private func use() -> ConnectionUse {
        let word = probe.value(Keys.connection)
        let freshEvery = probe.value(Keys.freshEvery)
        guard type == .http || type == .chat || own == nil else { return .fresh }
        guard word == .fresh else { return .reuse(freshEvery: freshEvery) }
        refuseFreshEvery()
        return .fresh
    }

    private func refuseFreshEvery() {
        let word = probe[Keys.connection.name]
        // A default may serve endpoints that reuse their connections.
        guard own != nil || word != nil, let place = (own ?? probe.node)[Keys.freshEvery.name] else { return }
        let isInherited = own.map { own in word.map { !$0.isBelow(own) } ?? false } ?? false
        findings.refuse(
            place,
            found: "a setting of connection: reuse",
            allowed: "\(Keys.freshEvery.name) only with connection: reuse",
            hint: isInherited
                ? "connection: fresh comes from defaults.probe" : word == nil ? "add connection: reuse" : nil
        )
    }

    // MARK: Proxy

    private func proxy(_ node: SettingNode) -> ProxySettings? {
        guard case .mapping = node.content else {
            return (findings.read(node, as: Keys.proxyRule) ?? nil).map { ProxySettings(address: $0) }
        }
        guard let reader = MappingReader(node, table: Keys.proxyTable, findings: findings) else { return nil }
        let file = reader.value(Keys.credentialFile)
        if let file, let place = reader[Keys.credentialFile.name] {
            cache.check(file, as: .credentials, place, findings)
        }
        return reader.value(Keys.proxyURL).map { ProxySettings(address: $0, credentialFile: file) }
    }

    // MARK: Across keys

    /// Refuses a source address of another family than what is connected to: such a probe could never succeed.
    static func check(_ connection: ConnectionSettings, to address: HostPort, _ node: SettingNode, _ findings: Findings)
    {
        guard let place = node[Keys.sourceAddress.name],
            let source = connection.sourceAddress.flatMap(HostText.family),
            let peer = HostText.family(of: (connection.proxy?.address ?? address).host), peer != source
        else { return }
        findings.refuse(
            place,
            allowed: "an \(peer.title) address, as the \(connection.proxy == nil ? "URL" : "proxy") has one"
        )
    }
}
