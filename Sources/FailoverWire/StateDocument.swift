/// The state file and the answer of `GET /v1/status`: schema `failoverd.state/1`, described in docs/state-file.md.
///
/// Readers ignore fields that they do not know, and past `validUntil` use an order of their own.
package struct StateDocument: Codable, Hashable, Sendable {
    package static let schema = "failoverd.state/1"

    package var schema: String
    /// 0 while one daemon decides alone.
    package var term: UInt64
    /// With `term`: never falls, over restarts too; +1 per published change of any route's active endpoint.
    package var generation: UInt64
    /// Rises by one with every write of this instance.
    package var sequence: UInt64
    package var writtenAt: WallTime
    package var validUntil: WallTime
    /// The decision is also on disk in the state directory.
    package var persisted: Bool
    package var instance: Instance
    package var authority: Authority
    package var vantage: Vantage
    package var vantages: [String: VantageSeen]
    @ExplicitNull package var frozen: Freeze?
    @BlankWhenMissing package var probing: Probing
    package var routes: [String: Route]
    package var endpoints: [String: Endpoint]
    /// Files that are rendered from decisions, by path; absent where there are none.
    package var outputs: [String: Output]?
    /// Those who are told of events, by name; absent where there are none.
    package var notifications: [String: Notification]?

    private enum CodingKeys: String, CodingKey {
        case schema, term, generation, sequence, persisted, instance, authority, vantage, vantages, frozen, probing,
            routes, endpoints, outputs, notifications
        case writtenAt = "written_at"
        case validUntil = "valid_until"
    }

    package struct Instance: Codable, Hashable, Sendable {
        /// 128 random bits in hexadecimal, new at each start.
        package var id: String
        package var version: String
        package var configHash: String

        package init(id: String, version: String, configHash: String) {
            self.id = id
            self.version = version
            self.configHash = configHash
        }

        private enum CodingKeys: String, CodingKey {
            case id, version
            case configHash = "config_hash"
        }
    }

    package struct Authority: Codable, Hashable, Sendable {
        /// `local` or `quorum`.
        package var kind: String
        package var votes: Int
        package var of: Int

        package static let local = Authority(kind: "local", votes: 1, of: 1)
    }

    package struct Vantage: Codable, Hashable, Sendable {
        package var name: String
        /// `clear`, `suspect` or `stalled`.
        package var state: String
        @ExplicitNull package var reason: ReasonDocument?
        package var since: WallTime
        /// By address; absent where there are none.
        package var anchors: [String: Anchor]?

        package init(
            name: String,
            state: String,
            reason: ReasonDocument? = nil,
            since: WallTime,
            anchors: [String: Anchor]? = nil
        ) {
            self.anchors = anchors
            self.name = name
            self.state = state
            _reason = ExplicitNull(wrappedValue: reason)
            self.since = since
        }
    }

    package struct VantageSeen: Codable, Hashable, Sendable {
        package var state: String
        @ExplicitNull package var reason: ReasonDocument?
        package var seenAt: WallTime

        package init(state: String, reason: ReasonDocument? = nil, seenAt: WallTime) {
            self.state = state
            _reason = ExplicitNull(wrappedValue: reason)
            self.seenAt = seenAt
        }

        private enum CodingKeys: String, CodingKey {
            case state, reason
            case seenAt = "seen_at"
        }
    }

    package struct Freeze: Codable, Hashable, Sendable {
        package var by: String
        package var reason: String
        package var since: WallTime
        @ExplicitNull package var until: WallTime?

        package init(by: String, reason: String, since: WallTime, until: WallTime?) {
            self.by = by
            self.reason = reason
            self.since = since
            _until = ExplicitNull(wrappedValue: until)
        }
    }

    package struct Intent: Codable, Hashable, Sendable {
        package var by: String
        package var reason: String
        @ExplicitNull package var until: WallTime?
        /// The region that is drained; absent for the endpoint alone, and for pins.
        package var region: String?

        package init(by: String, reason: String, until: WallTime?, region: String? = nil) {
            self.by = by
            self.reason = reason
            _until = ExplicitNull(wrappedValue: until)
            self.region = region
        }
    }

    package init(
        generation: UInt64,
        sequence: UInt64,
        writtenAt: WallTime,
        validUntil: WallTime,
        persisted: Bool,
        instance: Instance,
        vantage: Vantage,
        vantages: [String: VantageSeen],
        frozen: Freeze? = nil,
        probing: Probing = Probing(),
        routes: [String: Route],
        endpoints: [String: Endpoint],
        outputs: [String: Output]? = nil,
        notifications: [String: Notification]? = nil
    ) {
        schema = Self.schema
        term = 0
        self.generation = generation
        self.sequence = sequence
        self.writtenAt = writtenAt
        self.validUntil = validUntil
        self.persisted = persisted
        self.instance = instance
        authority = .local
        self.vantage = vantage
        self.vantages = vantages
        _frozen = ExplicitNull(wrappedValue: frozen)
        _probing = BlankWhenMissing(wrappedValue: probing)
        self.routes = routes
        self.endpoints = endpoints
        self.outputs = outputs
        self.notifications = notifications
    }
}
