import Testing

@testable import FailoverCore

@Suite("Limits and observe mode")
struct EngineLimitTests {
    /// One bad probe in five: worth leaving, and no outage.
    private let partial = Array(repeating: [World.Behaviour.fails, .good, .good, .good, .good], count: 300).flatMap(
        \.self
    )

    private func world(limit: Int, observe: Bool = false) -> World {
        var world = World(.oneRoute(decision: .evidence(limit: limit, observe: observe)))
        world.run(for: .seconds(60))
        return world
    }

    @Test func aPartialTripBeyondTheLimitIsHeldAndMadeUpForLater() throws {
        var world = world(limit: 1)
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        let moved = world.now
        world.forgetTold()
        world.scripts["eu"] = partial
        #expect(world.run { $0.route.mode == .held })
        #expect(world.route.reason.code == .moveLimit)
        world.run(for: .seconds(600))
        #expect(world.active == "eu")
        #expect(world.count(.held) == 1)
        #expect(world.run { $0.active == "ap" })
        #expect(world.now - moved >= .seconds(3599))
        #expect(world.now - moved < .seconds(3610))
        #expect(world.route.mode == .failover)
        #expect(world.violations == [])
    }

    @Test func aHardDownEndpointIsLeftBeyondTheLimit() {
        var world = world(limit: 1)
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        world.set("eu", to: .fails)
        #expect(world.run(limit: .seconds(60)) { $0.active == "ap" })
        #expect(world.count(.held) == 0)
        #expect(world.violations == [])
    }

    @Test func aFailbackBeyondTheLimitWaits() {
        var world = world(limit: 1)
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        let moved = world.now
        world.set("us", to: .good)
        #expect(world.run { $0.active == "us" })
        #expect(world.now - moved >= .seconds(3599))
        #expect(world.now - moved < .seconds(3610))
        #expect(world.violations == [])
    }

    /// Three moves of hard-down endpoints under a limit of one: the first to age does not end it.
    @Test func theLimitEndsWhenFewEnoughMovesAreLeft() {
        var world = world(limit: 1)
        for (bad, next) in [("us", "eu"), ("eu", "ap")] as [(EndpointName, EndpointName)] {
            world.set(bad, to: .fails)
            #expect(world.run { $0.active == next })
            world.run(for: .seconds(300))
        }
        let last = world.route.since
        world.set("us", "eu", to: .good)
        #expect(world.run(limit: .seconds(7200)) { $0.active == "us" })
        #expect(world.now - last >= .seconds(3600))
        #expect(world.now - last < .seconds(3610))
        #expect(world.violations == [])
    }

    @Test(
        arguments: [
            (limit: 1, now: 0.0, end: nil), (1, 100, 3700), (1, 250, 3800), (1, 3699, 3800), (1, 3700, 3800),
            (1, 3800, nil),
            (2, 250, 3750), (2, 3700, 3750), (2, 3750, nil), (3, 250, 3700), (4, 250, nil), (0, 250, nil),
        ] as [(limit: Int, now: Double, end: Double?)]
    )
    func theEndOfALimitIsNeverInThePast(limit: Int, now: Double, end: Double?) {
        var route = RouteState(
            configuration: RouteConfiguration(name: "chat", endpoints: ["us"], decision: .evidence(limit: limit)),
            members: [RouteState.Member(endpoint: 0, rank: 0)],
            active: 0,
            generation: 1,
            since: .seconds(0),
            reason: Reason(.initial, ""),
            moves: [100, 150, 200].filter { $0 <= now }.map { .seconds($0) }
        )
        let expected = end.map { MonotonicInstant.seconds($0) }
        #expect(route.moveLimitEnd(at: .seconds(now)) == expected)
        #expect(route.isAtMoveLimit(at: .seconds(now)) == (expected != nil || limit == 0))
        route.countMove(at: .seconds(now + 3600))
        #expect(route.moves.allSatisfy { $0 > .seconds(now) })
    }

    @Test func withoutALimitNothingIsHeld() {
        var world = World(.oneRoute(decision: .evidence(limit: nil)))
        world.run(for: .seconds(60))
        for (bad, next) in [("us", "eu"), ("eu", "ap")] as [(EndpointName, EndpointName)] {
            world.scripts[bad] = partial
            #expect(world.run(limit: .seconds(600)) { $0.active == next })
        }
        #expect(world.violations == [])
    }

    @Test func wishesDoNotLimitTheMovesOfARouteThatGoesLive() {
        var world = world(limit: 1, observe: true)
        world.run(for: .seconds(60))
        world.set("us", to: .fails)
        #expect(world.run { $0.route.wouldBeActive == "eu" })
        #expect(world.engine.memory(after: nil).routes.map(\.moves) == [[]])
        world.reload(.oneRoute(decision: .evidence(limit: 1, observe: true)))
        #expect(world.route.wouldBeActive == "eu" && world.count(.failover) == 1)
        world.reload(.oneRoute(decision: .evidence(limit: 1)))
        #expect(!world.engine.routes[0].isAtMoveLimit(at: world.now))
        #expect(world.violations == [])
    }

    @Test func observeModeDecidesAndMovesNothing() {
        var world = world(limit: 6, observe: true)
        world.forgetTold()
        world.set("us", to: .fails)
        #expect(world.run { $0.route.wouldBeActive == "eu" })
        #expect(world.active == "us")
        #expect(world.engine.generation == 1)
        #expect(world.route.dryRun)
        #expect(world.route.mode == .preferred)
        #expect(
            world.events.last.map { [$0.kind.rawValue, "\($0.dryRun)", "\($0.generation)"] } == [
                "failover", "true", "1",
            ]
        )
        world.set("us", to: .good)
        #expect(world.run { $0.route.wouldBeActive == "us" })
        #expect(world.events.last.map { [$0.kind.rawValue, "\($0.dryRun)"] } == ["failback", "true"])
        #expect(world.durable?.routes.map(\.active) == ["us"])
        #expect(world.engine.generation == 1)
        #expect(world.violations == [])
    }

    @Test func aRouteThatStopsObservingMoves() {
        var world = world(limit: 6, observe: true)
        world.set("us", to: .fails)
        #expect(world.run { $0.route.wouldBeActive == "eu" })
        world.reload(.oneRoute(decision: .evidence()))
        #expect(world.route.wouldBeActive == "us")
        #expect(world.run(limit: .seconds(60)) { $0.active == "eu" })
        #expect(world.engine.generation == 2)
        #expect(world.violations == [])
    }
}
