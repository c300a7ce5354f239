import Testing

@testable import FailoverCore

@Suite("Weighted routes over restarts and reloads")
struct WeightedMemoryTests {
    private func moved() -> World {
        var world = World.judged(.tiers())
        world.set("cheap", to: .fails)
        #expect(world.run { $0.weights["cheap"] == nil })
        world.run(for: .seconds(1))
        return world
    }

    @Test func aRestartKeepsEveryShare() {
        let world = moved()
        let next = world.restarted()
        #expect(next.weights == world.weights && next.engine.generation == world.engine.generation)
        #expect(next.route.shares.map(\.generation) == world.route.shares.map(\.generation))
        #expect(next.violations == [])
    }

    struct Change: Sendable {
        let name: String
        let configuration: Configuration
        let weights: [EndpointName: Int]
        /// By how much the generation rises.
        let rise: UInt64
    }

    static let changes: [Change] = [
        Change(name: "nothing", configuration: .tiers(), weights: ["long": 94, "premium": 5, "next": 1], rise: 0),
        Change(
            name: "percentages alone",
            configuration: .tiers([("cheap", 50), ("long", 44), ("premium", 5), ("next", 1)]),
            weights: ["long": 94, "premium": 5, "next": 1],
            rise: 0
        ),
        Change(
            name: "percentages that show",
            configuration: .tiers([("cheap", 60), ("long", 24), ("premium", 15), ("next", 1)]),
            weights: ["long": 84, "premium": 15, "next": 1],
            rise: 1
        ),
        Change(
            name: "the endpoint that took over is gone",
            configuration: .tiers([("cheap", 70), ("premium", 29), ("next", 1)]),
            weights: ["premium": 99, "next": 1],
            rise: 1
        ),
        Change(
            name: "a share more",
            configuration: .tiers([("cheap", 60), ("long", 24), ("premium", 5), ("next", 1), ("more", 10)]),
            weights: ["long": 84, "premium": 5, "next": 1, "more": 10],
            rise: 1
        ),
        Change(
            name: "one endpoint for all",
            configuration: .oneRoute(["long", "cheap", "premium", "next"]),
            weights: ["long": 100],
            rise: 1
        ),
    ]

    @Test(arguments: changes)
    func aReloadKeepsSharesWhereTheyAre(change: Change) {
        var world = moved()
        let before = world.engine.generation
        world.forgetTold()
        world.reload(change.configuration)
        if change.name != "a share more" { #expect(world.weights == change.weights, "\(change.name)") }
        #expect(world.engine.generation == before + change.rise, "\(change.name)")
        #expect(world.count(.config) == Int(change.rise), "\(change.name)")
        #expect(world.route.generation == before + (change.rise == 0 ? 0 : change.rise))
        #expect(world.violations == [])
    }

    @Test(arguments: changes)
    func aRestartWithAnotherConfigurationDoesTheSame(change: Change) {
        let world = moved()
        let next = world.restarted(with: change.configuration)
        if change.name != "a share more" { #expect(next.weights == change.weights, "\(change.name)") }
        #expect(next.engine.generation == world.engine.generation + change.rise, "\(change.name)")
        #expect(next.violations == [])
    }

    /// It begins on its endpoint if that is known to be well, and on the best of its chain until then.
    @Test func aNewShareBeginsWhereItIsSafe() {
        var world = World.judged(.tiers([("cheap", 70), ("long", 24), ("premium", 5), ("next", 1)]))
        world.reload(.tiers([("cheap", 70), ("long", 20), ("premium", 5), ("next", 1), ("more", 4)]))
        #expect(world.weights == ["cheap": 74, "long": 20, "premium": 5, "next": 1])
        #expect(world.run { $0.weights == ["cheap": 70, "long": 20, "premium": 5, "next": 1, "more": 4] })
        #expect(world.violations == [])
    }

    @Test func whatReadersHaveSeenStandsAboveTheMemory() throws {
        let world = moved()
        let old = try #require(World.judged(.tiers()).durable)
        var seenRoute = try #require(world.durable?.routes[0])
        for index in seenRoute.shares.indices { seenRoute.shares[index].moves = [] }
        let seen = SeenDecision(generation: world.engine.generation, routes: [seenRoute])
        #expect(seen.isNews(to: old))
        #expect(!seen.isNews(to: world.durable))
        let next = World(.tiers(), memory: seen.memory(after: old), at: world.now + .seconds(1))
        #expect(next.weights == world.weights && next.engine.generation == world.engine.generation)
        let cheap = try #require(seen.memory(after: old).routes[0].shares.first)
        #expect(cheap.moves == [cheap.since])
    }

    /// At the same generation the one that was seen counts.
    @Test func ofTwoDecisionsWithOneNumberTheOneThatWasSeenCounts() throws {
        let world = moved()
        let memory = try #require(world.durable)
        var other = memory.routes[0]
        other.shares[0].active = "premium"
        #expect(SeenDecision(generation: memory.generation, routes: [other]).isNews(to: memory))
    }
}
