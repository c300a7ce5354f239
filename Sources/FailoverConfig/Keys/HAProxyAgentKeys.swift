import FailoverCore

/// Where HAProxy asks about its servers.
enum HAProxyAgentKeys {
    static let haproxyAgent = "haproxy_agent"
    static let listen = Setting(name: "listen", rule: ListenRule(), isRequired: true, wanted: ListenRule.allowed)
    static let table = KeyTable([listen.known])
    static let known = KnownKey(haproxyAgent, .mapping(table))
}

/// A literal address of this machine and a port: names could mean another address tomorrow.
struct ListenRule: ScalarRule {
    static let allowed = "ADDRESS:PORT, such as 127.0.0.1:8701"
    /// An IPv6 address with an IPv4 tail in brackets, a colon and a port.
    private static let maximum = 53
    var known: KnownValue { .text(maximum: Self.maximum) }

    func read(_ scalar: ScalarText) throws(Refusal) -> HostPort {
        let text = try TextRule(maximum: Self.maximum).read(scalar)
        guard let colon = text.lastIndex(of: ":"), let port = Self.port(text[text.index(after: colon)...]) else {
            throw Refusal(allowed: Self.allowed)
        }
        var host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]") && host.count > 2
        if isBracketed { host = host.dropFirst().dropLast() }
        guard let family = HostText.family(of: String(host)) else {
            let isName = HostText.isName(String(host))
            throw Refusal(allowed: Self.allowed, hint: isName ? "write the address itself" : nil)
        }
        guard isBracketed == (family == .ipv6) else {
            let hint = family == .ipv6 ? "write [\(host)]:\(port)" : "leave out the brackets"
            throw Refusal(allowed: Self.allowed, hint: hint)
        }
        return HostPort(host: String(host), port: port)
    }

    private static func port(_ text: Substring) -> Int? {
        guard 1...5 ~= text.utf8.count, text.utf8.allSatisfy(ASCII.isDigit), let port = Int(text) else { return nil }
        return 1...65_535 ~= port ? port : nil
    }

    func write(_ value: HostPort) -> String { "\(value)" }
}
