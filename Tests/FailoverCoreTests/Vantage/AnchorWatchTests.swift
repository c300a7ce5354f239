import Testing

@testable import FailoverCore

@Suite("Anchors that are dead")
struct AnchorWatchTests {
    private static let anchor = AnchorConfiguration.tcp()
    private static let configuration = Configuration.oneRoute().anchored(anchor)

    private func world(for duration: Duration = .seconds(60)) -> World {
        var world = World(Self.configuration)
        world.run(for: duration)
        world.forgetTold()
        return world
    }

    private func told(_ world: World) -> [ReasonCode] {
        world.events.filter { $0.kind == .vantage }.map(\.reason.code)
    }

    @Test func aDeadAnchorIsToldOnceAndThatItIsBack() {
        var world = world()
        #expect(world.snapshot.vantage.anchors.map(\.verdict) == [.healthy])
        world.set(Self.anchor.name, to: .fails)
        world.run(for: .seconds(59))
        #expect(told(world) == [])
        #expect(world.snapshot.vantage.anchors.map(\.verdict) == [.unknown])
        world.run(for: .seconds(600))
        #expect(told(world) == [.anchorFailing])
        let anchor = world.snapshot.vantage.anchors.first
        #expect(anchor?.address == "tcp://192.0.2.9:443" && anchor?.verdict == .unhealthy && anchor?.good == 0)
        #expect(anchor?.since != nil)
        // It says nothing of our own network: that is clear, and traffic stays.
        #expect(world.snapshot.vantage.state == .clear && world.route.mode == .preferred)
        world.set(Self.anchor.name, to: .good)
        world.run(for: .seconds(60))
        #expect(told(world) == [.anchorFailing, .anchorOK])
        #expect(
            world.snapshot.vantage.anchors
                == [AnchorSnapshot(address: "tcp://192.0.2.9:443", verdict: .healthy, good: 5, bad: 0, since: nil)]
        )
        #expect(world.violations == [])
    }

    @Test func anAnchorThatWasNeverGoodIsToldToo() {
        var world = World(Self.configuration)
        world.set(Self.anchor.name, to: .hangs)
        world.run(for: .seconds(120))
        #expect(told(world) == [.anchorFailing])
    }

    /// Our own network, not the anchor.
    @Test func anAnchorThatFailsWithAllOthersIsNotTold() {
        var world = world()
        world.set("us", "eu", "ap", Self.anchor.name, to: .fails)
        world.run(for: .seconds(600))
        #expect(told(world) == [.noCleanWitness])
        #expect(world.snapshot.vantage.anchors.map(\.verdict) == [.unknown])
    }

    @Test func anAnchorThatFailsNowAndThenIsNotTold() {
        var world = world()
        world.scripts[Self.anchor.name] = Array(
            repeating: [.fails, .fails, .fails, .fails, .fails, .fails, .fails, .fails, .good],
            count: 20
        ).flatMap(\.self)
        world.run(for: .seconds(600))
        #expect(told(world) == [])
    }

    /// Whatever a server says shows that our network works.
    @Test(arguments: [World.Behaviour.throttled, .misconfigured])
    func anAnchorThatAnswersIsAlive(behaviour: World.Behaviour) {
        var world = world()
        world.set(Self.anchor.name, to: behaviour)
        world.run(for: .seconds(600))
        #expect(told(world) == [])
        #expect(world.snapshot.vantage.anchors.map(\.verdict) == [.healthy])
    }

    @Test func aReloadForgetsOnlyOtherAnchors() {
        var world = world()
        world.set(Self.anchor.name, to: .fails)
        world.run(for: .seconds(120))
        world.reload(Configuration.oneRoute(["us", "eu"]).anchored(Self.anchor))
        #expect(world.snapshot.vantage.anchors.map(\.verdict) == [.unhealthy])
        world.reload(Configuration.oneRoute(["us", "eu"]).anchored(.tcp("192.0.2.8")))
        #expect(world.snapshot.vantage.anchors.map(\.verdict) == [.unknown])
        world.run(for: .seconds(120))
        #expect(told(world) == [.anchorFailing])
    }

    /// What a standstill made void says so when it ends; that is the same standstill.
    @Test func aStandstillIsToldOnce() {
        var world = World(.oneRoute())
        world.run(for: .seconds(60))
        world.forgetTold()
        world.stall(for: .seconds(20))
        world.set("us", "eu", "ap", to: .ends(.inconclusive(.localStalled)))
        world.run(for: .seconds(10))
        world.set("us", "eu", "ap", to: .good)
        world.run(for: .seconds(60))
        #expect(told(world) == [.localStalled, .clear])
    }

    /// Long after, it is one of the probing itself.
    @Test func probesThatStandStillWithoutTheDaemonAreTold() {
        var world = World(.oneRoute())
        world.run(for: .seconds(60))
        world.forgetTold()
        world.stall(for: .seconds(20))
        world.run(for: .seconds(90))
        world.set("us", "eu", "ap", to: .ends(.inconclusive(.localStalled)))
        world.run(for: .seconds(20))
        world.set("us", "eu", "ap", to: .good)
        world.run(for: .seconds(60))
        #expect(told(world) == [.localStalled, .clear, .localStalled, .clear])
    }
}
