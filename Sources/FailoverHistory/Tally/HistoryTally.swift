package import FailoverCore
package import FailoverWire

/// Counts what is found, by the minute, from what the engine publishes.
///
/// How many probes were good, bad or void is the engine's own count: each snapshot tells totals, and the difference from the one before
/// is what happened between them. A move publishes a snapshot at once, so that in between traffic stood still, and what
/// happened belongs to the endpoint that was active.
/// Only latencies are heard one by one. A probe counts in the minute in which it was published.
package struct HistoryTally: Sendable {
    /// Latencies that wait for the end of their minute: 10,000 a second, and 8 bytes each.
    static let capacity = 600_000
    /// Between two snapshots that are further apart the daemon stood still: nothing is known of that time.
    private static let longestSilence = Duration.seconds(60)

    private var minute: Int?
    private var last: (at: MonotonicInstant, isClear: Bool)?
    private var slots: [Slot] = []
    private var places: [ProbeKey: UInt32] = [:]
    /// For each endpoint, in the order of the snapshot.
    private var endpoints: [EndpointName] = []
    private var found: [Found] = []
    private var routes: [RouteTally] = []
    private var samples: [LatencySample] = []
    private var lost = 0

    /// One probe.
    struct Slot: Sendable {
        let key: ProbeKey
        /// The engine's counts at the last snapshot.
        var judged = SampleCounts(samples: 0, bad: 0, void: 0)
        var answered = SampleCounts(samples: 0, bad: 0, void: 0)
        var tokens = SampleCounts(samples: 0, bad: 0, void: 0)
        /// Time since the last sample, of which the next one will tell.
        var pending = Duration.zero
        /// Time that the samples of the last snapshot told of.
        var resolved = Duration.zero
        var sums = ProbeSums()
    }

    /// What all probes of an endpoint found since the snapshot before.
    struct Found: Sendable {
        var samples = 0
        var bad = 0
        /// Nothing is known of the time since the last sample.
        var isLost = false
    }

    package init() {}

    // MARK: - What happens

    /// Takes one latency; of a probe that no snapshot has told yet none.
    package mutating func hear(_ observation: Observation) {
        let latency: UInt16
        switch observation.outcome {
        case .success: latency = Self.bucket(observation.latency)
        case .failure(_, let isTimeout): latency = isTimeout ? Self.bucket(observation.latency) : LatencyBuckets.absent
        case .throttled, .misconfigured, .inconclusive: return
        }
        let ttft = Self.bucket(observation.ttft)
        guard latency != LatencyBuckets.absent || ttft != LatencyBuckets.absent,
            let place = places[observation.key]
        else { return }
        guard samples.count < Self.capacity else {
            lost += 1
            return
        }
        samples.append(LatencySample(probe: place, latency: latency, ttft: ttft))
    }

    private static func bucket(_ latency: Duration?) -> UInt16 {
        guard let latency else { return LatencyBuckets.absent }
        return LatencyBuckets.index(of: UInt32(clamping: latency.nanoseconds / 1000))
    }

    /// Takes what was published.
    ///
    /// - Returns: The minute that it ended, if it ended one; two of them after a change of the configuration at its end.
    package mutating func take(_ snapshot: Snapshot, at clock: ClockReading) -> [HistoryMinute] {
        var finished: [HistoryMinute] = []
        let now = Self.minute(of: clock)
        if !matches(snapshot) {
            if let ended = end(begin: now) { finished.append(ended) }
            layOut(snapshot)
        }
        let elapsed = last.map { clock.monotonic - $0.at } ?? .zero
        let isClear = snapshot.vantage.state == .clear
        let isKnown = elapsed <= Self.longestSilence && isClear && last?.isClear != false
        count(snapshot, elapsed: elapsed, isKnown: isKnown)
        for index in routes.indices {
            routes[index].advance(elapsed, isKnown: isKnown, found: found)
            routes[index].follow(snapshot.routes[index])
        }
        last = (clock.monotonic, isClear)
        if minute != now, let ended = end(begin: now, spend: Self.spend(of: snapshot)) { finished.append(ended) }
        return finished
    }

    /// The minute that is not over, without latencies; `nil` before the first snapshot.
    package var present: HistoryMinute? { minute.map { present(start: $0, samples: []) } }

    /// The same with the latencies of one endpoint's probes.
    package func present(of endpoint: EndpointName) -> HistoryMinute? {
        guard let minute else { return nil }
        let probes = slots.map { $0.key.endpoint == endpoint }
        return present(start: minute, samples: samples.filter { probes[Int($0.probe)] })
    }

    /// Ends the minute before its time, at the end of the daemon.
    package mutating func close() -> HistoryMinute? { end(begin: nil) }

    // MARK: - Minutes

    private static func minute(of clock: ClockReading) -> Int {
        Int((clock.wall.secondsSince1970 / 60).rounded(.down)) * 60
    }

    private static func spend(of snapshot: Snapshot) -> [HistoryMinute.Spend] {
        snapshot.endpoints.indices.compactMap { index in
            snapshot.endpoints[index].spend.map {
                HistoryMinute.Spend(endpoint: $0.endpoint, day: $0.day, cost: $0.cost, tokens: $0.tokens)
            }
        }
    }

    private func present(start: Int, samples: [LatencySample]) -> HistoryMinute {
        HistoryMinute(
            start: start,
            probes: slots.map { HistoryMinute.Probe(key: $0.key, sums: $0.sums) },
            routes: routes.map { HistoryMinute.Route(name: $0.name, sums: $0.sums) },
            samples: samples,
            spend: [],
            lostSamples: lost
        )
    }

    private mutating func end(begin next: Int?, spend: [HistoryMinute.Spend] = []) -> HistoryMinute? {
        defer { minute = next }
        guard let minute else { return nil }
        var ended = present(start: minute, samples: samples)
        ended.spend = spend
        // As many come in the next minute.
        let expected = samples.count
        samples = []
        samples.reserveCapacity(min(expected + expected / 8, Self.capacity))
        lost = 0
        for index in slots.indices { slots[index].sums = ProbeSums() }
        for index in routes.indices { routes[index].sums = RouteSums() }
        return ended
    }

    // MARK: - Which probes there are

    private func matches(_ snapshot: Snapshot) -> Bool {
        guard last != nil, snapshot.endpoints.count == endpoints.count, snapshot.routes.count == routes.count else {
            return false
        }
        var slot = 0
        // By place, here and below: a copy of each of thousands of endpoints is dear.
        for index in endpoints.indices {
            guard snapshot.endpoints[index].configuration.name == endpoints[index] else { return false }
            for place in snapshot.endpoints[index].configuration.probes.indices {
                guard slot < slots.count,
                    slots[slot].key.probe == snapshot.endpoints[index].configuration.probes[place].name,
                    slots[slot].key.endpoint == endpoints[index]
                else { return false }
                slot += 1
            }
        }
        return slot == slots.count && zip(snapshot.routes, routes).allSatisfy { $1.matches($0) }
    }

    /// What was counted of probes that stay goes on from where it was.
    private mutating func layOut(_ snapshot: Snapshot) {
        let known = Dictionary(slots.map { ($0.key, $0) }) { first, _ in first }
        endpoints = snapshot.endpoints.map(\.configuration.name)
        slots = snapshot.endpoints.flatMap { endpoint in
            endpoint.configuration.probes.map { probe in
                let key = ProbeKey(endpoint: endpoint.configuration.name, probe: probe.name)
                return known[key] ?? Slot(key: key)
            }
        }
        places = Dictionary(slots.enumerated().map { ($1.key, UInt32($0)) }) { first, _ in first }
        found = Array(repeating: Found(), count: endpoints.count)
        let order = Dictionary(endpoints.enumerated().map { ($1, $0) }) { first, _ in first }
        routes = snapshot.routes.map { RouteTally($0, places: order) }
    }

    // MARK: - Counting

    private mutating func count(_ snapshot: Snapshot, elapsed: Duration, isKnown: Bool) {
        var slot = -1
        for index in snapshot.endpoints.indices {
            var sum = Found()
            var hasOnlyVoid = false
            let isUnknown = snapshot.endpoints[index].verdict == .unknown
            let end = slot + snapshot.endpoints[index].configuration.probes.count
            for place in snapshot.endpoints[index].indicators.indices {
                let totals = snapshot.endpoints[index].indicators[place].totals
                switch snapshot.endpoints[index].indicators[place].name.kind {
                case .availability:
                    slot += 1
                    guard slot <= end else { break }
                    let news = totals.since(&slots[slot].judged)
                    slots[slot].countJudged(
                        news,
                        elapsed: elapsed,
                        isKnown: isKnown,
                        isUnknown: isUnknown
                    )
                    sum.samples += news.samples
                    sum.bad += news.bad
                    hasOnlyVoid = hasOnlyVoid || (news.void > 0 && news.samples == 0)
                case .latency:
                    guard (0...end).contains(slot) else { break }
                    slots[slot].countSlow(totals.since(&slots[slot].answered), isKnown: isKnown)
                case .ttft:
                    guard (0...end).contains(slot) else { break }
                    slots[slot].countLate(totals.since(&slots[slot].tokens), isKnown: isKnown)
                case .quality: break
                }
            }
            slot = end
            sum.isLost = sum.samples == 0 && (hasOnlyVoid || isUnknown)
            found[index] = sum
        }
    }
}

extension HistoryTally.Slot {
    /// The time since the last sample is as good as those that came now; without any, the next ones will tell.
    mutating func countJudged(_ news: SampleCounts, elapsed: Duration, isKnown: Bool, isUnknown: Bool) {
        sums.samples += news.samples
        sums.bad += news.bad
        sums.void += news.void
        resolved = .zero
        guard isKnown else {
            pending = .zero
            return
        }
        pending += elapsed
        guard news.samples > 0 else {
            if news.void > 0 || isUnknown { pending = .zero }
            return
        }
        resolved = pending
        sums.known += resolved
        sums.badTime += resolved.share(news.bad, of: news.samples)
        pending = .zero
    }

    mutating func countSlow(_ news: SampleCounts, isKnown: Bool) {
        guard isKnown, news.samples > 0 else { return }
        sums.slow += news.bad
        sums.answered += resolved
        sums.slowTime += resolved.share(news.bad, of: news.samples)
    }

    mutating func countLate(_ news: SampleCounts, isKnown: Bool) {
        guard isKnown, news.samples > 0 else { return }
        sums.late += news.bad
        sums.tokens += resolved
        sums.lateTime += resolved.share(news.bad, of: news.samples)
    }
}

extension Duration {
    /// That many parts of it, of so many.
    func share(_ part: Int, of whole: Int) -> Duration {
        guard part > 0, whole > 0 else { return .zero }
        return part >= whole ? self : self * part / whole
    }
}

extension SampleCounts {
    /// What has come since `before`, which becomes these; all of it if they have begun anew.
    fileprivate func since(_ before: inout SampleCounts) -> SampleCounts {
        defer { before = self }
        guard samples >= before.samples, bad >= before.bad, void >= before.void else { return self }
        return SampleCounts(samples: samples - before.samples, bad: bad - before.bad, void: void - before.void)
    }
}
