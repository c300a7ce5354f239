import FailoverCore

extension PastExplanation {
    /// Where a share, or a route without shares, stood.
    package struct Standing: Codable, Hashable, Sendable {
        /// The owner of the share; absent for a route without shares.
        package var share: String?
        package var endpoint: String
        /// When it came there; absent where that move is not kept.
        package var since: WallTime?
        /// The generation of that move, as `since`.
        package var generation: UInt64?
        /// When it left, where only that is kept.
        package var until: WallTime?
        /// `true` where it was only observed, and would have been there.
        package var dryRun: Bool?

        private enum CodingKeys: String, CodingKey {
            case share, endpoint, since, generation, until
            case dryRun = "dry_run"
        }
    }

    /// Where the shares of a weighted route were when a decision was made, but that which it is about.
    ///
    /// In the order in which they are first heard of. Those of which nothing is kept are left out, and so is what was kept
    /// before the route had shares; empty for a route without shares.
    static func others(at found: Int, in decisions: [EventDocument]) -> [Standing] {
        guard !decisions[found].isOfWholeRoute else { return [] }
        let before = decisions[..<found].lastIndex(where: \.isOfWholeRoute).map { $0 + 1 } ?? 0
        let after = decisions[found...].firstIndex(where: \.isOfWholeRoute) ?? decisions.endIndex
        let span = decisions[before..<after]
        return owners(in: span).compactMap { owner in
            guard owner != decisions[found].share else { return nil }
            let known = span[...found].last { $0.share == owner && $0.place != nil }
            return known.flatMap(Standing.init(after:))
                ?? span[found...].first { $0.share == owner && $0.placeBefore != nil }.flatMap(Standing.init(before:))
        }
    }

    /// Where everything stood before the first decisions that are kept.
    static func beginnings(in decisions: [EventDocument]) -> [Standing] {
        if let first = decisions.first, first.isOfWholeRoute { return [Standing(before: first)].compactMap(\.self) }
        let end = decisions.firstIndex(where: \.isOfWholeRoute) ?? decisions.endIndex
        let span = decisions[..<end]
        return owners(in: span).compactMap { owner in
            span.first { $0.share == owner && $0.placeBefore != nil }.flatMap(Standing.init(before:))
        }
    }

    private static func owners(in decisions: ArraySlice<EventDocument>) -> [String] {
        var seen: Set<String> = []
        return decisions.compactMap(\.share).filter { seen.insert($0).inserted }
    }
}

extension PastExplanation.Standing {
    fileprivate init?(after event: EventDocument) {
        guard let place = event.place else { return nil }
        self.init(
            share: event.share,
            endpoint: place,
            since: event.isMove ? event.at : nil,
            generation: event.isMove ? event.generation : nil,
            dryRun: event.dryRun ? true : nil
        )
    }

    fileprivate init?(before event: EventDocument) {
        guard let place = event.placeBefore else { return nil }
        self.init(share: event.share, endpoint: place, until: event.isMove ? event.at : nil)
    }
}

extension EventDocument {
    /// Where it left what it is about; `nil` if it does not say.
    fileprivate var place: String? { isMove ? to : isStay ? endpoint : nil }

    /// Where what it is about was until then; `nil` if it does not say.
    fileprivate var placeBefore: String? { isMove ? from : isStay ? endpoint : nil }

    private var isStay: Bool { event == EventKind.failOpen.rawValue || event == EventKind.held.rawValue }

    /// Whether the route had no shares when it happened.
    fileprivate var isOfWholeRoute: Bool { share == nil && (isMove || isStay) }
}
