import FailoverCore
import FailoverWire
import Foundation

@testable import FailoverHistory

/// A world whose snapshots are made up: endpoints with totals, and a route that stands somewhere.
struct Samples {
    /// 2026-11-22T00:00:00Z, and with it the monotonic clock's zero.
    static let midnight = 1_795_305_600

    var seconds = 0
    var endpoints: [Place]
    var active: EndpointName
    var vantage = VantageState.clear
    /// Of a weighted route: owners with their percent and where their traffic goes.
    var shares: [(owner: EndpointName, weight: Int, active: EndpointName)] = []

    struct Place {
        let name: EndpointName
        var judged = SampleCounts(samples: 0, bad: 0, void: 0)
        var answered = SampleCounts(samples: 0, bad: 0, void: 0)
        var verdict = Verdict.healthy
    }

    init(_ names: [EndpointName] = ["us-east", "eu-west"]) {
        endpoints = names.map { Place(name: $0) }
        active = names[0]
    }

    static func clock(_ seconds: Int) -> ClockReading {
        ClockReading(
            monotonic: .seconds(Double(seconds)),
            wall: WallTime(secondsSince1970: Double(midnight + seconds))
        )
    }

    var clock: ClockReading { Self.clock(seconds) }

    /// The index of the endpoint gets that many more probes.
    mutating func probe(_ index: Int, good: Int = 0, bad: Int = 0, void: Int = 0, slow: Int = 0) {
        let place = endpoints[index]
        endpoints[index].judged = SampleCounts(
            samples: place.judged.samples + good + bad,
            bad: place.judged.bad + bad,
            void: place.judged.void + void
        )
        endpoints[index].answered = SampleCounts(
            samples: place.answered.samples + good,
            bad: place.answered.bad + slow,
            void: 0
        )
    }

    static let probe = ProbeConfiguration(
        request: .tcp(TCPProbe(address: HostPort(host: "localhost", port: 1))),
        latencyObjective: .seconds(1)
    )

    var snapshot: Snapshot {
        Snapshot(
            generation: 1,
            persisted: true,
            routes: [
                RouteSnapshot(
                    name: "web",
                    active: active,
                    mode: .preferred,
                    generation: 1,
                    since: .seconds(0),
                    reason: Reason("started", "started"),
                    order: [active],
                    provisional: false,
                    dryRun: false,
                    wouldBeActive: active,
                    endpoints: endpoints.map(\.name),
                    policy: shares.isEmpty ? .activeStandby : .weighted(shares.map(Self.share))
                )
            ],
            endpoints: endpoints.map(Self.endpoint),
            vantage: VantageSnapshot(state: vantage)
        )
    }

    private static func share(_ share: (owner: EndpointName, weight: Int, active: EndpointName)) -> ShareSnapshot {
        ShareSnapshot(
            owner: share.owner,
            weight: share.weight,
            active: share.active,
            mode: .preferred,
            generation: 1,
            since: .seconds(0),
            reason: Reason("started", "started"),
            chain: [share.owner]
        )
    }

    private static func endpoint(_ place: Place) -> EndpointSnapshot {
        EndpointSnapshot(
            configuration: EndpointConfiguration(name: place.name, region: "r", publicURL: "", probes: [probe]),
            verdict: place.verdict,
            reason: Reason("ok", "ok"),
            since: .seconds(0),
            indicators: [
                IndicatorSnapshot(
                    name: IndicatorName(probe: .default, kind: .availability),
                    window: .availability(objective: Ratio(0.999), counts: place.judged),
                    evidence: 0,
                    threshold: 1,
                    totals: place.judged
                ),
                IndicatorSnapshot(
                    name: IndicatorName(probe: .default, kind: .latency),
                    window: .latency(objective: .seconds(1), counts: place.answered, percentiles: nil),
                    evidence: 0,
                    threshold: 1,
                    totals: place.answered
                ),
            ]
        )
    }

    static func observation(_ endpoint: EndpointName, milliseconds: Int) -> Observation {
        Observation(
            key: ProbeKey(endpoint: endpoint),
            attempt: AttemptID(1),
            start: .seconds(0),
            end: .seconds(1),
            outcome: .success,
            latency: .milliseconds(milliseconds)
        )
    }

    static let facts = HistoryFacts(
        routes: [
            HistoryFacts.Route(
                name: "web",
                objective: 0.999,
                periodDays: 30,
                members: [
                    .init(endpoint: "us-east", extraPerHour: 0, costRatio: 1, weight: 100),
                    .init(endpoint: "eu-west", extraPerHour: 0.5, costRatio: 2, weight: 0),
                ],
                requestsPerMonth: 10_000
            )
        ],
        endpoints: ["us-east", "eu-west"].map { name in
            HistoryFacts.Endpoint(
                name: name,
                region: name,
                objective: 0.999,
                probes: [.init(name: "default", latencyMilliseconds: 1000)]
            )
        }
    )

    static func move(
        _ kind: String,
        from: String,
        to: String,
        at seconds: Int,
        generation: UInt64 = 2
    ) throws -> EventDocument {
        let text = """
            {"id": "test:\(generation)", "at": "\(WallTime(secondsSince1970: Double(midnight + seconds)))", "event": "\(kind)",
             "route": "web", "from": "\(from)", "to": "\(to)", "reason": {"code": "availability", "text": "http_503"},
             "generation": \(generation), "term": 0, "vantage": "here", "instance": "test", "dry_run": false}
            """
        return try Wire.decode(EventDocument.self, from: Data(text.utf8))
    }
}

extension ProbeSums {
    init(
        samples: Int = 0,
        bad: Int = 0,
        void: Int = 0,
        slow: Int = 0,
        known: Int = 0,
        badTime: Int = 0,
        answered: Int = 0,
        slowTime: Int = 0
    ) {
        self.init()
        (self.samples, self.bad, self.void, self.slow) = (samples, bad, void, slow)
        (self.known, self.badTime) = (.seconds(known), .seconds(badTime))
        (self.answered, self.slowTime) = (.seconds(answered), .seconds(slowTime))
    }
}

extension RouteSums.Side {
    init(samples: Double, bad: Double, known: Int, badTime: Int) {
        self.init()
        (self.samples, self.bad) = (samples, bad)
        (self.known, self.badTime) = (.seconds(known), .seconds(badTime))
    }
}
