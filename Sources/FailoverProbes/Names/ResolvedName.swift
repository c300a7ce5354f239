package import FailoverCore

/// The addresses of a name.
package struct ResolvedName: Hashable, Sendable {
    /// In the order in which to try them: IPv6 and IPv4 take turns, IPv6 first, each as the name server ordered them.
    ///
    /// Never empty; at most ``NameOutcome/maximumAddresses``.
    package let addresses: [IPAddress]
    /// The end of their time to live; it has passed when they are stale.
    package let expires: MonotonicInstant
    /// Whether these are the last good addresses, used because the resolver does not do its work now.
    package let isStale: Bool

    package init(addresses: [IPAddress], expires: MonotonicInstant, isStale: Bool) {
        self.addresses = addresses
        self.expires = expires
        self.isStale = isStale
    }
}
