import FailoverCore
import FailoverWire
import Testing

@testable import FailoverHistory

@Suite struct HistoryTallyTests {
    /// Publishes every five seconds, and says what the minutes held.
    private struct World {
        var samples = Samples()
        var tally = HistoryTally()
        var minutes: [HistoryMinute] = []

        mutating func publish(after seconds: Int = 5) {
            samples.seconds += seconds
            minutes += tally.take(samples.snapshot, at: samples.clock)
        }

        init() { minutes += tally.take(samples.snapshot, at: samples.clock) }

        func sums(_ index: Int) -> [ProbeSums] { minutes.map { $0.probes[index].sums } }
    }

    @Test func aMinuteHoldsWhatTheEngineCountedInIt() {
        var world = World()
        for round in 1...12 {
            world.samples.probe(0, good: 1, slow: round == 3 ? 1 : 0)
            world.samples.probe(1, bad: 1)
            world.publish()
        }
        #expect(world.minutes.map(\.start) == [Samples.midnight])
        let first = ProbeSums(samples: 12, slow: 1, known: 60, answered: 60, slowTime: 5)
        #expect(world.sums(0) == [first])
        #expect(world.sums(1) == [ProbeSums(samples: 12, bad: 12, known: 60, badTime: 60)])
    }

    /// The evidence rule hurries when something is suspicious: five times as many probes are no five times as much time.
    @Test func badTimeIsTimeHoweverManyProbesThereWere() {
        var world = World()
        for round in 1...12 {
            if round <= 6 { world.samples.probe(0, good: 1) } else { world.samples.probe(0, bad: 5) }
            world.publish()
        }
        #expect(world.sums(0) == [ProbeSums(samples: 36, bad: 30, known: 60, badTime: 30, answered: 30)])
    }

    @Test func aRareSampleTellsOfAllTimeSinceTheOneBefore() {
        var world = World()
        for round in 1...12 {
            if round == 4 { world.samples.probe(0, good: 1) }
            if round == 11 { world.samples.probe(0, bad: 1) }
            world.publish()
        }
        #expect(world.sums(0) == [ProbeSums(samples: 2, bad: 1, known: 55, badTime: 35, answered: 20)])
    }

    @Test func timeOfWhichNothingIsKnownIsNeitherGoodNorBad() {
        var world = World()
        for round in 1...12 {
            switch round {
            case 1...2: world.samples.probe(0, good: 1)
            // Throttled: it says nothing.
            case 3...6: world.samples.probe(0, void: 1)
            case 7...8:
                world.samples.endpoints[0].verdict = .unknown
            default:
                world.samples.endpoints[0].verdict = .healthy
                world.samples.probe(0, good: 1)
            }
            world.publish()
        }
        #expect(world.sums(0) == [ProbeSums(samples: 6, void: 4, known: 30, answered: 30)])
    }

    @Test func aDoubtedVantageSpendsNoBudget() {
        var world = World()
        for round in 1...12 {
            world.samples.vantage = (4...6).contains(round) ? .suspect : .clear
            // The engine counts what it had not yet doubted; slow answers may be our own slowness.
            world.samples.probe(0, good: 1, slow: (4...6).contains(round) ? 1 : 0)
            world.publish()
        }
        // The step after the doubt began in it.
        #expect(world.sums(0) == [ProbeSums(samples: 12, slow: 0, known: 40, answered: 40)])
    }

    @Test func aStandstillIsUnknown() {
        var world = World()
        world.samples.probe(0, good: 1)
        world.publish()
        world.samples.probe(0, good: 1)
        world.publish(after: 300)
        #expect(world.sums(0) == [ProbeSums(samples: 2, known: 5, answered: 5)])
        #expect(world.tally.present?.start == Samples.midnight + 300)
    }

    @Test func totalsThatBeginAnewAreCountedFromZero() {
        var world = World()
        world.samples.probe(0, good: 10)
        world.publish()
        world.samples.endpoints[0].judged = SampleCounts(samples: 2, bad: 1, void: 0)
        world.samples.endpoints[0].answered = SampleCounts(samples: 1, bad: 0, void: 0)
        world.publish()
        #expect(world.tally.present?.probes[0].sums.samples == 12)
        #expect(world.tally.present?.probes[0].sums.bad == 1)
    }

    // MARK: - Routes

    @Test func asRoutedFollowsAMoveInsideAMinute() {
        var world = World()
        for round in 1...12 {
            if round <= 4 { world.samples.probe(0, good: 1) } else { world.samples.probe(0, bad: 1) }
            world.samples.probe(1, good: 1)
            // It is left after two bad probes.
            if round == 6 { world.samples.active = "eu-west" }
            world.publish()
        }
        var sums = RouteSums()
        sums.asRouted = .init(samples: 12, bad: 2, known: 60, badTime: 10)
        sums.withoutFailover = .init(samples: 12, bad: 8, known: 60, badTime: 40)
        #expect(world.minutes.map { $0.routes[0].sums } == [sums])
    }

    /// A standby is asked once a minute; its one sample tells of the time on it, not of the time before the move.
    @Test func aRareSampleOfAStandbyCountsForTheTimeOnIt() {
        var world = World()
        for round in 1...12 {
            world.samples.probe(0, good: 1)
            if round == 11 { world.samples.probe(1, bad: 1) }
            if round == 8 { world.samples.active = "eu-west" }
            world.publish()
        }
        var sums = RouteSums()
        // Rounds 9 to 11 are known by the sample of 11, and 12 is not known yet.
        sums.asRouted = .init(samples: 9, bad: 1, known: 55, badTime: 15)
        sums.withoutFailover = .init(samples: 12, bad: 0, known: 60, badTime: 0)
        #expect(world.minutes.map { $0.routes[0].sums } == [sums])
    }

    @Test func weightedRoutesCountByTheirWeights() {
        var world = World()
        world.samples.shares = [("us-east", 75, "us-east"), ("eu-west", 25, "eu-west")]
        world.publish(after: 0)
        for round in 1...12 {
            world.samples.probe(0, good: 1)
            world.samples.probe(1, bad: 1)
            if round == 4 { world.samples.shares[1].active = "us-east" }
            world.publish()
        }
        var sums = RouteSums()
        // Four rounds of a quarter bad, then all of it good.
        sums.asRouted = .init(samples: 12, bad: 1, known: 60, badTime: 5)
        sums.withoutFailover = .init(samples: 12, bad: 3, known: 60, badTime: 15)
        #expect(world.minutes.last?.routes[0].sums == sums)
    }

    // MARK: - Latencies and bounds

    @Test func latenciesStayWithTheirMinuteAndProbe() {
        var world = World()
        world.tally.hear(Samples.observation("us-east", milliseconds: 100))
        world.tally.hear(Samples.observation("eu-west", milliseconds: 7))
        world.tally.hear(Samples.observation("unknown", milliseconds: 7))
        #expect(world.tally.present(of: "eu-west")?.samples.map(\.probe) == [1])
        for _ in 1...12 { world.publish() }
        let expected = [(0, 100_000), (1, 7_000)].map { place, latency in
            LatencySample(
                probe: UInt32(place),
                latency: LatencyBuckets.index(of: UInt32(latency)),
                ttft: LatencyBuckets.absent
            )
        }
        #expect(world.minutes.map(\.samples) == [expected])
        #expect(world.tally.present(of: "us-east")?.samples == [])
    }

    @Test func latenciesBeyondTheRoomAreCounted() {
        var world = World()
        for _ in 0..<(HistoryTally.capacity + 3) { world.tally.hear(Samples.observation("us-east", milliseconds: 1)) }
        for _ in 1...12 { world.publish() }
        #expect(world.minutes.map(\.samples.count) == [HistoryTally.capacity])
        #expect(world.minutes.map(\.lostSamples) == [3])
    }

    @Test func anotherConfigurationEndsTheMinuteAndLosesNothing() {
        var world = World()
        world.samples.probe(0, good: 3)
        world.publish()
        world.samples.endpoints.insert(Samples.Place(name: "ap-south"), at: 0)
        world.samples.probe(1, good: 1)
        world.publish()
        #expect(world.minutes.map { $0.probes.map(\.key.endpoint) } == [["us-east", "eu-west"]])
        #expect(world.sums(0).map(\.samples) == [3])
        #expect(world.tally.present?.probes.map(\.sums.samples) == [0, 1, 0])
    }
}
