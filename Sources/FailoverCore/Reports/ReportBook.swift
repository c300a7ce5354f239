/// What applications report about their own requests, beside the engine: it is shown and counted, and decides nothing.
///
/// Nothing leads from here to evidence or to a verdict: whoever may report could otherwise move traffic.
package struct ReportBook: Sendable {
    /// What reporting may cost.
    package struct Limits: Hashable, Sendable {
        /// Endpoints with windows; one takes at most 128 KiB.
        package var endpoints = 500
        package var workers = 1_000
        /// Requests that may be reported in a second over a longer time: counting one takes a fraction of a microsecond.
        ///
        /// A body without any counts as one, and so does each endpoint of its tokens.
        package var requestsPerSecond = 50_000
        /// Requests that may be reported at once.
        package var burst = 100_000
        /// A worker that has said nothing for so long is taken for gone.
        package var silence = Duration.seconds(30)
        /// What nobody has reported about for so long is no longer shown: the longest window is empty by then.
        package var memory = Duration.seconds(900)

        package init() {}
    }

    private let limits: Limits
    private var known: Set<EndpointName>
    private var tracks: [EndpointName: ReportTrack] = [:]
    /// Those with a track, in the order of their first report.
    package private(set) var reported: [EndpointName] = []
    private var workers: ReportWorkers
    private var allowance: Double
    private var refilledAt: MonotonicInstant
    package private(set) var refusals = ReportRefusals()

    /// An empty book for endpoints of those names.
    package init(endpoints: [EndpointName], limits: Limits = Limits(), at now: MonotonicInstant) {
        self.limits = limits
        known = Set(endpoints)
        workers = ReportWorkers(silence: limits.silence)
        allowance = Double(limits.burst)
        refilledAt = now
    }

    /// Goes by another configuration: what is reported about endpoints that are gone is forgotten.
    package mutating func update(endpoints: [EndpointName]) {
        known = Set(endpoints)
        for name in reported where !known.contains(name) { tracks[name] = nil }
        reported.removeAll { !known.contains($0) }
        workers.keep(only: known)
    }

    /// Takes all of a batch, or nothing of it.
    package mutating func take(
        _ reports: [Report],
        from worker: WorkerReport?,
        at now: MonotonicInstant
    ) throws(ReportRefusal) {
        let requests = reports.reduce(0) { $0 + $1.count }
        // A body costs something even if it stands for no request, and so does each number of tokens.
        let cost = max(1, requests) + (worker?.tokens.count ?? 0)
        try checkNames(reports, worker)
        try checkRoom(reports, worker, requests, cost: cost, at: now)
        allowance -= Double(cost)
        for report in reports { track(report.endpoint, at: now) { $0.take(report, at: now) } }
        guard let worker else { return }
        for tokens in worker.tokens { track(tokens.endpoint, at: now) { $0.touch(at: now) } }
        workers.take(worker, at: now)
    }

    private func checkNames(_ reports: [Report], _ worker: WorkerReport?) throws(ReportRefusal) {
        if let index = reports.firstIndex(where: { !known.contains($0.endpoint) }) {
            throw .unknownEndpoint(reports[index].endpoint, index: index)
        }
        if let stranger = worker?.tokens.first(where: { !known.contains($0.endpoint) }) {
            throw .unknownEndpoint(stranger.endpoint, index: nil)
        }
    }

    private mutating func checkRoom(
        _ reports: [Report],
        _ worker: WorkerReport?,
        _ requests: Int,
        cost: Int,
        at now: MonotonicInstant
    ) throws(ReportRefusal) {
        workers.expire(at: now)
        let perSecond = Double(limits.requestsPerSecond)
        allowance = min(Double(limits.burst), allowance + max(0, (now - refilledAt).inSeconds) * perSecond)
        refilledAt = max(refilledAt, now)
        guard Double(cost) <= allowance else {
            refusals.tooFast &+= UInt64(max(1, requests))
            throw .tooFast(retryAfter: .seconds((Double(cost) - allowance) / perSecond))
        }
        if let worker, workers.count >= limits.workers, !workers.has(worker.worker) {
            refusals.tooManyWorkers &+= UInt64(max(1, requests))
            throw .tooManyWorkers(limit: limits.workers)
        }
        let mentioned = Set(reports.map(\.endpoint) + (worker?.tokens.map(\.endpoint) ?? []))
        guard reported.count + mentioned.count(where: { tracks.index(forKey: $0) == nil }) <= limits.endpoints else {
            refusals.tooManyEndpoints &+= UInt64(max(1, requests))
            throw .tooManyEndpoints(limit: limits.endpoints)
        }
    }

    private mutating func track(
        _ name: EndpointName,
        at now: MonotonicInstant,
        _ change: (inout ReportTrack) -> Void
    ) {
        if tracks[name] == nil { reported.append(name) }
        change(&tracks[name, default: ReportTrack(since: now)])
    }

    // MARK: What is shown

    /// Of each endpoint that was reported about lately, in the order of the first reports.
    package mutating func standings(at now: MonotonicInstant) -> [ReportStanding] {
        reported.compactMap { standing(of: $0, at: now) }
    }

    /// `nil` if nothing was reported about it lately.
    package mutating func standing(of endpoint: EndpointName, at now: MonotonicInstant) -> ReportStanding? {
        workers.expire(at: now)
        let sum = workers.sum(of: endpoint)
        return tracks[endpoint]?.standing(of: endpoint, sum, memory: limits.memory, at: now)
    }

    /// Of each endpoint that was ever reported about, in the order of the first reports.
    package mutating func totals(at now: MonotonicInstant) -> [ReportTotals] {
        workers.expire(at: now)
        return reported.compactMap { name in
            tracks[name]?.totals(of: name, tokensInFlight: workers.sum(of: name)?.tokens)
        }
    }

    /// Workers that have told their tokens lately.
    package mutating func livingWorkers(at now: MonotonicInstant) -> Int {
        workers.expire(at: now)
        return workers.count
    }
}

/// What was reported about one endpoint.
private struct ReportTrack: Sendable {
    /// Memory is bounded for any number of requests: at more than 270 a second the newest of a minute count.
    private var errors = ErrorWindow(capacity: 16_384)
    private var latency = LatencyWindow(capacity: 4_096)
    private var ttft = LatencyWindow(capacity: 4_096)
    private var requests = [UInt64](repeating: 0, count: ReportOutcome.allCases.count)
    private var latencies = ReportHistogram()
    private var ttfts = ReportHistogram()
    private let since: MonotonicInstant
    private var lastAt: MonotonicInstant

    init(since: MonotonicInstant) {
        self.since = since
        lastAt = since
    }

    mutating func touch(at now: MonotonicInstant) { lastAt = max(lastAt, now) }

    mutating func take(_ report: Report, at now: MonotonicInstant) {
        touch(at: now)
        requests[report.outcome.place] &+= UInt64(report.count)
        // As with probes: a fast failure is no quick answer, and one that hung counts for as long as somebody waited.
        let latency = report.outcome == .success || report.isTimeout ? report.latency : nil
        let ttft = report.outcome == .success ? report.ttft : nil
        if let latency { latencies.add(latency, count: report.count) }
        if let ttft { ttfts.add(ttft, count: report.count) }
        guard report.isRecent else { return }
        for _ in 0..<report.count {
            errors.record(report.outcome.mark, at: lastAt)
            if let latency { self.latency.record(latency, isCensored: report.isTimeout, isSlow: false, at: lastAt) }
            if let ttft { self.ttft.record(ttft, isCensored: false, isSlow: false, at: lastAt) }
        }
    }

    mutating func standing(
        of endpoint: EndpointName,
        _ inFlight: ReportWorkers.Sum?,
        memory: Duration,
        at now: MonotonicInstant
    ) -> ReportStanding? {
        guard now - lastAt < memory || inFlight != nil else { return nil }
        return ReportStanding(
            endpoint: endpoint,
            counts: errors.counts(at: now),
            latency: latency.percentiles(at: now),
            ttft: ttft.percentiles(at: now),
            since: since,
            lastAt: lastAt,
            tokensInFlight: inFlight?.tokens,
            workers: inFlight?.workers ?? 0
        )
    }

    func totals(of endpoint: EndpointName, tokensInFlight: UInt64?) -> ReportTotals {
        ReportTotals(
            endpoint: endpoint,
            requests: requests,
            latency: latencies,
            ttft: ttfts,
            tokensInFlight: tokensInFlight
        )
    }
}
