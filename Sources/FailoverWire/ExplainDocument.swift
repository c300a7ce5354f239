package import FailoverCore

/// The answer of `GET /v1/routes/NAME/explain`: why the route stands as it does, with the arithmetic.
package struct ExplainDocument: Codable, Hashable, Sendable {
    package var route: String
    package var active: String
    package var mode: String
    package var generation: UInt64
    package var since: WallTime
    package var reason: ReasonDocument
    /// What the rule asks for, in one sentence.
    package var limit: String
    /// In order of preference.
    package var endpoints: [Endpoint]
    /// The last failover of the route, with its arithmetic as of then; absent if none is remembered.
    package var lastFailover: EventDocument?
    /// What hampers the probing at present; absent while nothing does.
    package var trouble: StateDocument.Trouble?
    /// As in the state file; absent for an active-standby route.
    package var shares: [String: StateDocument.Share]?
    /// `true` where the route is only observed; absent otherwise.
    package var dryRun: Bool?
    /// Where it would be if it were not only observed; absent otherwise.
    package var wouldBeActive: String?
    /// As in the state file; absent for all but lowest-latency routes.
    package var speed: StateDocument.Speed?

    private enum CodingKeys: String, CodingKey {
        case route, active, mode, generation, since, reason, limit, endpoints, trouble, shares, speed
        case lastFailover = "last_failover"
        case dryRun = "dry_run"
        case wouldBeActive = "would_be_active"
    }

    package struct Endpoint: Codable, Hashable, Sendable {
        package var endpoint: String
        package var verdict: String
        package var reason: ReasonDocument
        package var indicators: [Indicator]
        package var recovery: Recovery?
        /// Who showed that our own network works; absent where no bad probe is to be explained.
        package var witness: Witness?
        /// By probe, as in the state file; absent in the arithmetic of an earlier move.
        package var connections: [String: StateDocument.Connection]?
        /// What the verdict rests on, as in the state file; absent in the arithmetic of an earlier move.
        package var tier: String?
        /// By probe, as in the state file; absent where no chat was begun to be answered, and in the arithmetic of an earlier move.
        package var chat: [String: StateDocument.Chat]?
        /// An operator's intent, as in the state file; absent where there is none, and in the arithmetic of an earlier move.
        package var pinned: StateDocument.Intent?
        package var drained: StateDocument.Intent?
        /// As in the state file; absent where nothing is spent, and in the arithmetic of an earlier move.
        package var spend: StateDocument.Spend?
        /// As in the state file; absent where nothing is reported, and in the arithmetic of an earlier move.
        package var reported: StateDocument.Reported?
    }

    package struct Witness: Codable, Hashable, Sendable {
        /// `vouched`, `waiting`, `missing` or `unneeded`.
        package var standing: String
        /// Those that vouch, or if none does those that might; at most 4.
        package var sources: [Source]

        package struct Source: Codable, Hashable, Sendable {
            package var name: String
            package var anchor: Bool
            /// Good probes in a row, and those that make a witness.
            package var good: Int
            package var needed: Int
        }
    }

    package struct Recovery: Codable, Hashable, Sendable {
        package var proof: Double
        package var proofNeeded: Double
        package var cleanProbesLeft: Int
        package var holdDownSeconds: Double
        package var holdDownEnds: WallTime?
        /// Failovers away from the endpoint that still count, after decay.
        package var penalty: Double

        private enum CodingKeys: String, CodingKey {
            case proof, penalty
            case proofNeeded = "proof_needed"
            case cleanProbesLeft = "clean_probes_left"
            case holdDownSeconds = "hold_down_seconds"
            case holdDownEnds = "hold_down_ends"
        }
    }
}

extension ExplainDocument {
    /// `published` has what is shown about the endpoints beside the arithmetic, by name.
    package init(
        route: RouteSnapshot,
        endpoints: [EndpointExplanation],
        lastFailover: EventDocument?,
        published: [String: StateDocument.Endpoint] = [:],
        trouble: StateDocument.Trouble? = nil,
        at clock: ClockReading
    ) {
        self.init(
            route: route.name.rawValue,
            active: route.active.rawValue,
            mode: route.mode.rawValue,
            generation: route.generation,
            since: clock.wallTime(of: route.since),
            reason: ReasonDocument(route.reason),
            limit: endpoints.first.map(Self.limit(of:)) ?? "",
            endpoints: endpoints.map { explanation in
                var endpoint = Endpoint(explanation, at: clock)
                let shown = published[endpoint.endpoint]
                endpoint.connections = shown?.connections
                endpoint.tier = shown?.tier
                endpoint.chat = shown?.chat
                endpoint.pinned = shown?.pinned
                endpoint.drained = shown?.drained
                endpoint.spend = shown?.spend
                endpoint.reported = shown?.reported
                return endpoint
            },
            lastFailover: lastFailover,
            trouble: trouble,
            shares: route.shares.isEmpty ? nil : StateDocument.Share.byOwner(route.shares, at: clock),
            dryRun: route.dryRun ? true : nil,
            wouldBeActive: route.dryRun ? route.wouldBeActive.rawValue : nil,
            speed: route.speed.map { StateDocument.Speed($0, at: clock) }
        )
    }

    private static func limit(of endpoint: EndpointExplanation) -> String {
        switch endpoint.rule {
        case .evidence(let parameters):
            let threshold = endpoint.indicators.first.map { $0.thresholds.first ?? $0.threshold } ?? 0
            let budget = parameters.falseFailoversPerYear.trimmed
            return "\(budget) false failovers a year at 1 probe every \(endpoint.interval.inSeconds.trimmed) s "
                + "=> outage at 10^\(threshold.formatted(decimals: 2)):1"
        case .consecutive(let fall, let rise):
            return "\(fall) bad probes in a row; back after \(rise) good ones"
        case .window(let bad, let of, let rise):
            return "\(bad) bad probes among the last \(of); back after \(rise) good ones in a row"
        }
    }
}

extension ExplainDocument.Endpoint {
    package init(_ endpoint: EndpointExplanation, at clock: ClockReading) {
        self.init(
            endpoint: endpoint.endpoint.rawValue,
            verdict: endpoint.verdict.rawValue,
            reason: ReasonDocument(endpoint.reason),
            indicators: endpoint.indicators.map { ExplainDocument.Indicator($0, at: clock) },
            recovery: endpoint.recovery.map { recovery in
                ExplainDocument.Recovery(
                    proof: recovery.proof.roundedForReaders,
                    proofNeeded: recovery.proofNeeded,
                    cleanProbesLeft: recovery.cleanProbesLeft,
                    holdDownSeconds: recovery.holdDown.inSeconds.roundedForReaders,
                    holdDownEnds: recovery.holdDownEnds.map(clock.wallTime(of:)),
                    penalty: recovery.penalty.roundedForReaders
                )
            },
            witness: endpoint.witness.map { witness in
                ExplainDocument.Witness(
                    standing: witness.standing.rawValue,
                    sources: witness.sources.map {
                        .init(name: $0.name, anchor: $0.isAnchor, good: $0.good, needed: $0.needed)
                    }
                )
            }
        )
    }
}
