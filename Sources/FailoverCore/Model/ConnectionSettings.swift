/// How a probe gets its connection.
package struct ConnectionSettings: Hashable, Sendable {
    package let use: ConnectionUse
    /// A literal address of this machine to speak from; addresses of the other family are not tried.
    package let sourceAddress: String?
    /// `nil` for a direct connection; the environment is never asked.
    package let proxy: ProxySettings?
    /// Keep one idle connection, and probe at once when it breaks.
    ///
    /// A hint, never evidence.
    package let tripwire: Bool

    package init(
        use: ConnectionUse = .fresh,
        sourceAddress: String? = nil,
        proxy: ProxySettings? = nil,
        tripwire: Bool = false
    ) {
        self.use = use
        self.sourceAddress = sourceAddress
        self.proxy = proxy
        self.tripwire = tripwire
    }
}

/// Whether each probe has a connection of its own.
package enum ConnectionUse: Hashable, Sendable {
    /// Finds faults of name resolution, connecting and TLS with every probe.
    case fresh
    /// Keeps the connection, and opens a fresh one for every `freshEvery`th probe, which is what still finds those faults.
    ///
    /// 2...1000.
    case reuse(freshEvery: Int)

    /// One probe in ten: with an interval of 5 s a fresh connection at least every 50 s.
    package static let defaultFreshEvery = 10
}

/// An HTTP proxy that is asked to CONNECT to the endpoint.
package struct ProxySettings: Hashable, Sendable {
    package let address: HostPort
    /// A file that holds `user:password` in its first line.
    package let credentialFile: String?

    package init(address: HostPort, credentialFile: String? = nil) {
        self.address = address
        self.credentialFile = credentialFile
    }
}
