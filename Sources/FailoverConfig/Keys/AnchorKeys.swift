import FailoverCore

/// What is probed only to know whether our own network works.
enum AnchorKeys {
    static let anchors = "anchors"
    /// A few see every way that a network breaks; more are load on others.
    static let maximum = 16
    static let place = "HOST:PORT, such as 192.0.2.1:443"
    static let page = "an http:// or https:// URL, such as https://example.com/"

    static let tcp = Setting(name: "tcp", rule: TextRule(maximum: 300))
    static let tls = Setting(name: "tls", rule: TextRule(maximum: 300))
    static let http = Setting(name: "http", rule: TextRule(maximum: 2_048))

    static let table = KeyTable([tcp.known, tls.known, http.known])
    static let known = KnownKey(anchors, .list(.oneOf(table), maximum: maximum))

    /// As often as endpoints by default.
    static let interval = ProbeKeys.interval.fallback
    /// An anchor that needs longer witnesses nothing.
    static let timeouts = ProbeTimeouts(connect: .seconds(3), firstByte: .seconds(3), total: .seconds(3))
}
