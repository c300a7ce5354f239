import FailoverCore

/// The facts of the last connection, told again while they are the same: most attempts take the same way.
struct FactsCache {
    /// The wall clock may be set: what was computed with it is computed again after this time.
    private static let longestUse = Duration.seconds(600)

    private struct Key: Hashable {
        let address: IPAddress
        let failedFamily: AddressFamily?
        let http: SpokenHTTP?
        let isReused: Bool
        let notBefore: Int?
        let notAfter: Int?
    }

    private var last: (key: Key, facts: ConnectionFacts, made: MonotonicInstant)?

    /// `nil` if the attempt did not connect.
    mutating func facts(
        of connection: Connection,
        port: Int,
        isReused: Bool,
        http: SpokenHTTP?,
        wallSeconds: () -> Int,
        at now: MonotonicInstant
    ) -> ConnectionFacts? {
        guard let address = connection.address else { return nil }
        let validity = connection.certificateValidity
        let key = Key(
            address: address,
            failedFamily: connection.failedFamily,
            http: http,
            isReused: isReused,
            notBefore: validity?.notBefore,
            notAfter: validity?.notAfter
        )
        if let last, last.key == key, now - last.made < Self.longestUse { return last.facts }
        var certificate: CertificateFacts?
        if let notBefore = key.notBefore, let notAfter = key.notAfter {
            certificate = CertificateFacts(
                expires: now + .seconds(notAfter - wallSeconds()),
                lifetime: .seconds(notAfter - notBefore)
            )
        }
        let facts = ConnectionFacts(
            address: HostPort(host: address.description, port: port),
            family: address.family,
            failedFamily: connection.failedFamily,
            http: http,
            certificate: certificate,
            isReused: isReused
        )
        last = (key, facts, now)
        return facts
    }
}
