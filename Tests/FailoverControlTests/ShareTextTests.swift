import FailoverCore
import FailoverWire
import Testing

@testable import FailoverControl

@Suite("Weighted routes in words")
struct ShareTextTests {
    private static let failed = Reason(.availability, "availability, \"outage\" evidence 7.20 >= 6.56")

    private static func share(_ owner: EndpointName, _ weight: Int, on active: EndpointName) -> ShareSnapshot {
        let isAway = owner != active
        let isCanary = owner == "next"
        let reason = isCanary ? Reason(.canaryStopped, failed.text) : failed
        return ShareSnapshot(
            owner: owner,
            weight: weight,
            isCanary: isCanary,
            active: active,
            mode: isAway ? .failover : .preferred,
            generation: isAway ? 7 : 1,
            since: Samples.instant(isAway ? 735 : 90),
            reason: isAway ? reason : Reason(.initial, "preferred by the configuration"),
            chain: [owner] + ["cheap", "long", "premium"].filter { $0 != owner },
            stopped: isAway && isCanary ? StoppedCanary(since: Samples.instant(735), reason: reason) : nil
        )
    }

    private static func route(_ places: [(EndpointName, Int, EndpointName)]) -> RouteSnapshot {
        let shares = places.map { share($0.0, $0.1, on: $0.2) }
        let away = shares.first { $0.active != $0.owner }
        return RouteSnapshot(
            name: "chat",
            active: "cheap",
            mode: away == nil ? .preferred : .failover,
            generation: 7,
            since: Samples.instant(735),
            reason: away?.reason ?? Reason(.initial, "preferred by the configuration"),
            order: ["cheap", "long", "premium"],
            provisional: false,
            dryRun: false,
            wouldBeActive: "cheap",
            endpoints: ["cheap", "long", "premium", "next"],
            policy: .weighted(shares)
        )
    }

    private static func state(_ places: [(EndpointName, Int, EndpointName)]) -> StateDocument {
        let endpoints = ["cheap", "long", "premium", "next"].map { name in
            Samples.endpoint(EndpointName(rawValue: name), indicators: Samples.healthyIndicators)
        }
        return Samples.state(routes: [route(places)], endpoints: endpoints)
    }

    @Test func everyShareIsAtHome() {
        let state = Self.state([
            ("cheap", 70, "cheap"), ("long", 24, "long"), ("premium", 5, "premium"), ("next", 1, "next"),
        ])
        #expect(
            StatusText.render(state, routes: ["chat"], in: testStyle(80)) == """
                failoverd 0.1.0 at us-east-a, generation 7, written 2 s ago

                chat: cheap 70 %, long 24 %, premium 5 %, next 1 %  preferred
                  since 12:52:16 (12 min ago)
                  preferred by the configuration
                  SHARE  ENDPOINT  VERDICT  P50 / P99               ERRORS       EVIDENCE
                  70 %   cheap     healthy  0.91 s / 2.38 s of 3 s  0.0 % of 60   1.7/7.0
                  24 %   long      healthy  0.91 s / 2.38 s of 3 s  0.0 % of 60   1.7/7.0
                  5 %    premium   healthy  0.91 s / 2.38 s of 3 s  0.0 % of 60   1.7/7.0
                  1 %    next      healthy  0.91 s / 2.38 s of 3 s  0.0 % of 60   1.7/7.0

                """
        )
        #expect(StatusExitCode(state, routes: ["chat"], now: Samples.now) == .preferred)
    }

    @Test func whoIsAwayAndWhoIsStoppedIsSaid() {
        let state = Self.state([
            ("cheap", 70, "cheap"), ("long", 24, "cheap"), ("premium", 5, "premium"), ("next", 1, "cheap"),
        ])
        #expect(
            StatusText.render(state, routes: ["chat"], in: testStyle(80)) == """
                failoverd 0.1.0 at us-east-a, generation 7, written 2 s ago

                chat: cheap 95 %, premium 5 %  failed over  since 12:52:16 (12 min ago)
                  24 % of long is on cheap since 12:52:16, failed over: availability, "outage"
                  evidence 7.20 >= 6.56
                  canary next stopped since 12:52:16: availability, "outage" evidence 7.20 >=
                  6.56; failoverctl failback chat next ends that
                  SHARE (OWN)  ENDPOINT  VERDICT  P50 / P99               ERRORS       EVIDENCE
                  95 % (70 %)  cheap     healthy  0.91 s / 2.38 s of 3 s  0.0 % of 60   1.7/7.0
                  0 % (24 %)   long      healthy  0.91 s / 2.38 s of 3 s  0.0 % of 60   1.7/7.0
                  5 %          premium   healthy  0.91 s / 2.38 s of 3 s  0.0 % of 60   1.7/7.0
                  0 % (1 %)    next      healthy  0.91 s / 2.38 s of 3 s  0.0 % of 60   1.7/7.0

                """
        )
        #expect(StatusExitCode(state, routes: ["chat"], now: Samples.now) == .failedOverOrDegraded)
    }

    @Test func explainSaysWhatItTakesToReturn() {
        let document = ExplainDocument(
            route: Self.route([("cheap", 70, "cheap"), ("long", 24, "cheap"), ("next", 1, "cheap")]),
            endpoints: ["cheap", "long", "next"].map { name in
                EndpointExplanation(
                    endpoint: EndpointName(rawValue: name),
                    verdict: .healthy,
                    reason: Reason(.withinObjectives, "no evidence against it"),
                    rule: .evidence(.balanced),
                    interval: .seconds(5),
                    indicators: [],
                    recovery: name == "long"
                        ? RecoveryExplanation(
                            proof: 4,
                            proofNeeded: 7,
                            cleanProbesLeft: 9,
                            holdDown: .seconds(30),
                            holdDownEnds: nil,
                            penalty: 1
                        ) : nil
                )
            },
            lastFailover: nil,
            at: Samples.clock
        )
        #expect(
            ShareText.lines(of: document, in: testStyle(80)).joined(separator: "\n") == """

                70 % of cheap: cheap, preferred since 13:03:01: preferred by the configuration
                  leaves if cheap trips, for the best of long, premium

                24 % of long: cheap, failed over since 12:52:16: availability, "outage" evidence
                7.20 >= 6.56
                  leaves if cheap trips, for the best of long, premium
                  back to long: recovery evidence 4.0/7.0 (9 clean probes), then stable 30 s
                  (1st failover that still counts)

                1 % of next, a canary: cheap, failed over since 12:52:16: availability, "outage"
                evidence 7.20 >= 6.56
                  leaves if cheap trips, for the best of long, premium
                  stopped since 12:52:16: returns only by failoverctl failback chat next
                  --reason TEXT
                """
        )
    }
}
