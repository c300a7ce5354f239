/// The way that an attempt took to its endpoint.
///
/// Shared between the attempts that took the same way, so that telling it costs nothing.
package final class ConnectionFacts: Hashable, Sendable {
    /// The literal address and port that was connected to: the endpoint's, or the proxy's.
    package let address: HostPort
    package let family: AddressFamily
    /// The other family had addresses too, was tried first, and did not answer in time; `nil` otherwise.
    package let failedFamily: AddressFamily?
    package let http: SpokenHTTP?
    /// `nil` without TLS.
    package let certificate: CertificateFacts?
    /// The connection was made by an earlier attempt.
    package let isReused: Bool

    package init(
        address: HostPort,
        family: AddressFamily,
        failedFamily: AddressFamily? = nil,
        http: SpokenHTTP? = nil,
        certificate: CertificateFacts? = nil,
        isReused: Bool = false
    ) {
        self.address = address
        self.family = family
        self.failedFamily = failedFamily
        self.http = http
        self.certificate = certificate
        self.isReused = isReused
    }

    package static func == (left: ConnectionFacts, right: ConnectionFacts) -> Bool {
        left === right
            || (left.address == right.address && left.family == right.family && left.failedFamily == right.failedFamily
                && left.http == right.http && left.certificate == right.certificate && left.isReused == right.isReused)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(address)
        hasher.combine(certificate)
    }
}

/// A version of the Internet Protocol.
package enum AddressFamily: String, Hashable, Sendable {
    case ipv4, ipv6
}

/// The version of HTTP that was spoken.
package enum SpokenHTTP: String, Hashable, Sendable {
    case http1 = "1.1"
    case http2 = "2"
}

/// How long a certificate is still good.
package struct CertificateFacts: Hashable, Sendable {
    /// The end of its validity, on the monotonic clock: the wall clock is read once, when the certificate is seen.
    package let expires: MonotonicInstant
    /// From the beginning to the end of its validity.
    package let lifetime: Duration

    package init(expires: MonotonicInstant, lifetime: Duration) {
        self.expires = expires
        self.lifetime = lifetime
    }

    /// Whether no more time is left than `warnBefore`, or the default of ``TLSSettings/warnBefore``.
    package func isExpiring(warnBefore: Duration?, at now: MonotonicInstant) -> Bool {
        expires - now <= warningLimit(warnBefore)
    }

    /// How long before the end a warning is due.
    func warningLimit(_ warnBefore: Duration?) -> Duration {
        warnBefore ?? min(lifetime / 3, TLSSettings.longestDefaultWarning)
    }
}
