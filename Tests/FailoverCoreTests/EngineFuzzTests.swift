import Testing

@testable import FailoverCore

@Suite("Random worlds")
struct EngineFuzzTests {
    private static let decisions: [DecisionConfiguration] = [
        .evidence(.fast, confirm: .seconds(1), holdDown: .seconds(10), limit: 3),
        .evidence(.balanced, confirm: .seconds(1)),
        .evidence(.instant, confirm: .seconds(1), holdDown: .zero, limit: nil),
        DecisionConfiguration(rule: .consecutive(fall: 2, rise: 2), holdDown: .seconds(5), maximumMovesPerHour: 20),
        DecisionConfiguration(rule: .window(bad: 3, of: 6, rise: 3), failback: .manual),
        .evidence(.fast, confirm: .seconds(1), observe: true),
    ]

    private static let behaviours: [World.Behaviour] = [
        .good, .good, .good, .good, .fails, .fails, .hangs, .answers(.milliseconds(1500)), .throttled, .misconfigured,
        .inconclusive, .isForgotten,
    ]

    /// What only a chat meets.
    private static let chatBehaviours: [World.Behaviour] = [
        .streams(ttft: .milliseconds(100), .seconds(1)), .streams(ttft: .milliseconds(700), .seconds(1)),
        .streams(ttft: nil, .seconds(1)), .streams(ttft: .milliseconds(100), .seconds(4)), .answersPoorly,
        .isAskedCheaply(isUp: true), .isAskedCheaply(isUp: false), .ends(.failure(.loading, isTimeout: false)),
        .ends(.failure(.overloaded, isTimeout: false)), .ends(.misconfigured(.auth)), .ends(.inconclusive(.filtered)),
        .ends(.throttled(.rateLimited)), .isRefusedCheaply, .isHeld(.seconds(40)), .isHeld(.seconds(150)),
    ]

    private static let disks: [World.Disk] = [
        .good, .good, .good, .answers(.milliseconds(1500)), .answers(.seconds(4)), .fails, .isSilent,
    ]

    private func configuration(_ random: inout SplitMix64) -> Configuration {
        let names: [EndpointName] = ["us", "eu", "ap", "sa"]
        // One rule for all: an endpoint has one.
        let decision = Self.decisions[Int.random(in: 0..<Self.decisions.count, using: &random)]
        let routes = (0..<Int.random(in: 1...3, using: &random)).map { index in
            let members = Array(names.shuffled(using: &random).prefix(Int.random(in: 1...4, using: &random)))
            var rank = 0
            let ranks = members.map { _ in
                defer { rank += Int.random(in: 0...1, using: &random) }
                return rank
            }
            return RouteConfiguration(
                name: RouteName(rawValue: "r\(index)"),
                endpoints: members,
                ranks: ranks,
                decision: decision,
                cost: RouteCost(maximumRatio: 1.5)
            )
        }
        let interval: Duration = [.seconds(1), .seconds(2), .seconds(5)][Int.random(in: 0..<3, using: &random)]
        guard Bool.random(using: &random) else { return .routes(routes, probe: .tcp(interval: interval)) }
        return chats(routes, interval: interval, &random)
    }

    private func chats(
        _ routes: [RouteConfiguration],
        interval: Duration,
        _ random: inout SplitMix64
    ) -> Configuration {
        let probe = ProbeConfiguration.chat(
            interval: interval,
            throttledIsFailure: Bool.random(using: &random),
            sharesTrafficCredential: Bool.random(using: &random)
        )
        let probes = Bool.random(using: &random) ? [probe] : [.chat("page", mode: .health, interval: interval), probe]
        let plain = Configuration.routes(routes, probe: probe)
        let endpoints = plain.endpoints.map { endpoint in
            EndpointConfiguration(
                name: endpoint.name,
                region: endpoint.region,
                provider: ["p1", "p2", nil][Int.random(in: 0..<3, using: &random)],
                publicURL: endpoint.publicURL,
                probes: probes,
                price: Bool.random(using: &random) ? .perMillion(Int.random(in: 0...900, using: &random), 1000) : nil
            )
        }
        return Configuration(vantage: "here", endpoints: endpoints, routes: routes, outputs: plain.outputs)
    }

    /// Without an anchor, all failing at once moves nothing and concludes nothing.
    private func anchored(_ configuration: Configuration, _ random: inout SplitMix64) -> Configuration {
        Int.random(in: 0..<4, using: &random) > 0 ? configuration.anchored(.tcp()) : configuration
    }

    private func change(_ world: inout World, _ random: inout SplitMix64) {
        switch Int.random(in: 0..<40, using: &random) {
        case 0: world.reload(anchored(configuration(&random), &random))
        case 1:
            let violations = world.violations
            world = world.restarted()
            world.violations += violations
        case 2...5: world.disk = Self.disks[Int.random(in: 0..<Self.disks.count, using: &random)]
        case 6: for endpoint in world.configuration.probed { world.set(endpoint.name, to: .good) }
        case 7: world.stall(for: .milliseconds(Int.random(in: 100...40_000, using: &random)))
        case 8: for endpoint in world.configuration.probed { world.set(endpoint.name, to: .hangs) }
        case 9: for anchor in world.configuration.anchors { world.set(anchor.name, to: .fails) }
        default:
            let endpoints = world.configuration.endpoints
            let endpoint = endpoints[Int.random(in: 0..<endpoints.count, using: &random)]
            var behaviours = Self.behaviours
            if case .chat = endpoint.probes[0].request { behaviours += Self.chatBehaviours }
            world.set(endpoint.name, to: behaviours[Int.random(in: 0..<behaviours.count, using: &random)])
            if Int.random(in: 0..<5, using: &random) == 0 { tellSpend(&world, endpoint.name, &random) }
        }
    }

    private func tellSpend(_ world: inout World, _ endpoint: EndpointName, _ random: inout SplitMix64) {
        let report = SpendReport(
            endpoint: endpoint,
            day: 20_000,
            cost: Money(picos: Int128(Int.random(in: 0...1_000_000, using: &random))),
            tokens: 1,
            cap: nil,
            pace: .slower,
            news: Bool.random(using: &random) ? Reason(.spendSlower, "slower") : nil
        )
        world.handle(.spent(report))
    }

    private func live(seed: UInt64, changes: Int) -> World {
        World.live(seed: seed, changes: changes) { random in
            anchored(configuration(&random), &random)
        } change: { world, random in
            change(&world, &random)
        }
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func nothingBreaksAnInvariant(seed: UInt64) {
        let world = live(seed: seed, changes: 60)
        // A world in which nothing happens proves nothing.
        #expect(world.engine.generation >= 3)
        #expect(world.violations == [])
    }

    /// Once faults stop, the preferred endpoint of every route is active again: proof, hold-down, and the limit's hour.
    @Test(arguments: 11...14 as ClosedRange<UInt64>)
    func onceFaultsStopEveryRouteReturns(seed: UInt64) {
        var world = live(seed: seed, changes: 40)
        world.disk = .good
        for endpoint in world.configuration.probed { world.set(endpoint.name, to: .good) }
        let returns = world.configuration.routes.allSatisfy {
            $0.decision.failback == .automatic && !$0.decision.observe
        }
        let back = world.run(limit: .seconds(2 * 3600 + 300)) { world in
            world.routes.allSatisfy { $0.mode == .preferred }
        }
        #expect(back || !returns)
        #expect(world.violations == [])
    }

    @Test(arguments: [21, 22] as [UInt64])
    func theSameInputsGiveTheSameActions(seed: UInt64) {
        let first = live(seed: seed, changes: 15)
        let second = live(seed: seed, changes: 15)
        #expect(first.actions == second.actions)
        #expect(first.snapshot == second.snapshot)
        #expect(first.actions.isEmpty == false)
    }
}
