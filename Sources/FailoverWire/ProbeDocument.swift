package import FailoverCore

/// The answer of `failoverctl probe --json`: one probe, phase by phase.
package struct ProbeDocument: Codable, Hashable, Sendable {
    package var endpoint: String
    package var probe: String
    /// `success`, `failure`, `throttled`, `misconfigured` or `inconclusive`.
    package var outcome: String
    /// The reason code; `null` for a success.
    @ExplicitNull package var kind: String?
    @ExplicitNull package var detail: String?
    /// Milliseconds to the whole answer, or waited for a timeout; `null` for a fast failure.
    @ExplicitNull package var latency: Double?
    /// The p99 objective in milliseconds; `null` without one.
    @ExplicitNull package var objective: Double?
    /// When each phase ended, in milliseconds since the start; phases that did not happen are absent.
    package var phases: [String: Double]
    /// The way that the attempt took, as in the state file; `null` if no connection was made.
    @ExplicitNull package var connection: StateDocument.Connection?

    private enum CodingKeys: String, CodingKey {
        case endpoint, probe, outcome, kind, detail, phases, connection
        case latency = "latency_ms"
        case objective = "objective_ms"
    }

    /// `clock` is read when the attempt has ended.
    package init(_ observation: Observation, of probe: ProbeConfiguration, at clock: ClockReading) {
        endpoint = observation.key.endpoint.rawValue
        self.probe = observation.key.probe.rawValue
        outcome = observation.outcome.name
        _kind = ExplicitNull(wrappedValue: observation.outcome.reason?.rawValue)
        _detail = ExplicitNull(wrappedValue: observation.detail)
        _latency = ExplicitNull(wrappedValue: observation.latency?.inMilliseconds.roundedForReaders)
        _objective = ExplicitNull(wrappedValue: probe.latencyObjective?.inMilliseconds.roundedForReaders)
        let ends = observation.phases.inOrder.compactMap { phase in
            phase.end.map { (phase.name, $0.inMilliseconds.roundedForReaders) }
        }
        phases = Dictionary(ends) { first, _ in first }
        let connection = observation.connection.map { facts in
            let expiresSoon =
                facts.certificate?.isExpiring(warnBefore: probe.request.tls?.warnBefore, at: clock.monotonic) ?? false
            return StateDocument.Connection(facts, expiresSoon: expiresSoon, at: clock)
        }
        _connection = ExplicitNull(wrappedValue: connection)
    }

    /// Answered as expected, and within the objective if there is one.
    package var isGood: Bool {
        guard outcome == "success", let latency else { return outcome == "success" }
        return latency <= objective ?? .infinity
    }
}

extension Outcome {
    /// The word of recordings and documents.
    package var name: String {
        switch self {
        case .success: "success"
        case .failure: "failure"
        case .throttled: "throttled"
        case .misconfigured: "misconfigured"
        case .inconclusive: "inconclusive"
        }
    }
}

extension PhaseTimings {
    /// Every phase with the time from the attempt's start to its end, in the order in which they happen.
    package var inOrder: [(name: String, end: Duration?)] {
        [
            ("resolve", resolved), ("connect", connected), ("tls", secured), ("request", requestWritten),
            ("first_byte", firstByte), ("last_byte", lastByte),
        ]
    }
}
