import FailoverCore

extension MemoryDocument {
    /// One share of a weighted route.
    package struct Share: Codable, Hashable, Sendable {
        package var weight: Int
        package var active: String
        package var generation: UInt64
        package var since: WallTime
        package var reason: ReasonDocument
        package var moves: [WallTime]
        /// Absent unless it is a canary that has left its owner by the rule.
        package var stopped: StateDocument.Stopped?
    }
}

extension MemoryDocument.Share {
    init(_ share: ShareMemory, at clock: ClockReading) {
        self.init(
            weight: share.weight,
            active: share.active.rawValue,
            generation: share.generation,
            since: clock.wallTime(of: share.since),
            reason: ReasonDocument(share.reason),
            moves: share.moves.map(clock.wallTime(of:)),
            stopped: share.stopped.map { StateDocument.Stopped($0, at: clock) }
        )
    }

    static func byOwner(_ shares: [ShareMemory], at clock: ClockReading) -> [String: MemoryDocument.Share] {
        Dictionary(
            shares.map { ($0.owner.rawValue, MemoryDocument.Share($0, at: clock)) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// The percentage of a damaged file may be anything; it only tells whether another one is configured now.
    func memory(of owner: String, at clock: ClockReading) -> ShareMemory {
        ShareMemory(
            owner: EndpointName(rawValue: owner),
            weight: min(max(weight, 0), 100),
            active: EndpointName(rawValue: active),
            generation: generation,
            since: clock.instant(of: since),
            reason: reason.reason,
            moves: moves.map(clock.instant(of:)),
            stopped: stopped?.stopped(at: clock)
        )
    }
}

extension MemoryDocument.Share: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("active", active)
            writer.field("generation", generation)
            writer.field("moves", moves)
            writer.field("reason", reason)
            writer.field("since", since)
            if let stopped { writer.field("stopped", stopped) }
            writer.field("weight", weight)
        }
    }
}
