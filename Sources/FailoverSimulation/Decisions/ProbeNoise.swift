package import FailoverCore
import RealModule

/// What probes of a healthy endpoint find now and then.
package struct NoiseModel: Sendable, Equatable {
    package let name: String
    /// Share of independent errors, outside bursts.
    package let errorRate: Double
    /// Bursts that start, per probe.
    package let burstRate: Double
    /// Mean length of a burst in probes, at least 1; lengths are geometric.
    package let burstMean: Double
    /// Share of probes that are slow.
    package let slowRate: Double
    /// Correlation of the logarithms of neighbouring latencies, 0..<1: slow probes come in spells.
    package let persistence: Double

    /// Share of errors inside a burst.
    package static let burstErrors = 0.95

    private init(_ name: String, burstRate: Double, burstMean: Double) {
        self.name = name
        self.burstRate = burstRate
        self.burstMean = burstMean
        errorRate = 0.001
        slowRate = 0.003
        persistence = 0.7
    }

    /// Hiccups as the rule's default blip of 3 s describes them.
    package static let mild = NoiseModel("mild", burstRate: 6e-5, burstMean: 1.2)
    /// Hiccups 2.4 times as long as that.
    package static let bursty = NoiseModel("bursty", burstRate: 1e-4, burstMean: 2)
    package static let heavy = NoiseModel("heavy", burstRate: 5e-5, burstMean: 3)
    package static let all = [bursty, mild, heavy]
}

/// Draws the probes of a healthy endpoint.
///
/// A burst begins before the probe that it may spoil; after each probe inside it goes on with chance `1 - 1/mean`, and no second
/// one begins meanwhile. The logarithm of the latency is an autoregressive process of the first order, stationary from the
/// start and independent of errors; a probe is slow when it is above the quantile that makes that the stated share.
package struct ProbeNoise: Sendable {
    private let model: NoiseModel
    private let interval: Duration
    private let limit: Double
    private let innovation: Double
    private var random: SplitMix64
    private var normal = NormalSource()
    private var latency: Double
    private var isInBurst = false
    private var start = MonotonicInstant.seconds(0)

    package init(_ model: NoiseModel, seed: SplitMix64, interval: Duration = DecisionBench.interval) {
        self.model = model
        self.interval = interval
        random = seed
        limit = NormalSource.quantile(1 - model.slowRate)
        innovation = (1 - model.persistence * model.persistence).squareRoot()
        latency = normal.next(&random)
    }

    /// Draws the next probe.
    ///
    /// - Parameter shift: Added to the logarithm of its latency, in standard deviations.
    /// - Returns: The probe, one interval after the last.
    package mutating func next(shift: Double = 0) -> DecisionProbe {
        let isInside = isInBurst || random.unit() < model.burstRate
        isInBurst = isInside && random.unit() >= 1 / model.burstMean
        let isError = random.unit() < (isInside ? NoiseModel.burstErrors : model.errorRate)
        latency = model.persistence * latency + innovation * normal.next(&random)
        let probe = DecisionProbe(start: start, isError: isError, isSlow: latency + shift > limit)
        start = start + interval
        return probe
    }
}
