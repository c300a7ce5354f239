import FailoverCore
import Testing

@testable import FailoverProbes

@Suite struct RetryAfterTests {
    struct Asked: Sendable, CustomTestStringConvertible {
        let fields: [ChatHead.Field]
        /// In seconds; `nil` if nothing is asked.
        let seconds: Double?
        var testDescription: String { "\(fields)" }

        init(_ name: String, _ value: String, _ seconds: Double?) {
            fields = [(name, value)]
            self.seconds = seconds
        }

        init(_ fields: [ChatHead.Field], _ seconds: Double?) {
            self.fields = fields
            self.seconds = seconds
        }
    }

    /// The time now is 2026-11-22 08:00:00 UTC, 1,795,334,400 s since 1970.
    @Test(arguments: [
        Asked([], nil),
        Asked("retry-after-ms", "1500", 1.5),
        Asked("retry-after", "7", 7),
        Asked("retry-after", " 7.5 ", 7.5),
        Asked("retry-after", "0", 0),
        Asked("retry-after", "86400", 300),
        Asked("retry-after", String(repeating: "9", count: 400), 300),
        Asked("retry-after", "-1", nil),
        Asked("retry-after", "soon", nil),
        Asked("retry-after", "", nil),
        Asked("retry-after", "1.2.3", nil),
        Asked("retry-after", "1e3", nil),
        Asked("retry-after", "Sun, 22 Nov 2026 08:00:30 GMT", 30),
        Asked("retry-after", "Sunday, 22-Nov-26 08:01:00 GMT", 60),
        Asked("retry-after", "Sun Nov 22 08:00:05 2026", 5),
        Asked("retry-after", "Sun, 22 Nov 2026 07:59:59 GMT", 0),
        Asked("retry-after", "Sat, 01 Jan 2028 00:00:00 GMT", 300),
        Asked("retry-after", "Sun, 22 Nov 2026 08:00:30 PST", nil),
        Asked("retry-after", "Sun, 99 Nov 2026 08:00:30 GMT", nil),
        Asked("retry-after", "Sun, 22 Now 2026 08:00:30 GMT", nil),
        Asked("retry-after", "Sun, 22 Nov 2026 08:00 GMT", nil),
        Asked("retry-after", "12s", 12),
        Asked("x-ratelimit-reset", "1795334410", 10),
        Asked("x-ratelimit-reset", "1795334412500", 12.5),
        Asked("x-ratelimit-reset", "45", 45),
        Asked("x-ratelimit-reset-requests", "1m30s", 90),
        Asked("x-ratelimit-reset-tokens", "6ms", 0.006),
        Asked("x-ratelimit-reset-tokens", "1h", 300),
        Asked("x-ratelimit-reset-tokens", "1m0.5s", 60.5),
        Asked("x-ratelimit-reset-tokens", "250µs", 0.000_25),
        Asked("x-ratelimit-reset-tokens", "1m30", nil),
        Asked("x-ratelimit-reset-tokens", "m", nil),
        Asked("x-ratelimit-reset-tokens", "1 m", nil),
        Asked([("x-ratelimit-reset-requests", "12ms"), ("x-ratelimit-reset-tokens", "4s")], 4),
        Asked([("x-ratelimit-reset", "100"), ("retry-after", "9"), ("retry-after-ms", "8000")], 8),
        Asked([("x-ratelimit-reset", "100"), ("retry-after", "9"), ("retry-after-ms", "?")], 9),
        Asked([("retry-after", "?"), ("x-ratelimit-reset", "100")], 100),
        Asked("date", "7", nil),
    ])
    func everySpellingIsUnderstood(_ asked: Asked) {
        let delay = RetryAfter.delay(in: asked.fields, wallSeconds: ChatScript.wallSeconds)
        #expect(delay.map { ($0.inSeconds * 1e6).rounded() } == asked.seconds.map { ($0 * 1e6).rounded() })
    }

    @Test func onlyAThrottledProbeIsAskedToWait() {
        let fields: [ChatHead.Field] = [("retry-after", "7")]
        let waits = [429, 503, 529, 500].map { ChatScript(status: $0, fields: fields).conclusion().retryAfter }
        #expect(waits == [.seconds(7), nil, nil, nil])
    }

    /// A limit inside a stream: the head may still say for how long.
    @Test func errorInsideAnAnswerMayAskToWait() {
        let script = ChatScript(
            fields: [("content-type", "text/event-stream"), ("retry-after", "7")],
            body: Array("data: {\"error\":{\"code\":429}}\n\n".utf8)
        )
        #expect(script.conclusion().retryAfter == .seconds(7))
    }

    @Test func allItsFieldsAreWantedOfAHead() {
        #expect(Set(RetryAfter.wantedFields).isSubset(of: ChatHead.wantedFields))
        #expect(ChatHead.wantedFields == ChatHead.wantedFields.map { $0.lowercased() })
    }
}
