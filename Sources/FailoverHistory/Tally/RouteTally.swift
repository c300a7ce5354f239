import FailoverCore

/// What clients of one route saw, and what they would have seen without failover.
///
/// Time is weighed by where traffic went: the next sample of an endpoint tells of all the time since its last one in which the route was on
/// it, and of no other.
struct RouteTally: Sendable {
    let name: RouteName
    /// In order of preference.
    private let members: [EndpointName]
    private var asRouted: [Member]
    private var withoutFailover: [Member]
    var sums = RouteSums()

    /// One endpoint of the route.
    private struct Member: Sendable {
        /// Its place among all endpoints.
        let place: Int
        /// Percent of the traffic since the last snapshot.
        var weight: Int
        /// Time on it since its last sample, by weight.
        var pending = Duration.zero
    }

    /// Nothing is known of the time before the snapshot.
    init(_ route: RouteSnapshot, places: [EndpointName: Int]) {
        name = route.name
        members = route.endpoints
        let preferred = route.preferredWeights
        asRouted = route.endpoints.map { Member(place: places[$0] ?? -1, weight: 0) }
        withoutFailover = zip(route.endpoints, preferred).map { Member(place: places[$0] ?? -1, weight: $1) }
    }

    func matches(_ route: RouteSnapshot) -> Bool {
        name == route.name && members == route.endpoints
            && zip(route.preferredWeights, withoutFailover)
                .allSatisfy { $0 == $1.weight }
    }

    /// Counts what was found since the last snapshot.
    mutating func advance(_ elapsed: Duration, isKnown: Bool, found: [HistoryTally.Found]) {
        Self.advance(&asRouted, elapsed, isKnown, found, &sums.asRouted)
        Self.advance(&withoutFailover, elapsed, isKnown, found, &sums.withoutFailover)
    }

    private static func advance(
        _ members: inout [Member],
        _ elapsed: Duration,
        _ isKnown: Bool,
        _ found: [HistoryTally.Found],
        _ side: inout RouteSums.Side
    ) {
        for index in members.indices where found.indices.contains(members[index].place) {
            let news = found[members[index].place]
            let weight = members[index].weight
            side.samples += Double(news.samples * weight) / 100
            side.bad += Double(news.bad * weight) / 100
            if isKnown { members[index].pending += elapsed.share(weight, of: 100) }
            if news.samples > 0, isKnown {
                side.known += members[index].pending
                side.badTime += members[index].pending.share(news.bad, of: news.samples)
            }
            if !isKnown || news.samples > 0 || news.isLost { members[index].pending = .zero }
        }
    }

    /// Where traffic goes from now on.
    mutating func follow(_ route: RouteSnapshot) {
        guard route.shares.isEmpty else {
            for (index, weight) in route.weights.enumerated() { asRouted[index].weight = weight }
            return
        }
        for index in asRouted.indices { asRouted[index].weight = members[index] == route.active ? 100 : 0 }
    }
}

extension RouteSnapshot {
    /// Percent for each of `endpoints` if nothing ever moved: all on the first, or by the configured weights.
    var preferredWeights: [Int] {
        guard shares.isEmpty else {
            return endpoints.map { endpoint in shares.reduce(0) { $0 + ($1.owner == endpoint ? $1.weight : 0) } }
        }
        return endpoints.indices.map { $0 == 0 ? 100 : 0 }
    }
}
