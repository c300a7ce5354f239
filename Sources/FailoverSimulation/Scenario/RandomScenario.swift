import FailoverCore

/// Makes a whole world out of a seed: endpoints, routes, rules, and a day or more of trouble.
///
/// Storms of a few hours, with faults every few minutes, alternate with calms that last as long as a route may take to return
/// to its preferred endpoint, so that each storm is also a test of the way back.
package struct RandomScenario {
    private var random: SplitMix64
    private var shares: RandomShares
    private var speed: RandomSpeed
    private let seed: UInt64
    private let duration: Duration
    private var entries: [ScenarioEntry] = []
    private var configurations: [Configuration] = []
    /// Of the probes of the first configuration.
    private var interval = Duration.seconds(5)

    private static let names: [EndpointName] = ["us-east", "us-west", "eu-west", "ap-south"]
    /// What services use, the short ones less often: a day at one second is as much work as a month at thirty.
    private static let intervals: [Duration] = [
        .seconds(1), .seconds(2), .seconds(5), .seconds(5), .seconds(10), .seconds(10), .seconds(15), .seconds(30),
        .seconds(30), .seconds(60),
    ]
    private static let holdDowns: [Duration] = [.zero, .seconds(10), .seconds(30), .seconds(30), .seconds(120)]
    private static let limits: [Int?] = [nil, 2, 6, 6, 20]

    /// The scenario of a seed.
    package static func make(seed: UInt64, duration: Duration = .seconds(86_400)) -> Scenario {
        var maker = RandomScenario(seed: seed, duration: duration)
        return maker.make()
    }

    /// How many endpoint-days the scenario plays.
    package static func endpointDays(_ scenario: Scenario) -> Double {
        Double(scenario.configurations[0].endpoints.count) * scenario.duration.inSeconds / 86_400
    }

    private init(seed: UInt64, duration: Duration) {
        // Neighbouring seeds are worlds apart.
        random = SplitMix64(seed: seed ^ 0x5EED_0FA1_1DA7_5000)
        shares = RandomShares(seed: seed)
        speed = RandomSpeed(seed: seed, otherwise: shares.isOn)
        self.seed = seed
        self.duration = duration
    }

    private mutating func make() -> Scenario {
        let names = Array(Self.names.prefix(pick([2, 3, 3, 4])))
        let first = configuration(names, decision: decision())
        configurations = [first]
        // Something else to reload, and back.
        configurations.append(changed(first, names))
        var at = Duration.seconds(Int.random(in: 60...1800, using: &random))
        while at < duration { at = storm(from: at) }
        if speed.isOn {
            let objective = first.endpoints[0].probes[0].latencyObjective ?? .seconds(1)
            entries += speed.entries(for: names, objective: objective, duration: duration)
        }
        return Scenario(
            seed: seed,
            configurations: configurations,
            duration: duration,
            entries: entries,
            killEvery: 1000,
            killsAfterMoves: chance(0.25)
        )
    }

    // MARK: - Configurations

    private mutating func decision() -> DecisionConfiguration {
        let rules: [RuleConfiguration] = [
            .evidence(.balanced), .evidence(.balanced), .evidence(.fast), .evidence(.cautious), .evidence(.instant),
            .consecutive(fall: 3, rise: 2), .window(bad: 4, of: 12, rise: 5),
        ]
        return DecisionConfiguration(
            rule: pick(rules),
            failback: chance(0.1) ? .manual : .automatic,
            holdDown: pick(Self.holdDowns),
            maximumMovesPerHour: pick(Self.limits),
            observe: chance(0.05)
        )
    }

    private mutating func configuration(
        _ names: [EndpointName],
        decision: DecisionConfiguration
    ) -> Configuration {
        let probe = chance(0.2) ? chat() : plain()
        let endpoints = names.map { name in
            EndpointConfiguration(
                name: name,
                region: RegionName(rawValue: name.rawValue),
                publicURL: "https://\(name)",
                probes: [probe]
            )
        }
        interval = probe.interval
        var routes = [route("chat", names, decision)]
        if chance(0.3) {
            let members = Array(names.shuffled(using: &random).prefix(max(1, names.count - 1)))
            routes.append(route("batch", members, decision))
        }
        return Configuration(vantage: "here", endpoints: endpoints, routes: routes, outputs: OutputConfiguration())
    }

    /// Mostly each endpoint has a rank of its own.
    private mutating func route(
        _ name: RouteName,
        _ members: [EndpointName],
        _ decision: DecisionConfiguration
    ) -> RouteConfiguration {
        var rank = -1
        let areEqual = chance(0.2)
        let ranks = members.map { _ in
            rank += rank < 0 || !areEqual || chance(0.5) ? 1 : 0
            return rank
        }
        if shares.isOn { return weighted(name, members, decision) }
        if speed.isOn { return fastest(name, members, decision, isReload: false) }
        return RouteConfiguration(name: name, endpoints: members, ranks: ranks, decision: decision)
    }

    private mutating func weighted(
        _ name: RouteName,
        _ members: [EndpointName],
        _ decision: DecisionConfiguration
    ) -> RouteConfiguration {
        let shares = shares.shares(over: members)
        var endpoints = shares.map(\.owner)
        for other in shares.flatMap(\.chain) where !endpoints.contains(other) { endpoints.append(other) }
        return RouteConfiguration(name: name, endpoints: endpoints, decision: decision, shares: shares)
    }

    private mutating func fastest(
        _ name: RouteName,
        _ members: [EndpointName],
        _ decision: DecisionConfiguration,
        isReload: Bool
    ) -> RouteConfiguration {
        let speed = speed.configuration(interval: interval, isReload: isReload)
        return RouteConfiguration(name: name, endpoints: members, decision: decision, speed: speed)
    }

    private mutating func plain() -> ProbeConfiguration {
        let objective: Duration? = chance(0.8) ? pick([.milliseconds(300), .seconds(1), .seconds(3)]) : nil
        return ProbeConfiguration(
            request: .http(HTTPProbe(address: HostPort(host: "192.0.2.1", port: 443))),
            interval: pick(Self.intervals),
            timeouts: ProbeTimeouts(total: pick([.seconds(5), .seconds(15)])),
            latencyObjective: objective
        )
    }

    private mutating func chat() -> ProbeConfiguration {
        ProbeConfiguration(
            request: .chat(ChatProbe(http: HTTPProbe(address: HostPort(host: "192.0.2.1", port: 443)), model: "m")),
            interval: pick([.seconds(5), .seconds(10), .seconds(30)]),
            timeouts: ProbeTimeouts(total: .seconds(30)),
            latencyObjective: .seconds(3),
            ttftObjective: .milliseconds(300)
        )
    }

    /// The same with one thing changed: an endpoint less, another order, or another interval.
    private mutating func changed(_ first: Configuration, _ names: [EndpointName]) -> Configuration {
        let decision = first.routes[0].decision
        var endpoints = first.endpoints
        var routes = first.routes
        switch Int.random(in: 0..<3, using: &random) {
        case 0 where names.count > 2:
            let gone = pick(names)
            endpoints.removeAll { $0.name == gone }
            routes = routes.compactMap { route in
                let members = route.endpoints.filter { $0 != gone }
                guard !members.isEmpty else { return nil }
                if shares.isOn { return weighted(route.name, members, decision) }
                if speed.isOn { return fastest(route.name, members, decision, isReload: true) }
                return RouteConfiguration(name: route.name, endpoints: members, decision: decision)
            }
        case 1:
            routes = routes.map { route in
                let members = route.endpoints.shuffled(using: &random)
                if shares.isOn { return weighted(route.name, members, decision) }
                if speed.isOn { return fastest(route.name, members, decision, isReload: true) }
                return RouteConfiguration(name: route.name, endpoints: members, decision: decision)
            }
        default:
            let probe = plain()
            endpoints = endpoints.map { endpoint in
                EndpointConfiguration(
                    name: endpoint.name,
                    region: endpoint.region,
                    publicURL: endpoint.publicURL,
                    probes: [probe]
                )
            }
        }
        return Configuration(vantage: "here", endpoints: endpoints, routes: routes, outputs: first.outputs)
    }

    // MARK: - Trouble

    /// One storm and the calm after it.
    ///
    /// - Returns: When the next one may begin.
    private mutating func storm(from begin: Duration) -> Duration {
        add(begin, .noise(true))
        var at = begin
        let end = min(begin + .seconds(Int.random(in: 1800...14_400, using: &random)), duration)
        while at < end {
            trouble(at)
            at += .seconds(Int.random(in: 5...900, using: &random))
        }
        for name in configurations[0].endpoints.map(\.name) { add(end, .heal(name)) }
        for name in configurations[0].endpoints.map(\.name) {
            add(end, .order(.undrain(.endpoint(name)), for: .seconds(60)))
        }
        for route in configurations[0].routes { add(end, .order(.unpin(route.name), for: .seconds(60))) }
        add(end, .order(.unfreeze, for: .seconds(60)))
        add(end, .observer(nil))
        add(end, .disk(.well))
        add(end, .noise(false))
        let bounds = configurations.flatMap { configuration in
            configuration.routes.compactMap { ReturnBound.time(of: $0, in: configuration) }
        }
        return end + (bounds.max() ?? .seconds(1800)) + .seconds(600)
    }

    private mutating func trouble(_ at: Duration) {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<10: order(at)
        case 10..<60:
            let name = pick(configurations[0].endpoints.map(\.name))
            add(at, .fault(name, fault()))
            add(at + length(longest: 1200), .heal(name))
        case 60..<68:
            add(at, .observer(.loss(Ratio(pick([1, 1, 0.85, 0.5])))))
            add(at + length(longest: 300), .observer(nil))
        case 68..<72:
            add(at, .observer(.offline))
            add(at + length(longest: 300), .observer(nil))
        case 72..<75:
            add(at, .observer(.slowResolver(.milliseconds(Int.random(in: 100...8000, using: &random)))))
            add(at + length(longest: 300), .observer(nil))
        case 75..<80: add(at, .stall(.milliseconds(Int.random(in: 100...40_000, using: &random))))
        case 80..<88:
            add(at, .disk(pick([.fails, .hangs, .answers(after: .milliseconds(1800)), .answers(after: .seconds(4))])))
            add(at + length(longest: 600), .disk(.well))
        case 88..<93: add(at, .kill(downFor: .seconds(Int.random(in: 0...60, using: &random))))
        case 93..<95: add(at, .reboot(downFor: .seconds(Int.random(in: 20...300, using: &random))))
        case 95..<98: add(at, .reload(Int.random(in: 0..<configurations.count, using: &random)))
        default: add(at, .stepWallClock(.seconds(pick([-86_400, 86_400, -600, 600, -1]))))
        }
    }

    private mutating func order(_ at: Duration) {
        let name = pick(configurations[0].endpoints.map(\.name))
        let route = pick(configurations[0].routes)
        let time = Duration.seconds(Int.random(in: 60...7200, using: &random))
        switch Int.random(in: 0..<8, using: &random) {
        case 0: add(at, .order(.pin(route.name, to: pick(route.endpoints)), for: time))
        case 1: add(at, .order(.unpin(route.name), for: time))
        case 2: add(at, .order(.drain(.endpoint(name), at: nil), for: time))
        case 3: add(at, .order(.drain(.region(RegionName(rawValue: name.rawValue)), at: nil), for: time))
        case 4: add(at, .order(.undrain(.endpoint(name)), for: time))
        case 5: add(at, .order(.freeze, for: time))
        case 6: add(at, .order(.failback(route.name, to: nil), for: time))
        default: add(at, .order(.unfreeze, for: time))
        }
    }

    private mutating func fault() -> EndpointFault {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<3: .crash
        case 3: .blackhole
        case 4, 5: .errors(Ratio(pick([0.02, 0.1, 0.2, 0.5, 0.9])))
        case 6, 7:
            .slow(.milliseconds(Int.random(in: 200...20_000, using: &random)), share: Ratio(pick([0.1, 0.5, 1])))
        case 8: chance(0.5) ? .throttled(retryAfter: pick([nil, .seconds(20), .seconds(200)])) : .misconfigured
        default:
            .flaps(
                bad: .seconds(Int.random(in: 1...120, using: &random)),
                good: .seconds(Int.random(in: 1...120, using: &random))
            )
        }
    }

    /// Short ones more often than long ones.
    private mutating func length(longest: Int) -> Duration {
        let share = Double.random(in: 0..<1, using: &random)
        return .milliseconds(Int(1000 + share * share * share * Double(longest) * 1000))
    }

    private mutating func add(_ at: Duration, _ change: Change) {
        entries.append(ScenarioEntry(at: at, change: change))
    }

    private mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &random) < share }

    private mutating func pick<Element>(_ list: [Element]) -> Element {
        list[Int.random(in: 0..<list.count, using: &random)]
    }
}
