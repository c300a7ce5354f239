import FailoverCore
import Foundation
import Testing

@testable import FailoverWire

@Suite("Formats of metrics")
struct MetricsFormatTests {
    /// What Prometheus 2.42 sends.
    private static let prometheus =
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
        + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"

    @Test(
        arguments: [
            (nil, .prometheus),
            ("", .prometheus),
            ("*/*", .prometheus),
            ("text/html", .prometheus),
            ("text/plain", .prometheus),
            (prometheus, .openMetrics),
            ("application/openmetrics-text", .openMetrics),
            ("application/openmetrics-text; version=1.0.0; charset=utf-8", .openMetrics),
            ("Application/OpenMetrics-Text;Version=\"1.0.0\"", .openMetrics),
            ("application/openmetrics-text;version=2.0.0,text/plain;q=0.1", .prometheus),
            ("application/openmetrics-text;q=0", .prometheus),
            ("application/openmetrics-text;q=0.4,text/plain;version=0.0.4;q=0.5", .prometheus),
            ("application/openmetrics-text;q=0.5,text/plain;version=0.0.4;q=0.5", .openMetrics),
            ("application/openmetrics-text;q=nonsense,*/*", .prometheus),
        ] as [(String?, MetricsFormat)]
    )
    func theFormatIsTheOneThatIsPreferred(accept: String?, format: MetricsFormat) {
        #expect(MetricsFormat(accept: accept) == format)
    }

    @Test func whatIsWrittenForPrometheusBecomesOpenMetrics() {
        let text = """
            # HELP failoverd_build_info Always 1.
            # TYPE failoverd_build_info gauge
            failoverd_build_info{version="1"} 1
            # HELP failoverd_answers_total What was answered, # HELP included.
            # TYPE failoverd_answers_total counter
            failoverd_answers_total{answer="# TYPE x"} 3
            # HELP failoverd_wait_seconds How long.
            # TYPE failoverd_wait_seconds gauge
            failoverd_wait_seconds 0.5

            """
        let expected = """
            # HELP failoverd_build Always 1.
            # TYPE failoverd_build info
            failoverd_build_info{version="1"} 1
            # HELP failoverd_answers What was answered, # HELP included.
            # TYPE failoverd_answers counter
            failoverd_answers_total{answer="# TYPE x"} 3
            # HELP failoverd_wait_seconds How long.
            # TYPE failoverd_wait_seconds gauge
            # UNIT failoverd_wait_seconds seconds
            failoverd_wait_seconds 0.5

            """
        #expect(MetricsFormat.openMetrics.adapted(text) == expected)
        #expect(MetricsFormat.prometheus.adapted(text) == text)
    }

    @Test func bucketsOfAHistogramAddUp() {
        var histogram = TimeHistogram(TimeBuckets(seconds: [0.001, 1]))
        // A time that is as long as a limit is below it; none is less than nothing.
        for time in [-5, 1_000_000, 1_000_001, 1_000_000_000, 1_000_000_001] as [Int64] {
            histogram.add(.nanoseconds(time))
        }
        var lines = MetricLines(.prometheus)
        histogram.write("x_seconds", to: &lines)
        let expected = """
            x_seconds_bucket{le="0.001"} 2
            x_seconds_bucket{le="1.0"} 4
            x_seconds_bucket{le="+Inf"} 5
            x_seconds_sum 2.002000002
            x_seconds_count 5

            """
        #expect(String(decoding: lines.bytes, as: UTF8.self) == expected)
    }

    @Test func theDaemonTellsWhatItCountedOfItself() {
        var figures = DaemonFigures()
        figures.events = ["failover": 2]
        figures.moves = ["chat": ["failover": 2, "failback": 0]]
        figures.verdictChanges = ["east": 3]
        figures.objectives = ["chat": 0.999]
        figures.waiting = ["inbox": 4]
        figures.dropped = ["journal": 5]
        figures.answers = [200: 6, 404: 1]
        figures.process.residentBytes = 1 << 30
        figures.process.openDescriptors = 12
        let lines = String(decoding: figures.text(.openMetrics), as: UTF8.self).split(separator: "\n")
        let told = lines.filter { !$0.hasPrefix("#") && !$0.hasSuffix(" 0") }
        #expect(
            told == [
                #"failoverd_events_total{event="failover"} 2"#,
                #"failoverd_moves_total{route="chat",event="failover"} 2"#,
                #"failoverd_verdict_changes_total{endpoint="east"} 3"#,
                #"failoverd_route_objective_ratio{route="chat"} 0.999"#,
                #"failoverd_queue_waiting{queue="inbox"} 4"#,
                #"failoverd_dropped_total{queue="journal"} 5"#,
                #"failoverd_control_requests_total{code="200"} 6"#,
                #"failoverd_control_requests_total{code="404"} 1"#,
                "process_resident_memory_bytes 1073741824",
                "process_open_fds 12",
            ]
        )
        #expect(lines.contains("# TYPE process_resident_memory_bytes gauge"))
        #expect(lines.contains("# TYPE failoverd_moves counter"))
    }
}
