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
    /// What the outcome can prove: `deep` or `shallow`, as in the state file.
    package var tier: String
    /// Milliseconds to the whole answer, or waited for a timeout; `null` for a fast failure.
    ///
    /// From the start, or for a chat from the request fully written.
    @ExplicitNull package var latency: Double?
    /// The p99 objective in milliseconds; `null` without one.
    @ExplicitNull package var objective: Double?
    /// Milliseconds from the request fully written to the first token of a chat, or waited for it in vain.
    ///
    /// `null` if none came, and for every other probe.
    @ExplicitNull package var ttft: Double?
    /// Its p99 objective in milliseconds; `null` without one.
    @ExplicitNull package var ttftObjective: Double?
    /// How long a throttled probe was asked to wait; `null` if it was not asked to.
    @ExplicitNull package var retryAfter: Double?
    /// When each phase ended, in milliseconds since the start; phases that did not happen are absent.
    package var phases: [String: Double]
    /// The way that the attempt took, as in the state file; `null` if no connection was made.
    @ExplicitNull package var connection: StateDocument.Connection?
    /// What the answer was like, as in the state file; `null` for any probe but a chat that was answered.
    @ExplicitNull package var chat: StateDocument.Chat?

    private enum CodingKeys: String, CodingKey {
        case endpoint, probe, outcome, kind, detail, tier, phases, connection, chat
        case latency = "latency_ms"
        case objective = "objective_ms"
        case ttft = "ttft_ms"
        case ttftObjective = "ttft_objective_ms"
        case retryAfter = "retry_after_seconds"
    }

    /// `clock` is read when the attempt has ended.
    package init(_ observation: Observation, of probe: ProbeConfiguration, at clock: ClockReading) {
        endpoint = observation.key.endpoint.rawValue
        self.probe = observation.key.probe.rawValue
        outcome = observation.outcome.name
        _kind = ExplicitNull(wrappedValue: observation.outcome.reason?.rawValue)
        _detail = ExplicitNull(wrappedValue: observation.detail)
        tier = (probe.request.asksTheApplication ? observation.tier : .shallow).rawValue
        _latency = ExplicitNull(wrappedValue: observation.latency?.inMilliseconds.roundedForReaders)
        _objective = ExplicitNull(wrappedValue: probe.latencyObjective?.inMilliseconds.roundedForReaders)
        _ttft = ExplicitNull(wrappedValue: observation.ttft?.inMilliseconds.roundedForReaders)
        _ttftObjective = ExplicitNull(wrappedValue: probe.ttftObjective?.inMilliseconds.roundedForReaders)
        _retryAfter = ExplicitNull(wrappedValue: observation.retryAfter?.inSeconds.roundedForReaders)
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
        _chat = ExplicitNull(wrappedValue: observation.chat.map(StateDocument.Chat.init))
    }

    /// Answered as expected, within the objectives if there are any, and with a good answer.
    package var isGood: Bool { outcome == "success" && !isSlow && chat?.poorQuality == nil }

    /// The whole answer, or its first token, took longer than the objective.
    package var isSlow: Bool {
        latency ?? 0 > objective ?? .infinity || ttft ?? 0 > ttftObjective ?? .infinity
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
