import Testing

@testable import FailoverCore

@Suite("Reloading")
struct EngineReloadTests {
    private func world(_ configuration: Configuration = .oneRoute()) -> World {
        var world = World(configuration)
        world.run(for: .seconds(60))
        world.forgetTold()
        return world
    }

    @Test func theSameConfigurationChangesNothing() {
        var world = world()
        world.set("us", to: .fails)
        let before = world.starts["us", default: 0]
        // Three bad probes before, two after.
        world.run(for: .seconds(13))
        world.forgetTold()
        let snapshot = world.snapshot
        world.reload(.oneRoute())
        #expect(world.snapshot == snapshot)
        #expect(world.told == [.persist(["us"], 1), .publish(["us"], 1, isPersisted: true)])
        #expect(world.run { $0.active == "eu" })
        #expect(world.starts["us", default: 0] - before == 5)
        #expect(world.violations == [])
    }

    @Test func aChangedRegionDoesNotTouchTheEvidence() {
        var world = world()
        world.set("us", to: .fails)
        world.run(for: .seconds(13))
        let evidence = world.evidence(of: "us", .availability)
        let configuration = Configuration.oneRoute()
        world.reload(
            Configuration(
                vantage: configuration.vantage,
                endpoints: configuration.endpoints.map { .simple($0.name, region: "elsewhere", probes: $0.probes) },
                routes: configuration.routes,
                outputs: configuration.outputs
            )
        )
        #expect(world.evidence(of: "us", .availability) == evidence)
        #expect(world.snapshot.endpoints.map(\.configuration.region) == ["elsewhere", "elsewhere", "elsewhere"])
        #expect(world.violations == [])
    }

    @Test func anActiveEndpointThatIsTakenOutIsLeftForTheBestOne() {
        var world = world()
        world.set("eu", to: .throttled)
        world.run(for: .seconds(6))
        world.forgetTold()
        world.reload(.oneRoute(["eu", "ap"]))
        #expect(
            world.told == [
                .event(.config, from: "us", to: "ap", 2),
                .persist(["ap"], 2),
                .publish(["ap"], 2, isPersisted: false),
            ]
        )
        #expect(world.route.reason == Reason(.configured, "us was taken out of the route"))
        world.run(for: .seconds(1))
        #expect(world.snapshot.persisted)
        #expect(world.violations == [])
    }

    @Test func anActiveEndpointThatIsTakenOutIsNotLeftForAKnownBadOne() {
        var world = world()
        world.set("eu", to: .fails)
        world.run(for: .seconds(60))
        world.reload(.oneRoute(["eu", "mars"]))
        #expect(world.active == "mars")
        #expect(world.violations == [])
    }

    @Test func theLimitOnMovesOutlivesARelocation() {
        var world = world(.oneRoute(decision: .evidence(limit: 1)))
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        world.set("us", to: .good)
        let moved = world.now
        world.reload(.oneRoute(["us", "ap"], decision: .evidence(limit: 1)))
        #expect(world.active == "ap")
        #expect(world.run { $0.active == "us" })
        #expect(world.now - moved > .seconds(3590))
        #expect(world.violations == [])
    }

    @Test func aNewRouteStartsOnItsBestEndpoint() {
        var world = world()
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        let routes =
            world.configuration.routes + [RouteConfiguration(name: "rank", endpoints: ["us", "ap"], decision: .plain)]
        world.forgetTold()
        world.reload(.routes(routes))
        #expect(world.actives == ["eu", "ap"])
        #expect(world.routes.map(\.generation) == [2, 3])
        #expect(world.told.first == .event(.config, from: nil, to: nil, 3))
        #expect(world.violations == [])
    }

    @Test func aRenamedRouteIsANewOne() {
        var world = world()
        world.reload(.routes([RouteConfiguration(name: "talk", endpoints: Configuration.members, decision: .plain)]))
        #expect(world.route.name == "talk" && world.active == "us")
        #expect(world.engine.generation == 2)
        #expect(world.engine.route(named: "chat", at: world.now) == nil)
        #expect(world.violations == [])
    }

    @Test func aRemovedRouteIsGone() {
        let two = [
            RouteConfiguration(name: "chat", endpoints: ["us", "eu"], decision: .plain),
            RouteConfiguration(name: "rank", endpoints: ["us", "ap"], decision: .plain),
        ]
        var world = world(.routes(two))
        world.reload(.routes([two[1]]))
        #expect(world.routes.map(\.name) == ["rank"])
        #expect(world.engine.generation == 1)
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "ap" })
        #expect(world.violations == [])
    }

    @Test func aChangedRuleStartsTheEvidenceAgainAndTheIntervalToo() {
        var world = world(.oneRoute(decision: .evidence(.balanced, confirm: .seconds(1))))
        world.set("us", to: .fails)
        world.run(for: .seconds(3))
        #expect(world.told.contains(.interval("us", .seconds(1))))
        world.forgetTold()
        world.reload(.oneRoute(decision: .evidence(.fast, confirm: .seconds(3600))))
        #expect(world.told.contains(.interval("us", .seconds(5))))
        #expect(world.evidence(of: "us", .availability) == 0)
        #expect(world.verdict(of: "us") == .unknown)
        #expect(world.active == "us")
        let before = world.starts["us", default: 0]
        #expect(world.run { $0.told.contains(.event(.failOpen, from: nil, to: nil, 1)) || $0.active != "us" })
        #expect(world.starts["us", default: 0] - before == 3)
        #expect(world.violations == [])
    }

    @Test func aChangedRuleDoesNotAcquit() {
        var world = world()
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        world.set("us", to: .good)
        world.reload(.oneRoute(decision: .evidence(.fast)))
        let before = world.starts["us", default: 0]
        #expect(world.run { $0.active == "us" })
        #expect(world.starts["us", default: 0] - before == 22 + 6)
        #expect(world.violations == [])
    }

    @Test func aShorterHoldDownCountsAtOnce() {
        var world = world(.oneRoute(decision: .evidence(holdDown: .seconds(3000))))
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        world.set("us", to: .good)
        #expect(world.run { $0.explanation(of: "us")?.recovery?.holdDownEnds != nil })
        world.reload(.oneRoute(decision: .evidence(holdDown: .seconds(12))))
        let before = world.now
        #expect(world.run { $0.active == "us" })
        #expect(world.now - before == .seconds(12) + .milliseconds(5))
        #expect(world.violations == [])
    }

    @Test func aReloadWhileACandidateIsAskedAsksAgain() {
        var world = world()
        world.set("us", to: .fails)
        #expect(world.run { $0.told.contains(.probeNow("eu")) })
        world.forgetTold()
        world.reload(.oneRoute(["us", "ap", "eu"]))
        #expect(world.told.contains(.probeNow("ap")))
        #expect(world.run(limit: .seconds(1)) { $0.active == "ap" })
        #expect(world.engine.generation == 2)
        #expect(world.violations == [])
    }

    @Test func aReloadWhileAMoveWaitsDecidesAgain() {
        var world = world()
        world.disk = .answers(.milliseconds(1500))
        world.set("us", to: .fails)
        #expect(world.run { $0.told.contains(.persist(["eu"], 2)) })
        world.run(for: .seconds(1))
        world.forgetTold()
        world.reload(.oneRoute(["us", "ap"]))
        #expect(world.told.contains(.persist(["us"], 1)))
        // The answer for the old move moves nothing.
        world.run(for: .seconds(0.6))
        #expect(world.active == "us" && world.engine.generation == 1)
        #expect(world.run(limit: .seconds(10)) { $0.active == "ap" })
        #expect(world.engine.generation == 2)
        #expect(world.violations == [])
    }

    @Test func aRouteThatIsStuckSaysSoOnceOverReloads() {
        let configuration = Configuration.oneRoute().anchored(.tcp())
        var world = world(configuration)
        world.set("us", "eu", "ap", to: .fails)
        #expect(world.run { $0.route.mode == .failOpen })
        for _ in 0..<3 {
            world.reload(configuration)
            #expect(world.route.mode == .failOpen)
            world.run(for: .seconds(20))
        }
        #expect(world.count(.failOpen) == 1)
        #expect(world.violations == [])
    }

    @Test func resultsOfTheOldAddressCountNowhere() {
        var world = world()
        world.set("us", to: .hangs)
        world.run(for: .seconds(0.5))
        world.reload(.oneRoute(probe: .tcp(port: 8443)))
        world.set("us", to: .good)
        world.run(for: .seconds(4))
        #expect(world.evidence(of: "us", .latency) == 0 && world.evidence(of: "us", .availability) == 0)
        #expect(world.violations == [])
    }

    @Test func reloadsDoNotAddUp() {
        var world = world()
        let before = world.engine.deadlines.count
        for round in 0..<50 {
            world.reload(.oneRoute(decision: .evidence(round.isMultiple(of: 2) ? .fast : .balanced)))
        }
        #expect(world.engine.deadlines.count <= before)
        #expect(world.violations == [])
    }
}
