/// What the engine needs of a probe's configuration with every sample, worked out once.
struct ProbeLimits: Sendable {
    /// As configured.
    let interval: Duration
    /// `nil` where slowness does not count.
    let objective: Duration?
    /// An attempt that takes longer is slow before its end is told; `nil` without an objective.
    let overdueAfter: Duration?
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
        objective = probe.latencyObjective
        overdueAfter = probe.latencyObjective.map { $0 + Self.overdueGrace }
        abandonAfter = probe.timeouts.total + Self.reportingGrace
        staleAfter = max(.seconds(30), probe.interval * 6, probe.timeouts.total + probe.interval * 2)
        confirmationPatience = (probe.latencyObjective ?? probe.timeouts.connect) + Self.confirmationGrace
    }
}
