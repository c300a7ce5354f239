import Testing

@testable import FailoverCore

@Suite("Lowest-latency routes")
struct LowestLatencyTests {
    private static let speed = SpeedConfiguration(window: .seconds(300), dwell: .seconds(600))

    private static func configuration(
        _ members: [EndpointName] = Configuration.members,
        speed: SpeedConfiguration = speed,
        probe: ProbeConfiguration = .tcp(),
        decision: DecisionConfiguration = .plain
    ) -> Configuration {
        .routes([RouteConfiguration(name: "chat", endpoints: members, decision: decision, speed: speed)], probe: probe)
    }

    /// us answers in 200 ms, eu and ap as told, for as long as the dwell takes and more.
    private static func world(
        _ configuration: Configuration = configuration(),
        eu: Duration = .milliseconds(200),
        ap: Duration = .milliseconds(200),
        for time: Duration = .zero
    ) -> World {
        var world = World(configuration)
        world.set("us", to: .answers(.milliseconds(200)))
        world.set("eu", to: .answers(eu))
        world.set("ap", to: .answers(ap))
        world.run(for: time)
        return world
    }

    /// `KIND: FROM -> TO (CODE)`.
    private static func moves(_ world: World) -> [String] {
        world.events.compactMap { event in
            guard let from = event.from, let to = event.to else { return nil }
            return "\(event.kind.rawValue): \(from) -> \(to) (\(event.reason.code))"
        }
    }

    // MARK: - Who is faster

    @Test(arguments: [
        (100, [String]()), (179, []), (160, ["failback: us -> eu (faster)"]), (161, []),
    ])
    func bothMarginsHaveToBeMet(milliseconds: Int, moves: [String]) {
        // 20 ms of 100 are less than 20 ms of 200.
        let isSmall = milliseconds == 100
        var world = Self.world(eu: .milliseconds(isSmall ? 85 : milliseconds))
        if isSmall { world.set("us", "ap", to: .answers(.milliseconds(100))) }
        world.run(for: .seconds(3600))
        #expect(Self.moves(world) == moves)
        #expect(world.violations == [])
    }

    @Test func theFastestIsTakenAndTheReasonSaysBothFigures() throws {
        var world = Self.world(eu: .milliseconds(150), ap: .milliseconds(100))
        #expect(world.run { $0.active == "ap" })
        let event = try #require(world.events.last { $0.kind == .failback })
        #expect(
            event.reason.text
                == "ap has been faster for 10 min: median answer 100 ms of 60 probes, us 200 ms of 60"
        )
        #expect(world.route.mode == .preferred && world.route.reason == event.reason)
        #expect(world.violations == [])
    }

    /// Twenty answers, and then the dwell.
    @Test func nothingMovesBeforeTheDwell() {
        var world = Self.world(eu: .milliseconds(100))
        world.run(for: .seconds(600 + 19 * 5))
        #expect(world.active == "us")
        #expect(world.route.speed?.challenger?.endpoint == "eu")
        #expect(world.run(limit: .seconds(30)) { $0.active == "eu" })
        #expect(world.violations == [])
    }

    @Test func chatsAreComparedByTheirFirstTokens() throws {
        var world = World(Self.configuration(["us", "eu"], probe: .chat()))
        world.set("us", to: .streams(ttft: .milliseconds(200), .milliseconds(900)))
        world.set("eu", to: .streams(ttft: .milliseconds(100), .milliseconds(2000)))
        #expect(world.run { $0.active == "eu" })
        let speed = try #require(world.route.speed)
        #expect(speed.figure == .ttft)
        #expect(
            speed.paces == [
                .init(endpoint: "us", median: .milliseconds(200), samples: 60),
                .init(endpoint: "eu", median: .milliseconds(100), samples: 60),
            ]
        )
        #expect(world.violations == [])
    }

    @Test func answersWithoutAFirstTokenAreNoSamples() {
        var world = World(Self.configuration(["us", "eu"], probe: .chat()))
        world.set("us", to: .streams(ttft: .milliseconds(200), .milliseconds(900)))
        world.set("eu", to: .streams(ttft: nil, .milliseconds(100)))
        world.run(for: .seconds(3600))
        #expect(world.active == "us")
        #expect(world.route.speed?.paces.last == .init(endpoint: "eu", median: nil, samples: 0))
    }

    /// Faster probing under suspicion must not make a bad moment weigh more.
    @Test func answersInQuickSuccessionCountOnce() {
        var pace = Pace(endpoint: 0, probe: .tcp(interval: .seconds(10)), window: .seconds(600))
        var taken: [Bool] = []
        for start in [0.0, 1, 4.9, 5, 9, 10, 15] {
            let observation = Observation(
                key: ProbeKey(endpoint: "us", probe: .default),
                attempt: AttemptID(UInt64(start * 10) + 1),
                start: .seconds(start),
                end: .seconds(start + 0.2),
                outcome: .success,
                latency: .milliseconds(200)
            )
            taken.append(pace.record(observation, at: .seconds(start + 0.2)))
        }
        #expect(taken == [true, false, false, true, false, true, true])
        #expect(pace.current(at: .seconds(600)).samples == 4)
        #expect(pace.current(at: .seconds(606)).samples == 2)
        #expect(pace.current(at: .seconds(700)).median == nil)
    }

    // MARK: - What stands above speed

    @Test func aSpikeMovesNothing() {
        var world = Self.world(for: .seconds(600))
        world.set("us", to: .answers(.milliseconds(800)))
        world.run(for: .seconds(240))
        world.set("us", to: .answers(.milliseconds(200)))
        world.run(for: .seconds(7200))
        #expect(Self.moves(world) == [])
    }

    @Test func aFailoverGoesToTheFastestAndReturnsForSpeedAlone() {
        var world = Self.world(eu: .milliseconds(190), ap: .milliseconds(150), for: .seconds(400))
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "ap" })
        #expect(world.route.order == ["ap", "eu"])
        world.set("us", to: .answers(.milliseconds(200)))
        world.run(for: .seconds(7200))
        #expect(Self.moves(world) == ["failover: us -> ap (availability)"])
        world.set("us", to: .answers(.milliseconds(50)))
        #expect(world.run { $0.active == "us" })
        #expect(Self.moves(world).last == "failback: ap -> us (faster)")
        #expect(world.violations == [])
    }

    @Test func nobodyWhoHasToProveItselfIsTaken() {
        var world = Self.world(Self.configuration(decision: .evidence(holdDown: .seconds(3600))), eu: .milliseconds(50))
        world.run(for: .seconds(120))
        world.convict("eu")
        world.run(for: .seconds(3000))
        #expect(world.verdict(of: "eu") == .healthy && world.active == "us")
        #expect(world.run(limit: .seconds(3600)) { $0.active == "eu" })
        #expect(world.violations == [])
    }

    @Test func throttledAndOftenBadOnesAreNotTaken() {
        var world = Self.world(eu: .milliseconds(50), for: .seconds(500))
        world.set("eu", to: .throttled)
        world.run(for: .seconds(900))
        #expect(world.active == "us")
        world.set("eu", to: .answers(.milliseconds(50)))
        #expect(world.run { $0.active == "eu" })
    }

    @Test(arguments: ["pin", "freeze", "manual", "limit", "observe"])
    func whatForbidsAMoveHoldsOverSpeed(what: String) {
        let decision: DecisionConfiguration =
            switch what {
            case "manual": .evidence(failback: .manual)
            case "limit": .evidence(limit: 1)
            case "observe": .evidence(observe: true)
            default: .plain
            }
        var world = Self.world(Self.configuration(decision: decision), eu: .milliseconds(100), for: .seconds(60))
        if what == "pin" { world.order(.pin("chat", to: "us"), for: .seconds(3600)) }
        if what == "freeze" { world.order(.freeze, for: .seconds(3600)) }
        world.run(for: .seconds(3500))
        #expect(world.active == "us")
        #expect(world.route.wouldBeActive == (what == "observe" ? "eu" : "us"))
        #expect((world.route.speed?.challenger?.due != nil) == (what == "limit"))
        if what == "pin" || what == "freeze" {
            // The time under it does not count.
            #expect(world.run(limit: .seconds(180)) { $0.route.mode == .preferred })
            world.run(for: .seconds(590))
            #expect(world.active == "us")
            #expect(world.run(limit: .seconds(60)) { $0.active == "eu" })
        }
        #expect(world.violations == [])
    }

    @Test func aDoubtOfOurOwnEyesBeginsTheWaitAnew() {
        var world = Self.world(eu: .milliseconds(100), for: .seconds(600))
        world.stall(for: .seconds(20))
        world.run(for: .seconds(580))
        #expect(world.active == "us")
        #expect(world.run(limit: .seconds(120)) { $0.active == "eu" })
        #expect(world.violations == [])
    }

    @Test func aMoveThatTheDiskDoesNotTakeIsNotMade() {
        var world = Self.world(eu: .milliseconds(100), for: .seconds(300))
        world.disk = .fails
        world.run(for: .seconds(3600))
        #expect(world.active == "us")
        world.disk = .good
        #expect(world.run { $0.active == "eu" })
        #expect(world.violations == [])
    }

    @Test func anEndpointThatBecomesTooSlowIsLeftAsEver() {
        var world = Self.world(for: .seconds(600))
        world.set("us", to: .answers(.milliseconds(1500)))
        #expect(world.run(limit: .seconds(300)) { $0.active == "eu" })
        #expect(Self.moves(world) == ["failover: us -> eu (latency)"])
        #expect(world.violations == [])
    }

    // MARK: - Not to and fro

    @Test func eachFurtherMoveTakesLonger() {
        var world = Self.world(for: .seconds(600))
        var waits: [Double] = []
        for round in 0..<6 {
            let (fast, slow): (EndpointName, EndpointName) = round.isMultiple(of: 2) ? ("eu", "us") : ("us", "eu")
            world.set(fast, to: .answers(.milliseconds(100)))
            world.set(slow, to: .answers(.milliseconds(300)))
            let begin = world.now
            #expect(world.run(limit: .seconds(40_000)) { $0.active == fast })
            waits.append((world.now - begin).inSeconds / 600)
        }
        #expect(zip(waits, waits.dropFirst()).dropFirst().allSatisfy { $1 > $0 * 1.4 })
        #expect(waits[0] < 1.5 && waits[1] < 1.5 && waits[5] > 8)
        #expect(world.violations == [])
    }

    @Test func theWaitIsRememberedOverARestart() throws {
        var world = Self.world(eu: .milliseconds(100))
        #expect(world.run { $0.active == "eu" })
        let remembered = try #require(world.durable?.routes.first?.speedMoves)
        #expect(remembered.count == 1)
        world = world.restarted()
        #expect(world.active == "eu" && world.engine.routes[0].rareSpeed.read(\.moves) == remembered)
        #expect(world.route.speed?.paces.map(\.samples) == [0, 0, 0])
        world.set("us", to: .answers(.milliseconds(50)))
        world.run(for: .seconds(650))
        #expect(world.active == "eu")
        #expect(world.run(limit: .seconds(1200)) { $0.active == "us" })
        #expect(world.violations == [])
    }

    // MARK: - Reloads

    @Test func aReloadKeepsTheFiguresAndTheWait() {
        var world = Self.world(eu: .milliseconds(100), for: .seconds(500))
        world.reload(Self.configuration(["ap", "us", "eu"]))
        #expect(world.active == "us")
        #expect(world.route.speed?.paces.map(\.samples) == [60, 60, 60])
        #expect(world.run(limit: .seconds(250)) { $0.active == "eu" })
        #expect(world.violations == [])
    }

    @Test func theOtherMarginsOfAReloadAreWaitedForAnew() {
        var world = Self.world(eu: .milliseconds(100), for: .seconds(600))
        let other = SpeedConfiguration(margin: Ratio(0.3), window: .seconds(300), dwell: .seconds(600))
        world.reload(Self.configuration(speed: other))
        world.run(for: .seconds(590))
        #expect(world.active == "us")
        #expect(world.run(limit: .seconds(60)) { $0.active == "eu" })
    }

    @Test func otherPoliciesTakeOverWhereTheRouteIs() {
        var world = Self.world(eu: .milliseconds(100))
        #expect(world.run { $0.active == "eu" })
        world.reload(.oneRoute())
        #expect(world.active == "eu" && world.route.policy == .activeStandby)
        // By preference now.
        #expect(world.run { $0.active == "us" })
        world.reload(Self.configuration())
        #expect(world.active == "us")
        world.run(for: .seconds(590))
        #expect(world.active == "us")
        #expect(world.run(limit: .seconds(240)) { $0.active == "eu" })
        world.reload(.routes([.weighted([("us", 50), ("eu", 30), ("ap", 20)])]))
        #expect(world.weights == ["us": 50, "eu": 30, "ap": 20])
        #expect(world.violations == [])
    }

    @Test func anEndpointThatIsTakenAwayLeavesTheRouteToTheFastest() {
        var world = Self.world(eu: .milliseconds(180), ap: .milliseconds(100), for: .seconds(400))
        world.reload(Self.configuration(["eu", "ap"]))
        #expect(world.active == "ap")
        #expect(world.violations == [])
    }

    @Test func equalInputsGiveEqualActions() {
        let worlds = (0..<2).map { _ in Self.world(eu: .milliseconds(100), ap: .milliseconds(90), for: .seconds(3600)) }
        #expect(worlds[0].actions == worlds[1].actions)
    }
}
