import Testing

@testable import FailoverCore

/// What a latency window does, written the slow way.
private struct NaiveLatencies {
    let length: Duration
    let capacity: Int
    var samples: [(at: MonotonicInstant, latency: Duration, isCensored: Bool, isSlow: Bool)] = []
    var overflow = 0

    mutating func record(_ latency: Duration, isCensored: Bool, isSlow: Bool, at now: MonotonicInstant) {
        expire(at: now)
        samples.append((now, latency, isCensored, isSlow))
        if samples.count > capacity {
            samples.removeFirst()
            overflow += 1
        }
    }

    mutating func expire(at now: MonotonicInstant) { samples.removeAll { now - $0.at >= length } }

    mutating func percentiles(at now: MonotonicInstant) -> Percentiles? {
        expire(at: now)
        let sorted = samples.map(\.latency).sorted()
        guard !sorted.isEmpty else { return nil }
        func rank(_ percent: Double) -> Duration {
            sorted[Int((percent / 100 * Double(sorted.count)).rounded(.up)) - 1]
        }
        return Percentiles(
            p50: rank(50),
            p90: rank(90),
            p99: rank(99),
            count: sorted.count,
            censored: samples.contains { $0.isCensored }
        )
    }
}

@Suite("Windows")
struct WindowTests {
    @Test(
        arguments: [(seed: 1, capacity: 16), (seed: 2, capacity: 200), (seed: 3, capacity: 5000)]
            as [(seed: UInt64, capacity: Int)]
    )
    func percentilesAreThoseOfTheNaiveModel(seed: UInt64, capacity: Int) {
        var random = SplitMix64(seed: seed)
        let length = Duration.seconds(60)
        var window = LatencyWindow(length: length, capacity: capacity)
        var naive = NaiveLatencies(length: length, capacity: capacity)
        var now = MonotonicInstant.seconds(0)
        for _ in 0..<800 {
            now = now + .milliseconds(Int.random(in: 0...400, using: &random))
            // Few different values, so that equal ones meet.
            let latency = Duration.milliseconds(Int.random(in: 1...40, using: &random) * 25)
            let isSlow = latency > .milliseconds(700)
            let isCensored = latency == .milliseconds(1000)
            window.record(latency, isCensored: isCensored, isSlow: isSlow, at: now)
            naive.record(latency, isCensored: isCensored, isSlow: isSlow, at: now)
            #expect(window.percentiles(at: now) == naive.percentiles(at: now))
            let counts = SampleCounts(samples: naive.samples.count, bad: naive.samples.count { $0.isSlow }, void: 0)
            #expect(window.counts(at: now) == counts)
        }
        #expect(window.overflow == naive.overflow)
    }

    @Test func underAHundredSamplesP99IsTheMaximum() {
        var window = LatencyWindow()
        for index in 1...99 { window.record(.milliseconds(index), isCensored: false, isSlow: false, at: .seconds(0)) }
        let expected = Percentiles(
            p50: .milliseconds(50),
            p90: .milliseconds(90),
            p99: .milliseconds(99),
            count: 99,
            censored: false
        )
        #expect(window.percentiles(at: .seconds(0)) == expected)
        window.record(.milliseconds(100), isCensored: false, isSlow: false, at: .seconds(0))
        #expect(window.percentiles(at: .seconds(0))?.p99 == .milliseconds(99))
    }

    @Test func aSampleLeavesExactlyWhenItIsAsOldAsTheWindow() {
        let start = MonotonicInstant.seconds(10)
        let justBefore = start + .seconds(60) - .nanoseconds(1)
        var latencies = LatencyWindow(length: .seconds(60))
        latencies.record(.milliseconds(5), isCensored: true, isSlow: true, at: start)
        #expect(latencies.counts(at: justBefore) == SampleCounts(samples: 1, bad: 1, void: 0))
        #expect(latencies.percentiles(at: justBefore)?.censored == true)
        #expect(latencies.counts(at: start + .seconds(60)) == SampleCounts(samples: 0, bad: 0, void: 0))
        #expect(latencies.percentiles(at: start + .seconds(60)) == nil)

        var errors = ErrorWindow(length: .seconds(60))
        errors.record(.bad, at: start)
        #expect(errors.counts(at: justBefore) == SampleCounts(samples: 1, bad: 1, void: 0))
        #expect(errors.counts(at: start + .seconds(60)) == SampleCounts(samples: 0, bad: 0, void: 0))
    }

    @Test func voidSamplesAreShownAndNotCounted() {
        var errors = ErrorWindow()
        for mark in [ErrorWindow.Mark.good, .void, .bad, .void, .good] { errors.record(mark, at: .seconds(1)) }
        #expect(errors.counts(at: .seconds(2)) == SampleCounts(samples: 3, bad: 1, void: 2))
    }

    @Test func aFullErrorWindowCountsWhatItPushedOut() {
        var errors = ErrorWindow(capacity: 3)
        for mark in [ErrorWindow.Mark.bad, .bad, .void, .good, .good] { errors.record(mark, at: .seconds(1)) }
        #expect(errors.counts(at: .seconds(1)) == SampleCounts(samples: 2, bad: 0, void: 1))
        #expect(errors.overflow == 2)
    }

    @Test func anAbsurdLatencyIsClamped() {
        var window = LatencyWindow()
        window.record(.seconds(86_400), isCensored: false, isSlow: true, at: .seconds(0))
        window.record(.seconds(-1), isCensored: false, isSlow: false, at: .seconds(0))
        #expect(window.percentiles(at: .seconds(0))?.p99 == .microseconds(Int64(UInt32.max)))
        #expect(window.percentiles(at: .seconds(0))?.p50 == .zero)
    }

    @Test func aRingIsAQueueThatForgetsItsOldest() {
        var random = SplitMix64(seed: 7)
        var ring = BoundedRing<Int>(capacity: 50)
        var naive: [Int] = []
        for number in 0..<1000 {
            if Int.random(in: 0..<5, using: &random) < 2 {
                #expect(ring.popFirst() == (naive.isEmpty ? nil : naive.removeFirst()))
            } else {
                naive.append(number)
                let evicted = naive.count > 50 ? naive.removeFirst() : nil
                #expect(ring.append(number) == evicted)
            }
            #expect(Array(ring.elements) == naive)
            #expect((ring.first, ring.elements.last, ring.count) == (naive.first, naive.last, naive.count))
        }
        ring.removeAll()
        #expect(ring.isEmpty && ring.first == nil && ring.elements.last == nil)
    }
}
