import FailoverCore
import FailoverWire
import Testing

@testable import FailoverControl

@Suite("Lowest-latency routes in words")
struct SpeedTextTests {
    private static func route(
        _ paces: [(EndpointName, Int?, Int)],
        challenger: SpeedSnapshot.Challenger? = nil
    ) -> RouteSnapshot {
        RouteSnapshot(
            name: "chat",
            active: "us-east",
            mode: .preferred,
            generation: 7,
            since: Samples.instant(735),
            reason: Reason(.initial, "preferred by the configuration"),
            order: ["us-east", "eu-west"],
            provisional: false,
            dryRun: false,
            wouldBeActive: "us-east",
            endpoints: ["us-east", "eu-west"],
            policy: .lowestLatency(
                SpeedSnapshot(
                    figure: .ttft,
                    configuration: SpeedConfiguration(),
                    paces: paces.map { name, median, samples in
                        .init(endpoint: name, median: median.map { .milliseconds($0) }, samples: samples)
                    },
                    challenger: challenger
                )
            )
        )
    }

    private static func status(_ route: RouteSnapshot) -> [String] {
        let endpoints = ["us-east", "eu-west"].map { name in
            Samples.endpoint(EndpointName(rawValue: name), indicators: Samples.healthyIndicators)
        }
        let state = Samples.state(routes: [route], endpoints: endpoints)
        return StatusText.render(state, routes: ["chat"], in: testStyle(80)).split(separator: "\n").dropFirst()
            .map(String.init)
    }

    private static func explanation(_ route: RouteSnapshot) -> [String] {
        let endpoints = route.endpoints.map { name in
            EndpointExplanation(
                endpoint: name,
                verdict: .healthy,
                reason: Reason(.withinObjectives, "no evidence against it"),
                rule: .evidence(.balanced),
                interval: .seconds(5),
                indicators: [],
                recovery: nil
            )
        }
        let document = ExplainDocument(route: route, endpoints: endpoints, lastFailover: nil, at: Samples.clock)
        return ExplainText.render(document, endpoint: nil, in: testStyle(80)).split(separator: "\n")
            .filter { $0.hasPrefix("  speed") || $0.hasPrefix("  faster") || $0.hasPrefix("           ") }
            .map(String.init)
    }

    @Test func figuresAreShownBesideTheReason() {
        #expect(
            Self.status(Self.route([("us-east", 182, 120), ("eu-west", 210, 118)])).prefix(3) == [
                "chat: us-east  preferred  since 12:52:16 (12 min ago)",
                "  preferred by the configuration",
                "  first token, median of 10 min: us-east 182 ms, eu-west 210 ms",
            ]
        )
    }

    @Test(arguments: [
        (600.0, -300.0 as Double?, "eu-west has been faster since 12:54:31; traffic goes there at 13:09:31 if that"),
        (600, nil, "eu-west has been faster since 12:54:31; nothing moves by itself (failback:"),
        (1200, 300, "eu-west has been faster since 12:44:31, long enough for a move"),
    ])
    func whoIsAheadIsSaid(since: Double, due: Double?, line: String) {
        let challenger = SpeedSnapshot.Challenger(
            endpoint: "eu-west",
            since: Samples.instant(since),
            due: due.map(Samples.instant)
        )
        let route = Self.route([("us-east", 182, 120), ("eu-west", 140, 118)], challenger: challenger)
        #expect(Self.status(route)[3] == "  " + line)
    }

    @Test func whatItRestsOnIsExplained() {
        #expect(
            Self.explanation(Self.route([("us-east", 182, 120), ("eu-west", nil, 0)])) == [
                "  speed  : first token, median of 10 min: us-east 182 ms of 120 answers, eu-west",
                "           unknown of 0 answers; 20 answers are needed",
                "  faster : nobody well has been faster than us-east by 20 % and 20 ms",
            ]
        )
    }
}
