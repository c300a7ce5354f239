import Testing

@testable import FailoverCore

@Suite("Shares, orders and reloads")
struct SharesAndOrdersTests {
    private static let without: [EndpointName: Int] = ["cheap": 71, "long": 24, "premium": 5]

    /// Readers never see a part of it elsewhere, also when the route is split under the pin.
    @Test func aPinHoldsOverAReloadThatSplitsTheRoute() {
        var world = World.judged(.oneRoute(["cheap", "long", "premium", "next"]))
        world.order(.pin("chat", to: "premium"))
        world.reload(.tiers())
        #expect(world.weights == ["premium": 100] && world.route.mode == .pinned)
        world.reload(.tiers([("cheap", 60), ("long", 30), ("spare", 9), ("premium", 1)]))
        #expect(world.weights == ["premium": 100] && world.route.mode == .pinned)
        world = world.restarted()
        #expect(world.weights == ["premium": 100] && world.route.mode == .pinned)
        #expect(world.violations == [])
    }

    @Test func anOrderIsAnsweredWhenItsLastShareHasMoved() throws {
        var world = World.judged(.tiers())
        world.disk = .answers(.milliseconds(300))
        let receipt = try #require(world.order(.pin("chat", to: "premium"))?.receipt)
        #expect(world.weights == ["premium": 100])
        #expect(receipt.routes.map(\.mode) == [.pinned] && receipt.generation == world.engine.generation)
        #expect(world.violations == [])
    }

    @Test func aPinnedEndpointIsDrainedOnlyByForceWhoeversChainItIsIn() {
        var world = World.judged(.tiers())
        world.order(.pin("chat", to: "next"))
        let refusal = world.order(.drain(.endpoint("next"), at: nil))?.refusal
        #expect(refusal?.objections == ["chat is pinned to next by alice: work"])
        #expect(world.violations == [])
    }

    @Test func anEndpointThatAShareIsOnBesideItsChainIsTheLastOneToo() {
        var world = World.judged(.tiers(chains: ["premium": ["long"]], decision: .evidence(failback: .manual)))
        world.order(.pin("chat", to: "next"))
        world.order(.unpin("chat"))
        world.set("premium", "long", to: .fails)
        #expect(world.run { $0.verdict(of: "premium") == .unhealthy && $0.verdict(of: "long") == .unhealthy })
        let refusal = world.order(.drain(.endpoint("next"), at: nil))?.refusal
        let why = "5 % of chat (premium) would have no eligible endpoint left: premium is unhealthy, long is unhealthy"
        #expect(refusal?.objections == [why])
        #expect(world.violations == [])
    }

    /// The name that readers follow has changed, although no share has.
    @Test func anotherActiveEndpointOfEqualSharesIsAChange() {
        var world = World.judged(.tiers([("long", 49), ("cheap", 49), ("premium", 1), ("next", 1)]))
        let generation = world.engine.generation
        #expect(world.active == "long")
        world.reload(.tiers([("cheap", 49), ("long", 49), ("premium", 1), ("next", 1)]))
        #expect(world.active == "cheap" && world.engine.generation == generation + 1)
        world = world.restarted()
        #expect(world.active == "cheap" && world.engine.generation == generation + 1)
        #expect(world.violations == [])
    }

    /// They move one after the other, and whoever has confirmed need not do so again.
    @Test func candidatesOfManyRoutesAreAskedOnceForEach() {
        let routes = ["a", "b", "c", "d"].map { (name: RouteName) in
            RouteConfiguration(name: name, endpoints: ["us", "eu"], decision: .plain)
        }
        var world = World.judged(.routes(routes))
        world.disk = .answers(.milliseconds(300))
        world.set("us", to: .fails)
        #expect(world.run { $0.snapshot.routes.allSatisfy { $0.active == "eu" } })
        let questions = world.actions.count { action in
            if case .probeNow(let key, source: .confirm) = action { key.endpoint == "eu" } else { false }
        }
        #expect(questions == 4)
        #expect(world.violations == [])
    }

    /// One that still has to prove itself is no place for traffic either.
    @Test func aStoppedCanaryIsLeftThoughItHasNotProvenItself() {
        var world = World.judged(.tiers())
        world.set("next", to: .fails)
        #expect(world.run { $0.weights == Self.without })
        world.order(.pin("chat", to: "next"))
        world.set("next", to: .good)
        world = world.restarted()
        world.run(for: .seconds(60))
        #expect(world.weights == ["next": 100] && world.verdict(of: "next") == .unhealthy)
        world.order(.unpin("chat"))
        #expect(world.run(limit: .seconds(10)) { $0.weights == Self.without })
        #expect(world.verdict(of: "next") == .unhealthy && world.violations == [])
    }

    @Test func anOrderThatIsGivenUpIsTold() throws {
        var world = World.judged(.tiers(decision: .evidence(failback: .manual)))
        world.order(.pin("chat", to: "premium"))
        world.order(.unpin("chat"))
        world.disk = .answers(.milliseconds(500))
        world.forgetTold()
        let order = OperatorCommand.Order.failback("chat", to: nil)
        world.handle(.command(OperatorCommand(ticket: 90, order: order, by: "bob", reason: "back")))
        world.order(.freeze)
        let told = world.events.filter { $0.kind == .held && $0.reason.code == .failbackOrdered }
        #expect(told.map(\.share) == ["long", "next"])
        let text = "the return to long that bob ordered (back) is given up: automatic moves are frozen"
        #expect(told.first?.reason.text == text)
        #expect(world.violations == [])
    }
}
