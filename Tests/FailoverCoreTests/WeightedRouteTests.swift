import Testing

@testable import FailoverCore

@Suite("Weighted routes")
struct WeightedRouteTests {
    private static let all: [EndpointName: Int] = ["cheap": 70, "long": 24, "premium": 5, "next": 1]

    struct Fault: Sendable {
        let down: [EndpointName]
        var chains: [EndpointName: [EndpointName]] = [:]
        let weights: [EndpointName: Int]
        /// After all is well again, for long enough.
        let later: [EndpointName: Int]
        let mode: RouteMode
    }

    static let faults: [Fault] = [
        Fault(down: [], weights: all, later: all, mode: .preferred),
        Fault(down: ["cheap"], weights: ["long": 94, "premium": 5, "next": 1], later: all, mode: .failover),
        Fault(down: ["premium"], weights: ["cheap": 75, "long": 24, "next": 1], later: all, mode: .failover),
        Fault(down: ["cheap", "long"], weights: ["premium": 99, "next": 1], later: all, mode: .failover),
        // A canary is nobody's way out, and does not come back.
        Fault(
            down: ["next"],
            weights: ["cheap": 71, "long": 24, "premium": 5],
            later: ["cheap": 71, "long": 24, "premium": 5],
            mode: .failover
        ),
        Fault(
            down: ["cheap", "long", "premium"],
            weights: all,
            later: all,
            mode: .failOpen
        ),
        Fault(
            down: ["cheap"],
            chains: ["cheap": ["premium", "long"]],
            weights: ["long": 24, "premium": 75, "next": 1],
            later: all,
            mode: .failover
        ),
        // A pure standby, which has no share of its own.
        Fault(
            down: ["cheap", "next"],
            chains: ["cheap": ["spare"], "next": ["spare"]],
            weights: ["spare": 71, "long": 24, "premium": 5],
            later: ["cheap": 70, "long": 24, "premium": 5, "spare": 1],
            mode: .failover
        ),
        // A canary may be named in a chain.
        Fault(
            down: ["cheap"],
            chains: ["cheap": ["next"]],
            weights: ["long": 24, "premium": 5, "next": 71],
            later: all,
            mode: .failover
        ),
    ]

    @Test(arguments: faults)
    func sharesLeaveAlongTheirChainsAndReturn(fault: Fault) {
        var world = World.judged(.tiers(chains: fault.chains))
        for name in fault.down { world.set(name, to: .fails) }
        world.run(for: .seconds(120))
        #expect(world.weights == fault.weights)
        #expect(world.route.mode == fault.mode)
        #expect(world.route.weights.reduce(0, +) == 100)
        for name in fault.down { world.set(name, to: .good) }
        world.run(for: .seconds(1800))
        #expect(world.weights == fault.later)
        #expect(world.violations == [])
    }

    @Test func aShareMovesLikeARoute() throws {
        var world = World.judged(.tiers())
        world.set("cheap", to: .fails)
        #expect(world.run { $0.weights["cheap"] == nil })
        #expect(world.shifts == ["weights cheap: cheap -> long (availability)"])
        let event = try #require(world.events.last { $0.kind == .weights })
        #expect(event.reason.text.hasPrefix("70 % from cheap to long: "))
        #expect(event.grounds?.endpoint == "cheap" && event.generation == 2 && event.requester == nil)
        #expect(world.told.contains(.persist(["long"], 2)))
        let share = try #require(world.share("cheap"))
        #expect([share.active, share.wouldBeActive] == ["long", "long"])
        #expect(share.mode == .failover && share.generation == 2 && share.chain == ["cheap", "long", "premium"])
        #expect(world.route.active == "long" && world.route.generation == 2 && world.route.mode == .failover)
        #expect(world.route.order == ["long", "premium", "next"])
        #expect(world.share("long")?.generation == 1)
    }

    /// Each move is published alone, with a generation of its own.
    @Test func sharesThatLeaveTheSameEndpointMoveOneByOne() {
        var world = World.judged(
            .routes([.weighted([("a", 60), ("b", 40)], chains: ["a": ["c"], "b": ["c"]])])
        )
        world.set("a", "b", to: .fails)
        #expect(world.run { $0.weights == ["c": 100] })
        let published: [UInt64] = world.told.compactMap {
            if case .publish(_, let generation, true) = $0 { generation } else { nil }
        }
        #expect(Set(published) == [1, 2, 3])
        world.forgetTold()
        world.set("c", to: .fails)
        world.set("a", "b", to: .good)
        #expect(world.run { $0.weights == ["a": 60, "b": 40] })
        #expect(Set(world.shifts.map { $0.prefix(17) }) == ["weights a: c -> a", "weights b: c -> b"])
        #expect(world.violations == [])
    }

    @Test func eachShareHasALimitOnMovesOfItsOwn() {
        var world = World.judged(.tiers(decision: .evidence(holdDown: .zero, limit: 0)))
        // One bad probe in five is worth leaving, and no outage.
        let partial = Array(repeating: [World.Behaviour.fails, .good, .good, .good, .good], count: 300).flatMap(\.self)
        for name: EndpointName in ["cheap", "next"] { world.scripts[name] = partial }
        world.run(for: .seconds(600))
        // A canary is not limited.
        #expect(world.weights == ["cheap": 70, "long": 25, "premium": 5])
        #expect(world.share("cheap")?.mode == .held && world.route.mode == .held)
        #expect(world.share("next")?.stopped != nil)
        #expect(world.events.filter { $0.kind == .held }.map(\.reason.text.first) == ["7"])
        #expect(world.violations == [])
    }

    @Test func aRouteThatOnlyObservesSaysWhatItsWeightsWouldBe() {
        var world = World.judged(.tiers(decision: .evidence(observe: true)))
        world.set("cheap", "next", to: .fails)
        world.run(for: .seconds(120))
        #expect(world.weights == Self.all && world.route.dryRun)
        #expect(
            zip(world.route.endpoints, world.route.wouldBeWeights).map { "\($0) \($1)" } == [
                "cheap 0", "long 95", "premium 5", "next 0",
            ]
        )
        #expect(world.engine.generation == 1)
        #expect(world.restarted().share("next")?.stopped == nil)
        #expect(world.violations == [])
    }

    @Test func aDrainIsRefusedWhereAShareHasNowhereElseToGo() {
        var world = World.judged(.tiers(chains: ["premium": ["long"]]))
        world.order(.drain(.endpoint("long"), at: nil))
        #expect(world.run { $0.weights["long"] == nil })
        #expect(world.shifts == ["drained long: long -> cheap (drained)"])
        #expect(
            world.order(.drain(.endpoint("premium"), at: nil))?.refusal?.objections == [
                "5 % of chat (premium) would have no eligible endpoint left: long is drained"
            ]
        )
        world.order(.undrain(.endpoint("long")))
        #expect(world.run { $0.weights == Self.all })
        #expect(world.violations == [])
    }

    @Test func aPinTakesAllOfItEvenToAnEndpointBesideTheChain() throws {
        var world = World.judged(.tiers(chains: ["premium": ["spare"], "cheap": ["long"]]))
        let receipt = try #require(world.order(.pin("chat", to: "spare"))?.receipt)
        #expect(receipt.routes.count == 1)
        #expect(world.run { $0.weights == ["spare": 100] })
        #expect(world.route.mode == .pinned && world.route.active == "spare")
        #expect(world.count(.pinned) == 4)
        world.set("spare", to: .fails)
        world.run(for: .seconds(600))
        #expect(world.weights == ["spare": 100])
        world.order(.unpin("chat"))
        #expect(world.run { $0.weights == Self.all })
        #expect(world.share("next")?.stopped == nil)
        #expect(world.violations == [])
    }

    @Test func nothingMovesWhileFrozen() {
        var world = World.judged(.tiers())
        world.order(.freeze)
        world.set("cheap", "next", to: .fails)
        world.run(for: .seconds(600))
        #expect(world.weights == Self.all && world.route.mode == .held)
        #expect(world.violations == [])
    }
}
