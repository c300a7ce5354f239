/// Latencies of the trailing quarter of an hour, with exact nearest-rank percentiles.
///
/// Holds answered probes and timed-out ones, the latter at their limit: a percentile cannot improve by hanging. Fast
/// failures are not in it: a refused connection is no quick answer.
package struct LatencyWindow: Sendable {
    /// In microseconds; a whole attempt is limited to far less than the 71 minutes that fit.
    private var samples: SampleRing
    private var p50 = RankMarker(percent: 50)
    private var p90 = RankMarker(percent: 90)
    private var p99 = RankMarker(percent: 99)
    private var censored = 0
    private var slow = 0
    /// Samples that were pushed out before their time because the window was full.
    package private(set) var overflow = 0
    /// Of all answers since the window was made, `bad` the slow ones among them; never falls.
    ///
    /// A timeout is not among them: it is a failure, and counted as one.
    package private(set) var totals = SampleCounts(samples: 0, bad: 0, void: 0)

    private static let censoredMark: UInt32 = 1
    private static let slowMark: UInt32 = 2

    /// - Parameters:
    ///   - length: 15 min unless told otherwise: 180 samples at the default interval.
    ///   - capacity: 16,384 samples: a quarter of an hour at 18 probes a second.
    ///   - interval: The usual time between two samples, for which room is made; `nil` makes room as it is needed.
    package init(length: Duration = .seconds(900), capacity: Int = 16_384, interval: Duration? = nil) {
        // A little more than fits at even intervals: they are jittered, and probes that confirm come on top.
        let even = interval.map { length.nanoseconds / max(1, $0.nanoseconds) } ?? 0
        let expected = Int(clamping: even + even / 64 + 4)
        samples = SampleRing(
            length: length,
            capacity: capacity,
            expected: interval == nil ? 0 : expected,
            hasValues: true
        )
    }

    package var length: Duration { samples.length }

    /// Takes one sample.
    ///
    /// - Parameters:
    ///   - latency: The time to the answer, or the time waited.
    ///   - isCensored: No answer came: the true latency is longer.
    ///   - isSlow: Slower than the objective.
    ///   - now: When it ended; never earlier than the one before.
    package mutating func record(
        _ latency: Duration,
        isCensored: Bool,
        isSlow: Bool,
        at now: MonotonicInstant
    ) {
        expire(at: now)
        let mark = (isCensored ? Self.censoredMark : 0) | (isSlow ? Self.slowMark : 0)
        let sample = SampleRing.Sample(mark: mark, value: UInt32(clamping: latency.nanoseconds / 1000))
        if let evicted = samples.append(sample, at: now) {
            forget(evicted)
            overflow += 1
        }
        p50.add(sample.value, total: samples.count)
        p90.add(sample.value, total: samples.count)
        p99.add(sample.value, total: samples.count)
        censored += isCensored ? 1 : 0
        slow += isSlow ? 1 : 0
        guard !isCensored else { return }
        totals.samples += 1
        totals.bad += isSlow ? 1 : 0
    }

    package mutating func counts(at now: MonotonicInstant) -> SampleCounts {
        expire(at: now)
        return SampleCounts(samples: samples.count, bad: slow, void: 0)
    }

    /// `nil` only without a sample.
    package mutating func percentiles(at now: MonotonicInstant) -> Percentiles? {
        expire(at: now)
        guard samples.count > 0 else { return nil }
        return Percentiles(
            p50: .microseconds(Int64(p50.value(in: samples))),
            p90: .microseconds(Int64(p90.value(in: samples))),
            p99: .microseconds(Int64(p99.value(in: samples))),
            count: samples.count,
            censored: censored > 0
        )
    }

    private mutating func expire(at now: MonotonicInstant) {
        while let expired = samples.popExpired(at: now) { forget(expired) }
    }

    private mutating func forget(_ sample: SampleRing.Sample) {
        p50.remove(sample.value)
        p90.remove(sample.value)
        p99.remove(sample.value)
        censored -= sample.mark & Self.censoredMark == 0 ? 0 : 1
        slow -= sample.mark & Self.slowMark == 0 ? 0 : 1
    }
}
