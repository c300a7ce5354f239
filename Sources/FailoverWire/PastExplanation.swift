/// The answer of `GET /v1/routes/NAME/explain?generation=N` or `?at=TIME`: what was in force then, and why.
package struct PastExplanation: Codable, Hashable, Sendable {
    package var route: String
    package var asked: Asked
    /// What was in force, with the arithmetic as of when it was decided.
    package var decision: EventDocument
    /// The last move before it, where the decision itself moved nothing; absent if there is none, or it is no longer kept.
    package var move: EventDocument?
    /// The next decision, without its arithmetic; absent while the one above is still in force.
    ///
    /// Of a share the next about the same one, or about all of the route.
    package var next: EventDocument?
    /// Where the other shares of a weighted route were, as far as it is kept; absent if nothing is.
    package var others: [Standing]?
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
        /// It was asked for something before the first; what stood where until then, as far as that is kept.
        case before(Kept, [Standing])
        /// There is no such generation yet, only that one; `nil` where no decision about the route is kept.
        case later(present: UInt64, Kept?)
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
        guard let first = decisions.first else {
            guard let wanted = asked.generation, wanted > generation else { throw .nothing }
            throw .later(present: generation, nil)
        }
        let kept = Kept(
            firstGeneration: first.generation,
            lastGeneration: max(generation, decisions.map(\.generation).max() ?? generation),
            since: first.at
        )
        let found: Int?
        if let wanted = asked.generation {
            guard wanted <= kept.lastGeneration else { throw .later(present: kept.lastGeneration, kept) }
            found =
                decisions.firstIndex { $0.generation == wanted && $0.isMove && !$0.dryRun }
                ?? decisions.lastIndex { $0.generation <= wanted }
        } else {
            found = asked.at.flatMap { time in decisions.lastIndex { $0.at <= time } }
        }
        guard let found else { throw .before(kept, Self.beginnings(in: decisions)) }
        let decision = decisions[found]
        var next = decisions[(found + 1)...].first(where: decision.isAboutTheSame)
        next?.grounds = nil
        let others = Self.others(at: found, in: decisions)
        // What is about all shares has no one move before it.
        let hasMove = !decision.isMove && (decision.share != nil || others.isEmpty)
        self.init(
            route: route,
            asked: asked,
            decision: decision,
            move: hasMove ? decisions[..<found].last { $0.isMove && $0.share == decision.share } : nil,
            next: next,
            others: others.isEmpty ? nil : others,
            kept: kept
        )
    }
}

extension EventDocument {
    /// Whether it says where a route stands from then on; what is only told beside a move is none.
    package var isDecision: Bool { route != nil && event != "spend" && event != "verdict" }

    /// Whether another decision about the route is about the same share, or either is about all of it.
    fileprivate func isAboutTheSame(_ other: EventDocument) -> Bool {
        share == nil || other.share == nil || share == other.share
    }
}
