import Testing

@testable import FailoverCore

/// The table in docs/operate.md, row by row.
@Suite("What a reload does to what is added, removed and renamed")
struct ReloadResultsTests {
    private func world(_ members: [EndpointName] = Configuration.members) -> World { World.judged(.oneRoute(members)) }

    /// Moves since `forgetTold`, as `kind from -> to`.
    private func moves(_ world: World) -> [String] {
        world.events.filter { $0.from != $0.to }.map { "\($0.kind) \($0.from ?? "-") -> \($0.to ?? "-")" }
    }

    @Test func anAddedStandbyMovesNothingAndIsATargetOnceItIsKnown() {
        var world = world(["us", "eu"])
        world.reload(.oneRoute(["us", "eu", "ap"]))
        #expect(world.verdict(of: "ap") == .unknown && world.route.order == ["us", "eu"])
        world.run(for: .seconds(60))
        #expect(moves(world) == [] && world.verdict(of: "ap") == .healthy)
        #expect(world.route.order == ["us", "eu", "ap"] && world.engine.generation == 1)
        #expect(world.violations == [])
    }

    /// It is unknown, which moves nothing; once it is healthy it is preferred.
    @Test func anAddedPreferredEndpointGetsTheRouteOnceItIsHealthy() {
        var world = world(["eu", "ap"])
        world.reload(.oneRoute(["us", "eu", "ap"]))
        world.run(for: .seconds(5))
        #expect(moves(world) == [] && world.active == "eu")
        #expect(world.run(limit: .seconds(60)) { $0.active == "us" })
        #expect(moves(world) == ["failback eu -> us"])
        #expect(world.violations == [])
    }

    @Test func anAddedPreferredEndpointThatFailsGetsNothing() {
        var world = world(["eu", "ap"])
        world.set("us", to: .fails)
        world.reload(.oneRoute(["us", "eu", "ap"]))
        world.run(for: .seconds(600))
        #expect(moves(world) == [] && world.active == "eu")
    }

    @Test func aRemovedStandbyMovesNothing() {
        var world = world()
        world.reload(.oneRoute(["us", "ap"]))
        world.run(for: .seconds(60))
        #expect(moves(world) == [] && world.route.order == ["us", "ap"] && world.engine.generation == 1)
    }

    /// Another name is another endpoint: the old one is gone, the new one has to be known first.
    @Test func aRenamedActiveEndpointIsLeftAndComesBackUnderItsNewName() {
        var world = world()
        world.reload(.oneRoute(["us-2", "eu", "ap"]))
        #expect(world.active == "eu" && moves(world) == ["config us -> eu"] && world.engine.generation == 2)
        #expect(world.run(limit: .seconds(60)) { $0.active == "us-2" })
        #expect(moves(world) == ["config us -> eu", "failback eu -> us-2"])
        #expect(world.violations == [])
    }

    @Test func aRenamedStandbyMovesNothing() {
        var world = world()
        world.reload(.oneRoute(["us", "eu-2", "ap"]))
        #expect(world.verdict(of: "eu-2") == .unknown)
        world.run(for: .seconds(60))
        #expect(moves(world) == [] && world.route.order == ["us", "eu-2", "ap"])
    }

    /// Its penalty and its duty to prove itself went with it.
    @Test func anEndpointThatWasRemovedAndIsAddedAgainIsANewOne() {
        var world = world()
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        world.set("us", to: .good)
        world.reload(.oneRoute(["eu", "ap"]))
        world.run(for: .seconds(10))
        world.forgetTold()
        world.reload(.oneRoute(["us", "eu", "ap"]))
        #expect(world.verdict(of: "us") == .unknown && world.explanation(of: "us")?.recovery == nil)
        #expect(world.run(limit: .seconds(60)) { $0.active == "us" })
        #expect(moves(world) == ["failback eu -> us"])
        #expect(world.violations == [])
    }

    /// The same name at another address: what was active stays so, and starts as unknown.
    @Test func anEndpointWithAnotherProbeStaysActiveAndStartsAgain() {
        var world = world()
        world.reload(.oneRoute(probe: .tcp(port: 8443)))
        #expect(moves(world) == [] && world.active == "us" && world.verdict(of: "us") == .unknown)
        #expect(world.route.provisional)
        world.run(for: .seconds(60))
        #expect(world.verdict(of: "us") == .healthy && world.engine.generation == 1)
    }

    @Test func anotherOrderMovesTheRouteToTheHealthyPreferredOne() {
        var world = world()
        world.reload(.oneRoute(["ap", "us", "eu"]))
        #expect(moves(world) == ["failback us -> ap"] || world.run(limit: .seconds(10)) { $0.active == "ap" })
        #expect(moves(world) == ["failback us -> ap"] && world.engine.generation == 2)
        #expect(world.violations == [])
    }

    /// The route's decision goes with its name, an endpoint's evidence with the endpoint.
    @Test func anEndpointThatChangesRoutesKeepsItsEvidence() {
        let two = [
            RouteConfiguration(name: "chat", endpoints: ["us", "eu"], decision: .plain),
            RouteConfiguration(name: "rank", endpoints: ["ap", "eu"], decision: .plain),
        ]
        var world = World.judged(.routes(two))
        world.reload(
            .routes([
                RouteConfiguration(name: "chat", endpoints: ["us", "eu", "ap"], decision: .plain),
                RouteConfiguration(name: "rank", endpoints: ["eu"], decision: .plain),
            ])
        )
        #expect(world.verdict(of: "ap") == .healthy)
        #expect(world.actives == ["us", "eu"] && moves(world) == ["config ap -> eu"])
        #expect(world.violations == [])
    }
}
