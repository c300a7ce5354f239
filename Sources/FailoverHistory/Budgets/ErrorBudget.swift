import FailoverCore
package import FailoverWire

/// What is known of a window: probes, and time.
package struct BudgetSums: Hashable, Sendable {
    package var samples: Double
    package var bad: Double
    /// Time of which it is known whether it was good or bad, and how much of it was bad.
    package var known: Duration
    package var badTime: Duration

    package init(samples: Double = 0, bad: Double = 0, known: Duration = .zero, badTime: Duration = .zero) {
        self.samples = samples
        self.bad = bad
        self.known = known
        self.badTime = badTime
    }

    package static func += (left: inout BudgetSums, right: BudgetSums) {
        left.samples += right.samples
        left.bad += right.bad
        left.known += right.known
        left.badTime += right.badTime
    }

    /// The share of the known time that was bad; `nil` if nothing is known.
    package var ratio: Double? { known > .zero ? badTime / known : nil }
}

/// How much bad time an objective allows over a period, and how much of that is left.
///
/// Time of which nothing is known is neither good nor bad: the budget is a share of what is known.
package struct ErrorBudget: Hashable, Sendable {
    /// The least share of good time; below 1, so that there is a budget at all.
    package let objective: Double
    package let period: Duration
    package let sums: BudgetSums
    /// By window.
    package let recent: [BurnWindow: BudgetSums]

    package init(objective: Double, period: Duration, sums: BudgetSums, recent: [BurnWindow: BudgetSums]) {
        self.objective = objective
        self.period = period
        self.sums = sums
        self.recent = recent
    }

    /// The share of the time that may be bad; of an objective of 100 % next to nothing, so that all remains a number.
    ///
    /// Rounded, because 1 - 0.999 is not quite 0.001.
    private var allowed: Double { max(((1 - objective) * 1e12).rounded() / 1e12, 1e-9) }

    /// Negative once it is overdrawn; `nil` if nothing is known.
    package var left: Double? { sums.ratio.map { 1 - $0 / allowed } }

    /// How many times faster than sustainable the budget was spent; `nil` if nothing is known of the window.
    package func burn(_ window: BurnWindow) -> Double? { recent[window]?.ratio.map { $0 / allowed } }

    /// The same if all time of which nothing is known was good: what an alarm rests on, because after a start an hour is
    /// a few minutes long, and one bad probe of them no reason to wake anybody.
    package func certainBurn(_ window: BurnWindow) -> Double {
        (recent[window]?.badTime ?? .zero) / window.length / allowed
    }

    /// What is worth telling of the speed of spending; the most urgent.
    package var alarm: BurnAlarm? {
        BurnAlarm.allCases.reversed().first { certainBurn($0.long) >= $0.rate && certainBurn($0.short) >= $0.rate }
    }

    /// How long the budget lasts if all goes on as in the long window of the alarm that is due; `zero` once it is used up.
    ///
    /// `nil` if it lasts. While less than the period is known, what is known grows, and the budget with it.
    package var lasts: Duration? {
        guard let left else { return nil }
        guard left > 0 else { return .zero }
        guard let alarm, let burn = burn(alarm.long) else { return nil }
        let growth = sums.known < period ? 1.0 : 0
        guard burn > growth else { return nil }
        return sums.known * (left / (burn - growth))
    }

    package func document(at time: WallTime) -> BudgetDocument {
        var burns: [String: Double] = [:]
        for window in BurnWindow.allCases { burns[window.rawValue] = burn(window)?.roundedToMillionths }
        return BudgetDocument(
            objective: objective,
            samples: Int(sums.samples.rounded()),
            bad: Int(sums.bad.rounded()),
            ratio: sums.ratio?.roundedToBillionths,
            budgetLeft: left?.roundedToMillionths,
            burn: burns,
            exhaustedAt: lasts.map { WallTime(secondsSince1970: time.secondsSince1970 + $0.inSeconds) },
            coveredSeconds: Int(sums.known.inSeconds.rounded())
        )
    }
}

extension Double {
    /// Shorter to read, and the same on every machine.
    fileprivate var roundedToMillionths: Double { (self * 1e6).rounded() / 1e6 }
    fileprivate var roundedToBillionths: Double { (self * 1e9).rounded() / 1e9 }
}
