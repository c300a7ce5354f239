import Testing

@testable import FailoverCore

@Suite("Speed: order, samples and reloads")
struct SpeedOrderTests {
    private static let speed = SpeedConfiguration(window: .seconds(300), dwell: .seconds(600))

    private static func configuration(
        _ members: [EndpointName],
        decision: DecisionConfiguration = .plain
    ) -> Configuration {
        .routes([RouteConfiguration(name: "chat", endpoints: members, decision: decision, speed: speed)])
    }

    private static func observation(_ number: Int, start: Double, _ latency: Duration) -> Observation {
        Observation(
            key: ProbeKey(endpoint: "us", probe: .default),
            attempt: AttemptID(UInt64(number) + 1),
            start: .seconds(start),
            end: .seconds(start + 0.2),
            outcome: .success,
            latency: latency
        )
    }

    /// What the watch orders after thirty answers of each; `nil` for one that never answers.
    private static func order(of times: [Int?]) -> [Int] {
        let names = times.indices.map { EndpointName(rawValue: "e\($0)") }
        let engine = World(configuration(names)).engine
        guard var watch = engine.routes[0].rareSpeed.value else { return [] }
        for number in 0..<30 {
            for (endpoint, time) in times.enumerated() {
                guard let time else { continue }
                let start = Double(number * 5)
                let answer = observation(number, start: start, .milliseconds(Int64(time)))
                watch.record(answer, of: endpoint, at: .seconds(start + 0.2))
            }
        }
        return watch.order
    }

    @Test(
        arguments: [
            // Nobody is 20 % faster than the one before it.
            ([200, 165, 135], [2, 0, 1]),
            // One without a time is no wall, and stays where it is.
            ([200, nil, 100], [2, 1, 0]),
            ([nil, 200, 100], [0, 2, 1]),
            ([200, 180, 170], [0, 1, 2]),
            ([400, 300, 200, 100], [3, 2, 1, 0]),
        ] as [([Int?], [Int])]
    )
    func nobodyStandsBehindOneThatItIsFasterThan(times: [Int?], order: [Int]) {
        #expect(Self.order(of: times) == order)
    }

    /// Starts are early and late by turns, as jitter makes them.
    @Test func jitterCostsNoSamples() {
        var pace = Pace(endpoint: 0, probe: .tcp(interval: .seconds(5)), window: .seconds(600))
        var taken = 0
        for number in 0..<120 {
            let start = Double(number) * 5 + (number.isMultiple(of: 2) ? 0.4 : 0)
            let answer = Self.observation(number, start: start, .milliseconds(200))
            if pace.record(answer, at: .seconds(start + 0.2)) { taken += 1 }
        }
        #expect(taken == 120)
    }

    /// What is let go early changes no figure.
    @Test func expiryIsTheSameAtEachLook() {
        var pace = Pace(endpoint: 0, probe: .tcp(interval: .seconds(5)), window: .seconds(600))
        for number in 0..<120 {
            let start = Double(number) * 5
            _ = pace.record(
                Self.observation(number, start: start, .milliseconds(Int64(100 + number))),
                at: .seconds(start + 0.2)
            )
        }
        for second in stride(from: 600.0, through: 1300, by: 50) {
            let before = pace.current(at: .seconds(second))
            pace.expire(at: .seconds(second))
            #expect(pace.current(at: .seconds(second)) == before)
        }
        #expect(pace.current(at: .seconds(1300)).samples == 0)
    }

    @Test(arguments: [true, false])
    func leadsAndDoublingsEndWithObserving(isObservedFirst: Bool) {
        func configuration(observes: Bool) -> Configuration {
            Self.configuration(Configuration.members, decision: .evidence(observe: observes))
        }
        var world = World(configuration(observes: isObservedFirst))
        world.set("us", "ap", to: .answers(.milliseconds(200)))
        world.set("eu", to: .answers(.milliseconds(100)))
        #expect(world.run { $0.route.wouldBeActive == "eu" })
        world.set("ap", to: .answers(.milliseconds(40)))
        #expect(world.run { $0.route.speed?.challenger?.endpoint == "ap" })
        #expect(world.engine.routes[0].rareSpeed.read(\.moves)?.count == 1)
        world.run(for: .seconds(300))
        world.reload(configuration(observes: !isObservedFirst))
        #expect(world.engine.routes[0].rareSpeed.read(\.moves) == SpeedMoves.none)
        let time = world.now
        #expect((world.route.speed?.challenger?.since ?? time) == time)
        #expect(world.violations == [])
    }

    /// A wish whose endpoint is taken away leaves nothing to lead.
    @Test func leadsEndWithTheWish() {
        var world = World(Self.configuration(Configuration.members, decision: .evidence(observe: true)))
        world.set("us", "ap", to: .answers(.milliseconds(200)))
        world.set("eu", to: .answers(.milliseconds(100)))
        #expect(world.run { $0.route.wouldBeActive == "eu" })
        world.set("ap", to: .answers(.milliseconds(40)))
        #expect(world.run { $0.route.speed?.challenger?.endpoint == "ap" })
        world.run(for: .seconds(300))
        world.reload(Self.configuration(["us", "ap"], decision: .evidence(observe: true)))
        #expect(world.engine.routes[0].rareSpeed.read(\.moves) == SpeedMoves.none)
        let time = world.now
        #expect((world.route.speed?.challenger?.since ?? time) == time)
        #expect(world.violations == [])
    }
}
