import FailoverCore

/// How a TLS connection is made and verified.
enum TLSKeys {
    private static let path = PathRule(maximum: OutputKeys.maximumPath)

    static let caFile = Setting(name: "ca_file", rule: path)
    static let certificateFile = Setting(name: "certificate_file", rule: path)
    static let keyFile = Setting(name: "key_file", rule: path)
    static let serverName = Setting(name: "server_name", rule: ServerNameRule())
    static let minimumVersion = DefaultedSetting(
        name: "min_version",
        rule: VersionRule<TLSVersion>(),
        fallback: TLSSettings().minimumVersion
    )
    /// Zero for no warning; longer than a year would warn of nearly every certificate from its first day.
    static let warnBefore = Setting(
        name: "warn_before",
        rule: DurationRule(.zero...(.seconds(365 * 86_400)), usualUnit: "d")
    )

    static let table = KeyTable([
        caFile.known, certificateFile.known, keyFile.known, serverName.known, minimumVersion.known, warnBefore.known,
    ])
}

/// The name of a server as a certificate carries it.
struct ServerNameRule: ScalarRule {
    var known: KnownValue { .text(maximum: 253) }

    func read(_ scalar: ScalarText) throws(Refusal) -> String {
        let text = scalar.text.lowercased()
        let isAddress = HostText.family(of: text) != nil
        guard HostText.isName(text), !text.hasSuffix("."), !isAddress, scalar.kind == .text else {
            throw Refusal(
                allowed: "a DNS name, such as api.example.com",
                hint: isAddress ? "without it, the certificate must carry the address of the URL" : nil
            )
        }
        return text
    }

    func write(_ value: String) -> String { value }
}

/// One of several versions, with or without quotes.
struct VersionRule<Value: RawRepresentable & CaseIterable & Sendable>: ScalarRule where Value.RawValue == String {
    private var names: [String] { Value.allCases.map(\.rawValue) }
    var known: KnownValue { .version(names) }

    func read(_ scalar: ScalarText) throws(Refusal) -> Value {
        // No guess at what was meant: every version is a slip of one digit away from another.
        guard let value = Value(rawValue: scalar.text) else { throw Refusal(allowed: names.joined(separator: ", ")) }
        return value
    }

    func write(_ value: Value) -> String { value.rawValue }
}
