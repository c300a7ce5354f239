/// The kinds of edge-triggered events; the raw value is `FAILOVERD_EVENT=` in the journal.
package enum EventKind: String, Hashable, Sendable, CaseIterable {
    case started
    /// Automatic move away from an endpoint that tripped.
    case failover
    /// Automatic move back up the order of preference.
    case failback
    /// The active endpoint tripped and nobody is healthy: traffic stays.
    case failOpen = "fail_open"
    /// A move was due and is withheld: the route has moved too often in the last hour, or an operator has frozen it.
    case held
    /// An operator has set a route on an endpoint; with `from` and `to` when that moved traffic.
    case pinned
    case unpinned
    /// An operator wants no traffic on an endpoint or in a region; with `from` and `to` for each route that leaves it.
    case drained
    case undrained
    /// An operator has stopped all automatic moves.
    case frozen
    case unfrozen
    /// A share of a weighted route has moved, by the rule or brought back by an operator; or a stopped canary may go on.
    case weights
    /// What an operator wanted was wanted until now.
    case expired
    /// An endpoint's verdict changed.
    case verdict
    /// The endpoint limits our rate, or no longer does.
    case throttled
    /// Our own request or account is refused, or no longer is: decisions hold.
    case misconfigured
    /// Answers are poor, or come from another model or build than before.
    case quality
    /// Probes have become dearer, slower or cheaper for the sake of a cap, or a move is dearer than allowed.
    case spend
    /// A certificate expires soon, or was renewed after such a warning.
    case certificate
    /// Probing itself is hampered (too few descriptors, no resolver, stalled), or our own vantage is in doubt, or no longer.
    case vantage
    /// A configuration was applied or refused; with `from` and `to` when it moved a route.
    case config
    /// A file that is rendered from decisions cannot be brought up to date, or can again.
    case output
    /// A route spends its error budget so fast that somebody should look, or no longer does.
    case errorBudget = "error_budget"
    /// Events or inputs were lost because a queue was full.
    case dropped
}

/// Something that happened, told once to the journal, the history and those who follow.
package struct Event: Hashable, Sendable {
    package let kind: EventKind
    package let at: MonotonicInstant
    package let route: RouteName?
    package let endpoint: EndpointName?
    package let from: EndpointName?
    package let to: EndpointName?
    /// Whose share of a weighted route it is about; `nil` for all others.
    package let share: EndpointName?
    package let regionFrom: RegionName?
    package let regionTo: RegionName?
    package let reason: Reason
    package let generation: UInt64
    /// Who asked for it; `nil` for what the daemon did by itself.
    package let requester: String?
    /// Observe mode: would have happened.
    package let dryRun: Bool
    /// The arithmetic behind a move, kept so that it can be explained later.
    package let grounds: EndpointExplanation?
    /// The file that it is about; `nil` for all that is not about one.
    package let output: String?

    package init(
        kind: EventKind,
        at: MonotonicInstant,
        route: RouteName? = nil,
        endpoint: EndpointName? = nil,
        from: EndpointName? = nil,
        to: EndpointName? = nil,
        share: EndpointName? = nil,
        regionFrom: RegionName? = nil,
        regionTo: RegionName? = nil,
        reason: Reason,
        generation: UInt64,
        requester: String? = nil,
        dryRun: Bool = false,
        grounds: EndpointExplanation? = nil,
        output: String? = nil
    ) {
        self.kind = kind
        self.at = at
        self.route = route
        self.endpoint = endpoint
        self.from = from
        self.to = to
        self.share = share
        self.regionFrom = regionFrom
        self.regionTo = regionTo
        self.reason = reason
        self.generation = generation
        self.requester = requester
        self.dryRun = dryRun
        self.grounds = grounds
        self.output = output
    }
}

extension Event {
    /// Traffic was moved by the rule, or would have been: no operator asked for it.
    package var isAutomaticMove: Bool {
        switch kind {
        case .failover, .failback, .weights: from != nil && to != nil && requester == nil
        default: false
        }
    }

    /// Whether traffic has left what was bad, and not returned to what is well.
    package var isLeaving: Bool {
        kind == .failover || (kind == .weights && isAutomaticMove && reason.code != .recovered)
    }
}
