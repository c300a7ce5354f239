/// The answer of `GET /v1/routes/NAME/explain?generation=N` or `?at=TIME`: what was in force then, and why.
package struct PastExplanation: Codable, Hashable, Sendable {
    package var route: String
    package var asked: Asked
    /// What was in force, with the arithmetic as of when it was decided.
    package var decision: EventDocument
    /// The last move before it, where the decision itself moved nothing; absent if there is none, or it is no longer kept.
    package var move: EventDocument?
    /// The next decision, without its arithmetic; absent while the one above is still in force.
    package var next: EventDocument?
    package var kept: Kept

    /// What was asked for: one of the two.
    package struct Asked: Codable, Hashable, Sendable {
        package var generation: UInt64?
        package var at: WallTime?

        package init(generation: UInt64) { self.generation = generation }
        package init(at time: WallTime) { at = time }
    }

    /// Which decisions of the route can be asked for.
    package struct Kept: Codable, Hashable, Sendable {
        /// That of the first decision that is kept.
        package var firstGeneration: UInt64
        /// The present one.
        package var lastGeneration: UInt64
        /// When the first of them was made.
        package var since: WallTime

        private enum CodingKeys: String, CodingKey {
            case since
            case firstGeneration = "first_generation"
            case lastGeneration = "last_generation"
        }
    }

    /// Why there is no answer.
    package enum Absence: Error, Hashable, Sendable {
        /// No decision about the route is kept at all.
        case nothing
        /// It was asked for something before the first.
        case before(Kept)
        /// There is no such generation yet.
        case later(Kept)
    }
}

extension PastExplanation {
    /// Finds what was in force.
    ///
    /// - Parameters:
    ///   - route: Its name, also of one that is configured no longer.
    ///   - asked: A generation or a time.
    ///   - events: What is kept, oldest first; those of other routes are passed over.
    ///   - generation: The present one.
    /// - Throws: Why there is no answer.
    package init(
        route: String,
        asked: Asked,
        in events: [EventDocument],
        generation: UInt64
    ) throws(Absence) {
        let decisions = events.filter { $0.route == route && $0.isDecision }
        guard let first = decisions.first else { throw .nothing }
        let kept = Kept(
            firstGeneration: first.generation,
            lastGeneration: max(generation, decisions.map(\.generation).max() ?? generation),
            since: first.at
        )
        let found: Int?
        if let wanted = asked.generation {
            guard wanted <= kept.lastGeneration else { throw .later(kept) }
            found =
                decisions.firstIndex { $0.generation == wanted && $0.isMove && !$0.dryRun }
                ?? decisions.lastIndex { $0.generation <= wanted }
        } else {
            found = asked.at.flatMap { time in decisions.lastIndex { $0.at <= time } }
        }
        guard let found else { throw .before(kept) }
        var next = found + 1 < decisions.count ? decisions[found + 1] : nil
        next?.grounds = nil
        self.init(
            route: route,
            asked: asked,
            decision: decisions[found],
            move: decisions[found].isMove ? nil : decisions[..<found].last(where: \.isMove),
            next: next,
            kept: kept
        )
    }
}

extension EventDocument {
    /// Whether it says where a route stands from then on; what is only told beside a move is none.
    package var isDecision: Bool { route != nil && event != "spend" && event != "verdict" }
}
