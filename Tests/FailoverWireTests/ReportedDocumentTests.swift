import FailoverCore
import FailoverWire
import Foundation
import Testing

@Suite("What applications report")
struct ReportedDocumentTests {
    private func published(_ book: inout ReportBook) -> PublishedState {
        var state = PublishedState(
            Samples.snapshot,
            sequence: 42,
            persisted: true,
            at: Samples.clock,
            publisher: Samples.publisher
        )
        let standings = book.standings(at: Samples.clock.monotonic)
        state.reported = Dictionary(
            uniqueKeysWithValues: standings.map {
                ($0.endpoint.rawValue, StateDocument.Reported($0, at: Samples.clock))
            }
        )
        return state
    }

    @Test func aStandingIsToldUnderItsOwnLabel() throws {
        var book = ReportBook(endpoints: ["us-east", "eu-west"], at: .seconds(0))
        let reports = [
            Report(endpoint: "us-east", outcome: .success, latency: .milliseconds(810.5), ttft: .milliseconds(210)),
            Report(endpoint: "us-east", outcome: .failure, kind: "http_503"),
            Report(endpoint: "us-east", outcome: .throttled),
        ]
        let worker = WorkerReport(worker: "w1", tokens: [.init(endpoint: "us-east", count: 18_000)])
        try book.take(reports, from: worker, at: .seconds(990))
        let state = published(&book)
        let bytes = try Wire.bytes(of: state, .compact)
        let expected =
            #""reported":{"bad":1,"error_rate":0.5,"in_flight_tokens":18000,"last_at":"2026-11-22T12:04:21.250Z","#
            + #""p50_ms":810.5,"p99_ms":810.5,"samples":2,"since":"2026-11-22T12:04:21.250Z","ttft_p50_ms":210,"#
            + #""ttft_p99_ms":210,"void":1,"workers":1}"#
        #expect(String(decoding: bytes, as: UTF8.self).components(separatedBy: expected).count == 2)
        let read = try Wire.decode(StateDocument.self, from: Data(bytes))
        #expect(try Wire.bytes(of: read, .compact) == bytes)
    }

    /// Whoever reports cannot move anything: not a byte of what was decided or measured is different.
    @Test func aMillionBadReportsChangeNothingButTheirOwnFigures() throws {
        var quiet = ReportBook(endpoints: ["us-east", "eu-west"], at: .seconds(0))
        var loud = quiet
        let report = Report(endpoint: "us-east", outcome: .failure, kind: "http_503", count: 50_000)
        for second in 1...20 { try loud.take([report], from: nil, at: .seconds(950 + Double(second) * 2)) }
        #expect(loud.totals(at: .seconds(1000)).map { $0.requests[1] } == [1_000_000])
        var document = published(&loud).document
        #expect(document.endpoints["us-east"]?.reported?.bad == 16_384)
        for name in document.endpoints.keys { document.endpoints[name]?.reported = nil }
        #expect(try Wire.encodePretty(document) == Wire.encodePretty(published(&quiet).document))
    }

    @Test func metricsCountByOutcomeAndBound() throws {
        var book = ReportBook(endpoints: ["us-east", "eu-west"], at: .seconds(0))
        #expect(ReportMetrics(book.totals(at: .seconds(0)), workers: 0, refusals: book.refusals).text == "")
        let reports = [
            Report(endpoint: "us-east", outcome: .success, latency: .milliseconds(500), count: 2),
            Report(endpoint: "us-east", outcome: .success, latency: .seconds(61)),
        ]
        let worker = WorkerReport(worker: "w1", tokens: [.init(endpoint: "eu-west", count: 7)])
        try book.take(reports, from: worker, at: .seconds(1))
        let text = ReportMetrics(
            book.totals(at: .seconds(1)),
            workers: book.livingWorkers(at: .seconds(1)),
            refusals: book.refusals
        ).text
        let told = text.split(separator: "\n").filter { !$0.hasPrefix("#") && !$0.hasSuffix(" 0") }
        #expect(
            told == [
                #"failoverd_reported_requests_total{endpoint="us-east",outcome="success"} 3"#,
                #"failoverd_reported_latency_seconds_bucket{endpoint="us-east",le="0.5"} 2"#,
                #"failoverd_reported_latency_seconds_bucket{endpoint="us-east",le="1"} 2"#,
                #"failoverd_reported_latency_seconds_bucket{endpoint="us-east",le="2.5"} 2"#,
                #"failoverd_reported_latency_seconds_bucket{endpoint="us-east",le="5"} 2"#,
                #"failoverd_reported_latency_seconds_bucket{endpoint="us-east",le="10"} 2"#,
                #"failoverd_reported_latency_seconds_bucket{endpoint="us-east",le="30"} 2"#,
                #"failoverd_reported_latency_seconds_bucket{endpoint="us-east",le="60"} 2"#,
                #"failoverd_reported_latency_seconds_bucket{endpoint="us-east",le="+Inf"} 3"#,
                #"failoverd_reported_latency_seconds_sum{endpoint="us-east"} 62"#,
                #"failoverd_reported_latency_seconds_count{endpoint="us-east"} 3"#,
                #"failoverd_in_flight_tokens{endpoint="eu-west"} 7"#,
                "failoverd_reporting_workers 1",
            ]
        )
    }
}
