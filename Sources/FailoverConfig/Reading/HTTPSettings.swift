import FailoverCore

/// The settings of an HTTP request, before they are applied to an address.
struct HTTPSettings {
    var version = ProbeKeys.version.fallback
    var method = ProbeKeys.method.fallback
    /// Begins with `/`; `nil` for the path of the URL alone.
    var path: String?
    var headers: [HeaderField] = []
    var body: String?
    var expect = HTTPExpectation()

    init() {}

    /// Reads what `probe` says about the request; refusals are told and leave defaults behind.
    ///
    /// Method, body and expectation of a chat are its own.
    init(_ probe: MappingReader, cache: FileAndPatternCache, isChat: Bool) {
        let findings = probe.findings
        version = probe.value(ProbeKeys.version)
        path = probe.value(ProbeKeys.path)
        if let path, let node = probe[ProbeKeys.path.name] { Self.check(path: path, node, findings) }
        if let node = probe[ProbeKeys.headersName] { headers = Self.headers(node, findings) }
        guard !isChat else { return }
        method = probe.value(ProbeKeys.method)
        body = probe.value(ProbeKeys.body)
        if let node = probe[ProbeKeys.expect] {
            expect = ExpectationReader(findings: findings, cache: cache).read(node)
        }
    }

    /// Refuses what is no path with an optional query.
    static func check(
        path: String,
        _ node: SettingNode,
        _ findings: Findings,
        from base: String = "appended to the path of the URL"
    ) {
        // The query may hold a key.
        let shown = ShownText.quoted(path.prefix { $0 != "?" } + (path.contains("?") ? "?(hidden)" : ""))
        if !path.hasPrefix("/") {
            findings.refuse(node, found: shown, allowed: "a path that begins with /, \(base)")
        } else if !EndpointURL.isValid(path) {
            let hint = "percent-encode the rest"
            findings.refuse(node, found: shown, allowed: "a path and query of visible ASCII", hint: hint)
        }
    }

    // MARK: Headers

    /// They frame the message or the connection, which are the probe's own; HTTP/2 forbids them (RFC 9113 section 8.2.2).
    private static let refusedHeaders: Set<String> = [
        "content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection", "upgrade",
    ]
    /// Longest value of a header, in bytes.
    private static let maximumValue = 8_192

    static func headers(_ node: SettingNode, _ findings: Findings) -> [HeaderField] {
        guard let entries = node.entries else {
            findings.refuse(node, found: node.foundKind, allowed: "a mapping of header names and values")
            return []
        }
        guard entries.count <= ProbeKeys.maximumHeaders else {
            let found = "\(entries.count) headers"
            findings.refuse(node, found: found, allowed: "at most \(ProbeKeys.maximumHeaders)")
            return []
        }
        var seen: Set<String> = []
        return entries.compactMap { entry in
            let lowercased = entry.key.lowercased()
            guard accepts(name: entry.key, entry.value, of: node, findings) else { return nil }
            guard seen.insert(lowercased).inserted else {
                findings.refuse(entry.value, found: "the header twice", allowed: "each header once, in any case")
                return nil
            }
            return value(entry.value, findings).map { HeaderField(name: entry.key, value: $0) }
        }
    }

    private static func accepts(
        name: String,
        _ node: SettingNode,
        of headers: SettingNode,
        _ findings: Findings
    ) -> Bool {
        guard 1...256 ~= name.utf8.count, name.utf8.allSatisfy(ASCII.isTokenByte) else {
            // A whole header that slipped into the name would show its value.
            findings.refuse(
                path: headers.path,
                line: node.line,
                found: "a header name with other characters",
                allowed: "letters, digits and !#$%&'*+-.^_`|~"
            )
            return false
        }
        guard !refusedHeaders.contains(name.lowercased()) else {
            findings.refuse(node, found: "the header \(name)", allowed: "headers that the probe does not set itself")
            return false
        }
        return true
    }

    /// The value as written; it is never repeated in a message.
    private static func value(_ node: SettingNode, _ findings: Findings) -> String? {
        guard case .scalar(let scalar) = node.content else {
            findings.refuse(node, allowed: "one line of text")
            return nil
        }
        guard scalar.kind != .nothing else {
            findings.refuse(node, found: "nothing", allowed: "one line of text", hint: "write \"\" for an empty value")
            return nil
        }
        let isClean = scalar.text.unicodeScalars.allSatisfy { ($0.value >= 0x20 || $0 == "\t") && $0.value != 0x7f }
        guard isClean else {
            findings.refuse(
                node,
                found: "a hidden value with a line break or control character",
                allowed: "one line of text"
            )
            return nil
        }
        guard scalar.text.utf8.count <= maximumValue else {
            findings.refuse(
                node,
                found: "a hidden value of \(scalar.text.utf8.count) bytes",
                allowed: "at most \(maximumValue) bytes"
            )
            return nil
        }
        return scalar.text
    }
}
