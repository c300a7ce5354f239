package import FailoverCore

/// The way through an HTTP proxy: `CONNECT`, and the proxy's answer to it.
package struct ProxyTunnel {
    /// How far the proxy's answer has come.
    package enum Progress: Hashable, Sendable {
        case needsMore
        /// What is left of the input, and all that follows, is the tunnel's.
        case established
    }

    /// Largest head of the proxy's answer, in bytes.
    ///
    /// Source: an answer to CONNECT is a status line and a few fields; twice the 8 KiB that proxies themselves allow.
    package static let maximumHeadBytes = 16 * 1024

    private var parser = HTTP1ResponseParser(answerTo: .connect, limit: ProxyTunnel.maximumHeadBytes)
    private var isEstablished = false

    package init() {}

    /// The request for a tunnel.
    ///
    /// - Parameters:
    ///   - endpoint: Where the tunnel leads; a name is resolved by the proxy.
    ///   - authorization: The value of `Proxy-Authorization`, such as `Basic …`; a secret. `nil` sends none.
    /// - Returns: Bytes that may hold a secret: never print them.
    /// - Throws: What HTTP does not allow; never the secret.
    package static func request(
        to endpoint: HostPort,
        authorization: String? = nil
    ) throws(ProxyRequestError) -> [UInt8] {
        guard (1...65535).contains(endpoint.port), isHost(endpoint.host) else {
            throw .badEndpoint(printable(endpoint.description, limit: 80))
        }
        let authority = endpoint.description
        var text = "CONNECT \(authority) HTTP/1.1\r\nHost: \(authority)\r\nUser-Agent: failoverd (probe)\r\n"
        if let authorization {
            guard HTTP1Request.isFieldValue(authorization) else { throw .badAuthorization }
            text += "Proxy-Authorization: \(authorization)\r\n"
        }
        return Array((text + "\r\n").utf8)
    }

    /// Reads the proxy's answer.
    ///
    /// - Parameter input: What has arrived; shortened by what was the answer's.
    /// - Returns: Whether the tunnel stands; once it does, it always does.
    /// - Throws: Why there will be no tunnel.
    package mutating func next(_ input: inout UnsafeRawBufferPointer) throws(ProxyFailure) -> Progress {
        if isEstablished { return .established }
        let event: HTTP1ResponseParser.Event
        do throws(HTTP1ResponseError) {
            event = try parser.next(&input)
        } catch {
            throw ProxyFailure(error)
        }
        // Nothing but the head is ever asked for, so the rest cannot come.
        guard case .head(let head) = event else { return .needsMore }
        guard head.status < 300 else { throw .refused(status: head.status) }
        isEstablished = true
        return .established
    }

    /// The proxy has closed its side before it answered.
    package mutating func inputEnded() throws(ProxyFailure) {
        guard !isEstablished else { return }
        do throws(HTTP1ResponseError) {
            try parser.inputEnded()
        } catch {
            throw ProxyFailure(error)
        }
    }

    /// A name or a literal address: what a host can have, and nothing that would end it.
    private static func isHost(_ host: String) -> Bool {
        !host.isEmpty
            && host.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"): true
                case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"): true
                default: false
                }
            }
    }
}

/// Why a tunnel cannot be asked for, without the secret.
package enum ProxyRequestError: Error, Hashable, Sendable, CustomStringConvertible {
    case badEndpoint(String)
    case badAuthorization

    package var description: String {
        switch self {
        case .badEndpoint(let endpoint): "no proxy can be asked for \"\(endpoint)\": not a host and a port"
        case .badAuthorization: "the credentials for the proxy have a control character"
        }
    }
}

/// How a proxy failed to open a tunnel.
package enum ProxyFailure: Error, Hashable, Sendable {
    /// The proxy answered with a status other than 2xx.
    case refused(status: Int)
    /// The proxy's answer is not HTTP.
    case malformed(HTTP1ResponseError)
    /// The head of the proxy's answer exceeds the limit, in bytes.
    case tooLarge(limit: Int)
    /// The proxy closed the connection before it had answered.
    case closed

    init(_ error: HTTP1ResponseError) {
        switch error {
        case .tooLarge(let limit): self = .tooLarge(limit: limit)
        case .empty, .truncated: self = .closed
        default: self = .malformed(error)
        }
    }

    /// What it says about the endpoint: that a proxy could not reach it is the endpoint's failure.
    ///
    /// Some proxies say that with 500, such as tinyproxy.
    package var outcome: Outcome {
        switch self {
        case .refused(500), .refused(502), .refused(503), .refused(504): .failure(.proxyFailed, isTimeout: false)
        case .refused(401), .refused(403), .refused(405), .refused(407): .misconfigured(.localProxy)
        case .refused, .malformed, .tooLarge, .closed: .inconclusive(.localProxy)
        }
    }
}

extension ProxyFailure: CustomStringConvertible {
    /// One line for people.
    package var description: String {
        switch self {
        case .refused(407): "the proxy wants credentials, or others than these (407)"
        case .refused(401), .refused(403): "the proxy forbids a tunnel to the endpoint (\(status))"
        case .refused(405): "the proxy does not allow CONNECT (405)"
        case .refused(429): "the proxy limits our rate (429)"
        case .refused(500), .refused(502), .refused(503): "the proxy could not reach the endpoint (\(status))"
        case .refused(504): "the proxy had no answer from the endpoint in time (504)"
        case .refused(let status) where status < 400: "the proxy wants to be asked elsewhere (\(status))"
        case .refused(let status): "the proxy refused a tunnel to the endpoint (\(status))"
        case .malformed(let error): "the proxy: \(error)"
        case .tooLarge(let limit): "the proxy: over \(limit) bytes of head"
        case .closed: "the proxy closed the connection without an answer to CONNECT"
        }
    }

    private var status: Int {
        if case .refused(let status) = self { status } else { 0 }
    }
}
