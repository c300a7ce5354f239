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
            (.init(generation: 2), .failure(.before(kept))),
            (.init(generation: 7), .failure(.later(kept))),
            (.init(at: time(9.999)), .failure(.before(kept))),
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

    @Test func theDocumentIsReadBackAsItWas() throws {
        let found = try PastExplanation(route: "chat", asked: .init(generation: 4), in: Self.events, generation: 6)
        #expect(try Wire.decode(PastExplanation.self, from: Wire.encode(found)) == found)
    }
}
