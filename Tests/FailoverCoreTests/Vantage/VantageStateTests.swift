import Testing

@testable import FailoverCore

@Suite("Doubt of one's own vantage")
struct VantageStateTests {
    private static let anchor = AnchorConfiguration.tcp()

    private func world(_ configuration: Configuration = .oneRoute(), for duration: Duration = .seconds(60)) -> World {
        var world = World(configuration)
        world.run(for: duration)
        world.forgetTold()
        return world
    }

    private func told(_ world: World) -> [ReasonCode] {
        world.events.filter { $0.kind == .vantage }.map(\.reason.code)
    }

    // MARK: - Suspect

    @Test(arguments: [World.Behaviour.fails, .hangs, .answers(.seconds(2))])
    func whenAllFailItIsProbablyUs(fault: World.Behaviour) {
        var world = world()
        world.set("us", "eu", "ap", to: fault)
        #expect(world.run(limit: .seconds(20)) { $0.snapshot.vantage.state == .suspect })
        let vantage = world.snapshot.vantage
        #expect(vantage.reason?.code == .noCleanWitness && vantage.since == world.now)
        #expect(world.route.mode == .held)
        #expect(world.route.reason == vantage.reason)
        world.run(for: .seconds(300))
        #expect(world.active == "us" && world.engine.generation == 1)
        #expect(told(world) == [.noCleanWitness])
        world.set("us", "eu", "ap", to: .good)
        // Five good probes in a row of any of them.
        #expect(world.run(limit: .seconds(26)) { $0.snapshot.vantage.state == .clear })
        #expect(told(world) == [.noCleanWitness, .clear])
        #expect(world.snapshot.vantage == VantageSnapshot(since: world.now))
        world.run(for: .seconds(120))
        #expect(world.engine.generation == 1)
        #expect(world.route.mode == .preferred)
        #expect(world.violations == [])
    }

    @Test func anchorsThatFailTooMakeItUs() {
        var world = world(Configuration.oneRoute().anchored(Self.anchor))
        world.set("us", "eu", "ap", Self.anchor.name, to: .fails)
        world.run(for: .seconds(300))
        #expect(world.snapshot.vantage.state == .suspect)
        #expect(world.active == "us" && world.count(.failOpen) == 0)
        world.set("us", "eu", "ap", Self.anchor.name, to: .good)
        world.run(for: .seconds(60))
        #expect(world.snapshot.vantage.state == .clear)
        #expect(told(world) == [.noCleanWitness, .clear])
        #expect(world.violations == [])
    }

    @Test func allEndpointsFailingWhileAnAnchorIsCleanIsReal() {
        var world = world(Configuration.oneRoute().anchored(Self.anchor))
        world.set("us", "eu", "ap", to: .fails)
        #expect(world.run(limit: .seconds(60)) { $0.route.mode == .failOpen })
        #expect(world.active == "us")
        #expect(told(world) == [])
        #expect(world.count(.failOpen) == 1)
        world.set("ap", to: .good)
        #expect(world.run { $0.active == "ap" })
        #expect(world.violations == [])
    }

    @Test func probesThatCannotLeaveOurMachineMakeItUs() {
        var world = world()
        world.set("us", "eu", "ap", to: .ends(.inconclusive(.localNetwork)))
        #expect(world.run(limit: .seconds(20)) { $0.snapshot.vantage.state == .suspect })
        #expect(world.snapshot.vantage.reason?.code == .localNetwork)
        world.run(for: .seconds(300))
        #expect(world.active == "us" && world.engine.generation == 1)
        world.set("us", "eu", "ap", to: .good)
        #expect(world.run(limit: .seconds(26)) { $0.snapshot.vantage.state == .clear })
        #expect(world.violations == [])
    }

    /// One probe whose name is not found says nothing of the others.
    @Test func oneEndpointThatCannotBeProbedIsNoDoubt() {
        var world = world()
        world.set("us", to: .ends(.inconclusive(.localResolver)))
        world.run(for: .seconds(300))
        #expect(told(world).contains(.noCleanWitness) == false)
        #expect(world.snapshot.vantage.state == .clear)
    }

    /// It had tripped, and the question to the candidate was on its way.
    @Test func aMoveThatWasDueWaitsUntilItIsClear() {
        var world = world()
        world.set("us", to: .fails)
        world.confirmations = ["eu": .fails, "ap": .fails]
        #expect(world.run(limit: .seconds(60)) { $0.route.mode == .failOpen })
        world.set("us", "eu", "ap", to: .hangs)
        #expect(world.run(limit: .seconds(60)) { $0.snapshot.vantage.state == .suspect })
        #expect(world.route.mode == .held)
        world.run(for: .seconds(60))
        #expect(world.active == "us")
        world.confirmations = [:]
        world.set("eu", "ap", to: .good)
        world.set("us", to: .fails)
        #expect(world.run(limit: .seconds(120)) { $0.active != "us" })
        #expect(world.violations == [])
    }

    /// The move waits for the disk when the network breaks.
    @Test func aMoveThatWaitsForTheDiskIsDroppedWhileItIsNotClear() {
        var world = world()
        world.disk = .answers(.milliseconds(1500))
        world.set("us", to: .fails)
        #expect(world.run { if case .persisting = $0.engine.routes[0].phase { true } else { false } })
        world.handle(.stalled(since: world.now - .seconds(10)))
        world.run(for: .seconds(2))
        #expect(world.active == "us")
        #expect(world.run { $0.active == "eu" })
        #expect(world.violations == [])
    }

    @Test func aReturnWaitsToo() {
        var world = world()
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        world.set("us", to: .good)
        #expect(world.run { $0.explanation(of: "us")?.recovery?.holdDownEnds != nil })
        world.set("us", "eu", "ap", to: .hangs)
        world.run(for: .seconds(60))
        #expect(world.active == "eu" && world.count(.failback) == 0)
        world.set("us", "eu", "ap", to: .good)
        #expect(world.run { $0.active == "us" })
        #expect(world.violations == [])
    }

    /// The hold-down is over while the daemon has just stood still.
    @Test func aReturnWaitsForTheRoundAfterAStandstill() throws {
        var world = world()
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        world.set("us", to: .good)
        #expect(world.run { $0.explanation(of: "us")?.recovery?.holdDownEnds != nil })
        let end = try #require(world.explanation(of: "us")?.recovery?.holdDownEnds)
        world.run(for: end - world.now - .seconds(1))
        world.stall(for: .seconds(3))
        world.run(for: .milliseconds(4_990))
        #expect(world.active == "eu" && world.route.mode == .held)
        // It is not even decided.
        #expect(world.told.contains(.persist(["us"], 3)) == false)
        world.run(for: .milliseconds(20))
        #expect(world.active == "us" && world.route.mode == .preferred)
        #expect(world.violations == [])
    }

    @Test func aRestartIntoABrokenNetworkMovesNothing() {
        var world = world()
        world.set("us", "eu", "ap", to: .fails)
        var next = world.restarted()
        next.run(for: .seconds(120))
        #expect(next.snapshot.vantage.state == .suspect)
        #expect(next.active == "us" && next.engine.generation == 1)
        #expect(next.violations == [])
    }

    @Test func aReloadThatLeavesNoWitnessEndsTheSuspicion() {
        var world = world()
        world.set("us", "eu", "ap", to: .fails)
        #expect(world.run(limit: .seconds(30)) { $0.snapshot.vantage.state == .suspect })
        world.reload(.oneRoute())
        #expect(world.snapshot.vantage.state == .suspect)
        world.reload(.oneRoute(["us"]))
        #expect(world.snapshot.vantage.state == .clear)
        #expect(told(world) == [.noCleanWitness, .clear])
        #expect(world.run(limit: .seconds(60)) { $0.route.mode == .failOpen })
        #expect(world.violations == [])
    }

    // MARK: - Stalled

    @Test(arguments: [World.Behaviour.good, .fails, .hangs])
    func aStandstillVoidsWhatWasUnderWayAndTheRoundAfterIt(after: World.Behaviour) {
        var world = world(for: .milliseconds(60_105))
        let before = world.engine.endpoints[0].tracks[0].judged
        world.set("us", "eu", "ap", to: after)
        world.stall(for: .seconds(20))
        #expect(world.snapshot.vantage.state == .stalled)
        #expect(world.snapshot.vantage.reason?.text.contains("20.0 s") == true)
        #expect(world.route.mode == .held)
        world.run(for: .milliseconds(4_990))
        #expect(world.snapshot.vantage.state == .stalled)
        #expect(world.engine.endpoints[0].tracks[0].judged == before)
        #expect(world.evidence(of: "us", .availability) == 0 && world.evidence(of: "us", .latency) == 0)
        world.run(for: .milliseconds(20))
        #expect(world.snapshot.vantage.state == .clear)
        #expect(told(world) == [.localStalled, .clear])
        world.set("us", "eu", "ap", to: .good)
        world.run(for: .seconds(60))
        #expect(world.engine.endpoints[0].tracks[0].judged > before)
        #expect(world.active == "us" && world.engine.generation == 1)
        #expect(world.violations == [])
    }

    @Test(arguments: [(0.4, 0.1, false), (0.6, 0.1, true), (2.4, 5, false), (2.6, 5, true), (20, 60, false)])
    func onlyAPauseOfHalfAnIntervalIsAStandstill(pause: Double, interval: Double, isStalled: Bool) {
        var world = world(.oneRoute(probe: .tcp(interval: .seconds(interval))))
        world.stall(for: .seconds(pause))
        #expect((world.snapshot.vantage.state == .stalled) == isStalled)
        #expect(world.violations == [])
    }

    @Test func noWarmUpHoldsDecisionsForLong() {
        var world = world(.oneRoute(probe: .tcp(interval: .seconds(120))))
        world.stall(for: .seconds(90))
        #expect(world.run(limit: .seconds(30)) { $0.snapshot.vantage.state == .clear })
    }

    @Test func aStandstillDoesNotEndASuspicion() {
        var world = world()
        world.set("us", "eu", "ap", to: .hangs)
        #expect(world.run(limit: .seconds(30)) { $0.snapshot.vantage.state == .suspect })
        world.stall(for: .seconds(20))
        #expect(world.snapshot.vantage.state == .stalled)
        #expect(world.run(limit: .seconds(10)) { $0.snapshot.vantage.state != .stalled })
        #expect(world.snapshot.vantage.state == .suspect)
        world.set("us", "eu", "ap", to: .good)
        #expect(world.run(limit: .seconds(60)) { $0.snapshot.vantage.state == .clear })
        #expect(world.violations == [])
    }

    @Test func evidenceFromBeforeAStandstillStays() {
        var world = world(.oneRoute(decision: .evidence(.cautious)))
        world.set("us", to: .fails)
        #expect(world.run { ($0.evidence(of: "us", .availability) ?? 0) > 4 })
        let before = world.evidence(of: "us", .availability)
        world.stall(for: .seconds(3))
        world.run(for: .seconds(5))
        #expect(world.evidence(of: "us", .availability) == before)
        #expect(world.run(limit: .seconds(120)) { $0.active == "eu" })
        #expect(world.violations == [])
    }

    /// It voids what is under way, which is not what convicted the endpoint minutes ago: the hold-down stays.
    @Test func aStandstillTakesNoOlderConvictionBack() {
        var world = World.judged(.oneRoute(decision: DecisionConfiguration(rule: .consecutive(fall: 3, rise: 2))))
        world.set("us", to: .answers(.seconds(2)))
        #expect(world.run { $0.active == "eu" })
        world.run(for: .seconds(60))
        #expect(world.run { $0.engine.endpoints[0].tracks[0].underWay.contains(where: \.isJudged) })
        world.stall(for: .seconds(6))
        world.set("us", to: .good)
        world.run(for: .seconds(25))
        #expect(world.active == "eu" && world.count(.failback) == 0)
        #expect(world.run(limit: .seconds(60)) { $0.active == "us" })
        #expect(world.violations == [])
    }
}
