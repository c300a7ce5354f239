import FailoverWire

/// The times that a route was away from an endpoint, with what each cost.
struct FailoverList {
    private let route: HistoryFacts.Route
    /// Of the route, oldest first.
    private let moves: [EventDocument]
    private let end: WallTime

    /// More is no list for people; the newest are told.
    private static let maximum = 1_000

    init(of route: HistoryFacts.Route, moves: [EventDocument], until end: WallTime) {
        self.route = route
        self.moves = moves.filter { $0.route == route.name && !$0.dryRun }
        self.end = end
    }

    var failovers: [ReportDocument.Failover] {
        let all = moves.indices.filter { moves[$0].isFailover }.suffix(Self.maximum)
        return all.compactMap { index in
            let move = moves[index]
            guard let from = move.from, let to = move.to else { return nil }
            let next = moves[(index + 1)...].first { $0.share == move.share }
            let seconds = max(0, (next?.at ?? end).secondsSince1970 - move.at.secondsSince1970)
            let member = route.members.first { $0.endpoint == to }
            let evidence = Evidence(move)
            return ReportDocument.Failover(
                at: move.at,
                generation: move.generation,
                from: from,
                to: to,
                share: move.share,
                reason: move.reason,
                seconds: seconds.inThousandths,
                goesOn: next == nil,
                badBefore: evidence?.bad,
                secondsBefore: evidence?.seconds.inThousandths,
                costRatio: member?.costRatio,
                extraCost: member?.extraPerHour.map { $0 * seconds / 3600 * weight(of: move) }
            )
        }
    }

    /// The share of the route's traffic that moved.
    private func weight(of move: EventDocument) -> Double {
        guard let share = move.share else { return 1 }
        return Double(route.members.first { $0.endpoint == share }?.weight ?? 0) / 100
    }
}

extension FailoverList {
    /// What was found before a move, by the indicator with the most bad probes.
    fileprivate struct Evidence {
        let bad: Int
        /// From the first bad probe to the move.
        let seconds: Double

        init?(_ move: EventDocument) {
            let byIndicator = (move.grounds?.indicators ?? []).map { $0.steps.filter(\.bad) }
            guard let steps = byIndicator.max(by: { $0.count < $1.count }), let first = steps.first else { return nil }
            bad = steps.count
            seconds = max(0, move.at.secondsSince1970 - first.at.secondsSince1970)
        }
    }
}

extension Double {
    fileprivate var inThousandths: Double { (self * 1000).rounded() / 1000 }
}
