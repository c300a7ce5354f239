import FailoverCore
import FailoverProbes
import Foundation
import TestSupport
import Testing

@testable import FailoverDaemon
@testable import FailoverWire

@Suite struct DaemonMeterTests {
    private static func configuration(_ names: [EndpointName], routes: [RouteName]) -> Configuration {
        let probe = ProbeConfiguration(
            request: .tcp(TCPProbe(address: HostPort(host: "192.0.2.1", port: 443))),
            latencyObjective: .seconds(1)
        )
        return Configuration(
            vantage: "here",
            endpoints: names.map {
                EndpointConfiguration(name: $0, region: "r", publicURL: "tcp://\($0)", probes: [probe])
            },
            routes: routes.map { RouteConfiguration(name: $0, endpoints: names) },
            outputs: OutputConfiguration()
        )
    }

    private func verdict(of endpoint: EndpointName) -> Event {
        Event(kind: .verdict, at: .seconds(1), endpoint: endpoint, reason: Reason(.availability, ""), generation: 1)
    }

    private func move(_ route: RouteName, dryRun: Bool = false) -> Event {
        Event(
            kind: .failover,
            at: .seconds(1),
            route: route,
            from: "a",
            to: "b",
            reason: Reason(.availability, ""),
            generation: 1,
            dryRun: dryRun
        )
    }

    @Test func eventsAreCountedForWhatIsConfigured() {
        let meter = DaemonMeter(Self.configuration(["a", "b"], routes: ["chat"]))
        meter.note(move("chat"))
        meter.note(move("chat", dryRun: true))
        meter.note(move("gone"))
        meter.note(verdict(of: "a"))
        meter.note(verdict(of: "gone"))
        #expect(meter.figures.events == ["failover": 3, "verdict": 2])
        #expect(meter.figures.moves == ["chat": ["failover": 1, "failback": 0]])
        #expect(meter.figures.verdictChanges == ["a": 1, "b": 0])
        #expect(meter.figures.objectives == ["chat": 0.999])

        meter.apply(Self.configuration(["a", "c"], routes: ["chat", "batch"]))
        #expect(meter.figures.moves["chat"] == ["failover": 1, "failback": 0])
        #expect(meter.figures.moves["batch"] == ["failover": 0, "failback": 0])
        #expect(meter.figures.verdictChanges == ["a": 1, "c": 0])
    }

    @Test func everyProbeIsHeardWhoeverReadsMeanwhile() async {
        let names = (0..<600).map { EndpointName(rawValue: "e\($0)") }
        let meter = DaemonMeter(Self.configuration(names, routes: ["chat"]))
        func results(of round: Int) -> [ProbeEvent] {
            names.map { name in
                .finished(
                    Observation(
                        key: ProbeKey(endpoint: name),
                        attempt: AttemptID(UInt64(round)),
                        start: .seconds(1),
                        end: .seconds(2),
                        outcome: .success,
                        latency: .milliseconds(20)
                    )
                )
            }
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for round in 0..<50 { meter.hear(results(of: round), at: .seconds(3)) } }
            group.addTask {
                for _ in 0..<20 {
                    let figures = meter.probes()
                    // What belongs together was copied together.
                    for slot in figures.slots.indices {
                        let first = slot * ProbeTally.Layout.counts
                        let latency = first + ProbeTally.Layout.latency
                        let answers = figures.counts[latency..<latency + ProbeTally.Layout.answers].reduce(0, +)
                        #expect(figures.counts[first] == answers)
                    }
                }
            }
        }
        let figures = meter.probes()
        #expect(names.indices.allSatisfy { figures.counts[$0 * ProbeTally.Layout.counts] == 50 })
    }

    @Test func theSystemKnowsThisProcess() throws {
        let figures = ProcessFigures.now(startTime: 5)
        #expect(figures.startTime == 5)
        #expect(try #require(figures.cpuSeconds) > 0)
        #expect(try #require(figures.residentBytes) > 1 << 20)
        #expect(try #require(figures.virtualBytes) > figures.residentBytes ?? .max)
        #expect(try #require(figures.openDescriptors) > 2)
        #expect(try #require(figures.maximumDescriptors) >= UInt64(figures.openDescriptors ?? .max))
        #expect(try #require(figures.threads) > 0)
    }
}
