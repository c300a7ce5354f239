package import FailoverCore

/// One event as it is told over the socket and kept in `transitions.jsonl`.
package struct EventDocument: Codable, Hashable, Sendable {
    /// `INSTANCE:SEQUENCE`.
    package var id: String
    package var at: WallTime
    /// The kind, as in `FAILOVERD_EVENT=`.
    package var event: String
    package var route: String?
    package var endpoint: String?
    package var from: String?
    package var to: String?
    /// Whose share of a weighted route it is about; absent for all others.
    package var share: String?
    package var regionFrom: String?
    package var regionTo: String?
    package var reason: ReasonDocument
    package var generation: UInt64
    package var term: UInt64
    package var vantage: String
    package var instance: String
    /// Who asked for it; absent for what the daemon did by itself.
    package var actor: String?
    package var dryRun: Bool
    /// The arithmetic behind a move.
    package var grounds: ExplainDocument.Endpoint?
    /// The file that it is about; absent for all that is not about one.
    package var output: String?

    private enum CodingKeys: String, CodingKey {
        case id, at, event, route, endpoint, from, to, share, reason, generation, term, vantage, instance, actor,
            grounds, output
        case regionFrom = "region_from"
        case regionTo = "region_to"
        case dryRun = "dry_run"
    }

    package init(_ event: Event, sequence: UInt64, at clock: ClockReading, publisher: Publisher) {
        id = "\(publisher.instance.id):\(sequence)"
        at = clock.wallTime(of: event.at)
        self.event = event.kind.rawValue
        route = event.route?.rawValue
        endpoint = event.endpoint?.rawValue
        from = event.from?.rawValue
        to = event.to?.rawValue
        share = event.share?.rawValue
        regionFrom = event.regionFrom?.rawValue
        regionTo = event.regionTo?.rawValue
        reason = ReasonDocument(event.reason)
        generation = event.generation
        term = 0
        vantage = publisher.vantage.rawValue
        instance = publisher.instance.id
        actor = event.requester
        dryRun = event.dryRun
        grounds = event.grounds.map { ExplainDocument.Endpoint($0, at: clock) }
        output = event.output
    }

    /// The number behind the colon of `id`; `nil` if it is not one of ours.
    package var sequence: UInt64? { id.split(separator: ":").last.flatMap { UInt64($0) } }

    /// Whether a route's active endpoint changed, or would have.
    package var isMove: Bool { from != nil && to != nil && from != to }

    /// Whether a route, or a share of one, has left an endpoint by the rule.
    package var isFailover: Bool {
        switch event {
        case EventKind.failover.rawValue: true
        case EventKind.weights.rawValue: isMove && actor == nil && reason.code != ReasonCode.recovered.rawValue
        default: false
        }
    }
}

/// The answer of `GET /v1/events` for those who do not follow.
package struct EventListDocument: Codable, Hashable, Sendable {
    /// Oldest first; at most 1,000.
    package var events: [EventDocument]

    package init(events: [EventDocument]) { self.events = events }
}

/// The answer of `POST /v1/reload`.
package struct ReloadDocument: Codable, Hashable, Sendable {
    package var configHash: String
    /// Whether anything differs from the configuration before.
    package var changed: Bool
    package var warnings: [String]

    package init(configHash: String, changed: Bool, warnings: [String]) {
        self.configHash = configHash
        self.changed = changed
        self.warnings = warnings
    }

    private enum CodingKeys: String, CodingKey {
        case changed, warnings
        case configHash = "config_hash"
    }
}

/// An error of the socket's API: RFC 9457, `application/problem+json`.
package struct ProblemDocument: Codable, Hashable, Sendable {
    /// `about:blank`, or a path into the documentation.
    package var type: String
    package var title: String
    package var status: Int
    package var detail: String
    /// What is allowed instead, where that is a list.
    package var allowed: [String]?
    /// Each error of a refused configuration.
    package var errors: [String]?

    package init(title: String, status: Int, detail: String, allowed: [String]? = nil, errors: [String]? = nil) {
        type = "about:blank"
        self.title = title
        self.status = status
        self.detail = detail
        self.allowed = allowed
        self.errors = errors
    }
}
