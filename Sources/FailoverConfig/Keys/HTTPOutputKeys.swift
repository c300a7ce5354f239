import FailoverCore

/// Where the page is served.
enum HTTPOutputKeys {
    static let http = "http"
    /// Names of one daemon: its own, its aliases, and those of proxies before it.
    static let maximumHosts = 32

    static let listen = Setting(name: "listen", rule: ListenRule(), isRequired: true, wanted: ListenRule.allowed)
    static let token = Setting(name: "token", rule: CredentialNameRule())
    static let tokenFile = Setting(name: "token_file", rule: PathRule(maximum: OutputKeys.maximumPath))
    static let hosts = "hosts"
    static let host = WebHostRule()

    static let table = KeyTable(
        [
            listen.known, token.known, tokenFile.known,
            KnownKey(hosts, .list(host.known, maximum: maximumHosts)),
        ],
        hints: [
            "credential": "write token", "credential_file": "write token_file", "host": "write hosts",
            "address": "write listen: ADDRESS:PORT", "port": "write listen: ADDRESS:PORT",
        ]
    )
    static let known = KnownKey(http, .mapping(table))
}

/// The name of a host, as browsers send it, without a port.
struct WebHostRule: ScalarRule {
    private static let allowed = "the name of a host, such as failover.example.com, without a port"
    /// Longest name of DNS.
    private static let maximum = 253
    var known: KnownValue { .text(maximum: Self.maximum) }

    func read(_ scalar: ScalarText) throws(Refusal) -> String {
        let text = try TextRule(maximum: Self.maximum).read(scalar)
        guard HostText.isName(text), !text.hasSuffix(".") else { throw Refusal(allowed: Self.allowed) }
        return text.lowercased()
    }

    func write(_ value: String) -> String { value }
}
