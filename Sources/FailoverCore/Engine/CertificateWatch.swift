/// Warns of a certificate that expires soon: at its limit, three days before, and one day before.
///
/// Each warning is told once, also if the endpoint shows several certificates in turn, as several machines behind one
/// name do: only the one that expires first counts. After a restart it may be told again.
struct CertificateWatch: Sendable {
    /// Where the warnings stand.
    private enum State: Sendable {
        /// Nothing told. Can transition to: `warned`.
        case quiet
        /// Told how many of the warnings, and then saw only better certificates, so many times in a row. Can transition
        /// to: `renewed`.
        case warned(expires: MonotonicInstant, warnings: Int, better: Int)
        /// The better one was told; the old one may still show up. Can transition to: `warned`.
        case renewed(expires: MonotonicInstant, warnings: Int)
    }

    /// What to tell.
    enum News: Sendable, Equatable {
        case expiring(left: Duration)
        case renewed(left: Duration)
    }

    /// As asked for; `nil` for the default.
    let warnBefore: Duration?
    private var state = State.quiet

    /// Warnings after the first, if the limit is not as short.
    private static let further: [Duration] = [.seconds(3 * 86_400), .seconds(86_400)]
    /// So many good certificates in a row are a renewal, rather than another machine's turn.
    private static let certain = 10
    /// The same end, read off the wall clock at different times.
    private static let tolerance = Duration.seconds(3600)

    init(warnBefore: Duration?) { self.warnBefore = warnBefore }

    func isExpiring(_ certificate: CertificateFacts, at now: MonotonicInstant) -> Bool {
        certificate.isExpiring(warnBefore: warnBefore, at: now)
    }

    mutating func see(_ certificate: CertificateFacts, at now: MonotonicInstant) -> News? {
        let left = certificate.expires - now
        let limit = certificate.warningLimit(warnBefore)
        guard left <= limit else { return seeGood(left) }
        let warnings = 1 + Self.further.count { $0 < limit && left <= $0 }
        switch state {
        case .warned(let expires, let told, _)
        where expires <= certificate.expires + Self.tolerance && warnings <= told,
            .renewed(let expires, let told) where isSame(expires, certificate.expires) && warnings <= told:
            if case .warned(let expires, let told, _) = state {
                state = .warned(expires: expires, warnings: told, better: 0)
            }
            return nil
        case .quiet, .warned, .renewed:
            state = .warned(expires: certificate.expires, warnings: warnings, better: 0)
            return .expiring(left: left)
        }
    }

    private mutating func seeGood(_ left: Duration) -> News? {
        guard case .warned(let expires, let warnings, let better) = state else { return nil }
        guard better + 1 >= Self.certain else {
            state = .warned(expires: expires, warnings: warnings, better: better + 1)
            return nil
        }
        state = .renewed(expires: expires, warnings: warnings)
        return .renewed(left: left)
    }

    private func isSame(_ one: MonotonicInstant, _ other: MonotonicInstant) -> Bool {
        one <= other + Self.tolerance && other <= one + Self.tolerance
    }
}

extension CertificateWatch.News {
    var code: ReasonCode {
        switch self {
        case .expiring: .certificateExpiring
        case .renewed: .certificateRenewed
        }
    }

    func text(_ key: ProbeKey) -> String {
        let certificate = "the certificate of \(key.endpoint) (\(key.probe))"
        switch self {
        case .expiring(let left) where left <= .zero: return "\(certificate) has expired"
        case .expiring(let left): return "\(certificate) expires in \(Self.words(left))"
        case .renewed(let left): return "\(certificate) was renewed, for \(Self.words(left))"
        }
    }

    /// Days; hours under two days, minutes under two hours.
    private static func words(_ left: Duration) -> String {
        let minutes = Int(left.components.seconds / 60)
        if minutes >= 2 * 1440 { return (minutes / 1440).counted("day") }
        return minutes >= 120 ? (minutes / 60).counted("hour") : minutes.counted("minute")
    }
}
