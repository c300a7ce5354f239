/// The metrics that are published, in the order in which they are written.
enum MetricFamily: String, CaseIterable {
    case buildInfo = "failoverd_build_info"
    case generation = "failoverd_generation"
    case persisted = "failoverd_decision_persisted"
    case written = "failoverd_state_written_timestamp_seconds"
    case vantage = "failoverd_vantage_state"
    case frozen = "failoverd_frozen"
    case finished = "failoverd_probes_finished"
    case skipped = "failoverd_probes_skipped"
    case local = "failoverd_probes_inconclusive"
    case active = "failoverd_route_active"
    case weight = "failoverd_route_weight"
    case mode = "failoverd_route_mode"
    case moved = "failoverd_route_since_timestamp_seconds"
    case verdict = "failoverd_endpoint_verdict"
    case drained = "failoverd_endpoint_drained"
    case samples = "failoverd_indicator_samples"
    case bad = "failoverd_indicator_bad_samples"
    case void = "failoverd_indicator_void_samples"
    case evidence = "failoverd_indicator_evidence"
    case threshold = "failoverd_indicator_evidence_threshold"
    case objective = "failoverd_indicator_objective_seconds"
    case latency = "failoverd_indicator_latency_seconds"
    case certificate = "failoverd_certificate_expiry_timestamp_seconds"
    case tokenRate = "failoverd_chat_tokens_per_second"
    case longestGap = "failoverd_chat_longest_gap_seconds"
    case spentTokens = "failoverd_spend_today_tokens"
    case tokenCap = "failoverd_spend_cap_tokens"
    case spentMoney = "failoverd_spend_today_money"
    case moneyCap = "failoverd_spend_cap_money"
    case pace = "failoverd_spend_pace"
    case outputState = "failoverd_output_state"
    case outputGeneration = "failoverd_output_generation"
    case outputWritten = "failoverd_output_written_timestamp_seconds"

    /// Where it stands among all cases.
    var place: Int { Self.places[self] ?? 0 }

    private static let places = Dictionary(uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })

    /// All of them show what is so now; none only rises.
    var type: String { "gauge" }

    var help: String {
        switch self {
        case .buildInfo: "Always 1; the version that runs and the hash of its configuration."
        case .generation: "Rises by one with each published change of a route; never falls."
        case .persisted: "1 if the decision is on disk, 0 if only in memory."
        case .written: "When the state file was last written."
        case .vantage: "1 for the state of the place that probes, 0 for the others."
        case .frozen: "1 while an operator has frozen all automatic moves."
        case .finished: "Attempts that ended in the last minute."
        case .skipped: "Starts that were planned in the last minute and did not happen."
        case .local: "Attempts of the last minute that said nothing because of our own machine, by reason."
        case .active: "1 for the endpoint that the route uses, 0 for its others."
        case .weight: "Percent of the route's traffic that the endpoint is to carry."
        case .mode: "1 for the mode of the route, 0 for the others."
        case .moved: "Since when the route uses its endpoint."
        case .verdict: "1 for the verdict of the endpoint, 0 for the others."
        case .drained: "1 while an operator has drained the endpoint or its region."
        case .samples: "Judged samples in the window of the indicator."
        case .bad: "Bad ones among them."
        case .void: "Samples in the window that are shown and not judged."
        case .evidence: "Evidence against the indicator, in powers of ten."
        case .threshold: "Evidence at which the endpoint is left."
        case .objective: "The objective for the 99th percentile."
        case .latency: "Percentiles of the window, timed-out samples at their limit."
        case .certificate: "When the endpoint's certificate expires."
        case .tokenRate: "Tokens per second of the last answered chat."
        case .longestGap: "The longest time between two tokens of the last answered chat."
        case .spentTokens: "Tokens that probing the endpoint has spent today (UTC)."
        case .tokenCap: "The most that it may spend in a day."
        case .spentMoney: "What probing the endpoint has cost today (UTC)."
        case .moneyCap: "The most that it may cost in a day."
        case .pace: "1 for what a cap does to the probes of the endpoint, 0 for the others."
        case .outputState: "1 for how the rendered file stands, 0 for the others."
        case .outputGeneration: "Generation of the decision that the rendered file tells."
        case .outputWritten: "When the rendered file was last replaced."
        }
    }
}
