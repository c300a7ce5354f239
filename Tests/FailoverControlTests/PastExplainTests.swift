import FailoverCore
import FailoverWire
import Foundation
import NIOConcurrencyHelpers
import Testing

@testable import FailoverControl

@Suite("Explaining the past")
struct PastExplainTests {
    private static func event(
        _ kind: EventKind,
        _ secondsAgo: Double,
        _ generation: UInt64,
        from: EndpointName? = nil,
        to: EndpointName? = nil,
        endpoint: EndpointName? = nil,
        text: String = "because",
        by requester: String? = nil,
        grounds: EndpointExplanation? = nil
    ) -> EventDocument {
        EventDocument(
            Event(
                kind: kind,
                at: Samples.instant(secondsAgo),
                route: "chat",
                endpoint: endpoint,
                from: from,
                to: to,
                regionFrom: from.map { RegionName(rawValue: $0.rawValue) },
                regionTo: to.map { RegionName(rawValue: $0.rawValue) },
                reason: Reason(.availability, text),
                generation: generation,
                requester: requester,
                grounds: grounds
            ),
            sequence: generation * 10 + (from == nil ? 1 : 0),
            at: Samples.clock,
            publisher: Samples.publisher
        )
    }

    private static let grounds: EndpointExplanation = {
        var grounds = Samples.grounds
        grounds.witness = WitnessExplanation(
            .vouched,
            sources: [
                .init(name: "tcp://192.0.2.1:443", isAnchor: true, good: 5),
                .init(name: "eu-west", isAnchor: false, good: 5),
            ]
        )
        return grounds
    }()

    private static let kept = [
        event(.failover, 735, 7, from: "us-east", to: "eu-west", text: Samples.outage.text, grounds: grounds),
        event(.failOpen, 500, 7, endpoint: "eu-west", text: "nobody is healthy", grounds: Samples.grounds),
        event(.pinned, 300, 8, from: "eu-west", to: "us-east", text: "audit", by: "alice"),
    ]

    private func text(_ asked: PastExplanation.Asked, width: Int = 80) throws -> String {
        let found = try PastExplanation(route: "chat", asked: asked, in: Self.kept, generation: 8)
        return PastExplainText.render(found, in: testStyle(width))
    }

    @Test func aFailoverIsToldWithItsArithmeticAndItsWitnesses() throws {
        #expect(
            try text(.init(generation: 7)) == """
                chat: us-east -> eu-west, failover at 12:52:16 (12 min ago), generation 7
                  availability, "outage" evidence 7.20 >= 6.56
                  until  : 12:56:11 (8 min ago): fail-open

                us-east UNHEALTHY: availability, "outage" evidence 7.20 >= 6.56
                  availability: "outage" evidence 7.20 of 6.56
                  TIME      FINDING          HEALTHY  OUTAGE   ADDS      SUM
                  12:51:56  connect_timeout    0.1 %    98 %  +2.97  -> 2.97
                  12:52:01  connect_timeout    1.0 %    98 %  +1.97  -> 4.94  (could be a blip)
                  12:52:06  connect_timeout     16 %    98 %  +0.78  -> 5.72
                  12:52:11  connect_timeout     18 %    98 %  +0.74  -> 6.46
                  12:52:16  connect_timeout     18 %    98 %  +0.74  -> 7.20  TRIP
                  latency: no evidence of 6.85
                  witness: anchor tcp://192.0.2.1:443 5/5 good, eu-west 5/5 good (not our
                           network)
                  back   : recovery evidence 0.0/2.0 (22 clean probes), then stable 60 s (2nd
                           failover that still counts)
                  target : eu-west

                """
        )
    }

    @Test func whatMovedNothingSaysWhatMovedBefore() throws {
        let lines = try text(.init(at: WallTime(Samples.now.date.addingTimeInterval(-400)))).split(separator: "\n")
        #expect(
            lines.prefix(5) == [
                "chat: eu-west, fail-open at 12:56:11 (8 min ago), generation 7", "  nobody is healthy",
                "  until  : 12:59:31 (5 min ago): pinned to us-east",
                "  moved  : us-east -> eu-west, failover at 12:52:16 (12 min ago), generation 7",
                "us-east UNHEALTHY: availability, \"outage\" evidence 7.20 >= 6.56",
            ]
        )
    }

    @Test func anOperatorsMoveSaysWhoAndWhy() throws {
        #expect(
            try text(.init(generation: 8)) == """
                chat: eu-west -> us-east, pinned at 12:59:31 (5 min ago), generation 8
                  audit
                  until  : now, it is in force
                  by     : alice

                There is no arithmetic: operators decided.

                """
        )
    }

    @Test func noLineIsWiderThanTheTerminal() throws {
        for asked in [PastExplanation.Asked(generation: 7), .init(generation: 8), .init(at: Samples.now)] {
            for line in try text(asked, width: 80).split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        }
    }

    // MARK: - Witnesses

    @Test(
        arguments: [
            (.init(.vouched, sources: [.init(name: "eu", isAnchor: false, good: 5)]), "eu 5/5 good (not our network)"),
            (
                .init(.waiting, sources: [.init(name: "eu", isAnchor: false, good: 2)]),
                "none yet, bad probes wait for one: eu 2/5 good"
            ),
            (.init(.missing), "none, it may be our own network"),
            (
                .init(.unneeded),
                "none needed: with one endpoint and no anchor, a fault of our own network counts as one of the endpoint"
            ),
        ] as [(WitnessExplanation, String)]
    )
    func witnessesAreNamedOrTheirAbsence(witness: WitnessExplanation, words: String) throws {
        var grounds = Samples.grounds
        grounds.witness = witness
        let document = ExplainDocument.Endpoint(grounds, at: Samples.clock)
        #expect(WitnessText.words(for: try #require(document.witness)) == words)
    }

    // MARK: - Over the socket

    @Test func theSocketAnswersForAGenerationAndForATime() async throws {
        let source = ScriptedSource()
        source.script.withLockedValue { $0.transitions = Self.kept }
        try await withServer(source: source) { (running) async throws in
            for asked in [PastExplanation.Asked(generation: 7), .init(at: Samples.now)] {
                let bytes = try await running.client.explainPast(route: "chat", asked)
                let document = try Wire.decode(PastExplanation.self, from: bytes)
                #expect(
                    try document
                        == PastExplanation(
                            route: "chat",
                            asked: asked,
                            in: Self.kept,
                            generation: Samples.preferred.generation
                        )
                )
            }
        }
    }

    @Test(arguments: [
        ("generation=x", 400, "Bad question", "generation is \"x\", but must be a whole number"),
        ("generation=-1", 400, "Bad question", "generation is \"-1\", but must be a whole number"),
        (
            "at=yesterday", 400, "Bad question",
            "at is \"yesterday\", but must be a time in UTC such as 2026-11-22T12:04:31Z (RFC 3339)"
        ),
        (
            "generation=7&at=2026-11-22T12:04:31Z", 400, "Bad question",
            "both generation and at are given: ask for one of them"
        ),
        (
            "generation=6", 404, "Not kept",
            "generation 6 is before the first kept transition of chat: kept are generations 7 to 8, since "
                + "2026-11-22T11:52:16.000Z; before that it was on us-east"
        ),
        (
            "generation=9", 404, "Not kept",
            "not yet: the generation is 8; kept are generations 7 to 8, since 2026-11-22T11:52:16.000Z"
        ),
        (
            "at=2026-11-22T11:00:00Z", 404, "Not kept",
            "2026-11-22T11:00:00.000Z is before the first kept transition of chat: kept are generations 7 to 8, "
                + "since 2026-11-22T11:52:16.000Z; before that it was on us-east"
        ),
    ])
    func whatCannotBeAnsweredSaysWhy(query: String, status: Int, title: String, detail: String) async throws {
        let source = ScriptedSource()
        source.script.withLockedValue { $0.transitions = Self.kept }
        try await withServer(source: source) { (running) async throws in
            let answer = try await running.client.get("/v1/routes/chat/explain?\(query)")
            #expect(answer.status == status)
            #expect(
                try Wire.decode(ProblemDocument.self, from: answer.body)
                    == ProblemDocument(title: title, status: status, detail: detail)
            )
        }
    }

    @Test func routesThatNeverMovedOrNeverWereAreToldApart() async throws {
        let source = ScriptedSource()
        try await withServer(source: source) { (running) async throws in
            func problem(_ path: String) async throws -> ProblemDocument {
                try Wire.decode(ProblemDocument.self, from: try await running.client.get(path).body)
            }
            #expect(
                try await problem("/v1/routes/chat/explain?generation=1").detail
                    == "no decision about chat is kept: as far as is known it has stayed on us-east"
            )
            #expect(try await problem("/v1/routes/chta/explain?generation=1").detail == "there is no route chta")
            source.script.withLockedValue { $0.transitions = nil }
            #expect(try await problem("/v1/routes/chat/explain?generation=1").status == 503)
        }
    }

    @Test func aKeyThatIsNotKnownIsNoQuestionAboutThePresent() async throws {
        try await withServer(source: ScriptedSource()) { (running) async throws in
            let answer = try await running.client.get("/v1/routes/chat/explain?gen=1")
            #expect(answer.status == 400)
            #expect(
                try Wire.decode(ProblemDocument.self, from: answer.body)
                    == ProblemDocument(
                        title: "Bad question",
                        status: 400,
                        detail: "an explanation is not asked for by \"gen\"",
                        allowed: ["at", "generation"]
                    )
            )
        }
    }

    // MARK: - Shares

    @Test func ofAShareItIsSaidWhereTheOthersWere() throws {
        var first = Self.event(.weights, 735, 7, from: "us-east", to: "eu-west", text: "70 % from us-east to eu-west")
        first.share = "us-east"
        var second = Self.event(.weights, 500, 8, from: "ap", to: "eu-west", text: "30 % from ap to eu-west")
        second.share = "ap"
        var third = Self.event(.weights, 300, 9, from: "eu-west", to: "us-east", text: "70 % from eu-west to us-east")
        third.share = "us-east"
        func text(_ asked: PastExplanation.Asked) throws -> String {
            let found = try PastExplanation(route: "chat", asked: asked, in: [first, second, third], generation: 9)
            return PastExplainText.render(found, in: testStyle())
        }
        #expect(
            try text(.init(generation: 7)) == """
                chat (share of us-east): us-east -> eu-west, weights at 12:52:16 (12 min ago),
                  generation 7
                  70 % from us-east to eu-west
                  until  : 12:59:31 (5 min ago): weights to us-east
                  share  : ap on ap until 12:56:11

                No arithmetic was kept with it.

                """
        )
        #expect(try text(.init(generation: 9)).contains("\n  share  : ap on eu-west since 12:56:11, generation 8\n"))
    }

    // MARK: - Times

    @Test func timesOfMessagesAreToldInTheReadersZone() {
        #expect(
            Wording.localTimes(in: "2026-11-22T11:00:00.000Z is before 2026-11-21T11:00:00Z; so, Z", style: testStyle())
                == "12:00:00 is before 2026-11-21 12:00:00; so, Z"
        )
    }

    @Test(
        arguments: [
            ("2026-11-22T11:00:00Z", "2026-11-22T11:00:00.000Z"), ("13:04", "2026-11-22T12:04:31.000Z"),
            ("13:03", "2026-11-22T12:03:59.999Z"), ("13:04:30", "2026-11-22T12:04:30.999Z"),
            ("13:04:31", "2026-11-22T12:04:31.000Z"), ("13:04:32", "2026-11-21T12:04:32.999Z"),
            ("18:30", "2026-11-21T17:30:59.999Z"), ("2026-11-20 07:00", "2026-11-20T06:00:59.999Z"),
            ("2026-11-20 07:00:05", "2026-11-20T06:00:05.999Z"), ("2026-11-23 07:00", "2026-11-23T06:00:59.999Z"),
            ("24:00", nil), ("7:00", nil), ("12:00:60", nil),
            ("12:00:1", nil), ("12:00:00:00", nil), ("", nil), ("yesterday", nil), ("2026-11-20", nil),
        ] as [(String, String?)]
    )
    func aPastMomentIsTheLastTimeThatItWas(text: String, expected: String?) {
        #expect(Moment.past(text, now: Samples.now, secondsEast: { _ in 3600 })?.description == expected)
    }
}
