import FailoverCore

/// What a probe sends and nobody may be shown, to be taken out of what a server says.
struct Redaction: Sendable {
    static let nothing = Redaction(values: [], key: nil)

    /// Values of configured headers, longest first.
    private let values: [Secret]
    /// The credential; `nil` for none.
    private let key: Secret?

    private init(values: [Secret], key: Secret?) {
        (self.values, self.key) = (values, key)
    }

    /// The values of the headers that are configured for a probe, but for those that everybody sends or knows.
    init(_ request: ProbeRequest) {
        let http: HTTPProbe
        var known = [request.address.host]
        switch request {
        case .http(let probe): http = probe
        case .chat(let probe):
            http = probe.http
            known.append(probe.model)
        case .tls, .tcp:
            self = .nothing
            return
        }
        let values = http.headers.filter { !Self.isUsual($0.name) }.flatMap { Self.secrets(in: $0.value) }
        let unknown = Set(values).subtracting(known).map { Secret($0) }
        self.init(values: unknown.sorted { $0.value.utf8.count > $1.value.utf8.count }, key: nil)
    }

    /// With a credential as well.
    func adding(_ key: Secret?) -> Redaction { Redaction(values: values, key: key) }

    /// `text` without what may not be shown.
    func redacted(_ text: String) -> String {
        var text = text
        var key = key
        for value in values {
            // Longest first: one may hold the other.
            if let secret = key, secret.value.utf8.count > value.value.utf8.count {
                text = secret.redacted(text)
                key = nil
            }
            // Words of every day may begin like a header's value.
            text = value.redacted(text, findsEnd: false)
        }
        return key?.redacted(text) ?? text
    }

    /// One line for people of what a server says: nothing in it that may not be shown, and nothing that looks like a key.
    func line(_ text: String, limit: Int = maximumDetailLength - 1) -> String {
        // In this order: what is masked or cut is no longer found.
        MaskedText.line(printable(redacted(text), limit: Self.maximumLength), limit: limit)
    }

    /// The part of a text that is looked at for keys of others, in characters: far more than is shown.
    private static let maximumLength = 4000
    /// A shorter value of a header is no secret, and would be found everywhere.
    private static let leastLength = 8

    private static let usualNames: Set<String> = [
        "accept", "cache-control", "connection", "host", "keep-alive", "origin", "pragma", "referer", "te",
        "user-agent",
    ]

    private static func isUsual(_ name: String) -> Bool {
        let name = name.lowercased()
        return usualNames.contains(name) || name.hasPrefix("accept-") || name.hasPrefix("content-")
    }

    /// A value, and what follows a scheme in it, such as `Bearer`.
    private static func secrets(in value: String) -> [String] {
        let parts = value.split(separator: " ", maxSplits: 1).map { $0.trimmedASCII }
        let secrets =
            parts.count == 2 && !parts[1].contains(" ") ? [value.trimmedASCII, parts[1]] : [value.trimmedASCII]
        return secrets.filter { $0.utf8.count >= leastLength }
    }
}
