/// What the engine needs of a probe's configuration with every sample, worked out once.
struct ProbeLimits: Sendable {
    /// As configured.
    let interval: Duration
    /// `nil` where slowness does not count.
    let objective: Duration?
    /// The prober tells when an objective has passed, rather than the engine's clock: so for chats.
    let isTimedByProber: Bool
    /// An attempt whose end is not told by then counts nowhere.
    let abandonAfter: Duration
    /// After this long without a judged sample the endpoint is unknown: six missed intervals, at least 30 s.
    ///
    /// Both attempts under way may hang to their limit before the next one can begin: that silence is an answer too.
    let staleAfter: Duration
    /// The longest wait for an answer that confirms a candidate.
    let confirmationPatience: Duration

    /// Beyond its total timeout an attempt gets this long to be reported before it counts nowhere.
    static let reportingGrace = Duration.seconds(5)
    /// An answer within the objective may still be on its way from the probe to the engine.
    static let overdueGrace = Duration.milliseconds(150)
    /// Time for an order to become a probe, beyond the candidate's objective.
    static let confirmationGrace = Duration.milliseconds(250)

    init(_ probe: ProbeConfiguration) {
        interval = probe.interval
        objective = probe.judgedLatency
        abandonAfter = probe.timeouts.total + Self.reportingGrace
        staleAfter = max(.seconds(30), probe.interval * 6, probe.timeouts.total + probe.interval * 2)
        if case .chat = probe.request {
            isTimedByProber = true
            // Its objectives count from the request fully written.
            let answer = probe.judgedLatency ?? probe.timeouts.ttft
            confirmationPatience = probe.timeouts.connect + answer + Self.confirmationGrace
        } else {
            isTimedByProber = false
            confirmationPatience = (probe.judgedLatency ?? probe.timeouts.connect) + Self.confirmationGrace
        }
    }

    /// An attempt that takes longer is slow before its end is told.
    ///
    /// `nil` without an objective, and where the prober tells.
    var overdueAfter: Duration? { isTimedByProber ? nil : objective.map { $0 + Self.overdueGrace } }
}
