import FailoverCore
import FailoverProbes
import Testing

@Suite struct HTTP1RequestTests {
    private static let address = HostPort(host: "example.test", port: 8080)

    struct Rendering: CustomTestStringConvertible, Sendable {
        let probe: HTTPProbe
        var keepsConnection = false
        let lines: [String]
        var testDescription: String { lines.joined(separator: " | ") }
    }

    @Test(arguments: [
        Rendering(
            probe: HTTPProbe(address: address, target: "/v1?x=%20"),
            lines: [
                "GET /v1?x=%20 HTTP/1.1", "Host: example.test:8080", "User-Agent: failoverd (probe)", "Accept: */*",
                "Accept-Encoding: identity", "Connection: close", "", "",
            ]
        ),
        Rendering(
            probe: HTTPProbe(address: HostPort(host: "::1", port: 80), method: "HEAD"),
            keepsConnection: true,
            lines: [
                "HEAD / HTTP/1.1", "Host: [::1]", "User-Agent: failoverd (probe)", "Accept: */*",
                "Accept-Encoding: identity", "Connection: keep-alive", "", "",
            ]
        ),
        Rendering(
            probe: HTTPProbe(address: HostPort(host: "::1", port: 443), tls: TLSSettings(), method: "DELETE"),
            lines: [
                "DELETE / HTTP/1.1", "Host: [::1]", "User-Agent: failoverd (probe)", "Accept: */*",
                "Accept-Encoding: identity", "Connection: close", "", "",
            ]
        ),
        Rendering(
            probe: HTTPProbe(
                address: address,
                method: "POST",
                headers: [
                    HeaderField(name: "HOST", value: "other.test"),
                    HeaderField(name: "Authorization", value: "Bearer t"),
                    HeaderField(name: "accept", value: "text/plain"),
                    HeaderField(name: "content-length", value: "3"),
                ],
                body: "ü!"
            ),
            lines: [
                "POST / HTTP/1.1", "User-Agent: failoverd (probe)", "Accept-Encoding: identity", "Connection: close",
                "HOST: other.test", "Authorization: Bearer t", "accept: text/plain", "content-length: 3", "", "ü!",
            ]
        ),
        Rendering(
            probe: HTTPProbe(address: address, method: "PUT"),
            lines: [
                "PUT / HTTP/1.1", "Host: example.test:8080", "User-Agent: failoverd (probe)", "Accept: */*",
                "Accept-Encoding: identity", "Connection: close", "Content-Length: 0", "", "",
            ]
        ),
    ])
    func requestsAreRenderedOnce(rendering: Rendering) throws {
        let request = try HTTP1Request(rendering.probe, keepsConnection: rendering.keepsConnection)
        #expect(String(decoding: request.bytes, as: UTF8.self) == rendering.lines.joined(separator: "\r\n"))
        #expect(request.answer == (rendering.probe.method == "HEAD" ? .head : .other))
    }

    @Test(arguments: [
        (HTTPProbe(address: address, method: "CONNECT"), HTTP1RequestError.connect),
        (HTTPProbe(address: address, method: ""), .notAMethod("")),
        (HTTPProbe(address: address, method: "GE T"), .notAMethod("GE T")),
        (HTTPProbe(address: address, target: ""), .badTarget(position: nil)),
        (HTTPProbe(address: address, target: "/a b"), .badTarget(position: 2)),
        (HTTPProbe(address: address, target: "/\r\n"), .badTarget(position: 1)),
        (HTTPProbe(address: address, target: "/ü"), .badTarget(position: 1)),
        (HTTPProbe(address: address, headers: [HeaderField(name: "A B", value: "")]), .badFieldName("A B")),
        (HTTPProbe(address: address, headers: [HeaderField(name: "", value: "")]), .badFieldName("")),
        (HTTPProbe(address: address, headers: [HeaderField(name: "A", value: "s3cret\n")]), .badFieldValue(name: "A")),
        (HTTPProbe(address: address, headers: [HeaderField(name: "A", value: "s3cret\0")]), .badFieldValue(name: "A")),
        (
            HTTPProbe(address: address, headers: [HeaderField(name: "Transfer-Encoding", value: "chunked")], body: "x"),
            .framing(name: "Transfer-Encoding")
        ),
        (
            HTTPProbe(address: address, headers: [HeaderField(name: "Content-Length", value: "2")], body: "x"),
            .framing(name: "Content-Length")
        ),
    ])
    func whatHTTPDoesNotAllowIsRefusedWithoutItsValue(probe: HTTPProbe, expected: HTTP1RequestError) {
        #expect(throws: expected) { try HTTP1Request(probe, keepsConnection: false) }
        #expect(!expected.description.contains("s3cret"))
        #expect(!expected.description.contains("\n"))
    }
}
