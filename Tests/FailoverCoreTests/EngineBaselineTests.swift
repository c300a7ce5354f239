import Testing

@testable import FailoverCore

@Suite("Baselines over a restart")
struct EngineBaselineTests {
    /// Forty minutes in which all is well but for a hiccup: the first half hour is learned.
    private func learned() -> World {
        var world = World(.oneRoute())
        world.run(for: .seconds(600))
        world.scripts["us"] = [.fails]
        world.run(for: .seconds(1800))
        return world
    }

    private func next(
        _ memory: Memory?,
        _ configuration: Configuration = .oneRoute(),
        at now: MonotonicInstant
    ) -> Engine {
        Engine(configuration: configuration, memory: memory, at: now)
    }

    @Test func whatEndpointsShowWhileTheyAreWellIsLearned() throws {
        #expect(World(.oneRoute()).engine.baselines == [:])
        let world = learned()
        let baselines = world.engine.baselines
        #expect(baselines.keys.sorted() == ["ap", "eu", "us"])
        let us = try #require(baselines["us"])
        #expect(us.map(\.indicator.description) == ["availability", "latency"])
        #expect(us.map { $0.bad.reduce(0, +) } == [1, 1])
        #expect(baselines["eu"]?.map { $0.bad.reduce(0, +) } == [0, 0])
        #expect(world.violations == [])
    }

    @Test func anotherProcessGoesOnWithThem() {
        let world = learned()
        let again = next(world.engine.remembered, at: world.now)
        #expect(again.baselines == world.engine.baselines)
        #expect(again.remembered == world.engine.remembered)
    }

    @Test func aDecisionIsMadeDurableWithoutThem() {
        let world = learned()
        #expect(world.engine.remembered.baselines == world.engine.baselines)
        #expect(world.engine.memory(after: nil).baselines == [:])
        #expect(world.durable?.baselines == [:])
    }

    @Test func baselinesAloneAreNoDecision() {
        let world = learned()
        let nothing = Memory(generation: 0, routes: [], endpoints: [])
        let memory = nothing.with(world.engine.baselines, at: world.now)
        let first = World(.oneRoute(), memory: memory, at: world.now)
        #expect(first.engine.baselines == world.engine.baselines)
        #expect(first.engine.generation == 1)
        #expect(first.routes.map(\.reason) == World(.oneRoute()).routes.map(\.reason))
        #expect(first.told == World(.oneRoute()).told)
    }

    @Test func whatWasLearnedOfSomethingElseIsNotTakenOver() {
        let world = learned()
        let memory = world.engine.remembered
        let others = [
            ProbeConfiguration.tcp(port: 444), .tcp(interval: .seconds(10)), .tcp(objective: .seconds(2)),
            .tcp(timeout: .seconds(2)),
        ]
        for probe in others {
            #expect(next(memory, .oneRoute(probe: probe), at: world.now).baselines == [:])
        }
        let plain = DecisionConfiguration(rule: .consecutive(fall: 3, rise: 2))
        #expect(next(memory, .oneRoute(decision: plain), at: world.now).baselines == [:])
        // Another name of the probe.
        #expect(next(memory, .oneRoute(probe: .tcp("other")), at: world.now).baselines == [:])
    }

    @Test func aReloadKeepsThoseOfWhatIsProbedAsBefore() {
        var world = learned()
        let before = world.engine.baselines
        world.reload(.oneRoute(["eu", "us"]))
        #expect(world.engine.baselines == before.filter { $0.key != "ap" })
        world.reload(.oneRoute(["eu", "us"], probe: .tcp(port: 444)))
        #expect(world.engine.baselines == [:])
    }

    /// As a restart does; a larger budget for an endpoint that hiccups must not make it forget that it does.
    @Test func aReloadKeepsThemUnderAnotherBudget() {
        var world = learned()
        let before = world.engine.baselines
        let parameters = EvidenceParameters(
            preset: .balanced,
            falseFailoversPerYear: 60,
            availabilityBlip: .seconds(3),
            latencyBlip: .seconds(3),
            confirmInterval: .seconds(3600)
        )
        let patient = DecisionConfiguration(rule: .evidence(parameters))
        world.reload(.oneRoute(decision: patient))
        #expect(world.engine.baselines == before)
        #expect(next(world.engine.remembered, .oneRoute(decision: patient), at: world.now).baselines == before)
    }

    @Test func aMemoryTakesBaselinesOfEndpointsThatItKnowsAndOthers() {
        func baseline(_ digest: UInt64) -> [BaselineMemory] {
            let zeros = [Double](repeating: 0, count: Situation.allCases.count)
            let name = IndicatorName(probe: .default, kind: .availability)
            return [
                BaselineMemory(
                    indicator: name,
                    digest: digest,
                    since: .seconds(0),
                    learnedAt: .seconds(1),
                    bad: zeros,
                    expected: zeros
                )
            ]
        }
        func endpoint(_ name: EndpointName, _ penalty: Double, _ baselines: [BaselineMemory]) -> EndpointMemory {
            EndpointMemory(
                name: name,
                penalty: penalty,
                penaltyAt: .seconds(9),
                mustProve: penalty > 0,
                baselines: baselines
            )
        }
        let memory = Memory(
            generation: 3,
            routes: [],
            endpoints: [endpoint("us", 1, []), endpoint("eu", 2, baseline(7))]
        )
        let expected = [
            endpoint("us", 1, baseline(1)), endpoint("eu", 2, []), endpoint("a", 0, baseline(3)),
            endpoint("z", 0, baseline(2)),
        ]
        let baselines = ["us": baseline(1), "z": baseline(2), "a": baseline(3)] as [EndpointName: [BaselineMemory]]
        let next = memory.with(baselines, at: .seconds(9))
        #expect(next == Memory(generation: 3, routes: [], endpoints: expected))
        #expect(next.baselines == baselines)
    }
}
