import FailoverCore
import FailoverWire
import Foundation
import Testing

@Suite("Metrics")
struct MetricsTextTests {
    private static func fixture(_ name: String) throws -> String {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: "txt"))
        return try String(contentsOf: url, encoding: .utf8)
    }

    @Test func aStateIsToldInTheFormatOfPrometheus() throws {
        #expect(MetricsText(Samples.state).finish() == (try Self.fixture("metrics")))
    }

    @Test func chatsAndSpendAreToldInBaseUnits() throws {
        #expect(MetricsText(ChatSamples.full).finish() == (try Self.fixture("metrics-chat")))
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func aPublishedStateTellsTheSameAsItsDocument(seed: UInt64) {
        var random = RandomSnapshots(seed: seed)
        let state = PublishedState(
            random.snapshot(endpoints: 20),
            sequence: 3,
            persisted: true,
            at: ClockReading(monotonic: .seconds(90_000), wall: Samples.clock.wall),
            publisher: Samples.publisher
        )
        #expect(MetricsText(state).finish() == MetricsText(state.document).finish())
    }

    @Test func whatALabelMayNotHoldIsEscaped() {
        var state = Samples.state
        state.endpoints = [:]
        state.routes = [:]
        state.vantage.name = "a\"b\\c\nd"
        let lines = MetricsText(state).finish().split(separator: "\n").filter { $0.contains("vantage_state{") }
        #expect(lines.first == #"failoverd_vantage_state{vantage="a\"b\\c\nd",state="clear"} 1"#)
    }

    @Test func everyMetricIsDocumented() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/metrics.md")
        let documented = try String(contentsOf: page, encoding: .utf8).split(separator: "\n").compactMap { line in
            line.hasPrefix("| `failoverd_") || line.hasPrefix("| `process_") ? line.split(separator: "`")[1] : nil
        }
        var told: Set<Substring> = []
        let agent = HAProxyAgentMetrics(HAProxyAgentCounts(), isListening: true).text
        var book = ReportBook(endpoints: ["us-east"], at: .seconds(0))
        let report = Report(endpoint: "us-east", outcome: .success, latency: .seconds(1), ttft: .seconds(1))
        let worker = WorkerReport(worker: "w1", tokens: [.init(endpoint: "us-east", count: 1)])
        try book.take([report], from: worker, at: .seconds(0))
        let reported = ReportMetrics(book.totals(at: .seconds(0)), workers: 1, refusals: book.refusals).text
        let notified = NotificationMetrics.text(["mail": StateDocument.Notification()])
        var rendering = Samples.state
        rendering.outputs = [
            "/etc/nginx/routes.conf": StateDocument.Output(
                state: "current",
                generation: 3,
                writtenAt: rendering.writtenAt,
                failure: nil
            )
        ]
        let generation = "failoverd_output_generation{output=\"/etc/nginx/routes.conf\"} 3"
        #expect(MetricsText(rendering).finish().split(separator: "\n").contains { $0 == generation })
        var figures = DaemonFigures()
        (figures.process.cpuSeconds, figures.process.startTime) = (1, 1)
        (figures.process.residentBytes, figures.process.virtualBytes) = (1, 1)
        (figures.process.openDescriptors, figures.process.maximumDescriptors, figures.process.threads) = (1, 1, 1)
        let daemon = String(decoding: figures.text(.prometheus), as: UTF8.self)
        let probes = String(decoding: Array(Array(ProbeMetrics(.init(), .all, .prometheus)).joined()), as: UTF8.self)
        let states = [rendering, ChatSamples.full].map { MetricsText($0).finish() }
        for text in states + [agent, reported, notified, daemon, probes] {
            for line in text.split(separator: "\n") where line.hasPrefix("# TYPE ") {
                told.insert(line.split(separator: " ")[2])
            }
        }
        #expect(told.subtracting(documented).isEmpty)
        // Only what neither of the two states has.
        #expect(
            Set(documented).subtracting(told).isSubset(of: [
                "failoverd_probes_inconclusive", "failoverd_spend_cap_tokens",
            ])
        )
    }
}
