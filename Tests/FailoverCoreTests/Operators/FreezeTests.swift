import Testing

@testable import FailoverCore

@Suite("Freezes")
struct FreezeTests {
    @Test func nothingMovesByItselfWhileFrozen() {
        var world = World.judged()
        world.order(.freeze, reason: "audit")
        #expect(world.route.mode == .held && world.route.reason == Reason(.frozen, "frozen by alice: audit"))
        world.set("us", to: .fails)
        world.run(for: .seconds(600))
        #expect(world.active == "us" && world.kinds == [.frozen, .held])
        #expect(world.route.reason.text.hasPrefix("frozen by alice: audit; us is unhealthy: availability"))
        world.order(.unfreeze)
        #expect(world.run(limit: .seconds(5)) { $0.active == "eu" })
        #expect(world.kinds == [.frozen, .held, .unfrozen, .failover])
        #expect(world.route.mode == .failover)
        #expect(world.violations == [])
    }

    @Test func nothingReturnsWhileFrozen() {
        var world = World.judged()
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        world.order(.freeze, for: .seconds(1800))
        world.set("us", to: .good)
        world.run(for: .seconds(1700))
        #expect(world.active == "eu" && world.route.mode == .held)
        #expect(world.run(limit: .seconds(120)) { $0.active == "us" })
        #expect(world.kinds == [.failover, .frozen, .expired, .failback])
        #expect(world.violations == [])
    }

    /// One that waits for the disk has not been made.
    @Test func aMoveThatWaitsForTheDiskIsDropped() {
        var world = World.judged()
        world.disk = .answers(.seconds(1))
        world.set("us", to: .fails)
        #expect(world.run { $0.engine.persistence.pending != nil })
        world.order(.freeze)
        world.run(for: .seconds(60))
        #expect(world.active == "us" && world.count(.failover) == 0)
        #expect(world.durable?.routes.map(\.active) == ["us"])
        #expect(world.violations == [])
    }

    /// The disk may hold the move already: no crash before the next order may bring it back.
    @Test func aMoveThatIsDroppedIsTakenOffTheDisk() {
        var world = World.judged()
        world.disk = .answers(.seconds(1))
        world.set("us", to: .fails)
        #expect(world.run { $0.engine.persistence.pending != nil })
        world.handle(.command(OperatorCommand(ticket: 9, order: .freeze, by: "bob", reason: "r")))
        let ordered = world.told.compactMap { told in if case .persist(let actives, _) = told { actives } else { nil } }
        #expect(world.engine.persistence.pending == nil && ordered.last == ["us"] && !world.snapshot.persisted)
        #expect(world.run(limit: .seconds(3)) { $0.snapshot.persisted })
        #expect(world.violations == [])
    }

    @Test func whatOperatorsWantHappensAllTheSame() {
        var world = World.judged()
        world.order(.freeze)
        world.order(.pin("chat", to: "ap"))
        #expect(world.active == "ap" && world.route.mode == .pinned)
        world.order(.unpin("chat"))
        world.run(for: .seconds(60))
        #expect(world.active == "ap" && world.route.mode == .held)
        world.order(.drain(.endpoint("ap"), at: nil))
        #expect(world.run(limit: .seconds(2)) { $0.active == "us" })
        #expect(world.violations == [])
    }

    @Test func aFreezeAgainRenewsIt() {
        var world = World.judged()
        world.order(.freeze, for: .seconds(60))
        #expect(
            world.order(.freeze, for: .seconds(120))?.inShort
                == .stands(.everything, isRenewed: true, isPersisted: true)
        )
        world.run(for: .seconds(100))
        #expect(world.route.mode == .held)
        world.run(for: .seconds(30))
        #expect(world.route.mode == .preferred && world.kinds == [.frozen, .frozen, .expired])
        #expect(world.violations == [])
    }
}
