package import FailoverCore

/// `memory.json` in the state directory: what a restart must not forget.
///
/// Schema `failoverd.memory/1`.
package struct MemoryDocument: Codable, Hashable, Sendable {
    package static let schema = "failoverd.memory/1"

    /// Far beyond any that can be reached, and exact in every JSON reader; a larger one is damage.
    package static let largestGeneration: UInt64 = 1 << 53

    package var schema: String
    package var term: UInt64
    package var generation: UInt64
    package var writtenAt: WallTime
    package var routes: [String: Route]
    package var endpoints: [String: Endpoint]
    /// What operators want.
    @BlankWhenMissing package var intents: [IntentDocument]

    private enum CodingKeys: String, CodingKey {
        case schema, term, generation, routes, endpoints, intents
        case writtenAt = "written_at"
    }

    package struct Route: Codable, Hashable, Sendable {
        package var active: String
        package var generation: UInt64
        package var since: WallTime
        package var reason: ReasonDocument
        package var moves: [WallTime]
        /// Of a weighted route, by owner; absent for an active-standby one.
        package var shares: [String: Share]?
        /// Absent unless a lowest-latency route has moved for speed.
        package var speedMoves: SpeedMoves?

        private enum CodingKeys: String, CodingKey {
            case active, generation, since, reason, moves, shares
            case speedMoves = "speed_moves"
        }
    }

    package struct Endpoint: Codable, Hashable, Sendable {
        package var penalty: Double
        package var penaltyAt: WallTime
        package var mustProve: Bool
        /// In recordings only; absent where there are none.
        package var baselines: [BaselineDocument.Baseline]?

        private enum CodingKeys: String, CodingKey {
            case penalty, baselines
            case penaltyAt = "penalty_at"
            case mustProve = "must_prove"
        }
    }
}

extension MemoryDocument {
    package init(_ memory: Memory, at clock: ClockReading) {
        schema = Self.schema
        term = 0
        generation = memory.generation
        writtenAt = clock.wall
        routes = Dictionary(
            uniqueKeysWithValues: memory.routes.map { route in
                (
                    route.name.rawValue,
                    Route(
                        active: route.active.rawValue,
                        generation: route.generation,
                        since: clock.wallTime(of: route.since),
                        reason: ReasonDocument(route.reason),
                        moves: route.moves.map(clock.wallTime(of:)),
                        shares: route.shares.isEmpty ? nil : Share.byOwner(route.shares, at: clock),
                        speedMoves: route.speedMoves.map { SpeedMoves($0, at: clock) }
                    )
                )
            }
        )
        endpoints = Dictionary(
            uniqueKeysWithValues: memory.endpoints.map { endpoint in
                (
                    endpoint.name.rawValue,
                    Endpoint(
                        penalty: endpoint.penalty.roundedForReaders,
                        penaltyAt: clock.wallTime(of: endpoint.penaltyAt),
                        mustProve: endpoint.mustProve,
                        baselines: endpoint.baselines.isEmpty
                            ? nil : endpoint.baselines.map { BaselineDocument.Baseline($0, at: clock) }
                    )
                )
            }
        )
        _intents = BlankWhenMissing(wrappedValue: memory.intents.map { IntentDocument($0, at: clock) })
    }

    /// What is remembered, sorted by name, with times as instants of this process.
    package func memory(at clock: ClockReading) -> Memory {
        Memory(
            generation: generation,
            routes: routes.sorted { $0.key < $1.key }.map { name, route in
                RouteMemory(
                    name: RouteName(rawValue: name),
                    active: EndpointName(rawValue: route.active),
                    generation: route.generation,
                    since: clock.instant(of: route.since),
                    reason: Reason(ReasonCode(rawValue: route.reason.code), route.reason.text),
                    moves: route.moves.map(clock.instant(of:)),
                    shares: (route.shares ?? [:]).sorted { $0.key < $1.key }.map { $1.memory(of: $0, at: clock) },
                    speedMoves: route.speedMoves?.moves(at: clock)
                )
            },
            endpoints: endpoints.sorted { $0.key < $1.key }.map { name, endpoint in
                EndpointMemory(
                    name: EndpointName(rawValue: name),
                    penalty: endpoint.penalty.isFinite ? max(0, endpoint.penalty) : 0,
                    penaltyAt: clock.instant(of: endpoint.penaltyAt),
                    mustProve: endpoint.mustProve,
                    baselines: (endpoint.baselines ?? []).compactMap { $0.memory(at: clock) }
                )
            },
            intents: intents.compactMap { $0.intent(at: clock) }
        )
    }
}
