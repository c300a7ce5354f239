import FailoverCore
import FailoverWire
import Testing

@testable import FailoverHistory

/// The engine's own counts, across reloads: whatever begins anew in it, each probe is counted once and no minute is negative.
@Suite struct EngineTotalsTests {
    /// One real engine, and a tally that hears what it publishes.
    private struct Stage {
        var engine: Engine
        var tally = HistoryTally()
        var minutes: [HistoryMinute] = []
        private var seconds = 0
        private var attempts: UInt64 = 0

        init(_ configuration: Configuration) {
            engine = Engine(configuration: configuration, memory: nil, at: .seconds(0))
            _ = engine.start(at: .seconds(0))
            publish()
        }

        private var now: MonotonicInstant { .seconds(Double(seconds)) }

        mutating func publish() {
            minutes += tally.take(engine.snapshot(at: now), at: Samples.clock(seconds))
        }

        /// Both endpoints are probed every five seconds; the first one is `good` or refuses, the other always answers.
        mutating func probe(_ times: Int, good: Bool = true, endpoints: [EndpointName] = ["us", "eu"]) {
            for _ in 0..<times {
                seconds += 5
                for endpoint in endpoints {
                    attempts += 1
                    let key = ProbeKey(endpoint: endpoint)
                    let attempt = AttemptID(attempts)
                    let start = AttemptStart(key: key, attempt: attempt, source: .probe, start: now)
                    _ = engine.handle(.attemptStarted(start), at: now)
                    let isGood = good || endpoint != "us"
                    let observation = Observation(
                        key: key,
                        attempt: attempt,
                        start: now,
                        end: now,
                        outcome: isGood ? .success : .failure(.connectRefused, isTimeout: false),
                        latency: isGood ? .milliseconds(5) : nil
                    )
                    _ = engine.handle(.observed(observation), at: now)
                }
                _ = engine.handle(.tick, at: now)
            }
        }

        mutating func reload(_ configuration: Configuration) {
            _ = engine.handle(.reconfigured(configuration), at: now)
        }

        mutating func sums(of endpoint: EndpointName) -> [ProbeSums] {
            (minutes + (tally.close().map { [$0] } ?? [])).flatMap(\.probes).filter { $0.key.endpoint == endpoint }
                .map(\.sums)
        }
    }

    fileprivate static func configuration(
        _ names: [EndpointName] = ["us", "eu"],
        port: Int = 1,
        interval: Duration = .seconds(5),
        objective: Duration? = .seconds(1)
    ) -> Configuration {
        Configuration(
            vantage: "here",
            endpoints: names.map { name in
                let probe = ProbeConfiguration(
                    request: .tcp(TCPProbe(address: HostPort(host: "192.0.2.1", port: name == "us" ? port : 1))),
                    interval: interval,
                    latencyObjective: objective
                )
                return EndpointConfiguration(
                    name: name,
                    region: RegionName(rawValue: name.rawValue),
                    publicURL: "tcp://192.0.2.1:1",
                    probes: [probe]
                )
            },
            routes: [RouteConfiguration(name: "web", endpoints: names)],
            outputs: OutputConfiguration()
        )
    }

    enum Change: String, CaseIterable {
        case nothing, address, interval, objective, noObjectiveForAWhile, order, takenOutAndGivenBack

        /// One reload after the other.
        fileprivate var configurations: [Configuration] {
            switch self {
            case .nothing: [EngineTotalsTests.configuration()]
            case .address: [EngineTotalsTests.configuration(port: 2)]
            case .interval: [EngineTotalsTests.configuration(interval: .seconds(1))]
            case .objective: [EngineTotalsTests.configuration(objective: .milliseconds(100))]
            case .noObjectiveForAWhile:
                [EngineTotalsTests.configuration(objective: nil), EngineTotalsTests.configuration()]
            case .order: [EngineTotalsTests.configuration(["eu", "us"])]
            case .takenOutAndGivenBack: [EngineTotalsTests.configuration(["eu"]), EngineTotalsTests.configuration()]
            }
        }
    }

    @Test(arguments: Change.allCases)
    func eachProbeIsCountedOnceAcrossReloads(_ change: Change) {
        var stage = Stage(Self.configuration())
        stage.probe(10)
        stage.probe(2, good: false)
        stage.publish()
        for configuration in change.configurations {
            stage.reload(configuration)
            stage.publish()
        }
        stage.probe(20)
        stage.publish()
        let sums = stage.sums(of: "us")
        #expect(sums.allSatisfy { $0.samples >= 0 && $0.bad >= 0 && $0.void >= 0 && $0.known >= .zero })
        #expect(sums.map(\.samples).reduce(0, +) == 32)
        #expect(sums.map(\.bad).reduce(0, +) == 2)
        #expect(sums.map(\.known).reduce(.zero, +) <= .seconds(160))
    }

    /// What no snapshot has told before a reload may be lost; nothing is counted twice, and nothing falls below zero.
    @Test(arguments: Change.allCases)
    func probesThatNoSnapshotHasToldAreNeverCountedTwice(_ change: Change) {
        var stage = Stage(Self.configuration())
        stage.probe(10)
        stage.publish()
        stage.probe(2, good: false)
        for configuration in change.configurations { stage.reload(configuration) }
        stage.probe(3)
        stage.publish()
        let sums = stage.sums(of: "us")
        #expect(sums.allSatisfy { $0.samples >= 0 && $0.bad >= 0 && $0.void >= 0 && $0.known >= .zero })
        #expect((10...15).contains(sums.map(\.samples).reduce(0, +)), "\(sums)")
        #expect((0...2).contains(sums.map(\.bad).reduce(0, +)), "\(sums)")
    }
}
