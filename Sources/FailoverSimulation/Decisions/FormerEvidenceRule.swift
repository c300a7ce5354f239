package import FailoverCore
import RealModule

/// The first evidence rule, as it was before it learned a baseline: what today's is compared with.
///
/// One probe with a chart for errors and one for everything bad, one threshold for all, and blips as configured. It is kept
/// whole here, with its own constants, so that nothing that is changed in the rule in force changes what it is compared with.
package struct FormerEvidenceRule: DecisionRule {
    private let threshold: Double
    private var errors: Chart
    private var slowness: Chart
    private var recovery = RecoveryProof()
    private var isDown = false

    private static let secondsPerYear = 31_557_600.0
    /// Two indicators times three alternatives shared the budget equally.
    private static let charts = 6.0
    /// Half of the slow probes that an objective allows came in spells.
    private static let slowSpellShare = 0.5

    /// The rule for a probe with a latency objective, at the default availability.
    package init(_ parameters: EvidenceParameters, interval: Duration) {
        let seconds = interval.inSeconds
        let probesPerYear = Self.secondsPerYear / seconds
        threshold = Double.log10(Self.charts * probesPerYear / parameters.falseFailoversPerYear)
        let allowedErrors = IndicatorKind.availability.budget(availability: AvailabilityObjective().ratio)
        errors = Chart(
            budget: allowedErrors,
            blipRate: parameters.blipsPerDay / 86_400,
            blipMean: parameters.availabilityBlip.inSeconds,
            interval: seconds,
            degradedAt: parameters.degradedAt.value
        )
        let allowedSlow = IndicatorKind.latency.budget(availability: AvailabilityObjective().ratio)
        slowness = Chart(
            budget: allowedSlow,
            blipRate: allowedSlow * Self.slowSpellShare / seconds,
            blipMean: parameters.latencyBlip.inSeconds,
            interval: seconds,
            degradedAt: parameters.degradedAt.value
        )
    }

    package mutating func take(_ probe: DecisionProbe) -> Bool {
        errors.weigh(isBad: probe.isError, start: probe.start)
        slowness.weigh(isBad: probe.isBad, start: probe.start)
        recovery.record(isBad: probe.isBad)
        if isDown {
            if recovery.isProven {
                errors.scores = Scores()
                slowness.scores = Scores()
                recovery.secure()
                isDown = false
            }
        } else if max(errors.scores.highest, slowness.scores.highest) >= threshold {
            recovery.reset()
            isDown = true
        }
        return isDown
    }
}

/// The sums of one chart, one for each alternative; none is below zero.
private struct Scores: Sendable {
    var outage = 0.0
    var partial = 0.0
    var degraded = 0.0

    var highest: Double { max(outage, partial, degraded) }
}

/// A Bernoulli CUSUM over a healthy model with blips.
private struct Chart: Sendable {
    var scores = Scores()

    private let budget: Double
    private let blipRate: Double
    private let blipMean: Double
    private let interval: Double
    private let degradedAt: Double
    /// The chance of being inside a blip, if the endpoint is healthy.
    private var blip = 0.0
    /// Of the last probe, in nanoseconds; `nil` before the first.
    private var lastStart: Int64?
    private var spacing: Spacing

    /// What follows from the time between two probes: it is nearly always the same.
    private struct Spacing: Sendable {
        let nanoseconds: Int64
        let seconds: Double
        let stays: Double
        let begins: Double
    }

    private static let blipBad = 0.95
    private static let outageBad = 0.98
    private static let partialBad = 0.40
    private static let longestStart = 0.5
    /// Gaps of up to two intervals are normal; beyond that scores halve every minute.
    private static let normalGaps = 2.0
    private static let halfLife = 60.0

    init(budget: Double, blipRate: Double, blipMean: Double, interval: Double, degradedAt: Double) {
        self.budget = budget
        self.blipRate = blipRate
        self.blipMean = blipMean
        self.interval = interval
        self.degradedAt = degradedAt
        let nanoseconds = Int64((interval * 1e9).rounded())
        spacing = Self.spacing(nanoseconds, seconds: interval, rate: blipRate, mean: blipMean)
    }

    mutating func weigh(isBad: Bool, start: MonotonicInstant) {
        follow(start.nanoseconds)
        let inBlip = blip * spacing.stays + (1 - blip) * spacing.begins
        let healthy = inBlip * Self.blipBad + (1 - inBlip) * budget
        blip = isBad ? inBlip * Self.blipBad / healthy : inBlip * (1 - Self.blipBad) / (1 - healthy)
        // A good probe never adds: what is zero stays zero.
        guard isBad || scores.highest > 0 else { return }
        func sum(_ score: Double, _ alternative: Double) -> Double {
            // At least the healthy chance, so that a bad probe is never good news.
            let probability = max(alternative, healthy)
            let likelier = isBad ? probability / healthy : (1 - probability) / (1 - healthy)
            return max(0, score + Double.log10(likelier))
        }
        scores.outage = sum(scores.outage, Self.outageBad)
        scores.partial = sum(scores.partial, Self.partialBad)
        scores.degraded = sum(scores.degraded, degradedAt)
    }

    /// Goes on to the next probe; a long silence only ever lowers a score.
    private mutating func follow(_ start: Int64) {
        // The first probe counts as if one had been before it.
        let gap = lastStart.map { start &- $0 } ?? Int64((interval * 1e9).rounded())
        lastStart = start
        if gap != spacing.nanoseconds {
            spacing = Self.spacing(gap, seconds: Double(gap) / 1e9, rate: blipRate, mean: blipMean)
        }
        let excess = spacing.seconds - Self.normalGaps * interval
        guard excess > 0, scores.highest > 0 else { return }
        let factor = Double.exp2(-excess / Self.halfLife)
        scores.outage *= factor
        scores.partial *= factor
        scores.degraded *= factor
    }

    private static func spacing(_ nanoseconds: Int64, seconds: Double, rate: Double, mean: Double) -> Spacing {
        Spacing(
            nanoseconds: nanoseconds,
            seconds: seconds,
            stays: Double.exp(-max(seconds, 0) / mean),
            begins: min(rate * max(seconds, 0), longestStart)
        )
    }
}
