package import FailoverCore
import RealModule

/// Draws the probes of a healthy endpoint.
///
/// A burst begins before the probe that it may spoil; a geometric one goes on with chance `1 - 1/mean` after each probe inside,
/// and no second one begins meanwhile. The logarithm of the latency is an autoregressive process of the first order, stationary
/// from the start and independent of errors; a probe is slow when it is above the quantile that makes that the stated share.
package struct ProbeNoise: Sendable {
    private let model: NoiseModel
    private let interval: Duration
    private let innovation: Double
    /// The chance that a geometric burst ends after a probe.
    private let leaves: Double
    private let quarters: [Quarter]
    private var quarter: Quarter
    /// Of the quarter after it; never reached where all are alike.
    private var turnsTo: Int
    private var turnsAt: MonotonicInstant
    private var random: SplitMix64
    private var normal = NormalSource()
    private var latency: Double
    private var isInBurst = false
    /// What is left of a burst whose length was drawn; `nil` for others.
    private var left: Int?
    private var start = MonotonicInstant.seconds(0)

    private struct Quarter: Sendable {
        let errorRate: Double
        /// Latencies above it are slow, in standard deviations.
        let limit: Double
    }

    package init(_ model: NoiseModel, seed: SplitMix64, interval: Duration = DecisionBench.interval) {
        self.model = model
        self.interval = interval
        random = seed
        let quarters = model.quarters.map {
            Quarter(errorRate: $0.errors, limit: NormalSource.quantile(1 - $0.slow))
        }
        self.quarters = quarters
        quarter = quarters[0]
        turnsTo = 1 % quarters.count
        turnsAt = quarters.count > 1 ? start + NoiseCourse.quarter : MonotonicInstant(nanoseconds: .max)
        innovation = (1 - model.persistence * model.persistence).squareRoot()
        leaves = 1 / model.bursts.mean
        latency = normal.next(&random)
    }

    /// Draws the next probe.
    ///
    /// - Parameter shift: Added to the logarithm of its latency, in standard deviations.
    /// - Returns: The probe, one interval after the last.
    package mutating func next(shift: Double = 0) -> DecisionProbe {
        if start >= turnsAt { turn() }
        let isInside = isInBurst || random.unit() < model.burstRate
        isInBurst = isInside && goesOn(isFirst: !isInBurst)
        let isError = random.unit() < (isInside ? NoiseModel.burstErrors : quarter.errorRate)
        latency = model.persistence * latency + innovation * normal.next(&random)
        let probe = DecisionProbe(start: start, isError: isError, isSlow: latency + shift > quarter.limit)
        start = start + interval
        return probe
    }

    /// Whether a burst goes on after a probe.
    private mutating func goesOn(isFirst: Bool) -> Bool {
        if isFirst { left = model.bursts.draw(&random) }
        guard let before = left else { return random.unit() >= leaves }
        left = before - 1
        return before > 1
    }

    /// Goes on to the quarter of an hour in which the next probe begins.
    private mutating func turn() {
        while start >= turnsAt {
            quarter = quarters[turnsTo]
            turnsTo = (turnsTo + 1) % quarters.count
            turnsAt = turnsAt + NoiseCourse.quarter
        }
    }
}
