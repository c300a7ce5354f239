/// What one attempt sends and what it expects.
package enum ProbeRequest: Hashable, Sendable {
    case http(HTTPProbe)
    case tcp(TCPProbe)

    /// The contract's word for the type, as in `probe.type`.
    package var type: String {
        switch self {
        case .http: "http"
        case .tcp: "tcp"
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

/// One HTTP/1.1 request on a connection of its own.
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
    package let expect: HTTPExpectation

    package init(
        address: HostPort,
        tls: TLSSettings? = nil,
        target: String = "/",
        method: String = "GET",
        headers: [HeaderField] = [],
        body: String? = nil,
        expect: HTTPExpectation = HTTPExpectation()
    ) {
        self.address = address
        self.tls = tls
        self.target = target
        self.method = method
        self.headers = headers
        self.body = body
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

/// How the certificate of an endpoint is verified.
///
/// Verification itself cannot be switched off.
package struct TLSSettings: Hashable, Sendable {
    /// A PEM file of trusted roots instead of the system's.
    package let caFile: String?
    package init(caFile: String? = nil) { self.caFile = caFile }
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
