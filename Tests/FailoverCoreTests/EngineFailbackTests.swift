import Testing

@testable import FailoverCore

@Suite("Going back")
struct EngineFailbackTests {
    /// A world that has just left `us`, which then recovers.
    private func recovering(_ decision: DecisionConfiguration = .plain) -> World {
        var world = World(.oneRoute(decision: decision))
        world.run(for: .seconds(60))
        failOver(&world)
        return world
    }

    private func failOver(_ world: inout World) {
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        world.run(for: .seconds(4))
        world.set("us", to: .good)
        world.forgetTold()
    }

    private func holdDown(_ world: World) -> Double? { world.explanation(of: "us")?.recovery?.holdDown.inSeconds }

    private func isProven(_ world: World) -> Bool { world.explanation(of: "us")?.recovery?.holdDownEnds != nil }

    @Test func trafficReturnsAfterTheProofAndTheHoldDown() throws {
        var world = recovering()
        let before = world.starts["us", default: 0]
        #expect(world.run { isProven($0) })
        #expect(world.starts["us", default: 0] - before == 22)
        let end = try #require(world.explanation(of: "us")?.recovery?.holdDownEnds)
        #expect(end - world.now == .seconds(30))
        #expect(world.verdict(of: "us") == .healthy)
        #expect(world.route.order == ["eu", "ap"])
        #expect(world.run { $0.active == "us" })
        #expect(world.now == end + .milliseconds(5))
        #expect(world.events.last?.kind == .failback)
        #expect(world.route.mode == .preferred)
        #expect(world.route.generation == 3)
        #expect(world.explanation(of: "us")?.recovery == nil)
        #expect(world.violations == [])
    }

    @Test func theHoldDownDoublesWithEachFlapAndTheFlapsAreForgotten() throws {
        var world = recovering()
        #expect(world.run { $0.active == "us" })
        failOver(&world)
        let second = try #require(holdDown(world))
        #expect((55...60).contains(second))
        #expect(world.run { $0.active == "us" })
        failOver(&world)
        let third = try #require(holdDown(world))
        #expect((95...120).contains(third))
        #expect(world.run { $0.active == "us" })
        world.run(for: .seconds(5400))
        failOver(&world)
        let muchLater = try #require(holdDown(world))
        // Two hours after three failovers about one of them is left.
        #expect((50...70).contains(muchLater))
        #expect(world.violations == [])
    }

    @Test func manualFailbackNeverComesByItself() {
        var world = recovering(.evidence(failback: .manual))
        world.run(for: .seconds(1800))
        #expect(world.active == "eu")
        #expect(world.route.mode == .failover)
        #expect(world.route.order == ["eu", "us", "ap"])
        #expect(world.violations == [])
    }

    @Test func aHoldDownOfZeroIsNone() {
        var world = recovering(.evidence(holdDown: .zero))
        let before = world.starts["us", default: 0]
        #expect(world.run { $0.active == "us" })
        #expect(world.starts["us", default: 0] - before == 22)
        #expect(world.violations == [])
    }

    @Test func oneStrayBadProbeInTheHoldDownDoesNotRestartIt() throws {
        var world = recovering()
        #expect(world.run { isProven($0) })
        let end = try #require(world.explanation(of: "us")?.recovery?.holdDownEnds)
        world.scripts["us"] = [.fails]
        #expect(world.run { $0.active == "us" })
        #expect(world.now == end + .milliseconds(5) || world.now - end < .seconds(5))
        #expect(world.count(.failback) == 1)
        #expect(world.violations == [])
    }

    @Test func twoBadProbesInTheHoldDownRestartTheProof() throws {
        var world = recovering()
        #expect(world.run { isProven($0) })
        world.scripts["us"] = [.fails, .good, .fails]
        #expect(world.run { $0.verdict(of: "us") == .unhealthy })
        #expect(world.events.last?.reason.code == .recovering)
        let recovery = try #require(world.explanation(of: "us")?.recovery)
        #expect(recovery.holdDownEnds == nil)
        #expect(recovery.cleanProbesLeft > 0)
        #expect(world.run { isProven($0) })
        #expect(world.active == "eu")
        #expect(world.run { $0.active == "us" })
        #expect(world.violations == [])
    }

    @Test func theHoldDownIsIgnoredWhereNothingElseIsHealthy() {
        var world = recovering(.evidence(holdDown: .seconds(1800)))
        #expect(world.run { isProven($0) })
        world.set("eu", "ap", to: .fails)
        #expect(world.run { $0.active == "us" })
        #expect(world.events.last?.kind == .failover)
        #expect(world.count(.failOpen) == 0)
        #expect(world.violations == [])
    }

    @Test func aHealthyOneGoesBeforeOneInItsHoldDown() {
        var world = recovering(.evidence(holdDown: .seconds(1800)))
        #expect(world.run { isProven($0) })
        world.set("eu", to: .fails)
        #expect(world.run { $0.active != "eu" })
        #expect(world.active == "ap")
        #expect(world.violations == [])
    }

    @Test func theThirdReturnsToTheSecondAndThenToTheFirst() {
        var world = World(.oneRoute())
        world.run(for: .seconds(60))
        world.set("us", "eu", to: .fails)
        #expect(world.run { $0.active == "ap" })
        world.set("eu", to: .good)
        #expect(world.run { $0.active == "eu" })
        world.run(for: .seconds(600))
        world.set("us", to: .good)
        #expect(world.run { $0.active == "us" })
        let moves = world.events.filter { $0.from != nil }.map {
            [$0.kind.rawValue, "\($0.from ?? "")", "\($0.to ?? "")"]
        }
        #expect(moves == [["failover", "us", "ap"], ["failback", "ap", "eu"], ["failback", "eu", "us"]])
        #expect(world.violations == [])
    }

    @Test func aBackupThatNeverTrippedIsNotReturnedToFromABetterOne() {
        var world = World(.oneRoute())
        world.run(for: .seconds(600))
        #expect(world.active == "us" && world.engine.generation == 1)
        #expect(world.events.filter { $0.from != nil } == [])
    }

    @Test func plainRulesReturnAfterTheirRiseAndTheHoldDown() {
        var world = World(.oneRoute(decision: DecisionConfiguration(rule: .consecutive(fall: 3, rise: 2))))
        world.run(for: .seconds(60))
        failOver(&world)
        let before = world.starts["us", default: 0]
        #expect(world.run { $0.active == "us" })
        #expect(world.starts["us", default: 0] - before == 2 + 6)
        #expect(world.violations == [])
    }
}
