import FailoverCore
import FailoverWire
import Testing

@testable import FailoverControl

/// What people read about chats with an LLM, and about money.
@Suite struct ChatTextTests {
    private static func ttft(
        probe: ProbeName = .default,
        p50: Double = 210,
        p99: Double = 280,
        evidence: Double = 0.2,
        censored: Bool = false
    ) -> IndicatorSnapshot {
        IndicatorSnapshot(
            name: IndicatorName(probe: probe, kind: .ttft),
            window: .latency(
                objective: .milliseconds(300),
                counts: SampleCounts(samples: 180, bad: 0, void: 0),
                percentiles: Percentiles(
                    p50: .milliseconds(p50),
                    p90: .milliseconds(p99),
                    p99: .milliseconds(p99),
                    count: 180,
                    censored: censored
                )
            ),
            evidence: evidence,
            threshold: 6.979
        )
    }

    private static func quality(probe: ProbeName = .default, bad: Int) -> IndicatorSnapshot {
        IndicatorSnapshot(
            name: IndicatorName(probe: probe, kind: .quality),
            window: .quality(counts: SampleCounts(samples: 180, bad: bad, void: 0)),
            evidence: Double(bad) / 2,
            threshold: 6.979
        )
    }

    private static func endpoint(
        _ name: EndpointName,
        verdict: Verdict = .healthy,
        reason: Reason = Reason(.withinObjectives, "no evidence against it"),
        indicators: [IndicatorSnapshot] = Samples.healthyIndicators,
        connections: [ConnectionSnapshot] = [],
        tier: EvidenceTier? = .deep,
        chats: [ChatSnapshot] = [],
        spend: SpendReport? = nil
    ) -> EndpointSnapshot {
        let plain = Samples.endpoint(name, verdict: verdict, reason: reason, indicators: indicators)
        return EndpointSnapshot(
            configuration: plain.configuration,
            verdict: verdict,
            reason: reason,
            since: plain.since,
            indicators: indicators,
            connections: connections,
            tier: tier,
            chats: chats,
            spend: spend
        )
    }

    private static func spend(
        picos: Int128 = 12_345_600_000,
        tokens: Int = 4920,
        cap: SpendCap? = SpendCap(cost: Money(picos: 100_000_000_000)),
        pace: SpendPace = .full,
        day: Int = 20_779
    ) -> SpendReport {
        SpendReport(
            endpoint: "us-east",
            day: day,
            cost: Money(picos: picos),
            tokens: tokens,
            cap: cap,
            pace: pace
        )
    }

    private static let poor = ChatReport(poorQuality: Reason(.quality, "the answer does not contain \"OK\""))

    // MARK: Status

    @Test func eightyColumnsHoldTheFirstToken() {
        let state = Samples.state(
            routes: [Samples.route(active: "us-east")],
            endpoints: [
                Self.endpoint(
                    "us-east",
                    indicators: Samples.healthyIndicators + [Self.ttft(), Self.quality(bad: 0)],
                    spend: Self.spend()
                ),
                Self.endpoint(
                    "eu-west",
                    verdict: .degraded,
                    reason: Reason(.ttft, "ttft: \"partial\" evidence 4.20 of 6.98"),
                    indicators: Samples.healthyIndicators + [
                        Self.ttft(p50: 290, p99: 10_000, evidence: 4.2, censored: true), Self.quality(bad: 6),
                    ],
                    chats: [ChatSnapshot(probe: .default, report: Self.poor)],
                    spend: Self.spend(picos: 99_990_000_000, tokens: 39_860, pace: .exhausted)
                ),
            ]
        )
        #expect(
            StatusText.render(state, routes: ["chat"], in: testStyle(80)) == """
                failoverd 0.1.0 at us-east-a, generation 7, written 2 s ago

                chat: us-east  preferred  since 13:03:01 (90 s ago)
                  first in order
                     ENDPOINT   VERDICT   P50 / P99                   ERRORS        EVIDENCE
                  *  us-east    healthy   0.91 s / 2.38 s of 3 s      0.0 % of 60    1.7/7.0
                       ttft               210 ms / 280 ms of 300 ms                  0.2/7.0
                       spent today: 0.012 of 0.10 USD, 4,920 tokens
                     eu-west    degraded  0.91 s / 2.38 s of 3 s      0.0 % of 60    1.7/7.0
                       ttft               0.29 s / >10.0 s of 300 ms                 4.2/7.0
                       quality                                        3.3 % of 180   3.0/7.0
                       ttft: "partial" evidence 4.20 of 6.98
                       poor answer: the answer does not contain "OK"
                       spent today: 0.10 of 0.10 USD, 39,860 tokens; only cheaper probes until
                       midnight UTC, because a cap is reached

                """
        )
    }

    @Test func profilesHaveTheirFirstTokenBeneathThem() {
        func profile(_ name: ProbeName) -> [IndicatorSnapshot] {
            [
                IndicatorSnapshot(
                    name: IndicatorName(probe: name, kind: .availability),
                    window: .availability(
                        objective: Ratio(0.999),
                        counts: SampleCounts(samples: 12, bad: 0, void: 0)
                    ),
                    evidence: 0,
                    threshold: 7
                ),
                Self.ttft(probe: name), Self.quality(probe: name, bad: 0),
            ]
        }
        let state = Samples.state(
            routes: [Samples.route(active: "us-east")],
            endpoints: [
                Self.endpoint(
                    "us-east",
                    indicators: profile("short") + profile("long"),
                    chats: [
                        ChatSnapshot(probe: "short", report: Self.poor),
                        ChatSnapshot(probe: "long", report: ChatReport()),
                    ]
                )
            ]
        )
        #expect(
            StatusText.render(state, routes: ["chat"], in: testStyle(90)) == """
                failoverd 0.1.0 at us-east-a, generation 7, written 2 s ago

                chat: us-east  preferred  since 13:03:01 (90 s ago)
                  first in order
                     ENDPOINT  REGION   VERDICT  P50 / P99                  SAMPLES  ERRORS       EVIDENCE
                  *  us-east   us-east  healthy
                       short: poor answer: the answer does not contain "OK"
                       long                      -                                -  0.0 % of 12   0.0/7.0
                         ttft                    210 ms / 280 ms of 300 ms      180                0.2/7.0
                       short                     -                                -  0.0 % of 12   0.0/7.0
                         ttft                    210 ms / 280 ms of 300 ms      180                0.2/7.0

                """
        )
    }

    static let tiers: [(tier: EvidenceTier?, http: SpokenHTTP?, isTold: Bool)] = [
        (.deep, .http1, false), (.shallow, .http1, true), (nil, .http1, false),
        // A connection was all that was ever asked for.
        (.shallow, nil, false),
    ]

    @Test(arguments: tiers)
    func statusSaysWhereAVerdictRestsOnLessThanItShould(tier: EvidenceTier?, http: SpokenHTTP?, isTold: Bool) {
        let facts = ConnectionFacts(
            address: HostPort(host: "192.0.2.1", port: 443),
            family: .ipv4,
            http: http
        )
        let endpoint = Self.endpoint(
            "us-east",
            connections: [ConnectionSnapshot(probe: .default, facts: facts)],
            tier: tier
        )
        let state = Samples.state(routes: [Samples.route(active: "us-east")], endpoints: [endpoint])
        let text = StatusText.render(state, routes: ["chat"], in: testStyle(80))
        #expect(text.contains("\n       shallow evidence: it was not asked lately what users ask\n") == isTold)
    }

    static let spends: [(SpendReport, String?)] = [
        (spend(picos: 0, tokens: 0), nil),
        (
            spend(picos: 0, tokens: 0, cap: nil, pace: .slower),
            "spent today: 0 tokens; probes are further apart, because a cap would not last until midnight UTC at the usual pace"
        ),
        (spend(picos: 0, tokens: 1, cap: nil), "spent today: 1 token"),
        (spend(cap: nil), "spent today: 0.012 USD, 4,920 tokens"),
        (
            spend(cap: SpendCap(cost: Money(picos: 1_500_000_000_000), tokens: 50_000), pace: .cheaper),
            "spent today: 0.012 of 1.50 USD, 4,920 of 50,000 tokens; cheaper probes stand in between, because its cap would not "
                + "last until midnight UTC at the usual pace"
        ),
        (spend(picos: 0, cap: SpendCap(tokens: 50_000)), "spent today: 4,920 of 50,000 tokens"),
        (spend(day: 20_778), "spent on 2026-11-21: 0.012 of 0.10 USD, 4,920 tokens"),
    ]

    @Test(arguments: spends)
    func spendIsToldForItsDay(report: SpendReport, text: String?) {
        #expect(SpendText.note(on: StateDocument.Spend(report, currency: "USD"), in: testStyle()) == text)
    }

    // MARK: Exit codes

    /// Endpoints of the same rank are preferred alike.
    @Test func aPreferredEndpointNeedNotBeTheFirst() {
        func code(mode: RouteMode, verdict: Verdict = .healthy) -> StatusExitCode {
            let state = Samples.state(
                routes: [Samples.route(active: "eu-west", mode: mode)],
                endpoints: [
                    Samples.endpoint("us-east", indicators: []),
                    Samples.endpoint("eu-west", verdict: verdict, indicators: []),
                ]
            )
            return StatusExitCode(state, routes: ["chat"], now: Samples.now)
        }
        #expect(code(mode: .preferred) == .preferred)
        #expect(code(mode: .preferred, verdict: .degraded) == .failedOverOrDegraded)
        #expect(code(mode: .failover) == .failedOverOrDegraded)
    }

    // MARK: Events

    @Test func newEventsAreReadable() {
        func event(_ kind: String, _ text: String) -> EventDocument {
            var event = Samples.event(3, route: nil)
            event.event = kind
            event.reason.text = text
            return event
        }
        let events = [
            event("throttled", "it limits our rate: http_429"),
            event("misconfigured", "auth: 401, the verdict is held"),
            event("quality", "another model answers: gpt-4o-mini"),
            event("spend", "probes are 2.1 times as far apart"),
        ]
        #expect(
            events.map { EventText.render($0, in: testStyle()) }.joined() == """
                12:54:31  throttled      us-east: it limits our rate: http_429
                12:54:31  misconfigured  us-east: auth: 401, the verdict is held
                12:54:31  quality        us-east: another model answers: gpt-4o-mini
                12:54:31  spend          us-east: probes are 2.1 times as far apart

                """
        )
    }
}
