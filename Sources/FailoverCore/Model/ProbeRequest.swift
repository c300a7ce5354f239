/// What one attempt sends and what it expects.
package enum ProbeRequest: Hashable, Sendable {
    case http(HTTPProbe)
    /// Apart, because most probes are none and thousands of them are kept.
    indirect case chat(ChatProbe)
    case tls(TLSProbe)
    case tcp(TCPProbe)

    /// The contract's word for the type, as in `probe.type`.
    package var type: String {
        switch self {
        case .http: "http"
        case .chat: "openai-chat"
        case .tls: "tls"
        case .tcp: "tcp"
        }
    }

    package var address: HostPort {
        switch self {
        case .http(let probe): probe.address
        case .chat(let probe): probe.http.address
        case .tls(let probe): probe.address
        case .tcp(let probe): probe.address
        }
    }

    /// `nil` without TLS.
    package var tls: TLSSettings? {
        switch self {
        case .http(let probe): probe.tls
        case .chat(let probe): probe.http.tls
        case .tls(let probe): probe.tls
        case .tcp: nil
        }
    }
}

/// Where to connect: a name or a literal address, and a port.
package struct HostPort: Hashable, Sendable, CustomStringConvertible {
    /// A DNS name, an IPv4 address, or an IPv6 address without brackets.
    package let host: String
    /// 1...65535.
    package let port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// A connection that opens and closes again: proves that something listens, and no more.
package struct TCPProbe: Hashable, Sendable {
    package let address: HostPort
    package init(address: HostPort) { self.address = address }
}

/// A TLS handshake with a verified certificate, and nothing more.
package struct TLSProbe: Hashable, Sendable {
    package let address: HostPort
    package let tls: TLSSettings

    package init(address: HostPort, tls: TLSSettings = TLSSettings()) {
        self.address = address
        self.tls = tls
    }
}

/// Which version of HTTP a probe speaks.
package enum HTTPVersion: String, Hashable, Sendable, CaseIterable {
    /// Over TLS what the server prefers of HTTP/2 and HTTP/1.1; HTTP/1.1 without TLS.
    case automatic = "auto"
    case http1 = "1.1"
    /// Over TLS a server that does not speak it fails; without TLS it is spoken at once, without an upgrade.
    case http2 = "2"
}

/// One HTTP request.
///
/// Redirects are not followed.
package struct HTTPProbe: Hashable, Sendable {
    package let address: HostPort
    /// `nil` for plain HTTP.
    package let tls: TLSSettings?
    /// Path and query as sent in the request line; begins with `/`.
    package let target: String
    package let method: String
    /// In configuration order.
    ///
    /// Values may be secrets: never print them.
    package let headers: [HeaderField]
    package let body: String?
    package let version: HTTPVersion
    package let expect: HTTPExpectation

    package init(
        address: HostPort,
        tls: TLSSettings? = nil,
        target: String = "/",
        method: String = "GET",
        headers: [HeaderField] = [],
        body: String? = nil,
        version: HTTPVersion = .automatic,
        expect: HTTPExpectation = HTTPExpectation()
    ) {
        self.address = address
        self.tls = tls
        self.target = target
        self.method = method
        self.headers = headers
        self.body = body
        self.version = version
        self.expect = expect
    }

    /// Largest response head that is read, in bytes.
    ///
    /// Source: the limit of the streaming probe, so that both agree.
    package static let maximumHeaderBytes = 64 * 1024
    /// Largest response body that is read, in bytes.
    package static let maximumBodyBytes = 1024 * 1024
}

/// One header of a request.
package struct HeaderField: Hashable, Sendable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// How a TLS connection is made, and how the certificate of the endpoint is verified.
///
/// Verification itself cannot be switched off.
package struct TLSSettings: Hashable, Sendable {
    /// A PEM file of trusted roots instead of the system's.
    package let caFile: String?
    /// What the probe shows if the endpoint asks for a certificate.
    package let clientCertificate: ClientCertificate?
    /// The name that is sent and that the certificate must carry, instead of the host of the address.
    package let serverName: String?
    package let minimumVersion: TLSVersion
    /// Warn when the endpoint's certificate expires within this time.
    ///
    /// `nil` for the default: a third of its lifetime, at most ``longestDefaultWarning``.
    package let warnBefore: Duration?

    package init(
        caFile: String? = nil,
        clientCertificate: ClientCertificate? = nil,
        serverName: String? = nil,
        minimumVersion: TLSVersion = .tls12,
        warnBefore: Duration? = nil
    ) {
        self.caFile = caFile
        self.clientCertificate = clientCertificate
        self.serverName = serverName
        self.minimumVersion = minimumVersion
        self.warnBefore = warnBefore
    }

    /// Two weeks: time to act, and later than the usual automatic renewal at a third of 90 days.
    package static let longestDefaultWarning = Duration.seconds(14 * 86_400)
}

/// PEM files of a certificate, with its chain, and of its private key.
package struct ClientCertificate: Hashable, Sendable {
    package let certificateFile: String
    package let keyFile: String

    package init(certificateFile: String, keyFile: String) {
        self.certificateFile = certificateFile
        self.keyFile = keyFile
    }
}

/// The least version of TLS that a probe accepts.
package enum TLSVersion: String, Hashable, Sendable, CaseIterable {
    case tls12 = "1.2"
    case tls13 = "1.3"
}

/// What makes an answer the expected one; every part must hold.
package struct HTTPExpectation: Hashable, Sendable {
    /// In configuration order, at least one.
    package let statuses: [ClosedRange<Int>]
    /// In configuration order, possibly none.
    package let body: [BodyExpectation]

    package init(statuses: [ClosedRange<Int>] = [200...299], body: [BodyExpectation] = []) {
        self.statuses = statuses
        self.body = body
    }
}

/// One demand on the body of an answer.
package enum BodyExpectation: Hashable, Sendable {
    case contains(String)
    /// A regular expression in Swift's syntax, found anywhere in the body.
    case regex(String)
    /// The value at an RFC 6901 pointer equals a scalar.
    case json(pointer: String, equals: JSONScalar)
}

/// A JSON value without structure.
package enum JSONScalar: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
}
