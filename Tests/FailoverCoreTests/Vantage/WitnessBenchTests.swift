import Testing

@testable import FailoverCore

@Suite("Who can witness")
struct WitnessBenchTests {
    private func bench(_ results: [(source: Int, isGood: Bool, end: Double)], sources: Int = 3) -> WitnessBench {
        var bench = WitnessBench(intervals: Array(repeating: .seconds(1), count: sources))
        for result in results {
            bench.record(isGood: result.isGood, by: result.source, end: .seconds(result.end))
        }
        return bench
    }

    private func run(_ source: Int, _ count: Int, until end: Double) -> [(source: Int, isGood: Bool, end: Double)] {
        (0..<count).map { (source, true, end - Double(count - 1 - $0)) }
    }

    @Test func fiveGoodProbesInARowMakeACleanWitness() {
        var four = bench(run(1, 4, until: 10))
        #expect(four.newestCleanEnd(for: 0) == nil)
        var five = bench(run(1, 5, until: 10))
        #expect(five.newestCleanEnd(for: 0) == .seconds(10))
        var broken = bench(run(1, 5, until: 10) + [(1, false, 11)] + run(1, 4, until: 20))
        #expect(broken.newestCleanEnd(for: 0) == nil)
        #expect(broken.newestGood == .seconds(20))
    }

    /// As when it is asked, or under suspicion.
    @Test func fiveThatCameFasterThanPlannedAreNotEnough() {
        var bench = WitnessBench(intervals: [.seconds(5), .seconds(5)])
        for end in [0, 1, 2, 3, 4, 5, 10, 17] { bench.record(isGood: true, by: 1, end: .seconds(Double(end))) }
        #expect(bench.newestCleanEnd(for: 0) == nil)
        bench.record(isGood: true, by: 1, end: .seconds(17.5))
        #expect(bench.newestCleanEnd(for: 0) == .seconds(17.5))
    }

    @Test func noneWitnessesForItself() {
        var bench = bench(run(0, 5, until: 10))
        #expect(bench.newestCleanEnd(for: 0) == nil)
        #expect(bench.newestCleanEnd(for: 1) == .seconds(10))
    }

    @Test func theNewestOfTheCleanOnesCounts() {
        var bench = bench(run(0, 5, until: 10) + run(1, 6, until: 12) + run(2, 5, until: 11))
        #expect((0..<3).map { bench.newestCleanEnd(for: $0) } == [.seconds(12), .seconds(11), .seconds(12)])
        #expect((0..<3).map { bench.cleanest(for: $0) } == [1, 2, 1])
        bench.record(isGood: false, by: 1, end: .seconds(13))
        #expect((0..<3).map { bench.newestCleanEnd(for: $0) } == [.seconds(11), .seconds(11), .seconds(10)])
        bench.record(isGood: false, by: 2, end: .seconds(14))
        #expect((0..<3).map { bench.newestCleanEnd(for: $0) } == [nil, .seconds(10), .seconds(10)])
    }

    /// It is probed so often that it is clean again before the sample has waited long enough.
    @Test func aWitnessThatFailedBesideASampleDoesNotVouchForIt() {
        var bench = bench([(2, false, 5)] + run(2, 5, until: 10))
        #expect(
            [3, 5, 6, 10, 11].map { bench.witnesses(for: 0).vouch(for: .seconds($0)) } == [
                false, false, true, true, false,
            ]
        )
        // Another one was well all the time.
        for result in run(1, 9, until: 9) { bench.record(isGood: true, by: result.source, end: .seconds(result.end)) }
        #expect([3, 5, 6, 10].map { bench.witnesses(for: 0).vouch(for: .seconds($0)) } == [true, true, true, true])
        #expect(bench.witnesses(for: 1).vouch(for: .seconds(3)) == false)
    }

    /// Against a bench that looks at all of them each time.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func theTwoNewestAreAlwaysKnown(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let count = 5
        // So short that any five span enough of it.
        var bench = WitnessBench(intervals: Array(repeating: .milliseconds(100), count: count))
        var naive = Array(repeating: (run: 0, end: MonotonicInstant?.none), count: count)
        for step in 0..<3000 {
            let source = Int.random(in: 0..<count, using: &random)
            let isGood = Int.random(in: 0..<12, using: &random) > 0
            let end = MonotonicInstant.seconds(Double(step + Int.random(in: -3...0, using: &random)))
            bench.record(isGood: isGood, by: source, end: end)
            naive[source].run = isGood ? naive[source].run + 1 : 0
            if isGood { naive[source].end = max(naive[source].end ?? end, end) }
            for asking in 0..<count {
                let ends = naive.indices.filter { $0 != asking && naive[$0].run >= 5 }.compactMap { naive[$0].end }
                #expect(bench.newestCleanEnd(for: asking) == ends.max())
            }
        }
    }

    @Test(
        arguments: [
            ([5, 60, 2], [2, 2, 5]), ([2, 2, 9], [2, 2, 2]), ([7], [nil]), ([9, 3], [3, 9]),
        ] as [([Int], [Int?])]
    )
    func theShortestIntervalOfTheOthersIsKnown(intervals: [Int], expected: [Int?]) {
        let bench = WitnessBench(intervals: intervals.map { .seconds($0) })
        let shortest = intervals.indices.map { bench.shortestInterval(for: $0) }
        #expect(shortest == expected.map { $0.map { .seconds($0) } })
        #expect(bench.isOn == (intervals.count > 1))
    }
}
