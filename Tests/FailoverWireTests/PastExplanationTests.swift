import FailoverCore
import Foundation
import Testing

@testable import FailoverWire

@Suite("What was in force")
struct PastExplanationTests {
    /// Seconds after noon, and what happened.
    private static let events: [EventDocument] = [
        event(10, .failover, 3, from: "us", to: "eu"),
        event(20, .spend, 3, from: "us", to: "eu"),
        event(30, .failover, 4, route: "other", from: "us", to: "eu"),
        event(40, .failOpen, 4, endpoint: "eu"),
        event(50, .failback, 5, from: "eu", to: "us"),
        event(60, .verdict, 5, endpoint: "us"),
        event(70, .failover, 5, from: "us", to: "ap", dryRun: true),
    ]

    private static func event(
        _ seconds: Double,
        _ kind: EventKind,
        _ generation: UInt64,
        route: RouteName = "chat",
        endpoint: EndpointName? = nil,
        from: EndpointName? = nil,
        to: EndpointName? = nil,
        share: EndpointName? = nil,
        dryRun: Bool = false
    ) -> EventDocument {
        EventDocument(
            Event(
                kind: kind,
                at: .seconds(seconds),
                route: route,
                endpoint: endpoint,
                from: from,
                to: to,
                share: share,
                reason: Reason(.availability, "because"),
                generation: generation,
                dryRun: dryRun,
                grounds: kind == .verdict ? nil : Samples.grounds
            ),
            sequence: UInt64(seconds),
            at: clock,
            publisher: Samples.publisher
        )
    }

    private static let clock = ClockReading(
        monotonic: .seconds(0),
        wall: WallTime(secondsSince1970: 1_795_348_800)
    )
    private static func time(_ seconds: Double) -> WallTime { clock.wallTime(of: .seconds(seconds)) }
    private static let kept = PastExplanation.Kept(firstGeneration: 3, lastGeneration: 6, since: time(10))

    private static let onceOnUS = PastExplanation.Standing(endpoint: "us", until: time(10))

    private static func find(_ asked: PastExplanation.Asked) -> Result<[String?], PastExplanation.Absence> {
        do throws(PastExplanation.Absence) {
            let found = try PastExplanation(route: "chat", asked: asked, in: events, generation: 6)
            #expect(found.kept == kept && found.asked == asked && found.next?.grounds == nil)
            #expect(found.decision.grounds != nil)
            return .success([found.decision.event, found.move?.event, found.next?.event])
        } catch {
            return .failure(error)
        }
    }

    @Test(
        arguments: [
            (.init(generation: 3), .success(["failover", nil, "fail_open"])),
            // Another route's: this one stood as decided before, and stays.
            (.init(generation: 4), .success(["fail_open", "failover", "failback"])),
            // The move itself, not what was only observed later in the same generation.
            (.init(generation: 5), .success(["failback", nil, "failover"])),
            (.init(generation: 6), .success(["failover", nil, nil])),
            (.init(generation: 2), .failure(.before(kept, [onceOnUS]))),
            (.init(generation: 7), .failure(.later(present: 6, kept))),
            (.init(at: time(9.999)), .failure(.before(kept, [onceOnUS]))),
            (.init(at: time(10)), .success(["failover", nil, "fail_open"])),
            (.init(at: time(39.999)), .success(["failover", nil, "fail_open"])),
            (.init(at: time(40)), .success(["fail_open", "failover", "failback"])),
            (.init(at: time(65)), .success(["failback", nil, "failover"])),
            (.init(at: time(1e6)), .success(["failover", nil, nil])),
        ] as [(PastExplanation.Asked, Result<[String?], PastExplanation.Absence>)]
    )
    func theDecisionInForceIsFound(
        asked: PastExplanation.Asked,
        found: Result<[String?], PastExplanation.Absence>
    ) {
        #expect(Self.find(asked) == found)
    }

    @Test func nothingIsKeptOfARouteThatNeverMoved() {
        #expect(throws: PastExplanation.Absence.nothing) {
            try PastExplanation(route: "batch", asked: .init(generation: 3), in: Self.events, generation: 6)
        }
    }

    @Test func aGenerationThatIsYetToComeIsNoneOfARouteThatNeverMovedEither() {
        #expect(throws: PastExplanation.Absence.later(present: 6, nil)) {
            try PastExplanation(route: "batch", asked: .init(generation: 7), in: Self.events, generation: 6)
        }
    }

    // MARK: - Shares

    /// A route that is split from the second event on, and no longer at the end.
    private static let shared: [EventDocument] = [
        event(10, .failover, 2, from: "a", to: "b"),
        event(20, .weights, 3, from: "a", to: "b", share: "a"),
        event(30, .failOpen, 3, endpoint: "c", share: "c"),
        event(40, .weights, 4, from: "c", to: "b", share: "c"),
        event(50, .config, 5),
        event(60, .weights, 6, from: "b", to: "a", share: "a"),
        event(70, .failover, 7, from: "a", to: "b"),
    ]

    private static func standing(
        _ share: String,
        on endpoint: String,
        since: Double? = nil,
        _ generation: UInt64? = nil,
        until: Double? = nil
    ) -> PastExplanation.Standing {
        .init(
            share: share,
            endpoint: endpoint,
            since: since.map(time),
            generation: generation,
            until: until.map(time)
        )
    }

    @Test(
        arguments: [
            (10, 20, nil, nil),
            // The next of the same share, or of the whole route.
            (20, 50, nil, [standing("c", on: "c")]),
            (30, 40, nil, [standing("a", on: "b", since: 20, 3)]),
            (40, 50, nil, [standing("a", on: "b", since: 20, 3)]),
            (50, 60, nil, [standing("a", on: "b", since: 20, 3), standing("c", on: "b", since: 40, 4)]),
            (60, 70, nil, [standing("c", on: "b", since: 40, 4)]), (70, nil, nil, nil),
        ] as [(Double, Double?, Double?, [PastExplanation.Standing]?)]
    )
    func ofAShareItsOwnNextMoveCounts(
        at seconds: Double,
        next: Double?,
        move: Double?,
        others: [PastExplanation.Standing]?
    ) throws {
        let asked = PastExplanation.Asked(at: Self.time(seconds))
        let found = try PastExplanation(route: "chat", asked: asked, in: Self.shared, generation: 7)
        #expect(found.decision.at == Self.time(seconds))
        #expect(found.next?.at == next.map(Self.time) && found.move?.at == move.map(Self.time))
        #expect(found.others == others)
        #expect(try Wire.decode(PastExplanation.self, from: Wire.encode(found)) == found)
    }

    @Test func aShareThatIsStuckCameThereBeforeItWasTold() throws {
        let events = [
            Self.event(10, .failOpen, 1, endpoint: "c", share: "c"),
            Self.event(20, .weights, 2, from: "a", to: "b", share: "a"),
        ]
        let found = try PastExplanation(route: "chat", asked: .init(generation: 2), in: events, generation: 2)
        #expect(found.others == [Self.standing("c", on: "c")])
    }

    @Test func beforeTheFirstDecisionsEachShareStoodWhereItLeft() {
        let kept = PastExplanation.Kept(firstGeneration: 3, lastGeneration: 7, since: Self.time(20))
        let beginnings = [Self.standing("a", on: "a", until: 20), Self.standing("c", on: "c")]
        #expect(throws: PastExplanation.Absence.before(kept, beginnings)) {
            try PastExplanation(
                route: "chat",
                asked: .init(generation: 1),
                in: Array(Self.shared.dropFirst()),
                generation: 7
            )
        }
    }

    @Test func theDocumentIsReadBackAsItWas() throws {
        let found = try PastExplanation(route: "chat", asked: .init(generation: 4), in: Self.events, generation: 6)
        #expect(try Wire.decode(PastExplanation.self, from: Wire.encode(found)) == found)
    }
}
