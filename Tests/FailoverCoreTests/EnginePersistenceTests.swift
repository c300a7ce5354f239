import Testing

@testable import FailoverCore

@Suite("Durable before published")
struct EnginePersistenceTests {
    private func world(_ disk: World.Disk = .good) -> World {
        var world = World(.oneRoute())
        world.run(for: .seconds(60))
        world.forgetTold()
        world.disk = disk
        return world
    }

    /// A world whose next orders to disk are those of a move: nothing but moves and their answers is told.
    private func moves(_ world: World) -> [World.Told] {
        world.told.filter {
            switch $0 {
            case .persist(let actives, _): actives != ["us"]
            case .publish(_, let generation, let isPersisted): generation > 1 || !isPersisted
            case .event(let kind, _, _, _): kind != .verdict
            case .probeNow, .interval: false
            }
        }
    }

    @Test func aFirstStartIsNotDurableUntilTheDiskAnswers() {
        var world = World(.oneRoute())
        #expect(
            world.told == [
                .persist(["us"], 1), .event(.started, from: nil, to: nil, 1), .publish(["us"], 1, isPersisted: false),
            ]
        )
        world.run(for: .milliseconds(10))
        #expect(world.told.last == .publish(["us"], 1, isPersisted: true))
    }

    @Test func aHardDownEndpointIsLeftThoughTheDiskFails() {
        var world = world(.fails)
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        #expect(world.snapshot.persisted == false)
        world.disk = .good
        world.run(for: .seconds(6))
        #expect(world.snapshot.persisted)
        #expect(world.durable?.routes.map(\.active) == ["eu"])
        #expect(world.durable?.generation == 2)
        #expect(world.violations == [])
    }

    @Test func aSilentDiskIsWaitedForTwoSeconds() {
        var world = world(.isSilent)
        world.set("us", to: .fails)
        #expect(world.run { $0.told.contains(.persist(["eu"], 2)) })
        let asked = world.now
        #expect(world.run { $0.active == "eu" })
        #expect(world.now - asked == .seconds(2))
        #expect(
            moves(world) == [
                .persist(["eu"], 2),
                .event(.failover, from: "us", to: "eu", 2),
                .publish(["eu"], 2, isPersisted: false),
            ]
        )
        // It stays silent, is asked again, and answers at last.
        world.run(for: .seconds(30))
        world.disk = .good
        world.run(for: .seconds(6))
        #expect(world.snapshot.persisted && world.durable?.generation == 2)
        #expect(world.violations == [])
    }

    @Test func aLateAnswerHealsToo() {
        var world = world(.answers(.seconds(3)))
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        #expect(world.snapshot.persisted == false)
        world.run(for: .seconds(15))
        #expect(world.snapshot.persisted && world.durable?.generation == 2)
        #expect(world.violations == [])
    }

    @Test(arguments: [World.Disk.fails, .isSilent, .answers(.seconds(3))])
    func aFailbackThatIsNotDurableIsPostponed(disk: World.Disk) {
        var world = world()
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        world.set("us", to: .good)
        #expect(world.run { $0.explanation(of: "us")?.recovery?.holdDownEnds != nil })
        world.run(for: .seconds(29))
        world.disk = disk
        world.run(for: .seconds(4))
        #expect(world.active == "eu" && world.engine.generation == 2)
        #expect(world.snapshot.persisted == false)
        world.run(for: .seconds(60))
        #expect(world.active == "eu")
        // Nothing that was never published may come back after a restart.
        #expect(world.restarted().active == "eu")
        world.disk = .good
        #expect(world.run(limit: .seconds(15)) { $0.active == "us" })
        #expect(world.engine.generation == 3)
        world.run(for: .seconds(6))
        #expect(world.snapshot.persisted && world.durable?.generation == 3)
        #expect(world.violations == [])
    }

    /// What a disk that takes a while sees while the move of `us` to `eu` waits for it.
    private func waiting() -> World {
        var world = world(.answers(.milliseconds(1500)))
        world.set("us", to: .fails)
        #expect(world.run { $0.told.contains(.persist(["eu"], 2)) })
        world.forgetTold()
        return world
    }

    @Test func aMemoryWrittenWhileAMoveWaitsContainsTheMove() {
        var world = waiting()
        world.convict("ap")
        #expect(world.told.contains(.persist(["eu"], 2)))
        #expect(world.told.contains(.persist(["us"], 1)) == false)
        world.run(for: .seconds(4))
        #expect(world.active == "eu" && world.engine.generation == 2)
        #expect(world.durable?.endpoints.filter(\.mustProve).map(\.name) == ["us", "ap"])
        #expect(world.violations == [])
    }

    @Test func aTargetThatTurnsBadWhileTheDiskIsBusyIsNotMovedTo() {
        var world = waiting()
        world.convict("eu")
        world.run(for: .seconds(1.6))
        #expect(world.active == "us" && world.engine.generation == 1)
        #expect(world.told.contains(.persist(["us"], 1)))
        #expect(world.run(limit: .seconds(30)) { $0.active == "ap" })
        #expect(world.engine.generation == 2)
        #expect(world.violations == [])
    }

    @Test func anAnswerForWhatWasOrderedLaterIsAnAnswerForTheMove() throws {
        var world = waiting()
        world.convict("ap")
        let tickets = world.actions.compactMap { if case .persist(_, let ticket) = $0 { ticket } else { nil } }
        let last = try #require(tickets.last)
        world.handle(.persisted(ticket: last, succeeded: true))
        #expect(world.active == "eu")
        #expect(world.events.last?.kind == .failover)
    }

    @Test func aRepeatedFailureKeepsOneRetry() {
        var world = world(.fails)
        for endpoint in ["us", "eu", "ap"] as [EndpointName] { world.convict(endpoint) }
        world.forgetTold()
        world.run(for: .seconds(101))
        let retries = world.told.count { if case .persist = $0 { true } else { false } }
        #expect(retries <= 21)
        #expect(world.violations == [])
    }
}
