import Testing

@testable import FailoverCore

@Suite("Equals, prices and providers")
struct EngineChoiceTests {
    private func world(_ configuration: Configuration, for duration: Duration = .seconds(60)) -> World {
        var world = World(configuration)
        world.run(for: duration)
        world.forgetTold()
        return world
    }

    private func asked(_ world: World) -> [EndpointName] {
        world.told.compactMap { if case .probeNow(let name) = $0 { name } else { nil } }
    }

    // MARK: - Rank and cost

    struct Order: Sendable, CustomTestStringConvertible {
        let name: String
        var ranks = [0, 0, 0]
        var prices: [EndpointName: Price] = [:]
        var behaviours: [EndpointName: World.Behaviour] = [:]
        let order: [EndpointName]
        var testDescription: String { name }
    }

    private static let cheap = Price.perMillion(14, 28)
    private static let dear = Price.perMillion(250, 1000)

    @Test(arguments: [
        Order(name: "as configured", order: ["us", "eu", "ap"]),
        Order(name: "the cheaper first", prices: ["us": dear, "eu": dear, "ap": cheap], order: ["ap", "us", "eu"]),
        Order(name: "the unknown price last", prices: ["eu": dear, "ap": cheap], order: ["ap", "eu", "us"]),
        Order(
            name: "rank before cost",
            ranks: [0, 1, 1],
            prices: ["us": dear, "eu": dear, "ap": cheap],
            order: ["us", "ap", "eu"]
        ),
        Order(
            name: "healthy before rank and cost",
            ranks: [0, 1, 2],
            prices: ["us": dear, "eu": cheap, "ap": dear],
            behaviours: ["eu": .throttled],
            order: ["us", "ap", "eu"]
        ),
        Order(
            name: "deep before rank and cost",
            ranks: [0, 1, 2],
            prices: ["us": dear, "eu": cheap, "ap": dear],
            behaviours: ["eu": .isAskedCheaply(isUp: true)],
            order: ["us", "ap", "eu"]
        ),
        Order(
            name: "healthy before deep",
            ranks: [0, 1, 2],
            behaviours: ["eu": .isAskedCheaply(isUp: true), "ap": .answersPoorly],
            order: ["us", "eu", "ap"]
        ),
    ])
    func candidatesAreOrdered(_ row: Order) {
        var world = world(.chats(ranks: row.ranks, prices: row.prices))
        for (name, behaviour) in row.behaviours { world.set(name, to: behaviour) }
        // Long enough for deep evidence to age, and for fewer throttled probes than make an endpoint no target.
        let isThrottled = row.behaviours.values.contains(.throttled)
        world.run(for: isThrottled ? .seconds(10) : .seconds(60))
        #expect(world.route.order == row.order)
        #expect(world.active == row.order[0])
        #expect(world.violations == [])
    }

    @Test func theCheapestOfTheBestRankIsActiveFirst() {
        let world = World(.chats(ranks: [0, 0, 1], prices: ["us": Self.dear, "eu": Self.cheap]))
        #expect(world.active == "eu")
        #expect(world.route.mode == .preferred)
        #expect(world.route.endpoints == ["us", "eu", "ap"])
    }

    @Test func betweenEqualsTrafficStaysWhereItIs() {
        var world = world(.chats(ranks: [0, 0, 1], prices: ["us": Self.cheap, "eu": Self.dear]))
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        // As good as any.
        #expect(world.route.mode == .preferred)
        world.set("us", to: .good)
        world.run(for: .seconds(3600))
        #expect(world.active == "eu")
        world.set("eu", "us", to: .fails)
        #expect(world.run { $0.active == "ap" })
        #expect(world.route.mode == .failover)
        world.set("eu", "us", to: .good)
        #expect(world.run(limit: .seconds(7200)) { $0.active == "us" })
        #expect(world.route.mode == .preferred)
        #expect(world.violations == [])
    }

    @Test func anEqualOfTheActiveOneHasNothingToProveAfterARestart() {
        var world = world(.chats(ranks: [0, 0, 1]))
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        world.set("us", to: .good)
        #expect(world.run { $0.verdict(of: "us") == .healthy })
        world.run(for: .seconds(120))
        let next = world.restarted()
        #expect(next.active == "eu")
        #expect(next.engine.endpoints.map(\.mustProve) == [false, false, false])
    }

    @Test func pricesRanksAndCapsDoNotTouchTheEvidence() {
        var world = world(.chats())
        world.set("us", to: .fails)
        world.run(for: .seconds(12))
        let evidence = world.evidence(of: "us", .availability)
        world.reload(.chats(ranks: [1, 0, 0], prices: ["eu": Self.dear, "ap": Self.cheap], maximumRatio: 2))
        #expect(world.evidence(of: "us", .availability) == evidence)
        #expect((evidence ?? 0) > 0)
        #expect(world.run(limit: .seconds(60)) { $0.active == "ap" })
        #expect(world.route.mode == .preferred)
        #expect(world.violations == [])
    }

    // MARK: - What a failover costs

    private func costNews(_ prices: [EndpointName: Price], ratio: Double, observe: Bool = false) -> [Event] {
        let decision = DecisionConfiguration.evidence(observe: observe)
        var world = world(.chats(["us", "eu"], prices: prices, maximumRatio: ratio, decision: decision))
        world.set("us", to: .fails)
        #expect(world.run { $0.route.wouldBeActive == "eu" })
        world.set("us", to: .good)
        #expect(world.run { $0.route.wouldBeActive == "us" })
        #expect(world.violations == [])
        return world.events.filter { $0.kind == .spend }
    }

    @Test(arguments: [false, true])
    func aFailoverThatIsDearerThanAllowedIsToldAndMade(observe: Bool) {
        let events = costNews(["us": Self.cheap, "eu": Self.dear], ratio: 5, observe: observe)
        let text =
            "26.3 times the cost per request: 1000 tokens in and 450 out cost 0.007 USD instead of 0.000266 USD"
        #expect(events.map(\.reason) == [Reason(.costlyFailover, text)])
        #expect(events.map(\.route) == ["chat"])
        #expect(events.map(\.from) == ["us"] && events.map(\.to) == ["eu"])
        #expect(events.map(\.dryRun) == [observe])
    }

    @Test(
        arguments: [
            (["us": cheap, "eu": dear], 26.4), (["us": dear, "eu": cheap], 1), (["us": dear, "eu": dear], 1),
            (["eu": dear], 1), (["us": cheap], 1),
        ] as [([EndpointName: Price], Double)]
    )
    func whatIsNotDearerOrNotKnownIsNotTold(prices: [EndpointName: Price], ratio: Double) {
        #expect(costNews(prices, ratio: ratio) == [])
    }

    @Test func whatIsNoLongerFreeIsToldToo() {
        let free = Price.perMillion(0, 0)
        let reasons = costNews(["us": free, "eu": Self.dear], ratio: 100).map(\.reason.text)
        #expect(
            reasons == ["no longer free per request: 1000 tokens in and 450 out cost 0.007 USD instead of 0 USD"]
        )
        #expect(costNews(["us": free, "eu": free], ratio: 1) == [])
    }

    // MARK: - Providers

    private let overloaded = World.Behaviour.ends(.failure(.overloaded, isTimeout: false))

    @Test func anOverloadedProviderIsLeftForAnotherOne() {
        var world = world(.chats(providers: ["us": "p1", "eu": "p1", "ap": "p2"]))
        world.set("us", "eu", to: overloaded)
        #expect(world.run { $0.active == "ap" })
        #expect(asked(world) == ["ap"])
        #expect(world.violations == [])
    }

    @Test func withoutAnotherProviderTheRouteStays() {
        let configuration = Configuration.chats(providers: ["us": "p1", "eu": "p1", "ap": "p1"])
        var world = world(configuration.anchored(.tcp()))
        world.set("us", "eu", "ap", to: overloaded)
        #expect(world.run { $0.route.mode == .failOpen })
        #expect(world.route.reason.code == .providerOverloaded)
        world.run(for: .seconds(600))
        #expect(world.active == "us")
        #expect(asked(world) == [])
        #expect(world.count(.failOpen) == 1)
        #expect(world.violations == [])
    }

    @Test func aProviderWithRoomInOneRegionIsNotWholeOverloaded() {
        var world = world(.chats(providers: ["us": "p1", "eu": "p1", "ap": "p2"]))
        world.set("us", to: overloaded)
        #expect(world.run { $0.active == "eu" })
        #expect(world.violations == [])
    }

    @Test func theOverloadIsFoundWhileCandidatesAreAsked() {
        var world = world(.chats(providers: ["us": "p1", "eu": "p1"]))
        world.confirmations["eu"] = overloaded
        world.confirmations["ap"] = .fails
        world.set("us", to: overloaded)
        #expect(world.run { $0.route.mode == .failOpen })
        #expect(asked(world) == ["eu", "ap"])
        #expect(world.route.reason.code == .providerOverloaded)
        #expect(world.violations == [])
    }

    // MARK: - Loading

    /// Two failovers within the hour; the second wait is not doubled.
    @Test(arguments: [(ReasonCode.loading, 30.0), (.unavailable, 60.0)])
    func aModelThatLoadsIsNoFlap(code: ReasonCode, secondHoldDown: Double) throws {
        var world = world(.chats(["us", "eu"]))
        for _ in 0..<2 {
            world.set("us", to: .ends(.failure(code, isTimeout: false)))
            #expect(world.run { $0.active == "eu" })
            world.set("us", to: .good)
            #expect(world.run { $0.explanation(of: "us")?.recovery?.holdDownEnds != nil })
            let holdDown = try #require(world.explanation(of: "us")?.recovery?.holdDown.inSeconds)
            #expect(holdDown >= 30 && holdDown <= secondHoldDown)
            if code == .loading { #expect(holdDown == 30) }
            #expect(world.run(limit: .seconds(7200)) { $0.active == "us" })
        }
        let remembered = try #require(world.durable?.endpoints.first?.penalty)
        #expect((remembered > 1) == (code != .loading))
        #expect(world.violations == [])
    }

    @Test func aMixOfLoadingAndFailuresIsAFlap() {
        var detector = EvidenceDetector(
            parameters: .balanced,
            probe: .chat(),
            availability: Ratio(0.999),
            probes: 1
        )
        for (index, code) in [ReasonCode.loading, .loading, .unavailable, .loading, .loading, .loading].enumerated() {
            let start = MonotonicInstant.seconds(Double(index) * 5)
            detector.recordAvailability(JudgedSample(start: start, isBad: true, finding: code))
        }
        #expect(detector.trip?.isLoading == false)
        var rule = CountingDetector(probe: .default, bad: 2, of: 2, rise: 2)
        for code in [ReasonCode.loading, .loading] {
            rule.recordWhole(JudgedSample(start: .seconds(0), isBad: true, finding: code))
        }
        #expect(rule.trip?.isLoading == true)
        rule.recordWhole(JudgedSample(start: .seconds(0), isBad: true, finding: .slow))
        #expect(rule.trip?.isLoading == false)
    }

    /// Even where a plain rule would take it.
    @Test func anEndpointThatLoadsIsNoTargetAtOnce() {
        let decision = DecisionConfiguration(rule: .window(bad: 3, of: 5, rise: 1), failback: .manual)
        var world = world(.chats(decision: decision))
        world.scripts["eu"] = [.ends(.failure(.loading, isTimeout: false))]
        world.run(for: .seconds(5))
        #expect(world.route.order == ["us", "ap"])
        #expect(world.violations == [])
    }
}
