package import FailoverCore

/// An endpoint that has the same short trouble once a day and is well otherwise, in continuous time: how often the evidence rule leaves it
/// for that, and how late a fault that lasts is found by what it has learned of the trouble.
///
/// Only the detector runs: no engine, no world.
package struct DailyTroubleRun: Sendable {
    /// What is bad, and how much of it.
    package struct Trouble: Sendable, Equatable {
        /// Slow answers rather than errors.
        package let isSlow: Bool
        /// Of the probes that are bad meanwhile; 0...1.
        package let share: Double
        /// In seconds.
        package let length: Double

        package init(isSlow: Bool, share: Double, length: Double) {
            self.isSlow = isSlow
            self.share = share
            self.length = length
        }

        package var name: String {
            guard length > 0 else { return "none" }
            return "\(length.trimmed) s, \((share * 100).trimmed) % \(isSlow ? "slow" : "errors")"
        }
    }

    package let trouble: Trouble
    /// Times that the rule left it, in each third of the days so far.
    package private(set) var trips: [Int] = [0, 0, 0]

    private let parameters: EvidenceParameters
    private let interval: Duration
    private var rule: DetectorRule<EvidenceDetector>
    private var random: SplitMix64
    private var now = MonotonicInstant(nanoseconds: 0)
    private var isDown = false

    /// Of probes without trouble.
    private static let errorRate = 0.0005
    private static let slowRate = 0.003
    private static let secondsPerDay = 86_400.0

    /// A fresh endpoint.
    package init(
        _ trouble: Trouble,
        parameters: EvidenceParameters = .balanced,
        interval: Duration = DecisionBench.interval,
        seed: UInt64
    ) {
        self.trouble = trouble
        self.parameters = parameters
        self.interval = interval
        rule = DetectorRule<EvidenceDetector>(parameters, interval: interval, confirms: true)
        random = SplitMix64(seed: seed)
    }

    private var seconds: Double { Double(now.nanoseconds) / 1e9 }

    /// Lives through so many days, with one trouble at a random time of each, and an hour without.
    package mutating func live(days: Int) {
        for day in 0..<days {
            let midnight = seconds
            let start = midnight + random.unit() * (Self.secondsPerDay - trouble.length)
            while seconds < midnight + Self.secondsPerDay {
                let isInside = (start..<(start + trouble.length)).contains(seconds)
                if take(isInside ? trouble.share : 0, isSlow: trouble.isSlow) { trips[day * trips.count / days] += 1 }
            }
        }
        let end = seconds + 3600
        while seconds < end { _ = take(0, isSlow: true) }
    }

    /// Seconds until a fault that lasts is found, at most `most`; the endpoint itself does not live through it.
    package func delay(of share: Double, isSlow: Bool, most: Double, seed: UInt64) -> Double {
        var copy = self
        copy.random = SplitMix64(seed: seed)
        let start = copy.seconds
        while copy.seconds - start < most {
            let probe = copy.seconds
            if copy.take(share, isSlow: isSlow) { return probe - start }
        }
        return most
    }

    /// - Returns: Whether this probe made the rule leave it.
    private mutating func take(_ share: Double, isSlow: Bool) -> Bool {
        let isBad = random.unit() < share
        let isError = random.unit() < Self.errorRate || (isBad && !isSlow)
        let isLate = random.unit() < Self.slowRate || (isBad && isSlow)
        let wasDown = isDown
        isDown = rule.take(DecisionProbe(start: now, isError: isError, isSlow: isLate))
        now = now + (rule.isSuspicious ? min(interval, parameters.confirmInterval) : interval)
        return isDown && !wasDown
    }
}
