import Testing

@testable import FailoverCore

/// One row of the table of presets.
struct HardDownCase: Sendable, CustomTestStringConvertible {
    let preset: Preset
    let interval: Duration
    /// Interval under suspicion; `nil` for the normal one.
    var confirm: Duration?
    /// Bad probes until the trip.
    let probes: Int

    var testDescription: String {
        "\(preset) every \(interval.inSeconds.trimmed) s"
            + (confirm.map { ", \($0.inSeconds.trimmed) s under suspicion" } ?? "")
    }

    static let table: [HardDownCase] = [
        HardDownCase(preset: .fast, interval: .seconds(1), probes: 6),
        HardDownCase(preset: .fast, interval: .seconds(2), probes: 4),
        HardDownCase(preset: .fast, interval: .seconds(5), probes: 3),
        HardDownCase(preset: .fast, interval: .seconds(10), probes: 2),
        HardDownCase(preset: .balanced, interval: .seconds(1), probes: 16),
        HardDownCase(preset: .balanced, interval: .seconds(2), probes: 9),
        HardDownCase(preset: .balanced, interval: .seconds(5), probes: 5),
        HardDownCase(preset: .balanced, interval: .seconds(10), probes: 3),
        // From a cold start it is 30: a past full of good probes makes a blip a little likelier than no past.
        HardDownCase(preset: .cautious, interval: .seconds(1), probes: 31),
        HardDownCase(preset: .cautious, interval: .seconds(2), probes: 17),
        HardDownCase(preset: .cautious, interval: .seconds(5), probes: 8),
        HardDownCase(preset: .cautious, interval: .seconds(10), probes: 5),
        HardDownCase(preset: .instant, interval: .seconds(1), probes: 3),
        HardDownCase(preset: .instant, interval: .seconds(5), probes: 2),
        HardDownCase(preset: .fast, interval: .seconds(5), confirm: .seconds(1), probes: 6),
        HardDownCase(preset: .balanced, interval: .seconds(5), confirm: .seconds(1), probes: 16),
    ]
}

@Suite("Leaving a bad endpoint")
struct EngineLeavingTests {
    @Test(arguments: HardDownCase.table)
    func aHardDownEndpointIsLeftAfterTheProbesOfItsPreset(_ row: HardDownCase) {
        let decision = DecisionConfiguration.evidence(row.preset, confirm: row.confirm ?? row.interval)
        var world = World(.oneRoute(probe: .tcp(interval: row.interval), decision: decision))
        world.run(for: row.interval * 20)
        #expect(world.active == "us")
        world.forgetTold()
        let before = world.starts["us", default: 0]
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        #expect(world.starts["us", default: 0] - before == row.probes)
        #expect(world.violations == [])
    }

    @Test func aMoveIsDurableBeforeItIsTold() {
        var world = World(.oneRoute())
        world.run(for: .seconds(60))
        world.set("us", to: .fails)
        #expect(world.run { $0.told.contains(.probeNow("eu")) })
        world.forgetTold()
        world.run(for: .seconds(1))
        #expect(
            world.told == [
                .persist(["eu"], 2),
                .event(.failover, from: "us", to: "eu", 2),
                .publish(["eu"], 2, isPersisted: true),
            ]
        )
        #expect(world.violations == [])
    }

    @Test func aCandidateIsProbedOnceBeforeTheMove() {
        var world = World(.oneRoute())
        world.run(for: .seconds(60))
        world.forgetTold()
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        #expect(
            world.told == [
                // Half of the threshold, then all of it.
                .event(.verdict, from: nil, to: nil, 1),
                .publish(["us"], 1, isPersisted: true),
                .event(.verdict, from: nil, to: nil, 1),
                .publish(["us"], 1, isPersisted: true),
                .persist(["us"], 1),
                .probeNow("eu"),
                .persist(["eu"], 2),
                .event(.failover, from: "us", to: "eu", 2),
                .publish(["eu"], 2, isPersisted: true),
            ]
        )
        #expect(world.route.mode == .failover)
        #expect(world.route.reason == world.events.last?.reason)
        #expect(world.route.reason.code == .availability)
        #expect(world.violations == [])
    }

    @Test func theEventTellsRegionsAndTheArithmeticOfTheMove() throws {
        var world = World(.oneRoute())
        world.run(for: .seconds(60))
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        let event = try #require(world.events.last)
        #expect([event.regionFrom, event.regionTo] == ["us", "eu"])
        let grounds = try #require(event.grounds)
        #expect(grounds.endpoint == "us" && grounds.verdict == .unhealthy)
        let availability = try #require(grounds.indicators.first)
        #expect(availability.steps.map(\.isBad) == Array(repeating: true, count: 5))
        #expect(availability.steps.map(\.finding) == Array(repeating: .connectRefused, count: 5))
        #expect(availability.steps.last?.scores == availability.scores)
    }

    @Test func aSlowEndpointIsLeftToo() {
        var world = World(.oneRoute())
        world.run(for: .seconds(60))
        world.set("us", to: .answers(.milliseconds(1100)))
        #expect(world.run { $0.active == "eu" })
        #expect(world.route.reason.code == .latency)
        #expect(world.violations == [])
    }

    @Test(arguments: [
        (RuleConfiguration.consecutive(fall: 3, rise: 2), 3), (.window(bad: 4, of: 6, rise: 2), 4),
        (.consecutive(fall: 1, rise: 1), 1),
    ])
    func aPlainRuleLeavesAfterItsCount(rule: RuleConfiguration, probes: Int) {
        var world = World(.oneRoute(decision: DecisionConfiguration(rule: rule)))
        world.run(for: .seconds(60))
        let before = world.starts["us", default: 0]
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        #expect(world.starts["us", default: 0] - before == probes)
        #expect(world.violations == [])
    }

    @Test func underSuspicionProbesComeFasterUntilTheTrip() {
        var world = World(.oneRoute(decision: .evidence(.fast, confirm: .seconds(1))))
        world.run(for: .seconds(60))
        world.forgetTold()
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        let intervals = world.told.filter { if case .interval = $0 { true } else { false } }
        #expect(intervals == [.interval("us", .seconds(1)), .interval("us", .seconds(5))])
        #expect(world.violations == [])
    }
}
