import Testing

@testable import FailoverCore

@Suite("Choosing where to go, or to stay")
struct EngineTargetTests {
    private func world(
        _ members: [EndpointName] = Configuration.members,
        for duration: Duration = .seconds(60)
    ) -> World {
        // With an anchor, so that all failing at once is not taken for a fault of our own.
        var world = World(Configuration.oneRoute(members).anchored(.tcp()))
        world.run(for: duration)
        world.forgetTold()
        return world
    }

    private func asked(_ world: World) -> [EndpointName] {
        world.told.compactMap { if case .probeNow(let name) = $0 { name } else { nil } }
    }

    @Test(arguments: [World.Behaviour.fails, .answers(.milliseconds(1500)), .hangs, .isForgotten, .throttled])
    func theNextCandidateIsAskedWhenTheFirstDoesNotConfirm(answer: World.Behaviour) {
        var world = world()
        world.set("us", to: .fails)
        world.confirmations["eu"] = answer
        #expect(world.run { $0.active != "us" })
        #expect(world.active == "ap")
        #expect(asked(world) == ["eu", "ap"])
        #expect(world.count(.failOpen) == 0)
        #expect(world.violations == [])
    }

    /// Only the first of its probes confirms; another one can convict it meanwhile.
    @Test func aCandidateThatTripsWhileItIsAskedIsNotMovedTo() {
        let probes = [ProbeConfiguration.tcp("short"), .tcp("long")]
        let configuration = Configuration(
            vantage: "here",
            endpoints: Configuration.members.map { .simple($0, probes: probes) },
            routes: [RouteConfiguration(name: "chat", endpoints: Configuration.members, decision: .plain)],
            outputs: OutputConfiguration()
        )
        var world = World(configuration)
        world.run(for: .seconds(60))
        world.set("us", to: .fails)
        #expect(world.run { $0.told.contains(.probeNow("eu")) })
        world.convict("eu", probe: "long")
        #expect(world.run(limit: .seconds(5)) { $0.active != "us" })
        #expect(world.active == "ap")
        #expect(world.told.contains(.persist(["eu"], 2)) == false)
        #expect(world.violations == [])
    }

    @Test func withoutACandidateThatConfirmsTheRouteStaysAndSaysSoOnce() {
        var world = world()
        world.set("us", to: .fails)
        world.confirmations = ["eu": .fails, "ap": .fails]
        #expect(world.run { $0.route.mode == .failOpen })
        #expect(world.active == "us")
        #expect(world.route.reason.code == .noHealthyEndpoint)
        world.run(for: .seconds(120))
        #expect(world.count(.failOpen) == 1)
        world.confirmations = [:]
        #expect(world.run { $0.active == "eu" })
        #expect(world.route.mode == .failover)
        #expect(world.count(.failOpen) == 1)
        #expect(world.violations == [])
    }

    @Test func nobodyHealthyMeansStayAndALaterHealthyOneIsMovedTo() {
        var world = world()
        world.set("us", "eu", "ap", to: .fails)
        world.run(for: .seconds(600))
        #expect(world.active == "us")
        #expect(world.route.mode == .failOpen)
        #expect(world.route.order == ["us"])
        #expect(world.count(.failOpen) == 1)
        #expect(world.engine.generation == 1)
        world.set("ap", to: .good)
        #expect(world.run { $0.active == "ap" })
        #expect(world.events.last?.kind == .failover)
        #expect(world.violations == [])
    }

    @Test func theActiveEndpointThatRecoversEndsFailOpen() {
        var world = world()
        world.set("us", "eu", "ap", to: .fails)
        world.run(for: .seconds(120))
        world.set("us", to: .good)
        #expect(world.run { $0.route.mode == .preferred })
        #expect(world.active == "us" && world.engine.generation == 1)
        #expect(world.violations == [])
    }

    @Test func healthyGoesBeforeDegraded() {
        var world = world()
        world.set("eu", to: .throttled)
        world.run(for: .seconds(6))
        #expect(world.verdict(of: "eu") == .degraded)
        #expect(world.route.order == ["us", "ap", "eu"])
        world.set("us", to: .fails)
        #expect(world.run { $0.active != "us" })
        #expect(world.active == "ap")
        #expect(world.violations == [])
    }

    @Test func anUnknownEndpointIsNoTarget() {
        var world = World(.oneRoute())
        world.set("eu", to: .inconclusive)
        world.run(for: .seconds(60))
        #expect(world.verdict(of: "eu") == .unknown)
        #expect(world.route.order == ["us", "ap"])
        world.set("us", to: .fails)
        #expect(world.run { $0.active != "us" })
        #expect(world.active == "ap")
        #expect(world.violations == [])
    }

    @Test func aStaleActiveEndpointStays() {
        var world = world()
        world.set("us", to: .inconclusive)
        // The last judged one ended at 55.15 s.
        world.run(for: .seconds(25))
        #expect(world.verdict(of: "us") != .unknown)
        world.run(for: .seconds(1))
        #expect(world.verdict(of: "us") == .unknown)
        #expect(world.events.last?.reason.code == .stale)
        world.run(for: .seconds(900))
        #expect(world.active == "us")
        #expect(world.events.allSatisfy { $0.kind == .verdict })
        #expect(world.violations == [])
    }

    @Test func aStaleConvictIsNotLeft() {
        var world = world()
        world.set("us", "eu", "ap", to: .fails)
        world.run(for: .seconds(60))
        world.set("us", to: .inconclusive)
        world.run(for: .seconds(60))
        world.set("eu", to: .good)
        world.run(for: .seconds(600))
        #expect(world.verdict(of: "us") == .unknown && world.verdict(of: "eu") == .healthy)
        #expect(world.active == "us")
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        #expect(world.violations == [])
    }

    @Test func aNewcomerIsJudgedAfterThreeSamplesAndATargetAfterFive() {
        var world = World(.oneRoute())
        #expect(world.route.provisional)
        world.run(for: .seconds(12))
        #expect(world.verdict(of: "eu") == .healthy)
        #expect(world.route.provisional == false)
        #expect(world.route.order == ["us"])
        world.run(for: .seconds(12))
        #expect(world.route.order == ["us", "eu", "ap"])
    }

    @Test func routesDecideForThemselvesAndOneOutageIsOneFlap() {
        let routes = [
            RouteConfiguration(name: "chat", endpoints: ["us", "eu"], decision: .plain),
            RouteConfiguration(name: "rank", endpoints: ["us", "ap"], decision: .plain),
            RouteConfiguration(name: "bulk", endpoints: ["ap", "us"], decision: .plain),
        ]
        var world = World(.routes(routes))
        world.run(for: .seconds(60))
        world.set("us", to: .fails)
        #expect(world.run { $0.actives == ["eu", "ap", "ap"] })
        #expect(world.engine.generation == 3)
        #expect(world.routes.map(\.generation) == [2, 3, 1])
        let penalty = world.explanation(of: "us")?.recovery?.penalty ?? 0
        #expect((0.9...1).contains(penalty))
        world.set("us", to: .good)
        #expect(world.run { $0.actives == ["us", "us", "ap"] })
        #expect(world.engine.generation == 5)
        #expect(world.violations == [])
    }
}
