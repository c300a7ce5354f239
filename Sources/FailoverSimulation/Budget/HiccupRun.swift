package import FailoverCore
import RealModule

/// A healthy endpoint in continuous time whose hiccups are longer than the rule was told, probed faster while there is suspicion:
/// how often the evidence rule leaves it for nothing.
///
/// Hiccups begin as often as the rule assumes, at random, and last an exponential time. The logarithm of the latency is an
/// autoregressive process, independent of them. Only the detector runs: no engine, no world.
package struct HiccupRun: Sendable {
    package let parameters: EvidenceParameters
    /// Mean length of a hiccup in the rule's blips of errors.
    package let multiple: Double
    package private(set) var probes = 0
    /// Times that the rule convicted the endpoint; it is acquitted by the rule's own proof.
    package private(set) var trips = 0

    private let interval: Duration
    private var rule: DetectorRule<EvidenceDetector>
    private var isDown = false
    private var hiccups: HiccupSource
    private var latency: LatencySource
    private var random: SplitMix64
    private var now = MonotonicInstant(nanoseconds: 0)
    private var spacing: Duration

    /// As long as the rule assumes, and longer.
    package static let multiples = [1.0, 2.4, 4.0]
    /// Of probes outside hiccups.
    private static let errorRate = 0.001

    /// A fresh endpoint.
    ///
    /// - Parameters:
    ///   - parameters: The rule, with the budget and the blips that it is held to.
    ///   - multiple: Mean length of a hiccup in blips of errors, above 0.
    ///   - interval: Time between probes without suspicion.
    ///   - seed: Of all that is drawn.
    package init(
        parameters: EvidenceParameters,
        multiple: Double,
        interval: Duration = DecisionBench.interval,
        seed: UInt64
    ) {
        self.parameters = parameters
        self.multiple = multiple
        self.interval = interval
        rule = DetectorRule<EvidenceDetector>(parameters, interval: interval, confirms: true)
        hiccups = HiccupSource(
            perSecond: parameters.blipsPerDay / 86_400,
            mean: parameters.availabilityBlip.inSeconds * multiple
        )
        random = SplitMix64(seed: seed)
        latency = LatencySource(&random)
        spacing = interval
    }

    package var seconds: Double { Double(now.nanoseconds) / 1e9 }
    package var years: Double { seconds / EvidenceModel.secondsPerYear }

    /// Goes on for so long.
    package mutating func run(years more: Double) {
        let end = seconds + more * EvidenceModel.secondsPerYear
        var time = seconds
        while time < end {
            let isInside = hiccups.isInside(at: time, &random)
            let isError = random.unit() < (isInside ? EvidenceModel.blipBadProbability : Self.errorRate)
            let isSlow = latency.isSlow(after: spacing, &random)
            let wasDown = isDown
            isDown = rule.take(DecisionProbe(start: now, isError: isError, isSlow: isSlow))
            if isDown, !wasDown { trips += 1 }
            probes += 1
            spacing = rule.isSuspicious ? min(interval, parameters.confirmInterval) : interval
            now = now + spacing
            time = seconds
        }
    }

    /// False failovers a year.
    package var perYear: Double { Double(trips) / max(years, .leastNonzeroMagnitude) }

    /// One line of a table.
    package var line: String {
        let bounds = PoissonBound.interval(of: trips)
        let time = max(years, .leastNonzeroMagnitude)
        let name = parameters.preset.rawValue
        let pad = String(repeating: " ", count: max(0, 10 - name.count))
        let mean = (parameters.availabilityBlip.inSeconds * multiple).formatted(decimals: 1)
        return "\(name)\(pad)hiccups of \(mean) s (\(multiple.trimmed) blips), \(years.formatted(decimals: 2)) years: "
            + "\(perYear.formatted(decimals: 1)) false failovers a year "
            + "[\((bounds.lowerBound / time).formatted(decimals: 1))-\((bounds.upperBound / time).formatted(decimals: 1))], "
            + "budget \(parameters.falseFailoversPerYear.trimmed): "
            + "\((perYear / parameters.falseFailoversPerYear).formatted(decimals: 1)) times"
    }
}

/// Hiccups that begin at random and last an exponential time; a second one does not begin inside of one.
struct HiccupSource: Sendable {
    private let perSecond: Double
    private let mean: Double
    /// Of the hiccup that is under way or comes next, in seconds; `nil` before the first was drawn.
    private var span: Range<Double>?

    /// - Parameters:
    ///   - perSecond: How many begin per second outside of one, above 0.
    ///   - mean: How long one lasts on average, in seconds.
    init(perSecond: Double, mean: Double) {
        self.perSecond = perSecond
        self.mean = mean
    }

    /// Whether that time, which is not before the last one that was asked for, is inside a hiccup.
    mutating func isInside(at time: Double, _ random: inout SplitMix64) -> Bool {
        var next = span ?? draw(after: 0, &random)
        while next.upperBound <= time { next = draw(after: next.upperBound, &random) }
        span = next
        return next.contains(time)
    }

    private func draw(after end: Double, _ random: inout SplitMix64) -> Range<Double> {
        let start = end - Double.log(1 - random.unit()) / perSecond
        return start..<(start - Double.log(1 - random.unit()) * mean)
    }
}

/// Slow probes in spells: three in a thousand, with a correlation of 0.7 over five seconds.
private struct LatencySource: Sendable {
    private let limit: Double
    private var normal = NormalSource()
    private var latency: Double
    /// For the spacing that was asked for last.
    private var spacing = Duration.zero
    private var persistence = 1.0
    private var innovation = 0.0

    private static let slowRate = 0.003
    private static let correlation = 0.7
    private static let correlationTime = 5.0

    init(_ random: inout SplitMix64) {
        limit = NormalSource.quantile(1 - Self.slowRate)
        latency = normal.next(&random)
    }

    /// Whether the probe is slow that begins so long after the last one.
    mutating func isSlow(after spacing: Duration, _ random: inout SplitMix64) -> Bool {
        if spacing != self.spacing {
            self.spacing = spacing
            persistence = Double.pow(Self.correlation, spacing.inSeconds / Self.correlationTime)
            innovation = (1 - persistence * persistence).squareRoot()
        }
        latency = persistence * latency + innovation * normal.next(&random)
        return latency > limit
    }
}
