import FailoverCore

/// One HTTP request as it is sent, and what is expected of the answer.
struct HTTPPlan: Sendable {
    let probe: HTTPProbe
    let http1: HTTP1Request
    /// `nil` where only HTTP/1.1 is spoken.
    let http2: HTTP2Request?
    let matcher: BodyMatcher
    /// The header fields of the answer that matter, over HTTP/1.1; none of them has a value.
    let wanted: HTTP1FieldCapture

    /// - Parameters:
    ///   - probe: What to ask.
    ///   - keepsConnection: Whether another request may follow on the same connection.
    ///   - wanted: Names of the header fields of the answer that matter.
    ///   - bodyFollows: Each attempt has a body of its own.
    /// - Throws: What cannot be sent or expected.
    init(
        _ probe: HTTPProbe,
        keepsConnection: Bool,
        wanted: [String] = [Self.retryAfter],
        bodyFollows: Bool = false
    ) throws(ProbeDefect) {
        self.probe = probe
        self.wanted = HTTP1FieldCapture(wanted)
        do throws(BodyMatcher.Unusable) {
            matcher = try BodyMatcher(probe.expect.body)
        } catch {
            throw ProbeDefect(detail: error.detail)
        }
        do throws(HTTP1RequestError) {
            http1 = try HTTP1Request(probe, keepsConnection: keepsConnection, bodyFollows: bodyFollows)
        } catch {
            throw ProbeDefect(detail: error.description)
        }
        http2 = Self.mayBeHTTP2(probe) ? HTTP2Request(probe, like: http1) : nil
    }

    /// How long to wait, from a server that limits our rate.
    static let retryAfter = "retry-after"

    private static func mayBeHTTP2(_ probe: HTTPProbe) -> Bool {
        switch probe.version {
        case .http1: false
        case .automatic: probe.tls != nil
        case .http2: true
        }
    }

    /// The expected statuses for people: `200-299, 304`.
    var expectedStatuses: String {
        probe.expect.statuses.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ", ")
    }

    /// What an unexpected status means; `nil` for an expected one.
    func failure(ofStatus status: Int, retryAfter: @autoclosure () -> String?) -> ProbeFailure? {
        guard !probe.expect.statuses.contains(where: { $0.contains(status) }) else { return nil }
        let detail = "status \(status), expected \(expectedStatuses)"
        // The endpoint limits our rate, which says nothing about its health.
        guard status == 429 else { return .endpoint(.http(status), detail) }
        return ProbeFailure(.throttled(.http(status)), detail, retryAfter: retryAfter())
    }
}
