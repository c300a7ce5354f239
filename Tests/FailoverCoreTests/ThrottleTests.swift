import Testing

@testable import FailoverCore

@Suite("Throttling")
struct ThrottleWatchTests {
    /// Probes at even spacing, `T` throttled and `.` not, and what is told of which: `b` began, `e` ended, `.` nothing.
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let spacing: Double
        var others = 0
        let probes: String
        /// The probes (from 0) at which something is told.
        var began: [Int] = []
        var ended: [Int] = []
        /// Those after which it is no target, first and last.
        var limiting: ClosedRange<Int>?
        var testDescription: String { name }
    }

    private static func times(_ probe: String, _ count: Int) -> String { String(repeating: probe, count: count) }

    @Test(arguments: [
        Row(name: "one", spacing: 5, others: 12, probes: "T" + times(".", 30), began: [0], ended: [24]),
        Row(
            name: "one in four, for long: told once",
            spacing: 5,
            others: 12,
            probes: times("T...", 100),
            began: [0],
            ended: [24]
        ),
        Row(
            name: "all, after a good minute",
            spacing: 5,
            others: 12,
            // More than 12 of 12 others.
            probes: times("T", 40) + times(".", 60),
            began: [0],
            // Half of two minutes, and then two minutes.
            ended: [75],
            limiting: 12...74
        ),
        Row(
            name: "all, from the first probe on",
            spacing: 5,
            probes: times("T", 10),
            began: [0],
            limiting: 2...9
        ),
        Row(name: "two of two are no share", spacing: 5, probes: "TT", began: [0]),
        Row(
            name: "all, but asked to wait for a minute and a half each time",
            spacing: 90,
            probes: "TTTT.....",
            began: [0],
            ended: [6],
            limiting: 2...5
        ),
        Row(
            name: "again after two quiet minutes",
            spacing: 10,
            others: 6,
            probes: "T" + times(".", 20) + "T" + times(".", 12),
            began: [0, 21],
            ended: [12, 33]
        ),
        Row(
            name: "again after less",
            spacing: 10,
            others: 6,
            probes: "T" + times(".", 5) + "T" + times(".", 6) + "T" + times(".", 4),
            began: [0],
            ended: [12]
        ),
    ])
    func itIsToldOnceEachWay(_ row: Row) {
        var watch = ThrottleWatch(others: row.others, at: .seconds(0))
        var began: [Int] = []
        var ended: [Int] = []
        var limiting: [Int] = []
        for (index, probe) in row.probes.enumerated() {
            let now = MonotonicInstant.seconds(Double(index) * row.spacing)
            switch watch.record(isThrottled: probe == "T", at: now) {
            case .began: began.append(index)
            case .ended: ended.append(index)
            case nil: break
            }
            if watch.isLimiting { limiting.append(index) }
        }
        #expect(began == row.began)
        #expect(ended == row.ended)
        #expect(limiting == row.limiting.map { Array($0) } ?? [])
    }

    @Test func itIsForgottenAfterTwoQuietMinutes() {
        var watch = ThrottleWatch(others: 0, at: .seconds(0))
        _ = watch.record(isThrottled: true, at: .seconds(0))
        #expect(watch.isForgotten(at: .seconds(3000)) == false)
        #expect(watch.record(isThrottled: false, at: .seconds(119.9)) == nil)
        #expect(watch.record(isThrottled: false, at: .seconds(120)) == .ended)
        #expect(watch.isForgotten(at: .seconds(119.9)) == false)
        #expect(watch.isForgotten(at: .seconds(120)))
    }

    // MARK: - In the engine

    private func world(_ configuration: Configuration = .chats()) -> World {
        var world = World(configuration)
        world.run(for: .seconds(60))
        world.forgetTold()
        return world
    }

    private func codes(_ world: World, _ kind: EventKind) -> [ReasonCode] {
        world.events.filter { $0.kind == kind }.map(\.reason.code)
    }

    @Test func aThrottledEndpointLivesMovesNothingAndIsNoTarget() {
        var world = world()
        world.set("us", "eu", to: .throttled)
        world.run(for: .seconds(300))
        #expect(world.active == "us")
        #expect(world.verdict(of: "us") == .degraded)
        #expect(world.snapshot.endpoints[0].reason.code == .rateLimited)
        #expect(world.route.order == ["us", "ap"])
        #expect(codes(world, .throttled) == [.throttled, .throttled])
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "ap" })
        world.set("us", "eu", to: .good)
        world.run(for: .seconds(300))
        #expect(codes(world, .throttled) == [.throttled, .throttled, .clear, .clear])
        #expect(world.route.order.contains("eu"))
        #expect(world.violations == [])
    }

    /// It asked for five minutes of peace.
    @Test func theSilenceThatWasAskedForIsNotStale() {
        var engine = Engine(configuration: .chats(["us"]), memory: nil, at: .seconds(0))
        _ = engine.start(at: .seconds(0))
        func observe(_ attempt: UInt64, at: Double, _ outcome: Outcome, retryAfter: Duration? = nil) {
            let observation = Observation(
                key: ProbeKey(endpoint: "us"),
                attempt: AttemptID(attempt),
                start: .seconds(at),
                end: .seconds(at),
                outcome: outcome,
                latency: .milliseconds(9),
                ttft: .milliseconds(9),
                retryAfter: retryAfter
            )
            _ = engine.handle(.observed(observation), at: .seconds(at))
        }
        for index in 1...3 { observe(UInt64(index), at: Double(index), .success) }
        observe(4, at: 10, .throttled(.rateLimited), retryAfter: .seconds(86_400))
        // Five minutes at most, and the 40 s of any silence.
        _ = engine.handle(.tick, at: .seconds(349.9))
        #expect(engine.endpoints[0].verdict == .degraded)
        let demand = "it limits our rate (\(ReasonCode.rateLimited), asks for 300 s)"
        #expect(engine.endpoints[0].reason == Reason(.throttled, demand))
        _ = engine.handle(.tick, at: .seconds(351))
        #expect(engine.endpoints[0].verdict == .unknown)
    }

    // MARK: - As the way out

    /// It asked for peace, so it cannot be asked; it was well, and staying is worse.
    @Test(arguments: [
        Configuration.chats(["us", "eu"]).anchored(.tcp()), .oneRoute(["us", "eu"]).anchored(.tcp()),
    ])
    func aCandidateThatMustNotBeAskedIsTakenUnasked(configuration: Configuration) {
        var world = world(configuration)
        world.scripts["eu"] = [.isHeld(.seconds(150))]
        world.run(for: .seconds(10))
        world.set("us", to: .fails)
        #expect(world.run(limit: .seconds(60)) { $0.active == "eu" })
        #expect(codes(world, .failOpen) == [])
        #expect(world.told.contains(.probeNow("eu")) == false)
        #expect(world.violations == [])
    }

    @Test func theOneThatMayBeAskedComesFirst() {
        var world = world()
        world.scripts["eu"] = [.isHeld(.seconds(150))]
        world.run(for: .seconds(10))
        world.set("us", to: .fails)
        #expect(world.run(limit: .seconds(60)) { $0.active == "ap" })
    }

    @Test func theHeldOneIsTakenIfTheOtherDoesNotConfirm() {
        var world = world()
        world.scripts["eu"] = [.isHeld(.seconds(150))]
        world.run(for: .seconds(10))
        world.set("us", to: .fails)
        world.confirmations["ap"] = .fails
        #expect(world.run(limit: .seconds(60)) { $0.active == "eu" })
        #expect(codes(world, .failOpen) == [])
        #expect(world.violations == [])
    }

    @Test func aConfirmationThatIsThrottledHasToDo() {
        var world = world(.chats(["us", "eu"]))
        world.confirmations["eu"] = .throttled
        world.set("us", to: .fails)
        #expect(world.run(limit: .seconds(60)) { $0.active == "eu" })
        #expect(codes(world, .failOpen) == [])
        #expect(world.violations == [])
    }

    @Test func theOneThatConfirmsIsBetterThanTheOneThatIsThrottled() {
        var world = world()
        world.confirmations["eu"] = .throttled
        world.set("us", to: .fails)
        #expect(world.run(limit: .seconds(60)) { $0.active == "ap" })
    }

    @Test func theOneThatLimitsIsNoWayOutThoughItIsHeld() {
        var world = world(Configuration.chats(["us", "eu"]).anchored(.tcp()))
        world.set("eu", to: .isHeld(.seconds(20)))
        world.run(for: .seconds(200))
        world.set("us", to: .fails)
        world.run(for: .seconds(60))
        #expect(world.active == "us" && world.route.mode == .failOpen)
    }

    @Test func aWaitOutlastsTheMemoryOfThrottling() {
        var watch = ThrottleWatch(others: 6, at: .seconds(0))
        _ = watch.record(isThrottled: true, at: .seconds(0))
        watch.hold(until: .seconds(300))
        watch.hold(until: .seconds(40))
        #expect(watch.record(isThrottled: false, at: .seconds(120)) == .ended)
        #expect(watch.isForgotten(at: .seconds(299)) == false)
        #expect(watch.isForgotten(at: .seconds(300)))
    }

    @Test func throttlingCountsAsFailureWhereThatIsConfigured() {
        var world = world(.chats(probes: [.chat(throttledIsFailure: true)]))
        world.set("us", to: .throttled)
        #expect(world.run(limit: .seconds(60)) { $0.active == "eu" })
        #expect(world.events.allSatisfy { $0.kind != .throttled })
        #expect(world.route.reason.text.hasSuffix("last bad probe: http_429"))
        #expect(world.violations == [])
    }
}
