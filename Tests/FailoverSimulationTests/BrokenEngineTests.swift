import FailoverCore
import Testing

@testable import FailoverSimulation

/// An engine in which one thing is wrong.
protocol BrokenEngine: Decider {
    var engine: Engine { get set }
}

extension BrokenEngine {
    mutating func start(at now: MonotonicInstant) -> [Action] { engine.start(at: now) }
    mutating func handle(_ input: Input, at now: MonotonicInstant, _ actions: inout [Action]) {
        engine.handle(input, at: now, &actions)
    }
    var nextDeadline: MonotonicInstant? { engine.nextDeadline }
    var generation: UInt64 { engine.generation }
    var isPersisted: Bool { engine.isPersisted }
    mutating func snapshot(at now: MonotonicInstant) -> Snapshot { engine.snapshot(at: now) }
    func route(named name: RouteName, at now: MonotonicInstant) -> RouteSnapshot? { engine.route(named: name, at: now) }
}

/// Remembers nothing.
struct ForgetfulEngine: BrokenEngine {
    var engine: Engine
    init(configuration: Configuration, memory: Memory?, at now: MonotonicInstant) {
        engine = Engine(configuration: configuration, memory: nil, at: now)
    }
}

/// Knows no hold-down.
struct HastyEngine: BrokenEngine {
    var engine: Engine
    init(configuration: Configuration, memory: Memory?, at now: MonotonicInstant) {
        engine = Engine(
            configuration: configuration.with { .init(rule: $0.rule, holdDown: .zero) },
            memory: memory,
            at: now
        )
    }
}

/// Never returns.
struct StubbornEngine: BrokenEngine {
    var engine: Engine
    init(configuration: Configuration, memory: Memory?, at now: MonotonicInstant) {
        engine = Engine(
            configuration: configuration.with { .init(rule: $0.rule, failback: .manual) },
            memory: memory,
            at: now
        )
    }
}

/// Moves although it should only observe.
struct DaringEngine: BrokenEngine {
    var engine: Engine
    init(configuration: Configuration, memory: Memory?, at now: MonotonicInstant) {
        engine = Engine(configuration: configuration.with { .init(rule: $0.rule) }, memory: memory, at: now)
    }
    func route(named name: RouteName, at now: MonotonicInstant) -> RouteSnapshot? {
        engine.route(named: name, at: now).map { route in
            RouteSnapshot(
                name: route.name,
                active: route.active,
                mode: route.mode,
                generation: route.generation,
                since: route.since,
                reason: route.reason,
                order: route.order,
                provisional: route.provisional,
                dryRun: true,
                wouldBeActive: route.wouldBeActive,
                endpoints: route.endpoints
            )
        }
    }
}

/// Tells nobody.
struct SilentEngine: BrokenEngine {
    var engine: Engine
    init(configuration: Configuration, memory: Memory?, at now: MonotonicInstant) {
        engine = Engine(configuration: configuration, memory: memory, at: now)
    }
    mutating func handle(_ input: Input, at now: MonotonicInstant, _ actions: inout [Action]) {
        engine.handle(input, at: now, &actions)
        actions.removeAll { if case .emit(let event) = $0 { event.kind == .failover } else { false } }
    }
}

/// Publishes before the disk has answered.
struct ImpatientEngine: BrokenEngine {
    var engine: Engine
    init(configuration: Configuration, memory: Memory?, at now: MonotonicInstant) {
        engine = Engine(configuration: configuration, memory: memory, at: now)
    }
    mutating func handle(_ input: Input, at now: MonotonicInstant, _ actions: inout [Action]) {
        if case .persisted = input { return }
        var next = actions.count
        engine.handle(input, at: now, &actions)
        while next < actions.count {
            if case .persist(_, let ticket) = actions[next] {
                engine.handle(.persisted(ticket: ticket, succeeded: true), at: now, &actions)
            }
            next += 1
        }
    }
}

/// Counts its first move twice.
struct MiscountingEngine: BrokenEngine {
    var engine: Engine
    init(configuration: Configuration, memory: Memory?, at now: MonotonicInstant) {
        engine = Engine(configuration: configuration, memory: memory, at: now)
    }
    var generation: UInt64 { engine.generation + (engine.generation > 1 ? 1 : 0) }
}

/// Does not look at its deadlines.
struct DozingEngine: BrokenEngine {
    var engine: Engine
    init(configuration: Configuration, memory: Memory?, at now: MonotonicInstant) {
        engine = Engine(configuration: configuration, memory: memory, at: now)
    }
    mutating func handle(_ input: Input, at now: MonotonicInstant, _ actions: inout [Action]) {
        if case .tick = input { return }
        engine.handle(input, at: now, &actions)
    }
}

extension Configuration {
    /// The same with other decisions.
    func with(_ decision: (DecisionConfiguration) -> DecisionConfiguration) -> Configuration {
        Configuration(
            vantage: vantage,
            endpoints: endpoints,
            routes: routes.map { route in
                RouteConfiguration(name: route.name, endpoints: route.endpoints, decision: decision(route.decision))
            },
            outputs: outputs
        )
    }
}

@Suite("A broken engine does not get through")
struct BrokenEngineTests {
    /// us crashes for five minutes, the daemon is killed on the way, and then nothing is wrong for three hours.
    private static func scenario(observe: Bool = false) -> Scenario {
        Scenario(
            seed: 3,
            configurations: [History.configuration(observe: observe)],
            duration: .seconds(5 * 3600),
            entries: [
                ScenarioEntry(at: .seconds(60), change: .fault("us", .crash)),
                ScenarioEntry(at: .seconds(200), change: .kill(downFor: .seconds(2))),
                ScenarioEntry(at: .seconds(360), change: .heal("us")),
            ],
            isNoisy: false
        )
    }

    private func broken<Broken: Decider>(_ type: Broken.Type, observe: Bool = false) -> Set<Invariant> {
        var world = World<Broken>(Self.scenario(observe: observe))
        world.runUntilBroken()
        return Set(world.violations.map(\.invariant))
    }

    @Test func theRealEngineGetsThrough() {
        #expect(broken(Engine.self) == [])
        #expect(broken(Engine.self, observe: true) == [])
    }

    @Test func whoForgetsIsFoundOut() {
        #expect(broken(ForgetfulEngine.self).isSuperset(of: [.restartKeepsDecisions]))
    }

    @Test func whoKnowsNoHoldDownIsFoundOut() { #expect(broken(HastyEngine.self) == [.holdDownIsKept]) }
    @Test func whoNeverReturnsIsFoundOut() { #expect(broken(StubbornEngine.self) == [.preferredReturns]) }

    @Test func whoMovesWhileObservingIsFoundOut() {
        #expect(broken(DaringEngine.self, observe: true) == [.observingMovesNothing])
    }

    @Test func whoTellsNobodyIsFoundOut() { #expect(broken(SilentEngine.self) == [.movesAreTold]) }

    @Test func whoDoesNotWaitForTheDiskIsFoundOut() {
        #expect(broken(ImpatientEngine.self).isSuperset(of: [.durableBeforePublished]))
    }

    @Test func whoMiscountsIsFoundOut() { #expect(broken(MiscountingEngine.self).contains(.generationCounts)) }
    @Test func whoDozesIsFoundOut() { #expect(broken(DozingEngine.self).contains(.deadlinesPass)) }
}
