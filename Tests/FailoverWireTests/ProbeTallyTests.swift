import FailoverCore
import Foundation
import Testing

@testable import FailoverWire

@Suite("What is counted of probes")
struct ProbeTallyTests {
    private static let probe = ProbeConfiguration(
        request: .http(HTTPProbe(address: HostPort(host: "192.0.2.1", port: 443))),
        latencyObjective: .seconds(1)
    )

    private func configuration(_ names: [EndpointName], routes: [RouteName] = ["chat"]) -> Configuration {
        Configuration(
            vantage: "here",
            endpoints: names.map {
                EndpointConfiguration(name: $0, region: "r", publicURL: "https://\($0)", probes: [Self.probe])
            },
            routes: routes.map { RouteConfiguration(name: $0, endpoints: names) },
            outputs: OutputConfiguration()
        )
    }

    private func tally(_ names: [EndpointName]) -> ProbeTally {
        var tally = ProbeTally()
        tally.apply(ProbeTally.Plan(configuration(names)))
        return tally
    }

    private func observation(
        _ name: EndpointName,
        _ outcome: Outcome,
        latency: Duration? = nil,
        phases: PhaseTimings = PhaseTimings()
    ) -> Observation {
        Observation(
            key: ProbeKey(endpoint: name),
            attempt: AttemptID(1),
            start: .seconds(1),
            end: .seconds(2),
            outcome: outcome,
            latency: latency,
            phases: phases
        )
    }

    /// Lines with samples, without buckets.
    private func lines(_ tally: ProbeTally, _ detail: MetricsDetail = .none) -> [String] {
        let parts = Array(ProbeMetrics(tally.copy(0..<tally.probes), detail, .prometheus))
        return String(decoding: Array(parts.joined()), as: UTF8.self).split(separator: "\n").map(String.init)
            .filter { !$0.hasPrefix("#") && !$0.contains("_bucket") }
    }

    @Test func eachResultIsCountedByOutcomeReasonAndTimes() {
        var tally = tally(["east"])
        let phases = PhaseTimings(
            resolved: .milliseconds(2),
            connected: .milliseconds(5),
            secured: .milliseconds(15),
            requestWritten: .milliseconds(16),
            firstByte: .milliseconds(96)
        )
        tally.count(observation("east", .success, latency: .milliseconds(100), phases: phases))
        tally.count(observation("east", .success, latency: .milliseconds(1000)))
        tally.count(observation("east", .failure(.http(503), isTimeout: false)))
        tally.count(observation("east", .failure(.totalTimeout, isTimeout: true), latency: .seconds(15)))
        tally.count(observation("east", .throttled(.http(429))))
        tally.count(observation("east", .misconfigured(.auth)))
        tally.count(observation("east", .inconclusive(.localStalled)))
        tally.count(skipped: 3, of: ProbeKey(endpoint: "east"))
        // Nobody has configured it.
        tally.count(observation("anchor:tcp://192.0.2.9:443", .success, latency: .seconds(1)))
        let one = #"{endpoint="east",probe="default""#
        #expect(
            lines(tally, .all) == [
                "failoverd_probes_total\(one),outcome=\"success\"} 2",
                "failoverd_probes_total\(one),outcome=\"failure\"} 2",
                "failoverd_probes_total\(one),outcome=\"throttled\"} 1",
                "failoverd_probes_total\(one),outcome=\"misconfigured\"} 1",
                "failoverd_probes_total\(one),outcome=\"inconclusive\"} 1",
                "failoverd_probes_unsuccessful_total\(one),outcome=\"failure\",code=\"http_503\"} 1",
                "failoverd_probes_unsuccessful_total\(one),outcome=\"failure\",code=\"total_timeout\"} 1",
                "failoverd_probes_unsuccessful_total\(one),outcome=\"throttled\",code=\"http_429\"} 1",
                "failoverd_probes_unsuccessful_total\(one),outcome=\"misconfigured\",code=\"auth\"} 1",
                "failoverd_probes_unsuccessful_total\(one),outcome=\"inconclusive\",code=\"local_stalled\"} 1",
                "failoverd_probes_slow_total\(one),indicator=\"latency\"} 1",
                "failoverd_probe_starts_skipped_total\(one)} 3",
                "failoverd_probe_latency_seconds_sum\(one)} 16.1",
                "failoverd_probe_latency_seconds_count\(one)} 3",
                "failoverd_probe_phase_seconds_sum\(one),phase=\"resolve\"} 0.002",
                "failoverd_probe_phase_seconds_count\(one),phase=\"resolve\"} 1",
                "failoverd_probe_phase_seconds_sum\(one),phase=\"connect\"} 0.003",
                "failoverd_probe_phase_seconds_count\(one),phase=\"connect\"} 1",
                "failoverd_probe_phase_seconds_sum\(one),phase=\"tls\"} 0.01",
                "failoverd_probe_phase_seconds_count\(one),phase=\"tls\"} 1",
                "failoverd_probe_phase_seconds_sum\(one),phase=\"first_byte\"} 0.08",
                "failoverd_probe_phase_seconds_count\(one),phase=\"first_byte\"} 1",
            ]
        )
    }

    @Test func reasonsOfOneProbeAreBounded() {
        var tally = tally(["east"])
        for status in 400..<600 { tally.count(observation("east", .failure(.http(status), isTimeout: false))) }
        for status in 400..<600 { tally.count(observation("east", .throttled(.http(status)))) }
        let codes = lines(tally).filter { $0.hasPrefix("failoverd_probes_unsuccessful_total") }
        #expect(codes.count == ProbeTally.mostCodes + 2)
        #expect(
            codes.suffix(2).map { $0.split(separator: ",").suffix(2).joined(separator: ",") } == [
                #"outcome="failure",code="other"} 184"#, #"outcome="throttled",code="other"} 200"#,
            ]
        )
    }

    @Test func countersSurviveAReloadAndForgetWhatIsGone() {
        var tally = tally(["east", "west"])
        tally.count(observation("east", .failure(.http(500), isTimeout: false)))
        tally.count(observation("west", .success, latency: .milliseconds(20)))
        tally.apply(ProbeTally.Plan(configuration(["south", "west"])))
        tally.count(observation("east", .success))
        tally.count(observation("west", .success))
        let counts = lines(tally, .latency).filter { !$0.hasSuffix(" 0") }
        let west = #"{endpoint="west",probe="default""#
        #expect(
            counts == [
                "failoverd_probes_total\(west),outcome=\"success\"} 2",
                "failoverd_probe_latency_seconds_sum\(west)} 0.02",
                "failoverd_probe_latency_seconds_count\(west)} 1",
            ]
        )
        // Back again, it begins at zero.
        tally.apply(ProbeTally.Plan(configuration(["east"])))
        #expect(lines(tally).allSatisfy { $0.hasSuffix(" 0") })
    }

    @Test func routesMeetTheResultsOfTheEndpointsInUse() {
        var tally = tally(["east", "west"])
        func follow(_ active: EndpointName) {
            tally.follow([
                RouteSnapshot(
                    name: "chat",
                    active: active,
                    mode: .preferred,
                    generation: 1,
                    since: .seconds(0),
                    reason: Reason(.initial, ""),
                    order: [],
                    provisional: false,
                    dryRun: false,
                    wouldBeActive: active,
                    endpoints: ["east", "west"]
                )
            ])
        }
        func routes() -> [String] {
            var lines = MetricLines(.prometheus)
            tally.routes.write(to: &lines)
            return String(decoding: lines.bytes, as: UTF8.self).split(separator: "\n").suffix(2).map(String.init)
        }
        func told(_ good: Int, _ bad: Int) -> [String] {
            [
                "failoverd_route_probes_total{route=\"chat\",outcome=\"success\"} \(good)",
                "failoverd_route_probes_total{route=\"chat\",outcome=\"failure\"} \(bad)",
            ]
        }
        let bad = Outcome.failure(.http(500), isTimeout: false)
        tally.count(observation("east", bad))
        #expect(routes() == told(0, 0), "nothing is published yet")
        follow("east")
        tally.count(observation("east", bad))
        tally.count(observation("west", bad))
        tally.count(observation("east", .throttled(.http(429))))
        #expect(routes() == told(0, 1))
        follow("west")
        tally.count(observation("east", bad))
        tally.count(observation("west", .success))
        #expect(routes() == told(1, 1))
        tally.apply(ProbeTally.Plan(configuration(["east", "west"])))
        tally.count(observation("west", .success))
        #expect(routes() == told(2, 1), "a reload changes nothing")
        tally.apply(ProbeTally.Plan(configuration(["east", "west"], routes: ["batch"])))
        let fresh = "failoverd_route_probes_total{route=\"batch\""
        #expect(routes().allSatisfy { $0.hasPrefix(fresh) && $0.hasSuffix(" 0") })
    }

    @Test func partsOfManyProbesAreWholeLinesOfABoundedSize() {
        let names = (0..<2000).map { EndpointName(rawValue: "endpoint-\($0)") }
        let tally = tally(names)
        let parts = Array(ProbeMetrics(tally.copy(0..<tally.probes), .all, .prometheus))
        #expect(parts.count > 10)
        #expect(parts.allSatisfy { $0.count < 80_000 && $0.last == UInt8(ascii: "\n") })
        let heads = String(decoding: Array(parts.joined()), as: UTF8.self).split(separator: "\n").filter {
            $0.hasPrefix("# T")
        }
        #expect(Set(heads).count == heads.count, "no family is told twice")
    }
}
