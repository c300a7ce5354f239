import RealModule

/// How long a rule took to find a fault, over many runs.
package struct DelayFigures: Sendable, Equatable {
    package let runs: Int
    /// Runs in which it was found before the horizon.
    package let found: Int
    /// Probes; what was not found counts as the horizon.
    package let mean: Double
    /// Of one run.
    package let deviation: Double
    package let p95: Double
    /// Every delay, in order.
    private let sorted: [Int]

    init(_ delays: [Int?], horizon: Int) {
        runs = delays.count
        found = delays.count { $0 != nil }
        sorted = delays.map { $0 ?? horizon }.sorted()
        let sum = sorted.reduce(0, +)
        let squares = sorted.reduce(0.0) { $0 + Double($1 * $1) }
        let mean = Double(sum) / Double(max(1, runs))
        self.mean = mean
        deviation = max(0, squares / Double(max(1, runs)) - mean * mean).squareRoot()
        p95 = Self.value(sorted, at: 0.95)
    }

    /// Of the mean.
    package var standardError: Double { deviation / Double(max(1, runs)).squareRoot() }
    package var share: Double { Double(found) / Double(max(1, runs)) }

    /// How far a stated 95th percentile is off, in standard errors of the share of runs that is below it.
    ///
    /// By ranks, because delays are whole probes and end at the horizon.
    func deviation(fromP95 stated: StatedFigure, theirs: Int = DesignFigures.runs) -> Double {
        let error = Combined.mean(deviation: (0.95 * 0.05).squareRoot(), runs: runs, theirs: theirs)
        func share(upTo value: Double) -> Double {
            Double(sorted.count { Double($0) <= value }) / Double(max(1, runs))
        }
        let low = share(upTo: stated.value - stated.rounding - 0.5)
        let high = share(upTo: stated.value + stated.rounding + 0.5)
        return max(0, low - 0.95, 0.95 - high) / error
    }

    private static func value(_ sorted: [Int], at share: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        return Double(sorted[min(sorted.count - 1, max(0, Int(share * Double(sorted.count))))])
    }
}

extension HealthyCounts {
    package var perMillion: Double { Double(trips) * 1e6 / Double(max(1, probes)) }

    /// The 95 % interval of the rate per million.
    package var bounds: ClosedRange<Double> {
        let scale = 1e6 / Double(max(1, probes))
        let count = PoissonBound.interval(of: trips)
        return (count.lowerBound * scale)...(count.upperBound * scale)
    }
}

extension FlapCounts {
    package var meanSwitches: Double { Double(switches) / Double(max(1, runs)) }
    package var hitShare: Double { Double(hit) / Double(max(1, bad)) }
    package var movedShare: Double { Double(runsWithSwitch) / Double(max(1, runs)) }

    /// Standard deviations of one run: of its switches, and of the share that was hit.
    package var switchDeviation: Double { deviation(switches, squaredSwitches) }
    package var hitDeviation: Double { deviation(hit, squaredHit) * Double(runs) / Double(max(1, bad)) }

    private func deviation(_ sum: Int, _ squares: Int) -> Double {
        let mean = Double(sum) / Double(max(1, runs))
        return max(0, Double(squares) / Double(max(1, runs)) - mean * mean).squareRoot()
    }
}
