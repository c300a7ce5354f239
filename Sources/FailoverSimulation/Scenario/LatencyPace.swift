import FailoverCore
import RealModule

/// How long the answers of an endpoint take while it is well.
///
/// Around a median that may swing with the time of day, each answer differs, and remembers a part of what the one before
/// differed by: slow answers come in spells.
package struct LatencyPace: Hashable, Sendable {
    package let median: Duration
    /// Standard deviation of the logarithm: with 0.3 two answers in three are within 26 % below and 35 % above the median.
    package let spread: Double
    /// What is left of a deviation at the next answer; 0...0.99.
    package let memory: Double
    /// The part of the median by which a day's wave goes up and down; 0...0.9.
    package let swing: Double
    /// The time of the day, since the world's beginning, at which the wave is highest.
    package let peak: Duration

    package init(
        median: Duration,
        spread: Double = 0.3,
        memory: Double = 0,
        swing: Double = 0,
        peak: Duration = .zero
    ) {
        self.median = median
        self.spread = spread
        self.memory = memory
        self.swing = swing
        self.peak = peak
    }

    /// One answer, in seconds; `level` is the deviation of the one before.
    func seconds(at now: MonotonicInstant, _ level: inout Double, _ random: inout SplitMix64) -> Double {
        // Box and Muller; never the logarithm of zero.
        let radius = Double.sqrt(-2 * Double.log(1 - Double.random(in: 0..<1, using: &random)))
        let normal = radius * Double.cos(2 * .pi * Double.random(in: 0..<1, using: &random))
        level = memory * level + Double.sqrt(1 - memory * memory) * spread * normal
        let time = (now - MonotonicInstant(nanoseconds: 0) - peak).inSeconds
        let wave = swing == 0 ? 1 : 1 + swing * Double.cos(2 * .pi * time / 86_400)
        return median.inSeconds * wave * Double.exp(level)
    }
}
