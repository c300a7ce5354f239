/// Probes of which about the same was predicted.
package struct CalibrationBin: Hashable, Sendable {
    /// The predicted chance that the probe is bad: from here, below `to`.
    package let from: Double
    package let to: Double
    package private(set) var count = 0
    package private(set) var bad = 0
    private var sum = 0.0

    init(from: Double, to: Double) {
        self.from = from
        self.to = to
    }

    /// Narrow where most predictions are.
    static let all: [CalibrationBin] = {
        let edges = [0, 0.002, 0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1.000001]
        return zip(edges, edges.dropFirst()).map { CalibrationBin(from: $0, to: $1) }
    }()

    mutating func count(_ isBad: Bool, predicted: Double) {
        count += 1
        bad += isBad ? 1 : 0
        sum += predicted
    }

    /// The mean of the predictions; `nil` without a probe.
    package var predicted: Double? { count > 0 ? sum / Double(count) : nil }
    /// The share that was bad; `nil` without a probe.
    package var observed: Double? { count > 0 ? Double(bad) / Double(count) : nil }

    /// Where the true share is with 95 % confidence: Wilson's interval; `nil` without a probe.
    package var interval: (low: Double, high: Double)? {
        guard let observed else { return nil }
        let (n, z) = (Double(count), 1.959964)
        let center = (observed + z * z / (2 * n)) / (1 + z * z / n)
        let half = z * (observed * (1 - observed) / n + z * z / (4 * n * n)).squareRoot() / (1 + z * z / n)
        return (max(0, center - half), min(1, center + half))
    }

    /// What was predicted is likely true; also without a probe.
    package var agrees: Bool {
        guard let predicted, let interval else { return true }
        return predicted >= interval.low && predicted <= interval.high
    }
}
