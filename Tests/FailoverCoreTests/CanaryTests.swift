import Testing

@testable import FailoverCore

@Suite("Canaries")
struct CanaryTests {
    private static let without: [EndpointName: Int] = ["cheap": 71, "long": 24, "premium": 5]
    private static let all: [EndpointName: Int] = ["cheap": 70, "long": 24, "premium": 5, "next": 1]

    /// A world whose canary was stopped and is well again.
    private func stopped(_ configuration: Configuration = .tiers()) -> World {
        var world = World.judged(configuration)
        world.set("next", to: .fails)
        #expect(world.run { $0.weights["next"] == nil })
        world.set("next", to: .good)
        world.run(for: .seconds(3600))
        return world
    }

    @Test func aStoppedCanaryStaysAtNothing() throws {
        let world = stopped()
        #expect(world.weights == Self.without && world.verdict(of: "next") == .healthy)
        #expect(world.shifts == ["weights next: next -> cheap (canary_stopped)"])
        let stop = try #require(world.share("next")?.stopped)
        let event = try #require(world.events.first { $0.kind == .weights })
        #expect(stop.since <= event.at && stop.reason.code == .canaryStopped)
        #expect(world.route.order == ["cheap", "long", "premium"])
        #expect(world.violations == [])
    }

    /// Whatever else happens.
    @Test func nothingButAnOrderBringsItBack() {
        var world = stopped(.tiers(chains: ["cheap": ["next", "long"]]))
        world.forgetTold()
        world.set("cheap", to: .fails)
        #expect(world.run { $0.weights["cheap"] == nil })
        #expect(world.weights == ["long": 95, "premium": 5])
        world.set("cheap", to: .good)
        #expect(world.run { $0.weights == Self.without })
        world.order(.pin("chat", to: "next"))
        #expect(world.run { $0.weights == ["next": 100] })
        world.order(.unpin("chat"))
        #expect(world.run { $0.weights == Self.without })
        world.order(.drain(.endpoint("cheap"), at: nil))
        #expect(world.run { $0.weights["cheap"] == nil })
        world.order(.undrain(.endpoint("cheap")))
        #expect(world.run { $0.weights == Self.without })
        #expect(world.share("next")?.stopped != nil)
        #expect(world.explanation(of: "next")?.recovery == nil)
        #expect(world.violations == [])
    }

    @Test func itIsRememberedOverRestartsAndReloads() throws {
        var world = stopped()
        let stop = try #require(world.share("next")?.stopped)
        world = world.restarted()
        world.run(for: .seconds(1800))
        #expect(world.weights == Self.without && world.share("next")?.stopped == stop)
        world.reload(.tiers([("cheap", 60), ("long", 30), ("premium", 5), ("next", 5)]))
        world.run(for: .seconds(1800))
        #expect(world.weights == ["cheap": 65, "long": 30, "premium": 5])
        #expect(world.share("next")?.stopped == stop)
        // No canary any more.
        world.reload(.routes([.weighted([("cheap", 60), ("long", 30), ("premium", 5), ("next", 5)])]))
        #expect(world.run { $0.weights == ["cheap": 60, "long": 30, "premium": 5, "next": 5] })
        #expect(world.violations == [])
    }

    @Test func anOrderBringsItBack() throws {
        var world = stopped()
        world.forgetTold()
        let receipt = try #require(world.order(.failback("chat", to: "next"), reason: "fixed")?.receipt)
        #expect(receipt.stands && receipt.notes == ["1 % of chat (next) returns to next"] && receipt.isPersisted)
        #expect(world.weights == Self.all && world.share("next")?.stopped == nil)
        let event = try #require(world.events.last)
        #expect(event.requester == "alice" && event.reason == Reason(.failbackOrdered, "1 % from cheap to next: fixed"))
        #expect(world.durable?.routes[0].shares.last?.stopped == nil)
        let again = try #require(world.order(.failback("chat", to: nil))?.receipt)
        #expect(!again.stands && again.generation == receipt.generation && again.notes.count == 4)
        // It is watched as before.
        world.set("next", to: .fails)
        #expect(world.run { $0.weights == Self.without })
        #expect(world.violations == [])
    }

    /// An operator who has set it on its endpoint by a pin can leave it there.
    @Test func aStopEndsWithoutAMoveWhereTheCanaryIsAtHome() {
        var world = stopped()
        world.order(.freeze)
        world.order(.pin("chat", to: "next"))
        #expect(world.run { $0.weights == ["next": 100] })
        world.order(.unpin("chat"))
        #expect(world.order(.failback("chat", to: "next"))?.refusal?.kind == .conflict)
        world.order(.unfreeze)
        #expect(world.run { $0.weights == Self.without })
        #expect(world.violations == [])
    }

    /// What only would have happened stops nothing.
    @Test func aDrainIsNoStop() {
        var world = World.judged(.tiers())
        world.order(.drain(.endpoint("next"), at: nil))
        #expect(world.run { $0.weights == Self.without })
        #expect(world.share("next")?.stopped == nil)
        world.order(.undrain(.endpoint("next")))
        #expect(world.run { $0.weights == Self.all })
        #expect(world.violations == [])
    }
}
