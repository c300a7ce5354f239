import FailoverCore

/// What `connection` may say.
enum ConnectionWord: String, CaseIterable, Sendable {
    case fresh, reuse
}

/// How a probe gets its connection.
enum ConnectionKeys {
    static let connection = DefaultedSetting(name: "connection", rule: ChoiceRule<ConnectionWord>(), fallback: .fresh)
    /// `1` would be `connection: fresh`; more than a thousand would find faults of names and TLS after hours.
    static let freshEvery = DefaultedSetting(
        name: "fresh_every",
        rule: WholeRule(2...1_000),
        fallback: ConnectionUse.defaultFreshEvery
    )
    static let tripwire = DefaultedSetting(
        name: "tripwire",
        rule: FlagRule(),
        fallback: ConnectionSettings().tripwire
    )
    static let sourceAddress = Setting(name: "source_address", rule: AddressRule())
    static let proxy = "proxy"
    static let proxyRule = ProxyRule()
    static let proxyURL = Setting(name: "url", rule: ProxyURLRule(), isRequired: true, wanted: ProxyURLRule.allowed)
    static let credentialFile = Setting(name: "credential_file", rule: PathRule(maximum: OutputKeys.maximumPath))
    static let proxyTable = KeyTable([proxyURL.known, credentialFile.known])

    static let known = [
        connection.known,
        freshEvery.known,
        tripwire.known,
        sourceAddress.known,
        KnownKey(proxy, .either([proxyRule.known, .mapping(proxyTable)])),
    ]
}

/// A literal address.
struct AddressRule: ScalarRule {
    /// The longest notation of an IPv6 address.
    var known: KnownValue { .text(maximum: 45) }

    func read(_ scalar: ScalarText) throws(Refusal) -> String {
        let text = scalar.text
        guard HostText.family(of: text) != nil else {
            let bare = String(text.drop { $0 == "[" }.prefix { !"]/%".contains($0) })
            throw Refusal(
                allowed: "a literal address of this machine, such as 192.0.2.7",
                hint: HostText.family(of: bare) == nil ? nil : "write \(bare.lowercased())"
            )
        }
        return text.lowercased()
    }

    func write(_ value: String) -> String { value }
}

/// The URL of a proxy: a host and a port, and no secret.
struct ProxyURLRule: ScalarRule {
    static let allowed = "http://HOST:PORT of an HTTP proxy"
    static let maximum = 2_048
    var known: KnownValue { .text(maximum: Self.maximum) }

    func read(_ scalar: ScalarText) throws(Refusal) -> HostPort {
        let text = try TextRule(maximum: Self.maximum).read(scalar)
        guard !text.contains("@") else {
            throw Refusal(
                found: EndpointURL.shown(text),
                allowed: "\(Self.allowed), without credentials",
                hint: "put user:password into a file, and name it with proxy: { url: ..., credential_file: ... }"
            )
        }
        let url: EndpointURL
        do {
            url = try EndpointURL(text)
        } catch {
            let hint = text.contains("://") ? error.hint : "add http:// in front"
            throw Refusal(found: EndpointURL.shown(text), allowed: Self.allowed, hint: text.isEmpty ? nil : hint)
        }
        guard url.scheme == .http, url.hasExplicitPort, ["", "/"].contains(url.path), url.query == nil else {
            let hint = url.scheme == .http && !url.hasExplicitPort ? "add the port" : nil
            throw Refusal(found: EndpointURL.shown(text), allowed: Self.allowed, hint: hint)
        }
        return url.address
    }

    func write(_ value: HostPort) -> String { "http://\(value)" }
}

/// The URL of a proxy, or `none` to connect directly whatever the defaults say.
struct ProxyRule: ScalarRule {
    private static let none = "none"
    private static let urls = ProxyURLRule()
    var known: KnownValue { Self.urls.known }

    func read(_ scalar: ScalarText) throws(Refusal) -> HostPort? {
        if scalar.text == Self.none { return nil }
        do {
            return try Self.urls.read(scalar)
        } catch {
            throw Refusal(found: error.found, allowed: "\(error.allowed), or \(Self.none)", hint: error.hint)
        }
    }

    func write(_ value: HostPort?) -> String { value.map(Self.urls.write) ?? Self.none }
}
