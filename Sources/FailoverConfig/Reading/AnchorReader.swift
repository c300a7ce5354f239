import FailoverCore

/// Reads the anchors of the vantage.
struct AnchorReader {
    private typealias Keys = AnchorKeys

    let findings: Findings

    /// The anchors at `node`, without those that were refused.
    func read(_ node: SettingNode) -> [AnchorConfiguration] {
        guard case .list(let items) = node.content else {
            findings.refuse(
                node,
                found: node.foundKind,
                allowed: "a list of anchors",
                hint: "write it in brackets: [{ tcp: \"192.0.2.1:443\" }]"
            )
            return []
        }
        guard 1...Keys.maximum ~= items.count else {
            let found = items.isEmpty ? "an empty list" : "\(items.count) anchors"
            findings.refuse(node, found: found, allowed: "1 to \(Keys.maximum) anchors")
            return []
        }
        var seen: Set<EndpointName> = []
        return items.compactMap { item in
            guard let anchor = anchor(item) else { return nil }
            guard seen.insert(anchor.name).inserted else {
                findings.refuse(item, found: "\(ShownText.quoted(anchor.address)) twice", allowed: "each anchor once")
                return nil
            }
            return anchor
        }
    }

    private func anchor(_ node: SettingNode) -> AnchorConfiguration? {
        guard let reader = MappingReader(node, table: Keys.table, findings: findings) else { return nil }
        guard reader.hasOneKey(hint: "write each anchor in braces of its own") else { return nil }
        if let url = url(reader, Keys.tcp, scheme: .tcp) {
            return anchor(url, .tcp(TCPProbe(address: url.address)))
        }
        if let url = url(reader, Keys.tls, scheme: .tls) {
            return anchor(url, .tls(TLSProbe(address: url.address)))
        }
        guard let url = url(reader, Keys.http, scheme: nil) else { return nil }
        let probe = HTTPProbe(
            address: url.address,
            tls: url.scheme == .https ? TLSSettings() : nil,
            target: url.target(appending: nil)
        )
        return anchor(url, .http(probe))
    }

    private func anchor(_ url: EndpointURL, _ request: ProbeRequest) -> AnchorConfiguration {
        let probe = ProbeConfiguration(
            request: request,
            interval: Keys.interval,
            timeouts: Keys.timeouts,
            latencyObjective: nil
        )
        return AnchorConfiguration(address: url.publicURL, probe: probe)
    }

    /// The address at a key; `nil` where there is none, or after a refusal.
    ///
    /// Without a `scheme` the text is a URL of HTTP.
    private func url(
        _ reader: MappingReader,
        _ setting: Setting<TextRule>,
        scheme: EndpointURL.Scheme?
    ) -> EndpointURL? {
        guard let node = reader[setting.name], let text = reader.value(setting) else { return nil }
        let allowed = scheme == nil ? Keys.page : Keys.place
        do throws(Refusal) {
            guard let scheme else {
                guard !text.contains("@") else {
                    throw Refusal(found: EndpointURL.shown(text), allowed: "a URL without user info")
                }
                let url = try EndpointURL(text)
                guard url.scheme == .http || url.scheme == .https else {
                    throw Refusal(found: EndpointURL.shown(text), allowed: allowed)
                }
                return url
            }
            guard !text.contains("://") else {
                let hint = "leave out what stands before the host"
                throw Refusal(found: EndpointURL.shown(text), allowed: allowed, hint: hint)
            }
            do throws(Refusal) {
                return try EndpointURL("\(scheme)://\(text)")
            } catch {
                throw Refusal(found: EndpointURL.shown(text), allowed: allowed, hint: error.hint)
            }
        } catch {
            findings.refuse(node, found: error.found, allowed: error.allowed, hint: error.hint)
            return nil
        }
    }
}
