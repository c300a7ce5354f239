import Testing

@testable import FailoverCore

@Suite("Orders to return")
struct FailbackOrderTests {
    /// `us` has failed and answers again, but still has to wait.
    private func away(_ decision: DecisionConfiguration = .evidence(failback: .manual)) -> World {
        var world = World.judged(.oneRoute(decision: decision))
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        world.set("us", to: .good)
        return world
    }

    @Test(arguments: [
        DecisionConfiguration.evidence(failback: .manual), .evidence(holdDown: .seconds(3600)),
        .evidence(holdDown: .seconds(3600), limit: 1),
    ])
    func nothingIsWaitedForButHealth(decision: DecisionConfiguration) throws {
        var world = away(decision)
        #expect(world.run { $0.verdict(of: "us") == .healthy })
        #expect(world.active == "eu")
        world.forgetTold()
        let receipt = try #require(world.order(.failback("chat", to: nil), reason: "all clear")?.receipt)
        #expect(
            receipt
                == OperatorReceipt(
                    intent: nil,
                    stands: true,
                    generation: 3,
                    routes: [.init(name: "chat", active: "us", mode: .preferred)],
                    notes: ["chat returns to us"]
                )
        )
        #expect(
            world.told == [
                .persist(["us"], 3), .publish(["eu"], 2, isPersisted: true), .event(.failback, from: "eu", to: "us", 3),
                .publish(["us"], 3, isPersisted: true),
            ]
        )
        #expect(world.events.map(\.requester) == ["alice"])
        #expect(world.route.reason == Reason(.failbackOrdered, "brought back by alice: all clear"))
        world.run(for: .seconds(600))
        #expect(world.active == "us")
        #expect(world.violations == [])
    }

    struct Refused: Sendable {
        let what: @Sendable (inout World) -> Void
        let endpoint: EndpointName?
        let kind: OperatorRefusal.Kind
        let text: String
        var objections: [String] = []
    }

    static let refused: [Refused] = [
        Refused(
            what: { _ in },
            endpoint: nil,
            kind: .conflict,
            text: "chat cannot return now",
            objections: ["us is no target: unhealthy (availability)"]
        ),
        Refused(
            what: { $0.set("us", to: .fails) },
            endpoint: "us",
            kind: .conflict,
            text: "chat cannot return now",
            objections: ["us is no target: unhealthy (availability)"]
        ),
        Refused(what: { _ in }, endpoint: "ap", kind: .unknownName, text: "ap is not preferred by chat"),
        Refused(
            what: { $0.order(.drain(.endpoint("us"), at: nil)) },
            endpoint: nil,
            kind: .conflict,
            text: "chat cannot return now",
            objections: ["us is no target: drained"]
        ),
        Refused(
            what: { $0.order(.pin("chat", to: "ap")) },
            endpoint: nil,
            kind: .conflict,
            text: "chat is pinned to ap by alice (work); unpin it first"
        ),
        Refused(
            what: { $0.order(.freeze) },
            endpoint: nil,
            kind: .conflict,
            text: "automatic moves are frozen by alice (work); unfreeze them first"
        ),
    ]

    @Test(arguments: refused)
    func whatCannotReturnIsSaid(refused: Refused) throws {
        var world = away()
        if refused.text.hasPrefix("chat is pinned") || refused.text.hasPrefix("automatic") {
            #expect(world.run { $0.verdict(of: "us") == .healthy })
        } else {
            world.run(for: .seconds(15))
        }
        refused.what(&world)
        world.run(for: .seconds(2))
        let active = world.active
        let refusal = try #require(world.order(.failback("chat", to: refused.endpoint))?.refusal)
        #expect(
            refusal.kind == refused.kind && refusal.text == refused.text && refusal.objections == refused.objections
        )
        #expect(world.active == active)
        #expect(world.violations == [])
    }

    @Test func aReasonIsNeededAndARouteHasToExist() {
        var world = away()
        #expect(world.order(.failback("chat", to: nil), reason: nil)?.refusal?.kind == .notAllowed)
        #expect(world.order(.failback("chats", to: nil))?.refusal?.kind == .unknownName)
    }

    /// Whoever asks in an outage of the disk is obeyed, as with pins.
    @Test func aFailingDiskDoesNotKeepItFromReturning() throws {
        var world = away()
        #expect(world.run { $0.verdict(of: "us") == .healthy })
        world.disk = .fails
        let receipt = try #require(world.order(.failback("chat", to: nil))?.receipt)
        #expect(!receipt.isPersisted && world.active == "us")
        #expect(world.violations == [])
    }

    /// All shares return, one after the other.
    @Test func everyShareOfAWeightedRouteReturns() {
        var world = World.judged(.tiers(decision: .evidence(failback: .manual)))
        world.set("cheap", "next", "long", to: .fails)
        #expect(world.run { $0.weights == ["premium": 100] })
        world.set("cheap", "next", "long", to: .good)
        #expect(world.run { world in ["cheap", "next", "long"].allSatisfy { world.verdict(of: $0) == .healthy } })
        world.forgetTold()
        #expect(world.order(.failback("chat", to: nil))?.receipt?.notes.count == 4)
        #expect(world.run(limit: .seconds(1)) { $0.weights == ["cheap": 70, "long": 24, "premium": 5, "next": 1] })
        #expect(world.shifts.count == 3 && Set(world.events.map(\.generation)).count == 3)
        #expect(world.violations == [])
    }
}
