package import FailoverCore

/// One probe as rules see it that are compared.
package struct DecisionProbe: Sendable, Equatable {
    package let start: MonotonicInstant
    package let isError: Bool
    package let isSlow: Bool

    package init(start: MonotonicInstant, isError: Bool, isSlow: Bool) {
        self.start = start
        self.isError = isError
        self.isSlow = isSlow
    }

    /// The one bit that most rules see.
    package var isBad: Bool { isError || isSlow }
}

/// A rule that says after each probe of one endpoint whether the endpoint is down.
///
/// Values: a copy of one without probes is a fresh one.
package protocol DecisionRule: Sendable {
    /// Takes the next probe, in the order of their starts.
    ///
    /// - Returns: Whether the rule holds the endpoint to be down now.
    mutating func take(_ probe: DecisionProbe) -> Bool
}

/// A rule of this project: its own detector, which convicts, and acquits by its own proof.
package struct DetectorRule<Detector: ProbeDetector>: DecisionRule {
    private var detector: Detector
    private var isDown = false

    package init(_ detector: Detector) { self.detector = detector }

    /// It asks for the next probe after the confirm interval.
    package var isSuspicious: Bool { detector.isSuspicious }

    package mutating func take(_ probe: DecisionProbe) -> Bool {
        let error = JudgedSample(
            start: probe.start,
            isBad: probe.isError,
            finding: probe.isError ? .connectRefused : .ok
        )
        detector.recordAvailability(error)
        let isOnlySlow = probe.isSlow && !probe.isError
        let slow = JudgedSample(start: probe.start, isBad: true, finding: .slow)
        detector.recordLatencyAndWhole(isOnlySlow ? slow : error)
        if isDown {
            if detector.proof.isProven {
                detector.acquit()
                isDown = false
            }
        } else if detector.isTripped {
            detector.beginProof()
            isDown = true
        }
        return isDown
    }
}

extension DetectorRule<EvidenceDetector> {
    /// The evidence rule for a probe with a latency objective, at the default availability.
    ///
    /// - Parameters:
    ///   - parameters: The rule.
    ///   - interval: Time between probes.
    ///   - confirms: Probes come at the confirm interval while there is suspicion. Where they never do, the rule has to know: it
    ///     works out from the spacing of probes how long a row a hiccup makes.
    package init(_ parameters: EvidenceParameters, interval: Duration, confirms: Bool = false) {
        let probe = ProbeConfiguration(
            request: .tcp(TCPProbe(address: HostPort(host: "192.0.2.1", port: 443))),
            interval: interval,
            latencyObjective: .seconds(1)
        )
        self.init(
            EvidenceDetector(
                parameters: confirms ? parameters : parameters.with(confirmInterval: interval),
                probe: probe,
                availability: AvailabilityObjective().ratio,
                probes: 1
            )
        )
    }
}

extension DetectorRule<CountingDetector> {
    /// A plain rule: `bad` of the last `of` convict, `rise` good ones in a row acquit.
    package init(bad: Int, of: Int, rise: Int) {
        self.init(CountingDetector(probe: .default, bad: bad, of: of, rise: rise))
    }
}
