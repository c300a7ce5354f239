import Testing

@testable import FailoverCore

@Suite("Intents over restarts and reloads")
struct IntentMemoryTests {
    @Test func intentsSurviveARestart() {
        var world = World.judged()
        world.order(.pin("chat", to: "ap"))
        world.order(.freeze)
        world.order(.drain(.endpoint("eu"), at: world.now + .seconds(900)))
        let next = world.restarted()
        #expect(next.intents == world.intents)
        #expect(next.active == "ap" && next.route.mode == .pinned)
        #expect(next.engine.generation == world.engine.generation)
        #expect(next.kinds == [.started])
    }

    /// What a pin or a drain was for is no reason to doubt what was left.
    @Test(arguments: [OperatorCommand.Order.pin("chat", to: "eu"), .drain(.endpoint("us"), at: nil)])
    func whatOperatorsLeftHasNothingToProveAfterARestart(order: OperatorCommand.Order) {
        var world = World.judged()
        world.order(order)
        #expect(world.run(limit: .seconds(2)) { $0.active == "eu" })
        world.run(for: .seconds(1))
        var next = world.restarted()
        next.run(for: .seconds(60))
        #expect(next.active == "eu" && next.verdict(of: "us") == .healthy)
        next.order(.unpin("chat"))
        next.order(.undrain(.endpoint("us")))
        #expect(next.active == "us")
        #expect(next.violations == [])
    }

    @Test func whatExpiredWhileNobodyRanIsOver() {
        var world = World.judged()
        world.order(.pin("chat", to: "eu"), for: .seconds(60))
        world.order(.freeze, for: .seconds(600))
        var next = world.restarted(after: .seconds(120))
        #expect(next.kinds == [.started, .expired] && next.active == "eu")
        #expect(next.intents.map(\.subject) == [.everything])
        #expect(next.told.contains(.event(.expired, from: nil, to: nil, 2)))
        next.run(for: .seconds(1))
        #expect(next.durable?.intents.count == 1)
        next.run(for: .seconds(540))
        #expect(next.kinds == [.started, .expired, .expired, .failback] && next.active == "us")
        #expect(next.violations == [])
    }

    @Test func aDrainThatWasDueWhileNobodyRanBegins() {
        var world = World.judged()
        world.order(.drain(.endpoint("us"), at: world.now + .seconds(60)))
        var next = world.restarted(after: .seconds(120))
        #expect(next.kinds == [.started, .drained] && next.active == "us")
        // Nobody is known to be well yet: it waits, and is no fail-open.
        #expect(next.run(limit: .seconds(60)) { $0.active == "eu" })
        #expect(next.kinds == [.started, .drained, .drained])
        #expect(next.violations == [])
    }

    /// A crash between the pin and its move.
    @Test func aPinThatWasNotCarriedOutIsCarriedOutAtTheStart() throws {
        var world = World.judged()
        world.order(.pin("chat", to: "us"))
        var memory = try #require(world.durable)
        memory.intents[0] = OperatorIntent(
            kind: .pin("chat", to: "ap"),
            by: "bob",
            reason: "r",
            since: world.now,
            until: world.now + .seconds(600)
        )
        var next = World(world.configuration, memory: memory, at: world.now)
        next.run(for: .seconds(1))
        #expect(next.active == "ap" && next.engine.generation == 2)
        #expect(next.violations == [])
    }

    /// A clock on the wall that was set back while nobody ran.
    @Test func noIntentLastsLongerThanAllowed() throws {
        var memory = try #require(World.judged().durable)
        memory.intents = [
            OperatorIntent(kind: .freeze, by: "bob", reason: "r", since: .seconds(900), until: .seconds(1e9)),
            OperatorIntent(
                kind: .drain(.endpoint("us")),
                by: "bob",
                reason: "r",
                since: .seconds(900),
                from: .seconds(1e9),
                until: .seconds(2e9),
                isBegun: false
            ),
        ]
        let world = World(.oneRoute(), memory: memory, at: .seconds(100))
        let month = 30 * 86_400.0
        #expect(world.intents.map(\.from) == [.seconds(100 + month), .seconds(100)])
        #expect(world.intents.map(\.until) == [.seconds(100 + 2 * month), .seconds(100 + month)])
    }

    // MARK: - Reloads

    @Test func aReloadKeepsIntents() {
        var world = World.judged()
        world.order(.pin("chat", to: "ap"))
        world.order(.drain(.endpoint("eu"), at: nil))
        world.order(.freeze, for: .seconds(600))
        let before = world.intents
        world.reload(.oneRoute(["us", "eu", "ap", "sa"]))
        #expect(world.intents == before && world.active == "ap" && world.route.mode == .pinned)
        world.run(for: .seconds(60))
        #expect(!world.route.order.contains("eu"))
        #expect(world.run(limit: .seconds(600)) { $0.count(.expired) == 1 })
        #expect(world.violations == [])
    }

    @Test func whatIsAboutSomethingThatWasTakenOutIsDroppedAndTold() {
        var world = World.judged()
        world.order(.pin("chat", to: "ap"))
        world.order(.drain(.endpoint("ap"), at: nil), force: true)
        world.order(.drain(.region("ap"), at: nil), force: true)
        world.order(.drain(.endpoint("eu"), at: nil))
        world.forgetTold()
        world.reload(.oneRoute(["us", "eu"]))
        #expect(world.intents.map(\.subject) == [.endpoint("eu")])
        #expect(world.kinds == [.unpinned, .undrained, .undrained, .config] && world.active == "us")
        #expect(
            world.events.map(\.reason.text).prefix(3) == [
                "the pin of chat to ap by alice (work) was dropped: ap is no endpoint of chat any more",
                "the drain of ap by alice (work) was dropped: there is no endpoint ap any more",
                "the drain of region ap by alice (work) was dropped: there is no region ap any more",
            ]
        )
        #expect(world.events.prefix(3).map(\.requester) == [nil, nil, nil])
        world.run(for: .seconds(1))
        #expect(world.durable?.intents.count == 1)
        #expect(world.violations == [])
    }

    @Test func aRouteWhoseEndpointIsTakenOutGoesToNoneThatIsDrained() {
        var world = World.judged()
        world.order(.drain(.endpoint("eu"), at: nil))
        world.reload(.oneRoute(["eu", "ap"]))
        #expect(world.active == "ap")
        #expect(world.violations == [])
    }

    /// Nothing is judged yet, so there is no candidate, only a first choice.
    @Test func aFirstChoiceIsNoneThatIsDrained() {
        var world = World(.oneRoute())
        world.order(.drain(.endpoint("eu"), at: nil))
        let next = world.restarted(with: .oneRoute(["eu", "ap"]))
        #expect(next.active == "ap")
        world.reload(.oneRoute(["eu", "ap"]))
        #expect(world.active == "ap")
        #expect(world.violations == [] && next.violations == [])
    }

    @Test func anEndpointThatARegionGainsIsDrainedWithIt() {
        func configuration(_ members: [EndpointName]) -> Configuration {
            Configuration(
                vantage: "here",
                endpoints: members.map { .simple($0, region: $0 == "eu" ? "europe" : "america") },
                routes: [RouteConfiguration(name: "chat", endpoints: members, decision: .plain)],
                outputs: OutputConfiguration()
            )
        }
        var world = World.judged(configuration(["us", "eu"]))
        world.order(.drain(.region("america"), at: nil))
        #expect(world.run(limit: .seconds(2)) { $0.active == "eu" })
        world.reload(configuration(["us", "us-b", "eu"]))
        world.run(for: .seconds(120))
        #expect(world.active == "eu" && world.route.order == ["eu"])
        #expect(world.violations == [])
    }
}
