import FailoverCore
import FailoverWire
import Testing

@testable import FailoverControl

@Suite("How shares stand, in words")
struct ShareStandingTests {
    private static let names: [EndpointName] = ["cheap", "long", "next"]
    private static let nobody = Reason(.availability, "nobody is healthy")
    private static let audit = Reason(.frozen, "frozen by alice: audit")

    private static func share(
        _ owner: EndpointName,
        _ weight: Int,
        on active: EndpointName? = nil,
        _ mode: RouteMode = .preferred,
        _ reason: Reason = Reason(.initial, "preferred by the configuration"),
        wish: EndpointName? = nil,
        isStopped: Bool = false
    ) -> ShareSnapshot {
        let active = active ?? owner
        return ShareSnapshot(
            owner: owner,
            weight: weight,
            isCanary: owner == "next",
            active: active,
            wouldBeActive: wish ?? active,
            mode: mode,
            generation: 1,
            since: Samples.instant(90),
            reason: reason,
            chain: [owner] + ["cheap", "long"].filter { $0 != owner },
            stopped: isStopped ? StoppedCanary(since: Samples.instant(30), reason: Samples.outage) : nil
        )
    }

    private static func route(_ shares: [ShareSnapshot], dryRun: Bool = false) -> RouteSnapshot {
        let worst = shares.max { $0.mode.severity < $1.mode.severity }
        return RouteSnapshot(
            name: "chat",
            active: "cheap",
            mode: worst?.mode ?? .preferred,
            generation: 7,
            since: Samples.instant(90),
            reason: worst?.reason ?? nobody,
            order: names,
            provisional: false,
            dryRun: dryRun,
            wouldBeActive: shares[0].wouldBeActive,
            endpoints: names,
            policy: .weighted(shares)
        )
    }

    /// The lines of `status` between the route and its table, at 200 columns.
    private static func status(_ shares: [ShareSnapshot], dryRun: Bool = false) -> [String] {
        let endpoints = names.map { Samples.endpoint($0, indicators: Samples.healthyIndicators) }
        let state = Samples.state(routes: [route(shares, dryRun: dryRun)], endpoints: endpoints)
        let lines = StatusText.render(state, routes: ["chat"], in: testStyle(200)).split(separator: "\n")
        return lines.dropFirst().prefix { !$0.contains("ENDPOINT") }.map(String.init)
    }

    @Test func aStuckShareIsToldBesideOneThatIsAway() {
        #expect(
            Self.status([
                Self.share("cheap", 70, .failOpen, Self.nobody),
                Self.share("long", 29, on: "cheap", .failOpen, Self.nobody),
                Self.share("next", 1, on: "cheap", .failover, Samples.outage, isStopped: true),
            ]) == [
                "chat: cheap 100 %  fail-open  weights since 13:03:01 (90 s ago)",
                "  70 % of cheap fail-open (on cheap since 13:03:01): nobody is healthy",
                "  29 % of long fail-open (on cheap since 13:03:01): nobody is healthy",
                "  canary next stopped since 13:04:01: \(Samples.outage.text); failoverctl failback chat next ends that",
            ]
        )
    }

    @Test func aStoppedCanaryThatIsStuckIsToldTwice() {
        #expect(
            Self.status([
                Self.share("cheap", 99), Self.share("next", 1, on: "long", .failOpen, Self.nobody, isStopped: true),
            ]).suffix(2) == [
                "  canary next stopped since 13:04:01: \(Samples.outage.text); failoverctl failback chat next ends that",
                "  1 % of next fail-open (on long since 13:03:01): nobody is healthy",
            ]
        )
    }

    @Test func oneShareThatIsHeldIsTold() {
        let limit = Reason(.moveLimit, "6 moves within an hour")
        #expect(
            Self.status([Self.share("cheap", 70, .held, limit), Self.share("long", 30)]) == [
                "chat: cheap 70 %, long 30 %  held  weights since 13:03:01 (90 s ago)",
                "  70 % of cheap held (on cheap since 13:03:01): 6 moves within an hour",
            ]
        )
    }

    @Test func whatHoldsAllSharesIsToldOnce() {
        #expect(
            Self.status([
                Self.share("cheap", 70, .held, Self.audit), Self.share("long", 30, on: "cheap", .held, Self.audit),
            ]) == [
                "chat: cheap 100 %  held  weights since 13:03:01 (90 s ago)", "  frozen by alice: audit",
                "  30 % of long is on cheap since 13:03:01",
            ]
        )
    }

    @Test func aCanaryThatIsOnlyObservedWouldBeStopped() {
        #expect(
            Self.status(
                [Self.share("cheap", 99), Self.share("next", 1, wish: "cheap", isStopped: true)],
                dryRun: true
            ) == [
                "chat: cheap 99 %, next 1 %  preferred  since 13:03:01 (90 s ago)",
                "  canary next would be stopped since 13:04:01: \(Samples.outage.text); "
                    + "failoverctl failback chat next ends that",
                "  observe mode: decides but does not move; would be cheap 100 %",
            ]
        )
    }

    // MARK: - Explanations

    private static func explanation(
        _ shares: [ShareSnapshot],
        unhealthy: [EndpointName] = [],
        drained: [String] = [],
        dryRun: Bool = false
    ) -> ExplainDocument {
        var document = ExplainDocument(
            route: route(shares, dryRun: dryRun),
            endpoints: names.map { name in
                var grounds = Samples.grounds
                grounds = EndpointExplanation(
                    endpoint: name,
                    verdict: unhealthy.contains(name) ? .unhealthy : .healthy,
                    reason: grounds.reason,
                    rule: grounds.rule,
                    interval: grounds.interval,
                    indicators: [],
                    recovery: unhealthy.contains(name) ? grounds.recovery : nil
                )
                return grounds
            },
            lastFailover: nil,
            at: Samples.clock
        )
        for index in document.endpoints.indices where drained.contains(document.endpoints[index].endpoint) {
            document.endpoints[index].drained = .init(by: "bob", reason: "disk", until: nil)
        }
        return document
    }

    private static let failed = Samples.outage

    @Test(
        arguments: [
            (explanation([share("cheap", 100)]), "leaves if cheap trips, for the best of long"),
            (explanation([share("cheap", 100, .pinned)]), "stays while pinned"),
            (explanation([share("cheap", 100, .held, audit)], unhealthy: ["cheap"]), "stays while frozen"),
            (explanation([share("cheap", 100, .held, failed)]), "stays while held"),
            (
                explanation([share("cheap", 100, .failOpen, nobody)], unhealthy: ["cheap", "long"]),
                "cheap has tripped, and nobody of its chain can take over"
            ),
            (
                explanation([share("cheap", 100, .failOpen, nobody)], drained: ["cheap"]),
                "cheap is drained, and nobody of its chain can take over"
            ),
            (
                explanation([share("cheap", 100)], unhealthy: ["cheap"]),
                "cheap has tripped: leaves as soon as one of long has confirmed"
            ),
            (explanation([share("cheap", 100)], dryRun: true), "would leave if cheap trips, for the best of long"),
            (
                explanation([share("cheap", 100, wish: "long")], unhealthy: ["cheap"], dryRun: true),
                "would be on long, and stays: it only observes; would leave if long trips, for the best of cheap"
            ),
        ] as [(ExplainDocument, String)]
    )
    func itIsSaidWhatItTakesToLeave(document: ExplainDocument, words: String) {
        #expect(ShareText.lines(of: document, in: testStyle(200)).dropFirst(2).first == "  " + words)
    }

    @Test func whatHoldsTheRouteIsNotToldOfEachShareAgain() {
        let document = Self.explanation([Self.share("cheap", 70, .held, Self.audit), Self.share("long", 30)])
        #expect(
            ShareText.lines(of: document, in: testStyle(200)) == [
                "", "70 % of cheap: cheap, held (on cheap since 13:03:01)", "  stays while frozen", "",
                "30 % of long: long, preferred since 13:03:01: preferred by the configuration",
                "  leaves if long trips, for the best of cheap",
            ]
        )
    }

    @Test func theHeaderOfAnExplanationHasTheSplit() {
        let document = Self.explanation(
            [Self.share("cheap", 70, .failOpen, Self.nobody), Self.share("long", 30, wish: "cheap")],
            dryRun: true
        )
        #expect(
            ExplainText.render(document, endpoint: nil, in: testStyle()).split(separator: "\n").prefix(3) == [
                "chat: cheap 70 %, long 30 %, fail-open (weights since 13:03:01, 90 s ago)", "  nobody is healthy",
                "  observe mode: decides but does not move; would be cheap 100 %",
            ]
        )
    }

    @Test(arguments: [(nil, "would stay"), ("eu-west", "would be eu-west")] as [(EndpointName?, String)])
    func anObservedRouteSaysWhereItWouldBe(wish: EndpointName?, words: String) {
        let document = ExplainDocument(
            route: Samples.route(active: "us-east", mode: .failOpen, dryRun: true, wouldBeActive: wish),
            endpoints: [],
            lastFailover: nil,
            at: Samples.clock
        )
        #expect(
            ExplainText.render(document, endpoint: nil, in: testStyle()) == """
                chat: us-east, fail-open (on us-east since 13:03:01, 90 s ago)
                  first in order
                  observe mode: decides but does not move; \(words)

                """
        )
    }

    @Test func aStoppedCanaryIsNotPromisedToReturnByItself() {
        var document = Self.explanation(
            [Self.share("cheap", 99), Self.share("next", 1, on: "cheap", .failover, Self.failed, isStopped: true)],
            unhealthy: ["next"]
        )
        document.lastFailover = Samples.failover
        document.lastFailover?.share = "next"
        document.lastFailover?.grounds = nil
        let text = ExplainText.render(document, endpoint: nil, in: testStyle(200))
        for line in [
            "  back   : recovery evidence 0.0/2.0 (22 clean probes), then stable 60 s (2nd failover that still counts); "
                + "its share returns only by failoverctl failback chat next",
            "  stopped since 13:04:01: returns only by failoverctl failback chat next --reason TEXT",
            "last failover of the share of next: us-east -> eu-west at 12:52:16 (12 min ago)",
        ] {
            #expect(text.split(separator: "\n").contains { $0 == line }, "\(text)")
        }
    }

    @Test func aPercentSignStaysWithItsNumber() {
        #expect(
            Wording.wrap("would be cheap 94 %, premium 5 %", width: 30, indent: 0) == [
                "would be cheap 94 %, premium", "5 %",
            ]
        )
        #expect(Wording.wrap("% of all", width: 30, indent: 0) == ["% of all"])
    }
}
