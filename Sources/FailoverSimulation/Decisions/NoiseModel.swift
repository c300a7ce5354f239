import FailoverCore
import RealModule

/// What probes of a healthy endpoint find now and then.
package struct NoiseModel: Sendable, Equatable {
    package let name: String
    /// Share of independent errors, outside bursts.
    package let errorRate: Double
    /// Bursts that start, per probe.
    package let burstRate: Double
    package let bursts: BurstLengths
    /// Share of probes that are slow.
    package let slowRate: Double
    /// Correlation of the logarithms of neighbouring latencies, 0..<1: slow probes come in spells.
    package let persistence: Double
    package let course: NoiseCourse

    /// Share of errors inside a burst.
    package static let burstErrors = 0.95

    private init(
        _ name: String,
        burstRate: Double = 6e-5,
        bursts: BurstLengths = .geometric(mean: 1.2),
        errorRate: Double = 0.001,
        slowRate: Double = 0.003,
        persistence: Double = 0.7,
        course: NoiseCourse = .steady
    ) {
        self.name = name
        self.burstRate = burstRate
        self.bursts = bursts
        self.persistence = persistence
        self.course = course
        self.errorRate = errorRate
        self.slowRate = slowRate
    }

    /// Hiccups as the rule's default blip of 3 s describes them.
    package static let mild = NoiseModel("mild")
    /// Hiccups 2.4 times as long as that.
    package static let bursty = NoiseModel("bursty", burstRate: 1e-4, bursts: .geometric(mean: 2))
    package static let heavy = NoiseModel("heavy", burstRate: 5e-5, bursts: .geometric(mean: 3))
    /// What the rule was designed and tuned on.
    package static let all = [bursty, mild, heavy]

    /// What no constant of the rule was fitted to; each is `mild` but for what its line says.
    ///
    /// The first six were looked at while the rule was made, and decided a detail. The last two were drawn up afterwards.
    package static let heldOut = [
        NoiseModel("mean5", burstRate: 3e-5, bursts: .geometric(mean: 5)),
        NoiseModel("phi.9", persistence: 0.9),
        NoiseModel("pareto", burstRate: 1e-4, bursts: .pareto(exponent: 1.5, longest: 12)),
        NoiseModel("1or5", burstRate: 1e-4, bursts: .oneOr(longer: 5, share: 0.2)),
        NoiseModel("deploys", course: .deploys(every: 28, errors: 0.002, slow: 0.02)),
        NoiseModel("diurnal", course: .daily(swing: 1.1)),
        NoiseModel(
            "fresh short",
            burstRate: 2e-4,
            bursts: .geometric(mean: 1.5),
            errorRate: 5e-4,
            slowRate: 0.006,
            persistence: 0.5
        ),
        NoiseModel(
            "fresh long",
            burstRate: 3e-5,
            bursts: .geometric(mean: 4),
            slowRate: 0.001,
            persistence: 0.85,
            course: .daily(swing: 0.5)
        ),
    ]

    /// The shares of each quarter of an hour, from the first; they come round for ever.
    var quarters: [NoiseShares] { course.quarters(of: NoiseShares(errors: errorRate, slow: slowRate)) }
}

/// How many probes a burst lasts, at least 1.
package enum BurstLengths: Sendable, Equatable {
    /// After each probe it goes on with the same chance.
    case geometric(mean: Double)
    /// At least k with the chance `k^-exponent`; none is longer than `longest`.
    case pareto(exponent: Double, longest: Int)
    /// One, but this share of them `longer`.
    case oneOr(longer: Int, share: Double)

    package var mean: Double {
        switch self {
        case .geometric(let mean): mean
        case .pareto(let exponent, let longest):
            (1...longest).reduce(0) { $0 + Double.pow(Double($1), -exponent) }
        case .oneOr(let longer, let share): 1 + share * Double(longer - 1)
        }
    }

    /// Draws a length; `nil` for a burst that is not drawn as a whole, but goes on or ends after each probe.
    func draw(_ random: inout SplitMix64) -> Int? {
        switch self {
        case .geometric: nil
        case .pareto(let exponent, let longest):
            Int(min(Double(longest), Double.pow(1 - random.unit(), -1 / exponent)))
        case .oneOr(let longer, let share): random.unit() < share ? longer : 1
        }
    }
}

/// Shares of independent errors and of slow probes, 0...1.
struct NoiseShares: Sendable, Equatable {
    var errors: Double
    var slow: Double
}

/// How shares of bad probes change in the course of time, by quarters of an hour.
package enum NoiseCourse: Sendable, Equatable {
    case steady
    /// The odds of both shares go up and down by the factor `exp(swing)`, as a sine over the day.
    case daily(swing: Double)
    /// The last of every so many quarters has shares of its own.
    case deploys(every: Int, errors: Double, slow: Double)

    static let quarter = Duration.seconds(900)
    private static let quartersOfADay = 96

    func quarters(of shares: NoiseShares) -> [NoiseShares] {
        switch self {
        case .steady: return [shares]
        case .daily(let swing):
            return (0..<Self.quartersOfADay).map { quarter in
                let time = (Double(quarter) + 0.5) / Double(Self.quartersOfADay)
                let factor = Double.exp(swing * Double.sin(2 * Double.pi * time))
                func changed(_ share: Double) -> Double { share * factor / (1 - share + share * factor) }
                return NoiseShares(errors: changed(shares.errors), slow: changed(shares.slow))
            }
        case .deploys(let every, let errors, let slow):
            return Array(repeating: shares, count: every - 1) + [NoiseShares(errors: errors, slow: slow)]
        }
    }
}
