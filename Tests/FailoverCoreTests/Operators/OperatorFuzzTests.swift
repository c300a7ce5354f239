import Testing

@testable import FailoverCore

/// Operators, faults, restarts and reloads at random; the world checks its invariants after every step.
@Suite("Operators at random")
struct OperatorFuzzTests {
    private static let names: [EndpointName] = ["us", "us-b", "eu", "ap"]
    private static let disks: [World.Disk] = [
        .good, .good, .good, .good, .answers(.milliseconds(1500)), .answers(.seconds(4)), .fails, .isSilent,
    ]
    private static let behaviours: [World.Behaviour] = [
        .good, .good, .good, .good, .fails, .fails, .hangs, .answers(.milliseconds(1500)), .throttled,
        .inconclusive, .isForgotten,
    ]

    private func configuration(_ random: inout SplitMix64) -> Configuration {
        let decision = DecisionConfiguration.evidence(
            .fast,
            confirm: .seconds(1),
            holdDown: .seconds(10),
            limit: [nil, 3, 20][Int.random(in: 0..<3, using: &random)],
            observe: Int.random(in: 0..<6, using: &random) == 0
        )
        let routes = (0..<Int.random(in: 1...3, using: &random)).map { index in
            let members = Array(Self.names.shuffled(using: &random).prefix(Int.random(in: 2...4, using: &random)))
            return RouteConfiguration(name: RouteName(rawValue: "r\(index)"), endpoints: members, decision: decision)
        }
        let plain = Configuration.routes(routes, probe: .tcp(interval: .seconds(2)))
        return Configuration(
            vantage: "here",
            endpoints: plain.endpoints.map { endpoint in
                .simple(
                    endpoint.name,
                    region: RegionName(rawValue: String(endpoint.name.rawValue.prefix(2))),
                    probes: endpoint.probes
                )
            },
            routes: routes,
            outputs: plain.outputs
        )
    }

    private func order(_ now: MonotonicInstant, _ random: inout SplitMix64) -> OperatorCommand.Order {
        let route = RouteName(rawValue: "r\(Int.random(in: 0..<3, using: &random))")
        let endpoint = Self.names[Int.random(in: 0..<4, using: &random)]
        let region = RegionName(rawValue: ["us", "eu", "ap"][Int.random(in: 0..<3, using: &random)])
        let target: DrainTarget = Bool.random(using: &random) ? .endpoint(endpoint) : .region(region)
        let later = now + .seconds(Int.random(in: -30...300, using: &random))
        switch Int.random(in: 0..<8, using: &random) {
        case 0, 1: return .pin(route, to: endpoint)
        case 2: return .unpin(route)
        case 3: return .drain(target, at: nil)
        case 4: return .drain(target, at: later)
        case 5: return .undrain(target)
        case 6: return .freeze
        default: return .unfreeze
        }
    }

    private func change(_ world: inout World, _ random: inout SplitMix64) {
        switch Int.random(in: 0..<24, using: &random) {
        case 0: world.reload(configuration(&random))
        case 1:
            let violations = world.violations
            world = world.restarted(after: .seconds(Int.random(in: 0...200, using: &random)))
            world.violations += violations
        case 2, 3: world.disk = Self.disks[Int.random(in: 0..<Self.disks.count, using: &random)]
        case 4...12:
            let answers = world.answers.count
            let answer = world.order(
                order(world.now, &random),
                for: .seconds(Int.random(in: 30...600, using: &random)),
                force: Bool.random(using: &random)
            )
            if answer == nil || world.answers.count != answers + 1 {
                world.violations.append("an order was not answered once")
            }
        default:
            let endpoints = world.configuration.endpoints
            let endpoint = endpoints[Int.random(in: 0..<endpoints.count, using: &random)]
            world.set(endpoint.name, to: Self.behaviours[Int.random(in: 0..<Self.behaviours.count, using: &random)])
        }
    }

    private func live(seed: UInt64, changes: Int) -> World {
        World.live(seed: seed, changes: changes) { random in
            configuration(&random)
        } change: { world, random in
            change(&world, &random)
        }
    }

    @Test(arguments: 101...108 as ClosedRange<UInt64>)
    func nothingGoesAgainstWhatOperatorsWant(seed: UInt64) {
        let world = live(seed: seed, changes: 80)
        #expect(world.violations == [])
    }

    /// Whatever operators wanted is over by itself, and every route returns.
    @Test(arguments: 111...114 as ClosedRange<UInt64>)
    func onceIntentsAreOverEveryRouteReturns(seed: UInt64) {
        var world = live(seed: seed, changes: 40)
        world.disk = .good
        for endpoint in world.configuration.endpoints { world.set(endpoint.name, to: .good) }
        let isObserving = world.configuration.routes.contains { $0.decision.observe }
        let back = world.run(limit: .seconds(2 * 3600 + 900)) { world in
            world.intents.isEmpty && world.routes.allSatisfy { $0.mode == .preferred }
        }
        #expect(back || isObserving)
        #expect(world.violations == [])
    }

    /// What was answered as durable is there after a crash at any time.
    @Test(arguments: 121...124 as ClosedRange<UInt64>)
    func whatIsDurableSurvivesACrash(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var world = World.judged(configuration(&random))
        for _ in 0..<40 {
            let answer = world.order(order(world.now, &random), for: .seconds(3600), force: true)
            guard let receipt = answer?.receipt, receipt.isPersisted, let intent = receipt.intent else { continue }
            let next = world.restarted(after: .seconds(1))
            #expect(next.engine.intents.intent(about: intent.subject) == (receipt.stands ? intent : nil))
            #expect(next.engine.generation == world.engine.generation && next.actives == world.actives)
            world.run(for: .milliseconds(Int.random(in: 0...4000, using: &random)))
        }
        #expect(world.violations == [])
    }

    @Test(arguments: [131, 132] as [UInt64])
    func theSameInputsGiveTheSameActions(seed: UInt64) {
        let first = live(seed: seed, changes: 25)
        let second = live(seed: seed, changes: 25)
        #expect(first.actions == second.actions)
        #expect(first.snapshot == second.snapshot)
        #expect(!first.answers.isEmpty)
    }
}
