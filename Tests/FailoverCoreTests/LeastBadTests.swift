import Testing

@testable import FailoverCore

@Suite("Nobody healthy")
struct LeastBadTests {
    @Test(
        arguments: [
            // Made with scipy.stats.beta.ppf(0.975, bad + 0.5, good + 0.5).
            (0, 5, 0.379_377), (0, 10, 0.217_196), (0, 60, 0.040_834), (1, 60, 0.075_251), (6, 60, 0.194_532),
            (20, 60, 0.458_236), (30, 60, 0.624_013), (59, 60, 0.998_196),
        ] as [(Int, Int, Double)]
    )
    func theBoundIsThatOfJeffreys(bad: Int, of: Int, bound: Double) {
        #expect((JeffreysBound.upper(bad: bad, of: of) - bound).magnitude < 2e-6)
    }

    @Test func nothingKnownOrAllBadMayBeAsBadAsCanBe() {
        #expect([(0, 0), (5, 5)].map { JeffreysBound.upper(bad: $0.0, of: $0.1) } == [1, 1])
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func theLastSixtyProbesAreKept(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var recent = RecentProbes()
        var naive: [Bool] = []
        for _ in 0..<500 {
            if Int.random(in: 0..<10, using: &random) == 0 {
                recent.takeBack()
                if let last = naive.lastIndex(of: true) { naive.remove(at: last) }
            } else {
                let isBad = Bool.random(using: &random)
                recent.record(isBad: isBad)
                naive.append(isBad)
                if naive.count > 60 { naive.removeFirst() }
            }
            #expect(recent.count == naive.count && recent.bad == naive.count { $0 })
        }
    }

    /// A world with an anchor, so that all failing is real, in which the others fail now and then.
    private func world(others: [World.Behaviour], decision: DecisionConfiguration = .plain) -> World {
        var world = World(Configuration.oneRoute(["us", "eu"], decision: decision).anchored(.tcp()))
        world.run(for: .seconds(120))
        world.scripts["eu"] = Array(repeating: others, count: 100).flatMap(\.self)
        world.run(for: .seconds(60))
        return world
    }

    /// Every fifth is slow: five good ones in a row never come, and it does not trip soon.
    @Test func anEndpointThatFailsNowAndThenIsBetterThanADeadOne() throws {
        var world = world(others: [.answers(.milliseconds(1050)), .good, .good, .good, .good])
        #expect(world.verdict(of: "eu") != .unhealthy)
        world.set("us", to: .fails)
        #expect(world.run(limit: .seconds(180)) { $0.active == "eu" })
        let event = try #require(world.events.last { $0.kind == .failover })
        #expect(event.reason.code == .leastBad)
        #expect(event.reason.text.hasPrefix("eu is the least bad: "))
        #expect(world.violations == [])
    }

    @Test func oneThatIsAsBadIsNotMovedTo() {
        var world = world(others: [])
        world.set("us", "eu", to: .fails)
        world.run(for: .seconds(600))
        #expect(world.active == "us" && world.route.mode == .failOpen)
        #expect(world.violations == [])
    }

    /// Bad in half of its probes: not below half of all.
    @Test func theMarginKeepsTrafficWhereItIs() {
        var world = world(others: [.fails, .good])
        world.set("us", to: .fails)
        world.run(for: .seconds(300))
        #expect(world.active == "us")
        #expect(world.violations == [])
    }

    @Test func plainRulesKnowNoLeastBad() {
        var world = world(
            others: [.fails, .good, .good, .fails],
            decision: DecisionConfiguration(rule: .window(bad: 5, of: 6, rise: 3))
        )
        world.confirmations["eu"] = .fails
        world.set("us", to: .fails)
        world.run(for: .seconds(120))
        #expect(world.active == "us")
        #expect(world.violations == [])
    }

    // MARK: - What is said

    @Test func theReasonSaysWhyNobodyTakesOverAndIsRenewed() {
        var world = World(Configuration.oneRoute().anchored(.tcp()))
        world.set("ap", to: .inconclusive)
        world.run(for: .seconds(60))
        world.set("us", "eu", to: .fails)
        #expect(world.run(limit: .seconds(60)) { $0.route.mode == .failOpen })
        #expect(world.route.reason.text.hasPrefix("nobody can take over (eu failed lately, ap unknown"))
        world.run(for: .seconds(10))
        #expect(
            world.route.reason.text.hasPrefix(
                "nobody can take over (eu unhealthy (availability), ap unknown (too few samples)), and us is unhealthy ("
            )
        )
        world.set("ap", to: .good)
        world.confirmations["ap"] = .fails
        #expect(world.run(limit: .seconds(60)) { $0.route.reason.text.contains("ap failed lately") })
        #expect(world.count(.failOpen) == 1)
        #expect(world.violations == [])
    }

    // MARK: - Equals

    @Test func amongEqualsTheQuickerOneIsChosen() {
        let route = RouteConfiguration(
            name: "chat",
            endpoints: ["us", "eu", "ap"],
            ranks: [0, 1, 1],
            decision: .plain
        )
        var world = World(.routes([route]))
        // One in six is slow: too few to matter to the rule, often enough to be seen.
        world.scripts["eu"] = Array(
            repeating: [World.Behaviour.answers(.milliseconds(1050)), .good, .good, .good, .good, .good, .good, .good],
            count: 20
        ).flatMap(\.self)
        world.run(for: .seconds(285))
        #expect(world.verdict(of: "eu") == .healthy || world.verdict(of: "eu") == .degraded)
        #expect(world.route.order.prefix(2) == ["us", "ap"])
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "ap" })
        #expect(world.violations == [])
    }

    @Test func withoutADifferenceTheOrderIsThatOfTheConfiguration() {
        let route = RouteConfiguration(
            name: "chat",
            endpoints: ["us", "eu", "ap"],
            ranks: [0, 1, 1],
            decision: .plain
        )
        var world = World(.routes([route]))
        world.run(for: .seconds(60))
        #expect(world.route.order == ["us", "eu", "ap"])
    }
}
