import FailoverCore
import FailoverWire
import Foundation
import Testing

@testable import FailoverControl

/// A reader one hour east of Greenwich.
func testStyle(_ width: Int = 80, colour: Bool = false, now: WallTime = Samples.now) -> TextStyle {
    TextStyle(width: width, colour: colour, now: now) { _ in 3600 }
}

@Suite struct StatusTextTests {
    @Test func eightyColumnsHoldTheEssentials() {
        #expect(
            StatusText.render(Samples.failedOver, routes: ["chat"], in: testStyle(80)) == """
                failoverd 0.1.0 at us-east-a, generation 7, written 2 s ago

                chat: eu-west  failed over  since 12:52:16 (12 min ago)
                  availability, "outage" evidence 7.20 >= 6.56
                     ENDPOINT      VERDICT    P50 / P99                ERRORS       EVIDENCE
                     us-east       unhealthy  0.94 s / >15.0 s of 3 s  32 % of 60    7.2/7.0
                       availability, "outage" evidence 7.20 >= 6.56
                  *  eu-west       healthy    0.91 s / 2.38 s of 3 s   0.0 % of 60   1.7/7.0
                     ap-southeast  unknown    - of 3 s                 0.0 % of 3    0.0/7.0
                       3 samples of 10 needed

                """
        )
    }

    @Test func wideTerminalShowsEveryColumn() {
        #expect(
            StatusText.render(Samples.failedOver, routes: ["chat"], in: testStyle(120)) == """
                failoverd 0.1.0 at us-east-a, generation 7, written 2 s ago

                chat: eu-west  failed over  since 12:52:16 (12 min ago)
                  availability, "outage" evidence 7.20 >= 6.56
                     ENDPOINT      REGION        VERDICT    P50 / P99                SAMPLES  ERRORS       EVIDENCE
                     us-east       us-east       unhealthy  0.94 s / >15.0 s of 3 s      180  32 % of 60    7.2/7.0
                       availability, "outage" evidence 7.20 >= 6.56
                  *  eu-west       eu-west       healthy    0.91 s / 2.38 s of 3 s       180  0.0 % of 60   1.7/7.0
                     ap-southeast  ap-southeast  unknown    - of 3 s                       0  0.0 % of 3    0.0/7.0
                       3 samples of 10 needed

                """
        )
    }

    @Test func narrowTerminalShowsLess() {
        #expect(
            StatusText.render(Samples.failedOver, routes: ["chat"], in: testStyle(50)) == """
                failoverd 0.1.0 at us-east-a, generation 7,
                written 2 s ago

                chat: eu-west  failed over
                  since 12:52:16 (12 min ago)
                  availability, "outage" evidence 7.20 >= 6.56
                     ENDPOINT      VERDICT    P50 / P99                ERRORS
                     us-east       unhealthy  0.94 s / >15.0 s of 3 s  32 % of 60
                       availability, "outage" evidence 7.20 >=
                       6.56
                  *  eu-west       healthy    0.91 s / 2.38 s of 3 s   0.0 % of 60
                     ap-southeast  unknown    - of 3 s                 0.0 % of 3
                       3 samples of 10 needed

                """
        )
    }

    @Test func troubleIsFlagged() {
        var state = Samples.state(
            persisted: false,
            routes: [
                Samples.route(
                    active: "us-east",
                    mode: .failOpen,
                    provisional: true,
                    dryRun: true,
                    wouldBeActive: "eu-west"
                )
            ],
            endpoints: [
                Samples.endpoint("us-east", region: "east-1", indicators: []),
                Samples.endpoint(
                    "eu-west",
                    region: "west-1",
                    indicators: [Samples.availability(bad: 0, of: 0, evidence: 0)]
                ),
            ]
        )
        state.vantage = .init(
            name: "us-east-a",
            state: "suspect",
            reason: ReasonDocument(code: "anchors", text: "no anchor answers"),
            since: Samples.now
        )
        let later = WallTime(Samples.now.date.addingTimeInterval(86_400))
        #expect(
            StatusText.render(state, routes: ["chat"], in: testStyle(now: later)) == """
                failoverd 0.1.0 at us-east-a, generation 7, written 24 h ago
                stale: not to be trusted since 2026-11-22 13:04:59
                not persisted: the decision is not on disk
                vantage suspect: no anchor answers

                chat: us-east (east-1)  fail-open
                  on us-east since 2026-11-22 13:03:01 (24 h ago)
                  first in order
                  observe mode: decides but does not move; would be eu-west
                  provisional: us-east has not been judged since the daemon started
                     ENDPOINT  REGION  VERDICT  P50 / P99  SAMPLES  ERRORS  EVIDENCE
                  *  us-east   east-1  healthy
                     eu-west   west-1  healthy  -                -  -        0.0/7.0

                """
        )
    }

    @Test func observeModeThatWouldStaySaysSo() {
        let state = Samples.state(
            routes: [Samples.route(active: "us-east", dryRun: true)],
            endpoints: [Samples.endpoint("us-east", indicators: Samples.healthyIndicators)]
        )
        let text = StatusText.render(state, routes: ["chat"], in: testStyle())
        #expect(text.contains("\n  observe mode: decides but does not move; would stay\n"))
    }

    @Test func profilesOfOneEndpointHaveRowsOfTheirOwn() {
        let short = IndicatorSnapshot(
            name: IndicatorName(probe: "short", kind: .latency),
            window: .latency(
                objective: .milliseconds(300),
                counts: SampleCounts(samples: 12, bad: 0, void: 0),
                percentiles: Percentiles(
                    p50: .milliseconds(84),
                    p90: .milliseconds(100),
                    p99: .milliseconds(210),
                    count: 12,
                    censored: false
                )
            ),
            evidence: 3.5,
            threshold: 7
        )
        let long = IndicatorSnapshot(
            name: IndicatorName(probe: "long", kind: .availability),
            window: .availability(objective: Ratio(0.999), counts: SampleCounts(samples: 1, bad: 1, void: 0)),
            evidence: 0.1,
            threshold: 7
        )
        let state = Samples.state(
            routes: [Samples.route(active: "us-east")],
            endpoints: [Samples.endpoint("us-east", verdict: .degraded, indicators: [short, long])]
        )
        #expect(
            StatusText.render(state, routes: ["chat"], in: testStyle()) == """
                failoverd 0.1.0 at us-east-a, generation 7, written 2 s ago

                chat: us-east  preferred  since 13:03:01 (90 s ago)
                  first in order
                     ENDPOINT  VERDICT   P50 / P99                 SAMPLES  ERRORS      EVIDENCE
                  *  us-east   degraded
                       no evidence against it
                       long              -                               -  100 % of 1   0.1/7.0
                       short             84 ms / 210 ms of 300 ms       12  -            3.5/7.0

                """
        )
    }

    @Test func colourIsOnlyAddedWhereItIsWanted() {
        let plain = StatusText.render(Samples.failedOver, routes: ["chat"], in: testStyle())
        let coloured = StatusText.render(Samples.failedOver, routes: ["chat"], in: testStyle(colour: true))
        #expect(coloured.contains("\u{1B}[31munhealthy\u{1B}[0m"))
        #expect(coloured.contains("\u{1B}[32mhealthy\u{1B}[0m"))
        #expect(coloured.replacing(/\u{1B}\[[0-9]+m/, with: "") == plain)
    }

    @Test(arguments: [70, 80, 100, 120, 200])
    func noLineIsWiderThanTheTerminal(width: Int) {
        for line in StatusText.render(Samples.failedOver, routes: ["chat"], in: testStyle(width)).split(separator: "\n")
        {
            #expect(line.count <= width)
        }
    }
}

@Suite struct StatusExitCodeTests {
    private static func state(
        active: EndpointName,
        mode: RouteMode,
        verdict: Verdict,
        provisional: Bool = false
    ) -> StateDocument {
        Samples.state(
            routes: [Samples.route(active: active, mode: mode, provisional: provisional)],
            endpoints: ["us-east", "eu-west"].map {
                Samples.endpoint($0, verdict: $0 == active ? verdict : .healthy, indicators: [])
            }
        )
    }

    @Test(
        arguments: [
            (state(active: "us-east", mode: .preferred, verdict: .healthy), .preferred),
            (state(active: "us-east", mode: .preferred, verdict: .degraded), .failedOverOrDegraded),
            (state(active: "eu-west", mode: .failover, verdict: .healthy), .failedOverOrDegraded),
            (state(active: "us-east", mode: .failOpen, verdict: .unhealthy), .failOpenOrUnhealthy),
            (state(active: "us-east", mode: .preferred, verdict: .unhealthy), .failOpenOrUnhealthy),
            (state(active: "us-east", mode: .preferred, verdict: .unknown), .unknown),
            (state(active: "us-east", mode: .preferred, verdict: .healthy, provisional: true), .unknown),
        ] as [(StateDocument, StatusExitCode)]
    )
    func codeTellsHowTheRouteStands(state: StateDocument, expected: StatusExitCode) {
        #expect(StatusExitCode(state, routes: ["chat"], now: Samples.now) == expected)
    }

    /// Verdicts are those from before the doubt.
    @Test(arguments: ["suspect", "stalled"])
    func nothingIsKnownWhileOurOwnVantageIsInDoubt(vantage: String) {
        var state = Self.state(active: "us-east", mode: .held, verdict: .healthy)
        state.vantage.state = vantage
        #expect(StatusExitCode(state, routes: ["chat"], now: Samples.now) == .unknown)
        state = Self.state(active: "us-east", mode: .failOpen, verdict: .unhealthy)
        state.vantage.state = vantage
        #expect(StatusExitCode(state, routes: ["chat"], now: Samples.now) == .failOpenOrUnhealthy)
    }

    @Test func whatIsHeldWouldNotBeLeft() {
        let state = Self.state(active: "us-east", mode: .held, verdict: .healthy)
        #expect(StatusExitCode(state, routes: ["chat"], now: Samples.now) == .failedOverOrDegraded)
    }

    @Test func staleStateIsUnknown() {
        let state = Samples.preferred
        #expect(StatusExitCode(state, routes: ["chat"], now: state.validUntil) == .preferred)
        let later = WallTime(state.validUntil.date.addingTimeInterval(0.001))
        #expect(StatusExitCode(state, routes: ["chat"], now: later) == .unknown)
    }

    @Test func worstOfTheRoutesCounts() {
        var state = Self.state(active: "us-east", mode: .preferred, verdict: .healthy)
        state.routes["other"] = Self.state(active: "eu-west", mode: .failover, verdict: .healthy).routes["chat"]
        let both = ["chat", "other"]
        #expect(StatusExitCode(state, routes: both, now: Samples.now) == .failedOverOrDegraded)
        #expect(StatusExitCode(state, routes: ["chat"], now: Samples.now) == .preferred)
        state.routes["other"]?.mode = "fail_open"
        state.routes["chat"]?.provisional = true
        #expect(StatusExitCode(state, routes: both, now: Samples.now) == .failOpenOrUnhealthy)
        #expect(StatusExitCode(state, routes: [], now: Samples.now) == .unknown)
    }
}
