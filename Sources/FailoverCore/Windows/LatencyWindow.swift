/// Latencies of the trailing quarter of an hour, with exact nearest-rank percentiles.
///
/// Holds answered probes and timed-out ones, the latter at their limit: a percentile cannot improve by hanging. Fast
/// failures are not in it: a refused connection is no quick answer.
package struct LatencyWindow: Sendable {
    package let length: Duration
    private var samples: BoundedRing<Sample>
    /// The same latencies in rising order, so that a percentile is one look-up.
    private var sorted: [UInt32] = []
    private var censored = 0
    private var slow = 0
    /// Samples that were pushed out before their time because the window was full.
    package private(set) var overflow = 0

    private struct Sample: Sendable {
        let at: MonotonicInstant
        /// Microseconds; a whole attempt is limited to far less than the 71 minutes that fit.
        let latency: UInt32
        let isCensored: Bool
        let isSlow: Bool
    }

    /// - Parameters:
    ///   - length: 15 min unless told otherwise: 180 samples at the default interval.
    ///   - capacity: 16,384 samples: a quarter of an hour at 18 probes a second.
    package init(length: Duration = .seconds(900), capacity: Int = 16_384) {
        self.length = length
        samples = BoundedRing(capacity: capacity)
    }

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
        let microseconds = UInt32(clamping: latency.nanoseconds / 1000)
        let sample = Sample(at: now, latency: microseconds, isCensored: isCensored, isSlow: isSlow)
        if let evicted = samples.append(sample) {
            forget(evicted)
            overflow += 1
        }
        sorted.insert(microseconds, at: rank(of: microseconds))
        censored += isCensored ? 1 : 0
        slow += isSlow ? 1 : 0
    }

    package mutating func counts(at now: MonotonicInstant) -> SampleCounts {
        expire(at: now)
        return SampleCounts(samples: samples.count, bad: slow, void: 0)
    }

    /// `nil` only without a sample.
    package mutating func percentiles(at now: MonotonicInstant) -> Percentiles? {
        expire(at: now)
        guard !sorted.isEmpty else { return nil }
        return Percentiles(
            p50: nearestRank(50),
            p90: nearestRank(90),
            p99: nearestRank(99),
            count: sorted.count,
            censored: censored > 0
        )
    }

    /// The smallest sample that at least `percent` of all samples do not exceed.
    private func nearestRank(_ percent: Int) -> Duration {
        let rank = (percent * sorted.count + 99) / 100
        return .microseconds(Int64(sorted[max(rank, 1) - 1]))
    }

    private mutating func expire(at now: MonotonicInstant) {
        while let first = samples.first, now - first.at >= length {
            _ = samples.popFirst()
            forget(first)
        }
    }

    private mutating func forget(_ sample: Sample) {
        sorted.remove(at: rank(of: sample.latency))
        censored -= sample.isCensored ? 1 : 0
        slow -= sample.isSlow ? 1 : 0
    }

    /// The first position whose latency is not below `latency`.
    private func rank(of latency: UInt32) -> Int {
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < latency { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
