package import FailoverCore
import NIOCore
import NIOHTTP1

/// One probe's configuration in the form that attempts use: request rendered, expressions compiled, literal address
/// parsed.
///
/// Made once; used on one event loop only.
package final class PreparedProbe {
    /// What an attempt does once it is connected.
    enum Exchange {
        /// Nothing: to be connected is all.
        case none
        case http(HTTPPlan)
    }

    let configuration: ProbeConfiguration
    let address: HostPort
    /// `nil` for a name.
    let literal: SocketAddress?
    let tls: TLSSettings?
    let exchange: Exchange
    /// Why this probe can never run, `nil` for most.
    let defect: String?
    /// A body is being matched on another thread.
    ///
    /// Another one has to do without: an expression that backtracks for ever would otherwise take thread after thread.
    var isMatching = false

    package init(_ configuration: ProbeConfiguration) {
        self.configuration = configuration
        switch configuration.request {
        case .tcp(let probe):
            address = probe.address
            tls = nil
            exchange = .none
            defect = nil
        case .http(let probe):
            address = probe.address
            tls = probe.tls
            do throws(BodyMatcher.Unusable) {
                exchange = .http(try HTTPPlan(probe))
                defect = nil
            } catch {
                exchange = .none
                defect = error.detail
            }
        }
        literal = try? SocketAddress(ipAddress: address.host, port: address.port)
    }

    /// The name for SNI and for the certificate; `nil` for a literal address, whose certificate must carry the address.
    var serverName: String? {
        guard literal == nil else { return nil }
        return address.host.hasSuffix(".") ? String(address.host.dropLast()) : address.host
    }
}

/// One HTTP request as sent, and what is expected of the answer.
struct HTTPPlan {
    /// Request line, headers and body.
    let request: ByteBuffer
    /// Tells the decoder which request it decodes the answer of.
    let method: HTTPMethod
    let statuses: [ClosedRange<Int>]
    let matcher: BodyMatcher

    init(_ probe: HTTPProbe) throws(BodyMatcher.Unusable) {
        matcher = try BodyMatcher(probe.expect.body)
        statuses = probe.expect.statuses
        method = HTTPMethod(rawValue: probe.method)
        request = try Self.render(probe)
    }

    /// The expected statuses for people: `200-299, 304`.
    var expectedStatuses: String {
        statuses.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ", ")
    }

    private static func render(_ probe: HTTPProbe) throws(BodyMatcher.Unusable) -> ByteBuffer {
        guard isToken(probe.method) else { throw BodyMatcher.Unusable(detail: "not an HTTP method: \(probe.method)") }
        guard probe.target.utf8.allSatisfy({ (0x21...0x7e).contains($0) }), !probe.target.isEmpty else {
            throw BodyMatcher.Unusable(detail: "a request target is printable ASCII without spaces: \(probe.target)")
        }
        var fields = defaultHeaders(probe)
        fields.removeAll { field in probe.headers.contains { $0.name.lowercased() == field.name.lowercased() } }
        fields += probe.headers
        var text = "\(probe.method) \(probe.target) HTTP/1.1\r\n"
        for field in fields {
            guard isToken(field.name), field.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }) else {
                // Without the value, which may be a secret.
                throw BodyMatcher.Unusable(detail: "header \(field.name) has a character that HTTP does not allow")
            }
            text += "\(field.name): \(field.value)\r\n"
        }
        return ByteBuffer(string: text + "\r\n" + (probe.body ?? ""))
    }

    private static func defaultHeaders(_ probe: HTTPProbe) -> [HeaderField] {
        let defaultPort = probe.tls == nil ? 80 : 443
        let address = probe.address
        let host = address.host.contains(":") ? "[\(address.host)]" : address.host
        var headers = [
            HeaderField(name: "Host", value: address.port == defaultPort ? host : address.description),
            HeaderField(name: "User-Agent", value: "failoverd (probe)"),
            HeaderField(name: "Accept", value: "*/*"),
            HeaderField(name: "Accept-Encoding", value: "identity"),
            HeaderField(name: "Connection", value: "close"),
        ]
        if let body = probe.body {
            headers.append(HeaderField(name: "Content-Length", value: "\(body.utf8.count)"))
        }
        return headers
    }

    /// A token of RFC 9110, section 5.6.2.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"): true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}
