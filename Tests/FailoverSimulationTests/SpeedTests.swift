import FailoverCore
import Testing

@testable import FailoverSimulation

/// Waits for a minute where it should wait for ten.
struct EagerEngine: BrokenEngine {
    var engine: Engine
    init(configuration: Configuration, memory: Memory?, at now: MonotonicInstant) {
        let eager = SpeedConfiguration(window: .seconds(300), dwell: .seconds(60))
        engine = Engine(
            configuration: Configuration(
                vantage: configuration.vantage,
                endpoints: configuration.endpoints,
                routes: configuration.routes.map { route in
                    RouteConfiguration(name: route.name, endpoints: route.endpoints, speed: eager)
                },
                outputs: configuration.outputs
            ),
            memory: memory,
            at: now
        )
    }
}

@Suite("Lowest-latency routes in simulated worlds")
struct SpeedTests {
    private static let speed = SpeedConfiguration(window: .seconds(300), dwell: .seconds(600))

    private func world<Decision: Decider>(
        _ type: Decision.Type,
        hours: Int = 3,
        _ entries: [ScenarioEntry]
    ) -> World<Decision> {
        let scenario = Scenario(
            seed: 5,
            configurations: [SpeedRun.configuration(Self.speed)],
            duration: .seconds(hours * 3600),
            entries: entries,
            isNoisy: false
        )
        var world = World<Decision>(scenario, keepsTimeline: true)
        world.run()
        return world
    }

    private func pace(_ name: EndpointName, at seconds: Int = 0, _ milliseconds: Int) -> ScenarioEntry {
        ScenarioEntry(
            at: .seconds(seconds),
            change: .pace(name, LatencyPace(median: .milliseconds(milliseconds), spread: 0.1))
        )
    }

    private var crossing: [ScenarioEntry] {
        [pace("us-east", 200), pace("eu-west", 200), pace("ap-south", 300), pace("eu-west", at: 3600, 100)]
    }

    @Test func itMovesOnceToWhoBecomesFaster() throws {
        let world = world(Engine.self, crossing)
        let moves = world.timeline.filter { $0.from != nil && $0.to != nil }
        #expect(moves.map(\.to) == ["eu-west"] && moves.map(\.reason) == ["faster"])
        let at = try #require(moves.first?.at)
        #expect(at > .seconds(3600 + 600) && at < .seconds(3600 + 1200))
        #expect(world.violations == [])
    }

    /// Faster from the beginning, or later on.
    @Test(arguments: [0, 1])
    func anEagerEngineDoesNotGetThrough(delay: Int) {
        let world = world(EagerEngine.self, crossing.map { ScenarioEntry(at: $0.at * delay, change: $0.change) })
        #expect(Set(world.violations.map(\.invariant)) == [.speedIsPatient])
        #expect(world.violations.first?.found.contains(" of the 600 s ") == true)
    }

    /// Two days each; `failoverbench speed` plays months.
    @Test(arguments: [SpeedRun.Case.equal])
    func equalsDoNotWander(played: SpeedRun.Case) {
        var world = World<Engine>(
            Scenario(
                seed: 9,
                configurations: [SpeedRun.configuration(SpeedConfiguration())],
                duration: .seconds(2 * 86_400),
                entries: played.entries
            ),
            keepsTimeline: true
        )
        world.run()
        #expect(world.timeline.filter { $0.reason == "faster" } == [])
        #expect(world.violations == [])
    }

    // MARK: - Histories

    @Test func aPatientHistoryBreaksNothing() {
        var history = History(speed: ())
        history.hurry(at: 601.5, to: "eu")
        history.add(at: 650) { step in
            step.routes[0] = History.fastest(active: "eu", generation: 2, medians: [50, 100, 300])
        }
        history.hurry(at: 1300, to: "us", medians: [50, 100, 300])
        #expect(history.violations == [])
    }

    @Test func whateverStoodAboveSpeedBeginsTheWaitAnew() {
        typealias Change = (inout History) -> Void
        let changes: [Change] = [
            { $0.add(at: 400, .restarted(Step.Restart())) },
            { history in
                history.add(at: 400) { $0.vantage = .suspect }
                history.add(at: 410) { $0.vantage = .clear }
            },
            { history in
                let freeze = OperatorIntent(
                    kind: .freeze,
                    by: "o",
                    reason: "so",
                    since: .seconds(5),
                    until: .seconds(410)
                )
                history.add(at: 400) { $0.intents = [freeze] }
                history.add(at: 410) { $0.intents = [] }
            },
            { history in
                history.judge(at: 300, "us", .unhealthy)
                history.move(at: 310, to: "ap", .failover, mode: .failover) { step in
                    step.routes[0] = History.fastest(active: "ap", generation: step.generation)
                }
                history.judge(at: 400, "us", .healthy)
            },
        ]
        for change in changes {
            var history = History(speed: ())
            change(&history)
            history.hurry(at: 800, to: "eu")
            #expect(history.broken == [.speedIsPatient])
        }
    }

    @Test func nobodySlowerOrLessThanWellIsMovedToForSpeed() {
        var slower = History(speed: ())
        slower.hurry(at: 700, to: "ap")
        #expect(slower.violations.last?.found == "chat moved for speed to ap, which is not faster")
        var degraded = History(speed: ())
        degraded.judge(at: 600, "eu", .degraded)
        degraded.hurry(at: 700, to: "eu")
        #expect(degraded.violations.map(\.found) == ["chat moved for speed to eu, which is degraded"])
    }
}
