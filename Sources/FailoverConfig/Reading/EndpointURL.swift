import FailoverCore

/// The address of an endpoint, taken apart.
struct EndpointURL: Hashable {
    enum Scheme: String, CaseIterable {
        case http, https, tls, tcp
    }

    let scheme: Scheme
    let address: HostPort
    let hasExplicitPort: Bool
    /// Empty or beginning with `/`.
    let path: String
    /// Without the question mark.
    let query: String?
    /// Without the query, for readers of the state file.
    let publicURL: String

    static let allowed = "http://, https://, tls:// or tcp:// with a host, such as https://api.example.com/v1"

    init(_ text: String) throws(Refusal) {
        let shown = Self.shown(text)
        func refusal(_ allowed: String, hint: String? = nil) -> Refusal {
            Refusal(found: shown, allowed: allowed, hint: hint)
        }
        guard let separator = text.firstRange(of: "://") else {
            throw refusal(Self.allowed, hint: text.isEmpty ? nil : "add http:// or https:// in front")
        }
        guard let scheme = Scheme(rawValue: text[..<separator.lowerBound].lowercased()) else {
            throw refusal(Self.allowed)
        }
        var rest = text[separator.upperBound...]
        guard !rest.contains("#") else { throw refusal("a URL without a fragment (#)") }
        let query = rest.firstIndex(of: "?").map { rest[rest.index(after: $0)...] }
        rest = rest.prefix { $0 != "?" }
        let authority = rest.prefix { $0 != "/" }
        // A password may hold a slash, which cuts it off after what looks like a port.
        let password = authority.drop { $0 != ":" }.dropFirst()
        let isCut = !password.isEmpty && !password.utf8.allSatisfy(ASCII.isDigit) && authority.first != "["
        guard !authority.contains("@"), !isCut || !rest.contains("@") else {
            throw refusal("a URL without user info", hint: "put it into a header")
        }
        let path = String(rest[authority.endIndex...])
        guard Self.isValid(path), query.map({ Self.isValid($0) }) ?? true else {
            throw refusal("a path and query of visible ASCII", hint: "percent-encode the rest")
        }
        let hasPath = scheme == .http || scheme == .https
        guard hasPath || (path.isEmpty && query == nil) else { throw refusal("\(scheme)://host:port without a path") }

        let (host, ownPort) = try Self.split(authority, shown: shown)
        guard let port = ownPort ?? Self.standardPort(of: scheme) else {
            throw refusal("\(scheme)://host:port with a port")
        }
        self.scheme = scheme
        self.hasExplicitPort = ownPort != nil
        self.address = HostPort(host: host, port: port)
        self.path = path
        self.query = query.map(String.init)
        let hasPort = Self.standardPort(of: scheme) != port
        let place = hasPort ? address.description : host.contains(":") ? "[\(host)]" : host
        self.publicURL = "\(scheme)://\(place)\(path)"
    }

    private static func standardPort(of scheme: Scheme) -> Int? {
        switch scheme {
        case .http: 80
        case .https: 443
        case .tls, .tcp: nil
        }
    }

    /// The URL fit for a message: user info and query may be secrets.
    static func shown(_ text: String) -> String {
        // A password may hold any character, so everything up to the last sign of one is hidden.
        let start = text.lastIndex(of: "@")
        let rest = text[(start ?? text.startIndex)...]
        let shown = (start == nil ? "" : "(hidden)") + rest.prefix { $0 != "?" && $0 != "#" }
        return ShownText.quoted(shown + (rest.contains("?") ? "?(hidden)" : ""))
    }

    // MARK: Host and port

    private static func split(_ authority: Substring, shown: String) throws(Refusal) -> (host: String, port: Int?) {
        var host = authority
        var port: Int?
        let end = authority.last == "]" ? nil : authority.lastIndex(of: ":")
        if let end {
            let digits = authority[authority.index(after: end)...]
            guard digits.utf8.allSatisfy(ASCII.isDigit), let number = Int(digits), 1...65_535 ~= number else {
                throw Refusal(found: shown, allowed: "a port from 1 to 65535", hint: addressHint(authority))
            }
            port = number
            host = authority[..<end]
        }
        if host.first == "[" {
            let address = String(host.dropFirst().dropLast())
            guard host.last == "]", HostText.family(of: address) == .ipv6 else {
                throw Refusal(found: shown, allowed: "an IPv6 address in brackets, such as [2001:db8::1]")
            }
            return (address.lowercased(), port)
        }
        guard HostText.isName(String(host)) else {
            throw Refusal(found: shown, allowed: "a DNS name or an address as host", hint: addressHint(authority))
        }
        return (host.lowercased(), port)
    }

    private static func addressHint(_ authority: Substring) -> String? {
        guard authority.first != "[", authority.count(where: { $0 == ":" }) > 1 else { return nil }
        return "put an IPv6 address in brackets: [::1]"
    }

    // MARK: Path and query

    /// Whether `text` holds only what RFC 3986 lets stand in a path or a query, percent-encoding included.
    static func isValid(_ text: some StringProtocol) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.indices.allSatisfy { index in
            let byte = bytes[index]
            guard byte == UInt8(ascii: "%") else {
                return ASCII.isLetterOrDigit(byte) || "-._~!$&'()*+,;=:@/?".utf8.contains(byte)
            }
            return bytes.count > index + 2 && ASCII.isHexDigit(bytes[index + 1]) && ASCII.isHexDigit(bytes[index + 2])
        }
    }

    /// The target of a request: the path of the URL with `suffix` appended, and the queries of both.
    func target(appending suffix: String?) -> String {
        var path = path
        var queries = [query].compactMap(\.self)
        if let suffix {
            let parts = suffix.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            if path.hasSuffix("/") { path.removeLast() }
            path += parts[0]
            if parts.count == 2 { queries.append(String(parts[1])) }
        }
        queries.removeAll { $0.isEmpty }
        return (path.isEmpty ? "/" : path) + (queries.isEmpty ? "" : "?" + queries.joined(separator: "&"))
    }
}
