package import FailoverCore
import RealModule

/// What goes wrong with an endpoint, on top of its noise, which goes on.
package struct GrayFault: Sendable, Equatable {
    /// The heading of its column.
    package let name: String
    package let shape: Shape
    /// Probes after which a rule that has not found it counts as having taken so long.
    package let horizon: Int

    package enum Shape: Sendable, Equatable {
        /// This share of probes fails, independently.
        case errors(Double)
        /// In the long run this share fails, in bursts of three on average with nothing good inside.
        case errorsInBursts(Double)
        /// This share of probes is slow, independently.
        case slow(Double)
        /// All latencies grow by the factor that makes this share slow, in spells as before.
        case drift(Double)
    }

    package static let all = [
        GrayFault(name: "hard", shape: .errors(1), horizon: 1000),
        GrayFault(name: "err 50", shape: .errors(0.5), horizon: 1000),
        GrayFault(name: "err 30", shape: .errors(0.3), horizon: 1000),
        GrayFault(name: "bursts 30", shape: .errorsInBursts(0.3), horizon: 1000),
        GrayFault(name: "err 10", shape: .errors(0.1), horizon: 2000),
        GrayFault(name: "err 5", shape: .errors(0.05), horizon: 2000),
        GrayFault(name: "slow 100", shape: .slow(1), horizon: 1000),
        GrayFault(name: "slow 50", shape: .slow(0.5), horizon: 1000),
        GrayFault(name: "slow 20", shape: .slow(0.2), horizon: 2000),
        GrayFault(name: "slow 5", shape: .slow(0.05), horizon: 3000),
        GrayFault(name: "drift 5", shape: .drift(0.05), horizon: 3000),
    ]
}

/// Draws the probes of an endpoint with a fault.
package struct FaultyProbes: Sendable {
    private let shape: GrayFault.Shape
    private let shift: Double
    private var random: SplitMix64
    private var isInBurst = false

    private static let burstMean = 3.0

    /// The fault begins with the next probe of `model`.
    package init(_ fault: GrayFault, on model: NoiseModel, seed: SplitMix64) {
        shape = fault.shape
        random = seed
        switch fault.shape {
        case .drift(let share):
            shift = NormalSource.quantile(1 - model.slowRate) - NormalSource.quantile(1 - share)
        case .errorsInBursts(let share):
            shift = 0
            isInBurst = random.unit() < share
        case .errors, .slow:
            shift = 0
        }
    }

    /// Draws the next probe.
    package mutating func next(_ noise: inout ProbeNoise) -> DecisionProbe {
        let healthy = noise.next(shift: shift)
        var (isError, isSlow) = (healthy.isError, healthy.isSlow)
        switch shape {
        case .errors(let share): isError = random.unit() < share || isError
        case .slow(let share): isSlow = random.unit() < share || isSlow
        case .errorsInBursts(let share):
            isError = isError || isInBurst
            let leaves = 1 / Self.burstMean
            let enters = leaves * share / (1 - share)
            isInBurst = isInBurst ? random.unit() >= leaves : random.unit() < enters
        case .drift: break
        }
        return DecisionProbe(start: healthy.start, isError: isError, isSlow: isSlow)
    }
}
