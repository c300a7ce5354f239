package import FailoverCore

extension StateDocument {
    /// One share of a weighted route.
    package struct Share: Codable, Hashable, Sendable {
        /// Percent of the route's traffic; 1...100.
        package var weight: Int
        package var active: String
        /// As of a route.
        package var mode: String
        /// The generation at which this share last changed.
        package var generation: UInt64
        package var since: WallTime
        package var reason: ReasonDocument
        /// Once it has left by the rule, it does not return by itself.
        package var canary: Bool
        /// Its owner first.
        package var chain: [String]
        /// Equal to `active` outside observe mode.
        package var wouldBeActive: String
        /// `null` unless it is a canary that has left its owner by the rule.
        @ExplicitNull package var stopped: Stopped?

        private enum CodingKeys: String, CodingKey {
            case weight, active, mode, generation, since, reason, canary, chain, stopped
            case wouldBeActive = "would_be_active"
        }
    }

    /// Since when a canary carries nothing, and why.
    package struct Stopped: Codable, Hashable, Sendable {
        package var since: WallTime
        package var reason: ReasonDocument
    }
}

extension StateDocument.Share {
    package init(_ share: ShareSnapshot, at clock: ClockReading) {
        self.init(
            weight: share.weight,
            active: share.active.rawValue,
            mode: share.mode.rawValue,
            generation: share.generation,
            since: clock.wallTime(of: share.since),
            reason: ReasonDocument(share.reason),
            canary: share.isCanary,
            chain: share.chain.map(\.rawValue),
            wouldBeActive: share.wouldBeActive.rawValue,
            stopped: share.stopped.map { StateDocument.Stopped($0, at: clock) }
        )
    }

    static func byOwner(_ shares: [ShareSnapshot], at clock: ClockReading) -> [String: StateDocument.Share] {
        Dictionary(uniqueKeysWithValues: shares.map { ($0.owner.rawValue, StateDocument.Share($0, at: clock)) })
    }
}

extension StateDocument.Stopped {
    init(_ stopped: StoppedCanary, at clock: ClockReading) {
        self.init(since: clock.wallTime(of: stopped.since), reason: ReasonDocument(stopped.reason))
    }

    func stopped(at clock: ClockReading) -> StoppedCanary {
        StoppedCanary(since: clock.instant(of: since), reason: reason.reason)
    }
}

extension ReasonDocument {
    package var reason: Reason { Reason(ReasonCode(rawValue: code), text) }
}

extension RouteMemory {
    /// What readers have seen of a route; their moves are not known.
    package init(seen route: StateDocument.Route, named name: String, at clock: ClockReading) {
        self.init(
            name: RouteName(rawValue: name),
            active: EndpointName(rawValue: route.active),
            generation: route.generation,
            since: clock.instant(of: route.since),
            reason: Self.reason(route.reason, of: route.mode),
            moves: [],
            shares: (route.shares ?? [:]).sorted { $0.key < $1.key }.map { owner, share in
                // Of a route that only observes nothing has stopped but what would have.
                let isWish = route.dryRun && share.active == owner
                return ShareMemory(
                    owner: EndpointName(rawValue: owner),
                    weight: share.weight,
                    active: EndpointName(rawValue: share.active),
                    generation: share.generation,
                    since: clock.instant(of: share.since),
                    reason: Self.reason(share.reason, of: share.mode),
                    moves: [],
                    stopped: isWish ? nil : share.stopped?.stopped(at: clock)
                )
            }
        )
    }

    /// Why a route came to where it is; of one that was stuck readers have only seen why it stayed.
    private static func reason(_ published: ReasonDocument, of mode: String) -> Reason {
        let stuck: [RouteMode] = [.held, .failOpen]
        guard stuck.contains(where: { $0.rawValue == mode }) else { return published.reason }
        return Reason(.initial, "going on from the state file, which does not say why it is here")
    }
}

extension StateDocument.Share: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("active", active)
            writer.field("canary", canary)
            writer.field("chain", chain)
            writer.field("generation", generation)
            writer.field("mode", mode)
            writer.field("reason", reason)
            writer.field("since", since)
            writer.field("stopped", stopped)
            writer.field("weight", weight)
            writer.field("would_be_active", wouldBeActive)
        }
    }
}

extension StateDocument.Stopped: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("reason", reason)
            writer.field("since", since)
        }
    }
}
