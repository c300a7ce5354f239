package import FailoverCore

/// What one probe found in one step; a step of several probes or minutes is their sum.
package struct ProbeSums: Hashable, Sendable {
    /// Judged probes, `bad` the failed ones among them.
    package var samples = 0
    package var bad = 0
    /// Probes that said nothing about the endpoint.
    package var void = 0
    /// Answers later than the objective, and first tokens later than theirs.
    package var slow = 0
    package var late = 0
    /// Time of which it is known whether it was good or bad, and how much of it was bad.
    package var known = Duration.zero
    package var badTime = Duration.zero
    /// Time in which something was answered, and how much of it was slow.
    package var answered = Duration.zero
    package var slowTime = Duration.zero
    /// The same of first tokens.
    package var tokens = Duration.zero
    package var lateTime = Duration.zero

    package init() {}

    package static func += (left: inout ProbeSums, right: ProbeSums) {
        left.samples += right.samples
        left.bad += right.bad
        left.void += right.void
        left.slow += right.slow
        left.late += right.late
        left.known += right.known
        left.badTime += right.badTime
        left.answered += right.answered
        left.slowTime += right.slowTime
        left.tokens += right.tokens
        left.lateTime += right.lateTime
    }

    package var isEmpty: Bool { self == ProbeSums() }
}

/// What clients of a route saw in one step, and what they would have seen without failover.
package struct RouteSums: Hashable, Sendable {
    package struct Side: Hashable, Sendable {
        /// Probes of the endpoints that traffic went to, each by its weight.
        package var samples = 0.0
        package var bad = 0.0
        package var known = Duration.zero
        package var badTime = Duration.zero

        package init() {}

        package static func += (left: inout Side, right: Side) {
            left.samples += right.samples
            left.bad += right.bad
            left.known += right.known
            left.badTime += right.badTime
        }
    }

    package var asRouted = Side()
    package var withoutFailover = Side()

    package init() {}

    package static func += (left: inout RouteSums, right: RouteSums) {
        left.asRouted += right.asRouted
        left.withoutFailover += right.withoutFailover
    }
}

/// One minute of the past, as it is handed to the database.
package struct HistoryMinute: Hashable, Sendable {
    /// Its start, in seconds since 1970; a multiple of 60.
    package var start: Int
    /// In configuration order.
    package var probes: [Probe]
    package var routes: [Route]
    /// Latencies in the order in which they were found; emptied as the probes get theirs.
    var samples: [LatencySample]
    package var spend: [Spend]
    /// Latencies that found no room.
    package var lostSamples: Int

    package struct Probe: Hashable, Sendable {
        package var key: ProbeKey
        package var sums: ProbeSums
    }

    package struct Route: Hashable, Sendable {
        package var name: RouteName
        package var sums: RouteSums
    }

    /// What probing an endpoint has cost on one day so far.
    package struct Spend: Hashable, Sendable {
        package var endpoint: EndpointName
        /// Days since 1970-01-01, UTC.
        package var day: Int
        package var cost: Money
        package var tokens: Int
    }
}

/// One latency of one probe, small because thousands wait for the end of their minute.
struct LatencySample: Hashable, Sendable {
    /// The place of the probe in the minute.
    let probe: UInt32
    let latency: UInt16
    let ttft: UInt16
}
