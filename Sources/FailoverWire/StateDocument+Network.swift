package import FailoverCore

extension StateDocument {
    /// The way that the last attempt of a probe took to its endpoint.
    package struct Connection: Codable, Hashable, Sendable {
        /// The literal address and port that was connected to: the endpoint's, or the proxy's.
        package var address: String
        /// `ipv4` or `ipv6`.
        package var family: String
        /// The family that was tried first and did not answer in time; `null` otherwise.
        @ExplicitNull package var failedFamily: String?
        /// `1.1` or `2`; `null` where no HTTP was spoken.
        @ExplicitNull package var http: String?
        /// The connection was made by an earlier attempt.
        package var reused: Bool
        /// `null` without TLS.
        @ExplicitNull package var certificate: Certificate?

        private enum CodingKeys: String, CodingKey {
            case address, family, http, reused, certificate
            case failedFamily = "failed_family"
        }

        package init(
            address: String,
            family: String,
            failedFamily: String?,
            http: String?,
            reused: Bool,
            certificate: Certificate?
        ) {
            self.address = address
            self.family = family
            _failedFamily = ExplicitNull(wrappedValue: failedFamily)
            _http = ExplicitNull(wrappedValue: http)
            self.reused = reused
            _certificate = ExplicitNull(wrappedValue: certificate)
        }
    }

    /// How long the endpoint's certificate is still good.
    package struct Certificate: Codable, Hashable, Sendable {
        package var expiresAt: WallTime
        /// Within the time that was asked to be warned about.
        package var expiresSoon: Bool

        package init(expiresAt: WallTime, expiresSoon: Bool) {
            self.expiresAt = expiresAt
            self.expiresSoon = expiresSoon
        }

        private enum CodingKeys: String, CodingKey {
            case expiresAt = "expires_at"
            case expiresSoon = "expires_soon"
        }
    }

    /// How the probing itself fares, over the last minute.
    package struct Probing: Codable, Hashable, Sendable, Blank {
        /// Attempts that ended.
        package var finished: Int
        /// Starts that were planned and did not happen.
        package var skipped: Int
        /// Attempts that said nothing because of our own machine or network, by reason code.
        package var local: [String: Int]
        @ExplicitNull package var trouble: Trouble?

        package init(finished: Int = 0, skipped: Int = 0, local: [String: Int] = [:], trouble: Trouble? = nil) {
            self.finished = finished
            self.skipped = skipped
            self.local = local
            _trouble = ExplicitNull(wrappedValue: trouble)
        }

        package static var blank: Probing { Probing() }
    }

    /// What hampers the probing.
    package struct Trouble: Codable, Hashable, Sendable {
        package var code: String
        package var text: String
        package var since: WallTime

        package init(code: String, text: String, since: WallTime) {
            self.code = code
            self.text = text
            self.since = since
        }
    }
}

extension StateDocument.Connection {
    package init(_ facts: ConnectionFacts, expiresSoon: Bool, at clock: ClockReading) {
        self.init(
            address: facts.address.description,
            family: facts.family.rawValue,
            failedFamily: facts.failedFamily?.rawValue,
            http: facts.http?.rawValue,
            reused: facts.isReused,
            certificate: facts.certificate.map { certificate in
                StateDocument.Certificate(
                    expiresAt: clock.wallTime(of: certificate.expires),
                    expiresSoon: expiresSoon
                )
            }
        )
    }
}

extension StateDocument.Probing {
    package init(_ probing: ProbingSnapshot, at clock: ClockReading) {
        self.init(
            finished: probing.finished,
            skipped: probing.skipped,
            local: Dictionary(probing.local.map { ($0.code.rawValue, $0.count) }) { $0 + $1 },
            trouble: probing.trouble.map { trouble in
                StateDocument.Trouble(
                    code: trouble.reason.code.rawValue,
                    text: trouble.reason.text,
                    since: clock.wallTime(of: trouble.since)
                )
            }
        )
    }
}
