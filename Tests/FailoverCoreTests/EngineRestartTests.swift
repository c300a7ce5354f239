import Testing

@testable import FailoverCore

@Suite("Restarting")
struct EngineRestartTests {
    /// A world that has left `us` for `eu` some time ago; `us` is well again.
    private func failedOver(_ configuration: Configuration = .oneRoute()) -> World {
        var world = World(configuration)
        world.run(for: .seconds(60))
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        world.run(for: .seconds(2))
        world.set("us", to: .good)
        return world
    }

    @Test func aFirstStartGivesAllRoutesGenerationOne() {
        let routes = [
            RouteConfiguration(name: "chat", endpoints: ["us", "eu"], decision: .plain),
            RouteConfiguration(name: "rank", endpoints: ["eu", "us"], decision: .plain),
        ]
        let world = World(.routes(routes))
        #expect(world.engine.generation == 1)
        #expect(world.routes.map(\.generation) == [1, 1])
        #expect(world.routes.map(\.active) == ["us", "eu"])
        #expect(world.routes.map(\.reason.code) == [.initial, .initial])
        #expect(world.routes.map(\.provisional) == [true, true])
    }

    @Test func decisionGenerationAndReasonSurvive() {
        let world = failedOver()
        let next = world.restarted()
        #expect(next.active == "eu" && next.engine.generation == 2)
        #expect(next.route.mode == .failover)
        #expect(next.route.reason == world.route.reason)
        #expect(next.route.since == world.route.since)
        #expect(next.route.generation == 2)
        #expect(next.snapshot.persisted)
        #expect(next.engine.memory(after: nil) == world.durable)
    }

    @Test func aRestartDoesNotAcquit() {
        var world = failedOver().restarted()
        #expect(world.run { $0.verdict(of: "us") == .unhealthy })
        let before = world.starts["us", default: 0]
        #expect(before == 3)
        #expect(world.run { $0.active == "us" })
        #expect(world.starts["us", default: 0] == 22 + 6)
        #expect(world.violations == [])
    }

    @Test func anActiveEndpointThatHasToProveItselfKeepsItsTraffic() throws {
        var world = World(.oneRoute())
        world.run(for: .seconds(60))
        var memory = try #require(world.durable)
        for index in memory.endpoints.indices where memory.endpoints[index].name == "us" {
            memory.endpoints[index].mustProve = true
        }
        var next = World(world.configuration, memory: memory, at: world.now)
        next.run(for: .seconds(120))
        #expect(next.active == "us" && next.engine.generation == 1 && next.route.mode == .preferred)
        #expect(next.count(.failover) == 0 && next.count(.failOpen) == 0)
        var fallen = World(world.configuration, memory: memory, at: world.now)
        fallen.set("us", to: .fails)
        #expect(fallen.run { $0.active == "eu" })
        #expect(next.violations == [] && fallen.violations == [])
    }

    @Test func whatWasLeftHasToProveItselfThoughThatWasNotRemembered() throws {
        let world = failedOver()
        var memory = try #require(world.durable)
        for index in memory.endpoints.indices { memory.endpoints[index].mustProve = false }
        var next = World(world.configuration, memory: memory, at: world.now)
        next.run(for: .seconds(60))
        #expect(next.active == "eu")
        #expect(next.verdict(of: "us") == .unhealthy && next.verdict(of: "ap") == .healthy)
        #expect(next.run { $0.active == "us" })
        #expect(next.starts["us", default: 0] == 22 + 6)
        #expect(next.violations == [])
    }

    @Test func theEndpointOfAnotherRouteIsNotPutOnTrial() {
        let routes = [
            RouteConfiguration(name: "chat", endpoints: ["us", "eu"], decision: .evidence(failback: .manual)),
            RouteConfiguration(name: "rank", endpoints: ["us", "ap"], decision: .plain),
        ]
        var world = failedOver(.routes(routes))
        #expect(world.run { $0.actives == ["eu", "us"] })
        var next = world.restarted()
        next.run(for: .seconds(300))
        #expect(next.actives == ["eu", "us"])
        #expect(next.engine.generation == world.engine.generation)
        #expect(next.violations == [])
    }

    @Test func penaltiesSurvive() throws {
        var world = failedOver()
        #expect(world.run { $0.active == "us" })
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        world.run(for: .seconds(2))
        let next = world.restarted()
        let holdDown = try #require(next.explanation(of: "us")?.recovery?.holdDown.inSeconds)
        #expect((50...60).contains(holdDown))
    }

    @Test func theLimitOnMovesSurvives() {
        var world = failedOver(.oneRoute(decision: .evidence(limit: 1)))
        let moved = world.now
        world = world.restarted()
        #expect(world.run { $0.active == "us" })
        #expect(world.now - moved > .seconds(3590))
        #expect(world.violations == [])
    }

    @Test func failOpenSurvivesAsBadNewsAboutTheActiveEndpoint() {
        var world = World(Configuration.oneRoute().anchored(.tcp()))
        world.run(for: .seconds(60))
        world.set("us", "eu", "ap", to: .fails)
        world.run(for: .seconds(60))
        var next = world.restarted()
        next.run(for: .seconds(60))
        #expect(next.active == "us" && next.engine.generation == 1)
        #expect(next.route.mode == .failOpen)
        #expect(next.violations == [])
    }

    @Test func aRememberedEndpointThatIsGoneIsReplacedByOneWithNothingToProve() {
        let world = failedOver(.oneRoute(["us", "eu", "ap"]))
        var next = world.restarted(with: .oneRoute(["us", "ap"]))
        #expect(next.active == "ap")
        #expect(next.engine.generation == 3)
        #expect(next.route.reason == Reason(.configured, "eu was taken out of the route"))
        #expect(next.told.last == .publish(["ap"], 3, isPersisted: false))
        next.run(for: .seconds(1))
        #expect(next.told.last == .publish(["ap"], 3, isPersisted: true))
        #expect(next.run { $0.active == "us" })
        #expect(next.violations == [])
    }

    @Test func aRouteThatMemoryDoesNotKnowIsNew() {
        let world = failedOver()
        let routes =
            world.configuration.routes + [RouteConfiguration(name: "rank", endpoints: ["us", "ap"], decision: .plain)]
        let next = world.restarted(with: .routes(routes))
        #expect(next.actives == ["eu", "ap"])
        #expect(next.routes.map(\.generation) == [2, 3])
        #expect(next.engine.generation == 3)
    }

    @Test func aMemoryOfStrangersIsHarmless() {
        let memory = Memory(
            generation: 41,
            routes: [
                RouteMemory(
                    name: "gone",
                    active: "mars",
                    generation: 40,
                    since: .seconds(-100),
                    reason: Reason(.initial, ""),
                    moves: []
                )
            ],
            endpoints: [EndpointMemory(name: "mars", penalty: 9, penaltyAt: .seconds(-100), mustProve: true)]
        )
        var world = World(.oneRoute(), memory: memory)
        #expect(world.active == "us" && world.engine.generation == 42)
        world.run(for: .seconds(60))
        #expect(world.durable?.endpoints.map(\.name) == ["us", "eu", "ap"])
        #expect(world.violations == [])
    }
}
