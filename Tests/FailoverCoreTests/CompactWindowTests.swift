import Testing

@testable import FailoverCore

@Suite("Windows in little memory")
struct CompactWindowTests {
    private static func nearestRank(_ percent: Int, of sorted: [Int64]) -> Duration {
        .microseconds(sorted[max(1, (percent * sorted.count + 99) / 100) - 1])
    }

    /// Ways in which latencies come: all alike, spread, drifting, and far apart.
    private static let shapes: [@Sendable (Int, inout SplitMix64) -> Int64] = [
        { _, _ in 5000 },
        { _, random in Int64.random(in: 20_000...60_000, using: &random) },
        { index, random in Int64(index * 100) + Int64.random(in: 0...3000, using: &random) },
        { index, random in Int64((2000 - index) * 100) + Int64.random(in: 0...3000, using: &random) },
        { _, random in Bool.random(using: &random) ? Int64.random(in: 0...9, using: &random) : 4_000_000_000 },
        { index, random in index / 300 % 2 == 0 ? 1000 : Int64.random(in: 900_000...999_999, using: &random) },
    ]

    /// Queried after every sample, and so rarely that every rank has wandered off meanwhile.
    @Test(arguments: shapes.indices, [1, 7, 400])
    func percentilesAreThoseOfASort(shape: Int, every: Int) {
        var random = SplitMix64(seed: UInt64(shape * 10 + every))
        var window = LatencyWindow(length: .seconds(60), capacity: 400, interval: .milliseconds(300))
        var samples: [(at: MonotonicInstant, latency: Int64)] = []
        var wrong: [Int] = []
        var now = MonotonicInstant.seconds(-100)
        for index in 0..<2000 {
            now = now + .milliseconds(Int.random(in: 0...(index < 1200 ? 250 : 700), using: &random))
            let latency = Self.shapes[shape](index, &random)
            window.record(.microseconds(latency), isCensored: false, isSlow: false, at: now)
            samples.append((now, latency))
            guard index.isMultiple(of: every) else { continue }
            samples.removeAll { now - $0.at >= .seconds(60) }
            samples = samples.suffix(400)
            let sorted = samples.map(\.latency).sorted()
            let expected = Percentiles(
                p50: Self.nearestRank(50, of: sorted),
                p90: Self.nearestRank(90, of: sorted),
                p99: Self.nearestRank(99, of: sorted),
                count: sorted.count,
                censored: false
            )
            if window.percentiles(at: now) != expected { wrong.append(index) }
        }
        #expect(wrong == [])
    }

    /// Times are kept modulo 71 minutes.
    @Test(arguments: [900.0, 1800, 4294.967296, 4294.967296 + 1, 2 * 4294.967296 + 1, 1e6])
    func afterASilenceOfAnyLengthNothingIsLeft(silence: Double) {
        var latencies = LatencyWindow()
        var errors = ErrorWindow()
        for index in 0..<20 {
            latencies.record(.milliseconds(5), isCensored: true, isSlow: true, at: .seconds(Double(index)))
            errors.record(.bad, at: .seconds(Double(index)))
        }
        let later = MonotonicInstant.seconds(19 + silence)
        #expect(errors.counts(at: later) == SampleCounts(samples: 0, bad: 0, void: 0))
        #expect(latencies.counts(at: later) == SampleCounts(samples: 0, bad: 0, void: 0))
        #expect(latencies.percentiles(at: later) == nil)
    }

    /// Steps are recomputed when they are shown, also those before which others have been forgotten.
    @Test func theStepsShownAreTheStepsTaken() {
        var random = SplitMix64(seed: 3)
        var chart = Charts.chart()
        var taken: [(increments: [Double], scores: [Double], healthy: Double)] = []
        for index in 0..<300 {
            let start = MonotonicInstant.seconds(Double(index) * Double.random(in: 5...5.2, using: &random))
            let isBad = Int.random(in: 0..<3, using: &random) == 0
            let weight = chart.record(isBad: isBad, finding: .connectRefused, start: start)
            taken.append((weight.increments.list, weight.scores.list, weight.healthyProbability))
            let steps = chart.recentSteps
            #expect(steps.count <= EvidenceChart.keptSteps)
            for (step, taken) in zip(steps, taken.suffix(steps.count)) {
                #expect(step.increments == taken.increments && step.scores == taken.scores)
                #expect(step.healthyProbability == taken.healthy)
            }
        }
        #expect(chart.recentSteps.count == EvidenceChart.keptSteps)
    }

    @Test(arguments: 0..<6)
    func aSampleThatIsTakenBackHasNeverBeen(position: Int) {
        let samples = [true, true, false, true, false, true]
        var with = Charts.chart()
        var without = Charts.chart()
        for index in -3..<6 {
            let start = MonotonicInstant.seconds(Double(index) * 5)
            let isBad = index < 0 ? false : samples[index] || index == position
            with.record(isBad: isBad, finding: .slow, start: start)
            if index != position { without.record(isBad: isBad, finding: .slow, start: start) }
        }
        #expect(with.retract(start: .seconds(Double(position) * 5)) == true)
        #expect(with.scores == without.scores)
        #expect(with.blip == without.blip)
        #expect(with.recentSteps == without.recentSteps)
        #expect(with.retract(start: .seconds(Double(position) * 5)) == false)
        #expect(with.retract(start: .seconds(-5)) == false)
    }
}

private enum Charts {
    static func chart() -> EvidenceChart {
        EvidenceChart(.availability, parameters: .balanced, probe: .tcp(), availability: Ratio(0.999), probes: 1)
    }
}
