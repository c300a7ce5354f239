package import FailoverCore
import RealModule

/// Whether the evidence rule keeps its budget: healthy probes, drawn from the very model that the rule takes for healthy, must
/// not trip it more often than it promises.
///
/// Each indicator has its own stray bad probes, at the rate that its objective allows, and its own blips, which begin and end
/// at the rates that the rule assumes. Only the detector runs: no engine, no world.
package struct BudgetRun: Sendable {
    package let parameters: EvidenceParameters
    package let interval: Duration
    package private(set) var probes = 0
    /// Times that the rule would have convicted a healthy endpoint.
    package private(set) var trips = 0
    /// The time that the probes took, in seconds.
    package private(set) var seconds = 0.0

    private var detector: EvidenceDetector
    private var availability: Healthy
    private var latency: Healthy
    private var random: SplitMix64
    private var now: MonotonicInstant
    /// Probes come at the confirming interval while there is suspicion, as the engine orders it.
    private var spacing: Duration

    /// - Parameters:
    ///   - parameters: The rule, with the budget that it is held to.
    ///   - interval: Time between probes.
    ///   - seed: Of all that is drawn.
    ///   - detectorBudget: False failovers a year that the detector itself is set to; the same unless a test breaks it.
    package init(
        parameters: EvidenceParameters,
        interval: Duration = .seconds(5),
        seed: UInt64,
        detectorBudget: Double? = nil
    ) {
        let availability = AvailabilityObjective().ratio
        let probe = ProbeConfiguration(
            request: .tcp(TCPProbe(address: HostPort(host: "192.0.2.1", port: 443))),
            interval: interval,
            latencyObjective: .seconds(1)
        )
        let broken = detectorBudget.map { parameters.with(falseFailoversPerYear: $0) } ?? parameters
        detector = EvidenceDetector(parameters: broken, probe: probe, availability: availability, probes: 1)
        self.parameters = parameters
        self.interval = interval
        self.availability = Healthy(.availability, parameters, interval, availability)
        self.latency = Healthy(.latency, parameters, interval, availability)
        random = SplitMix64(seed: seed)
        now = MonotonicInstant(nanoseconds: 0)
        spacing = interval
    }

    /// Draws and judges so many probes more.
    package mutating func run(probes count: Int) {
        for _ in 0..<count {
            let isError = availability.next(after: spacing, &random)
            let isSlow = latency.next(after: spacing, &random)
            detector.recordAvailability(
                JudgedSample(start: now, isBad: isError, finding: isError ? .connectRefused : .ok)
            )
            detector.recordLatency(JudgedSample(start: now, isBad: isSlow, finding: isSlow ? .slow : .ok))
            detector.recordWhole(
                JudgedSample(
                    start: now,
                    isBad: isError || isSlow,
                    finding: isError ? .connectRefused : isSlow ? .slow : .ok
                )
            )
            probes += 1
            seconds += spacing.inSeconds
            if detector.isTripped {
                trips += 1
                // As after a recovery that took no time: the sums are gone, what is known of blips stays.
                detector.beginProof()
                detector.acquit()
            }
            let next = detector.isSuspicious ? min(interval, parameters.confirmInterval) : interval
            if next != spacing { spacing = next }
            now = now + spacing
        }
    }

    /// What the budget allows in that time.
    package var expected: Double { parameters.falseFailoversPerYear * seconds / EvidenceModel.secondsPerYear }
    /// The 99 % bound of a Poisson count with that mean.
    package var bound: Int { PoissonBound.upper(mean: expected, confidence: 0.99) }
    package var isKept: Bool { trips <= bound }

    /// One line of a table.
    package var line: String {
        let name = parameters.preset.rawValue
        let pad = String(repeating: " ", count: max(0, 10 - name.count))
        let figures =
            "\(interval.inSeconds.trimmed) s, \(probes) probes, \((seconds / EvidenceModel.secondsPerYear).formatted(decimals: 2))"
            + " years: \(trips) false trips, \(expected.formatted(decimals: 2)) allowed on average, 99 % bound \(bound)"
        return "\(name)\(pad)\(figures): \(isKept ? "kept" : "BROKEN")"
    }
}

/// Good and bad probes of one indicator of a healthy endpoint: independent bad ones, and blips that come and go.
private struct Healthy: Sendable {
    private let budget: Double
    private let blipRate: Double
    private let blipMean: Double
    private var isInBlip = false
    /// Chances for the spacing that was asked for last.
    private var spacing = Duration.zero
    private var stays = 0.0
    private var begins = 0.0

    init(_ kind: IndicatorKind, _ parameters: EvidenceParameters, _ interval: Duration, _ availability: Ratio) {
        budget = kind.budget(availability: availability)
        blipRate = EvidenceModel.blipRate(of: kind, budget: budget, interval: interval, parameters: parameters)
        blipMean = (kind == .availability ? parameters.availabilityBlip : parameters.latencyBlip).inSeconds
    }

    /// Whether the probe is bad that begins so long after the last one.
    mutating func next(after spacing: Duration, _ random: inout SplitMix64) -> Bool {
        if spacing != self.spacing {
            self.spacing = spacing
            stays = Double.exp(-spacing.inSeconds / blipMean)
            begins = min(blipRate * spacing.inSeconds, EvidenceModel.maximumBlipStart)
        }
        isInBlip = Self.draw(&random) < (isInBlip ? stays : begins)
        return Self.draw(&random) < (isInBlip ? EvidenceModel.blipBadProbability : budget)
    }

    /// 53 bits of chance, without the detours of the general way: hundreds of millions are drawn.
    private static func draw(_ random: inout SplitMix64) -> Double {
        Double(random.next() >> 11) * 0x1p-53
    }
}
