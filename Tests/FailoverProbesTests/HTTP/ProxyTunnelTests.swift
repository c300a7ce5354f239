import FailoverCore
import FailoverProbes
import Testing

@Suite struct ProxyTunnelTests {
    /// What became of a tunnel, and the bytes that are the tunnel's.
    enum Opening: Hashable {
        case established(tunnel: String)
        case failed(ProxyFailure)
    }

    private func open(_ pieces: [ArraySlice<UInt8>]) -> Opening {
        var tunnel = ProxyTunnel()
        var rest: [UInt8] = []
        var isEstablished = false
        do throws(ProxyFailure) {
            for piece in pieces {
                try piece.span.bytes.withUnsafeBytes { bytes throws(ProxyFailure) in
                    var input = bytes
                    if try tunnel.next(&input) == .established {
                        isEstablished = true
                        rest += input
                    }
                }
            }
            try tunnel.inputEnded()
        } catch {
            return .failed(error)
        }
        return isEstablished ? .established(tunnel: String(decoding: rest, as: UTF8.self)) : .failed(.closed)
    }

    @Test(arguments: [
        ("HTTP/1.1 200 Connection established\r\n\r\n", Opening.established(tunnel: "")),
        ("HTTP/1.0 200 OK\r\nVia: x\r\n\r\nTLS\r\n", .established(tunnel: "TLS\r\n")),
        ("HTTP/1.1 299\r\nContent-Length: 3\r\n\r\nabc", .established(tunnel: "abc")),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nx", .established(tunnel: "x")),
        (
            "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nContent-Length: 5\r\n\r\nhello",
            .failed(.refused(status: 407))
        ),
        ("HTTP/1.1 302 Found\r\nLocation: /login\r\n\r\n", .failed(.refused(status: 302))),
        ("HTTP/1.1 503 Busy\r\n\r\n", .failed(.refused(status: 503))),
        ("SOCKS", .failed(.malformed(.notHTTP(found: "S")))),
        ("HTTP/1.1 200 OK\n\n", .failed(.malformed(.malformedLineEnd))),
        ("", .failed(.closed)),
        ("HTTP/1.1 200 OK\r\n", .failed(.closed)),
    ])
    func theAnswerToConnectDecides(answer: String, expected: Opening) {
        let bytes = Array(answer.utf8)
        #expect(open(Arrival.whole(bytes)) == expected)
        #expect(open(Arrival.byteByByte(bytes)) == expected)
        for pieces in Arrival.inTwo(bytes) { #expect(open(pieces) == expected) }
    }

    @Test func theHeadIsLimited() {
        let limit = ProxyTunnel.maximumHeadBytes
        let start = "HTTP/1.1 200 OK\r\nA:"
        let fitting = start + String(repeating: "x", count: limit - start.utf8.count - 4) + "\r\n\r\n"
        #expect(open(Arrival.whole(Array((fitting + "x").utf8))) == .established(tunnel: "x"))
        let larger = fitting.replacing("A:", with: "A:x")
        #expect(open(Arrival.whole(Array(larger.utf8))) == .failed(.tooLarge(limit: limit)))
        #expect(open(Arrival.byteByByte(Array(larger.utf8))) == .failed(.tooLarge(limit: limit)))
    }

    @Test(
        arguments: [
            (HostPort(host: "example.test", port: 443), nil, "example.test:443", ""),
            (
                HostPort(host: "2001:db8::1", port: 8443), "Basic dTpw", "[2001:db8::1]:8443",
                "Proxy-Authorization: Basic dTpw\r\n"
            ),
        ] as [(HostPort, String?, String, String)]
    )
    func theRequestNamesTheEndpoint(endpoint: HostPort, secret: String?, authority: String, field: String) throws {
        let request = try ProxyTunnel.request(to: endpoint, authorization: secret)
        #expect(
            String(decoding: request, as: UTF8.self)
                == "CONNECT \(authority) HTTP/1.1\r\nHost: \(authority)\r\nUser-Agent: failoverd (probe)\r\n\(field)\r\n"
        )
    }

    @Test(arguments: ["", "a b", "a\r\nb", "a/b", "user@a", "ü"])
    func aHostThatWouldEndTheLineIsRefused(host: String) {
        #expect(throws: ProxyRequestError.self) { try ProxyTunnel.request(to: HostPort(host: host, port: 443)) }
    }

    @Test func credentialsWithALineEndAreRefusedWithoutShowingThem() {
        #expect(throws: ProxyRequestError.badAuthorization) {
            try ProxyTunnel.request(to: HostPort(host: "a", port: 443), authorization: "s3cret\r\n")
        }
        #expect(!ProxyRequestError.badAuthorization.description.contains("s3cret"))
    }

    @Test(arguments: [
        (ProxyFailure.refused(status: 407), Outcome.misconfigured(.localProxy)),
        (.refused(status: 403), .misconfigured(.localProxy)),
        (.refused(status: 405), .misconfigured(.localProxy)),
        (.refused(status: 502), .failure(.proxyFailed, isTimeout: false)),
        (.refused(status: 503), .failure(.proxyFailed, isTimeout: false)),
        (.refused(status: 504), .failure(.proxyFailed, isTimeout: false)),
        (.refused(status: 500), .failure(.proxyFailed, isTimeout: false)),
        (.refused(status: 302), .inconclusive(.localProxy)),
        (.refused(status: 429), .inconclusive(.localProxy)),
        (.malformed(.malformedField), .inconclusive(.localProxy)),
        (.tooLarge(limit: 1), .inconclusive(.localProxy)),
        (.closed, .inconclusive(.localProxy)),
    ])
    func onlyAnUnreachedEndpointIsTheEndpointsFailure(failure: ProxyFailure, outcome: Outcome) {
        #expect(failure.outcome == outcome)
        #expect(failure.description.hasPrefix("the proxy"))
    }
}
