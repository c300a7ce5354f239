#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A log-normal distribution of times, named by the two percentiles that people measure.
package struct LatencyModel: Hashable, Sendable {
    /// The median.
    package let p50: Duration
    /// The time that 1 % of requests exceed; not below the median.
    package let p99: Duration

    /// - Precondition: 0 ≤ `p50` ≤ `p99`.
    package init(p50: Duration, p99: Duration) {
        precondition(p50 >= .zero && p99 >= p50, "a p99 below the median describes no distribution")
        self.p50 = p50
        self.p99 = p99
    }

    /// Always the same time.
    package static func constant(_ time: Duration) -> LatencyModel { LatencyModel(p50: time, p99: time) }

    /// No time at all, for tests: answers leave as soon as the request is read.
    package static let instant = LatencyModel.constant(.zero)

    /// The 99th percentile of the standard normal distribution.
    private static let normalP99 = 2.326_347_874_040_841

    /// The longest time that a model produces, so that no seed makes a request wait for hours.
    package static let maximum: Duration = .seconds(600)

    /// The time at `deviate`, a value of the standard normal distribution: 0 is the median.
    package func time(at deviate: Double) -> Duration {
        guard p50 > .zero else { return .zero }
        let sigma = log(p99 / p50) / Self.normalP99
        return min(p50 * exp(sigma * deviate), Self.maximum)
    }
}

extension RandomNumberGenerator {
    /// A value of the standard normal distribution, by the transform of Box and Muller.
    mutating func normalDeviate() -> Double {
        // 1 - u lies in (0, 1], where the logarithm is finite.
        let radius = (-2 * log(1 - unitInterval())).squareRoot()
        return radius * cos(2 * Double.pi * unitInterval())
    }
}
