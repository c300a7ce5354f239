package import FailoverCore

/// A change of a route as a replay, or a live run, tells it.
package struct ReplayTransition: Hashable, Sendable {
    /// Since the recording's start.
    package let at: Duration
    package let route: RouteName
    package let event: EventKind
    package let from: EndpointName?
    package let to: EndpointName?
    /// Whose share of a weighted route it is about.
    package let share: EndpointName?
    /// Traffic left what was bad.
    package let isLeaving: Bool
    package let reason: Reason
    package let generation: UInt64
    /// The endpoint that a route stays on, where it does not move.
    package let endpoint: EndpointName?
    package let isDryRun: Bool
    /// The strongest sum behind a move and what it is compared with; `nil` where there is none.
    package let evidence: (sum: Double, threshold: Double)?

    /// `nil` for an event that is no transition: one that is about no route, or only about money.
    package init?(_ event: Event, origin: MonotonicInstant) {
        guard let route = event.route, event.kind != .spend else { return nil }
        at = event.at - origin
        self.route = route
        self.event = event.kind
        from = event.from
        to = event.to
        share = event.share
        isLeaving = event.isLeaving
        reason = event.reason
        generation = event.generation
        endpoint = event.endpoint
        isDryRun = event.dryRun
        let indicators =
            event.kind == .failback || (event.kind == .weights && !event.isLeaving)
            ? [] : event.grounds?.indicators ?? []
        let sums = indicators.flatMap { indicator in
            zip(indicator.scores, indicator.thresholds).map { (sum: $0, threshold: $1) }
        }
        // The first of equals, which is the graver one.
        evidence = sums.reversed().max { $0.sum / $0.threshold <= $1.sum / $1.threshold }
    }

    /// Whether traffic went elsewhere.
    package var isMove: Bool { from != nil && to != nil && from != to && !isDryRun }

    package static func == (left: ReplayTransition, right: ReplayTransition) -> Bool {
        left.at == right.at && left.route == right.route && left.event == right.event && left.from == right.from
            && left.to == right.to && left.share == right.share && left.reason == right.reason
            && left.generation == right.generation
            && left.endpoint == right.endpoint && left.isDryRun == right.isDryRun
            && left.evidence?.sum == right.evidence?.sum && left.evidence?.threshold == right.evidence?.threshold
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(at)
        hasher.combine(route)
        hasher.combine(generation)
    }
}
