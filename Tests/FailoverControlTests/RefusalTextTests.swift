import FailoverCore
import FailoverWire
import Testing

@testable import FailoverControl

/// What people and monitoring are told while our own probes are refused, or not judged for another reason.
@Suite struct RefusalTextTests {
    private static func availability(bad: Int, of samples: Int, void: Int) -> IndicatorSnapshot {
        IndicatorSnapshot(
            name: IndicatorName(probe: .default, kind: .availability),
            window: .availability(
                objective: Ratio(0.999),
                counts: SampleCounts(samples: samples, bad: bad, void: void)
            ),
            evidence: 0,
            threshold: 7
        )
    }

    /// While our own request is refused the verdict stays as it was: it is shown as refused, and so is what was not judged.
    @Test func refusedProbesAreNotShownAsHealth() {
        let reason = Reason(.misconfigured, "as last known: our own request or account is refused (quota)")
        let state = Samples.state(
            routes: [Samples.route(active: "us-east")],
            endpoints: [
                Samples.endpoint("us-east", reason: reason, indicators: [Self.availability(bad: 0, of: 0, void: 60)]),
                Samples.endpoint(
                    "eu-west",
                    verdict: .unknown,
                    reason: reason,
                    indicators: [Self.availability(bad: 1, of: 4, void: 56)]
                ),
            ]
        )
        #expect(
            StatusText.render(state, routes: ["chat"], in: testStyle(80)) == """
                failoverd 0.1.0 at us-east-a, generation 7, written 2 s ago

                chat: us-east  preferred  since 13:03:01 (90 s ago)
                  first in order
                     ENDPOINT  VERDICT  P50 / P99  SAMPLES  ERRORS              EVIDENCE
                  *  us-east   refused  -                -  60 void              0.0/7.0
                       verdict healthy, as last known: our own request or account is refused
                       (quota)
                     eu-west   refused  -                -  25 % of 4, 56 void   0.0/7.0
                       verdict unknown, as last known: our own request or account is refused
                       (quota)

                """
        )
        let coloured = StatusText.render(state, routes: ["chat"], in: testStyle(80, colour: true))
        #expect(coloured.contains("\u{1B}[33mrefused\u{1B}[0m"))
        #expect(coloured.contains("\u{1B}[33mpreferred\u{1B}[0m"))
        #expect(!coloured.contains("\u{1B}[32m"))
    }

    static let voids: [(samples: Int, void: Int, text: String)] = [
        (0, 0, "-"), (0, 3, "3 void"), (60, 0, "0.0 % of 60"), (60, 59, "0.0 % of 60"), (3, 3, "0.0 % of 3, 3 void"),
    ]

    @Test(arguments: voids)
    func whatWasNotJudgedIsCountedWhereItIsMost(samples: Int, void: Int, text: String) {
        let indicator = Self.availability(bad: 0, of: samples, void: void)
        let state = Samples.state(
            routes: [Samples.route(active: "us-east")],
            endpoints: [Samples.endpoint("us-east", indicators: [indicator])]
        )
        let figures = state.endpoints["us-east"].map(ProbeFigures.all)
        #expect(figures?.map { $0.cells[2] } == [.init(text)])
    }

    /// An outage of it would not be noticed.
    @Test func anActiveEndpointThatRefusesUsIsNotAllRight() {
        let refused = Reason(.misconfigured, "our own request or account is refused (quota)")
        func code(mode: RouteMode, verdict: Verdict = .healthy, active: EndpointName = "us-east") -> StatusExitCode {
            let state = Samples.state(
                routes: [Samples.route(active: active, mode: mode)],
                endpoints: [
                    Samples.endpoint("us-east", verdict: verdict, reason: refused, indicators: []),
                    Samples.endpoint("eu-west", indicators: []),
                ]
            )
            return StatusExitCode(state, routes: ["chat"], now: Samples.now)
        }
        #expect(code(mode: .preferred) == .failedOverOrDegraded)
        #expect(code(mode: .preferred, verdict: .unknown) == .unknown)
        #expect(code(mode: .failOpen) == .failOpenOrUnhealthy)
        // Nobody uses it.
        #expect(code(mode: .preferred, active: "eu-west") == .preferred)
    }
}
