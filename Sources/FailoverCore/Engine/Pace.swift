/// How fast one endpoint of a lowest-latency route answers.
///
/// It knows nothing of failures: whether an endpoint is well is for the evidence to say, and a refused connection is no quick
/// answer.
struct Pace: Sendable {
    private struct Sample: Sendable {
        let at: MonotonicInstant
        let microseconds: UInt32
    }

    let endpoint: Int
    let figure: SpeedFigure
    private let window: Duration
    /// Answers that began sooner after the last one are left out: faster probing, while something is suspected, must not make
    /// a bad moment weigh more.
    private let spacing: Duration
    /// Oldest first; at most ``SpeedConfiguration/maximumSamples`` and a few.
    private var samples: [Sample] = []
    private var lastStart: MonotonicInstant?
    /// Of `samples`.
    private var known: Duration?
    /// Since when it has been faster than the active endpoint without a break; `nil` if it is not.
    var aheadSince: MonotonicInstant?

    init(endpoint: Int, probe: ProbeConfiguration, window: Duration) {
        self.endpoint = endpoint
        figure = SpeedFigure(probe)
        self.window = window
        spacing = max(probe.interval / 2, window / SpeedConfiguration.maximumSamples)
    }

    /// Whether the samples of the other one are as good as its own.
    func isComparable(to other: Pace) -> Bool {
        figure == other.figure && window == other.window && spacing == other.spacing
    }

    /// Goes on with what is known of the same probe in an earlier configuration.
    mutating func takeOver(from other: Pace) {
        samples = other.samples
        lastStart = other.lastStart
        known = other.known
        aheadSince = other.aheadSince
    }

    /// - Returns: Whether it was taken.
    mutating func record(_ observation: Observation, at now: MonotonicInstant) -> Bool {
        guard observation.outcome == .success, observation.tier == .deep,
            let time = figure == .ttft ? observation.ttft : observation.latency
        else { return false }
        if let lastStart, observation.start - lastStart < spacing { return false }
        lastStart = observation.start
        let expired = samples.prefix { now - $0.at >= window }.count
        if expired > 0 { samples.removeFirst(expired) }
        samples.append(Sample(at: now, microseconds: UInt32(clamping: time.nanoseconds / 1000)))
        known = Self.median(of: samples[...])
        return true
    }

    /// Lets go of what has left the window, so that its median is not worked out anew at each look.
    mutating func expire(at now: MonotonicInstant) {
        guard let oldest = samples.first, now - oldest.at >= window else { return }
        samples.removeFirst(samples.prefix { now - $0.at >= window }.count)
        known = Self.median(of: samples[...])
    }

    /// What is within the window: how many answers, and their median; `nil` without one.
    func current(at now: MonotonicInstant) -> (samples: Int, median: Duration?) {
        guard let oldest = samples.first, now - oldest.at >= window else { return (samples.count, known) }
        let fresh = samples.drop { now - $0.at >= window }
        return (fresh.count, Self.median(of: fresh))
    }

    /// The median, if there are enough samples for one.
    func median(at now: MonotonicInstant) -> Duration? {
        let (samples, median) = current(at: now)
        return samples >= SpeedConfiguration.minimumSamples ? median : nil
    }

    /// Nearest rank, as of the published percentiles.
    private static func median(of samples: ArraySlice<Sample>) -> Duration? {
        guard !samples.isEmpty else { return nil }
        let sorted = samples.map(\.microseconds).sorted()
        return .microseconds(Int64(sorted[(sorted.count - 1) / 2]))
    }
}

/// Who is how fast in a lowest-latency route, and for how long.
struct SpeedWatch: Sendable {
    let configuration: SpeedConfiguration
    /// In the order of the route's members.
    var paces: [Pace]
    /// The place of each endpoint's pace.
    private let places: [Int: Int]
    /// Endpoints, the quicker ones first: who comes before whom changes only by the margins, so that noise does not change it.
    private(set) var order: [Int]
    /// Nobody has been faster for longer than since the last move.
    var since: MonotonicInstant
    var moves = SpeedMoves.none

    init(
        _ configuration: SpeedConfiguration,
        members: [RouteState.Member],
        endpoints: [EndpointState],
        at now: MonotonicInstant
    ) {
        self.configuration = configuration
        order = members.map(\.endpoint)
        places = Dictionary(members.enumerated().map { ($1.endpoint, $0) }) { first, _ in first }
        paces = members.map { member in
            let endpoint = endpoints[member.endpoint].configuration
            let probe = endpoint.probes[endpoint.leadingProbe]
            return Pace(endpoint: member.endpoint, probe: probe, window: configuration.window)
        }
        since = now
    }

    func pace(of endpoint: Int) -> Pace? { places[endpoint].map { paces[$0] } }

    /// See ``Pace/expire(at:)``.
    mutating func expire(at now: MonotonicInstant) {
        for index in paces.indices { paces[index].expire(at: now) }
    }

    mutating func record(_ observation: Observation, of endpoint: Int, at now: MonotonicInstant) {
        guard let index = places[endpoint], paces[index].record(observation, at: now) else { return }
        expire(at: now)
        rank(at: now)
    }

    /// Afterwards nobody stands behind one that it is faster than, whoever is between them; as that holds of any of them, the
    /// first one that is well is as good a choice as there is.
    ///
    /// Who has too few samples stays where it is.
    private mutating func rank(at now: MonotonicInstant) {
        var free: [Int] = []
        var ranked: [(endpoint: Int, time: Duration)] = []
        var slowest = Duration.zero
        for (position, endpoint) in order.enumerated() {
            guard let time = places[endpoint].flatMap({ paces[$0].median(at: now) }) else { continue }
            free.append(position)
            // Nobody is passed by one that does not pass the slowest.
            let passed =
                configuration.isFaster(time, than: slowest)
                ? ranked.firstIndex { configuration.isFaster(time, than: $0.time) } : nil
            ranked.insert((endpoint, time), at: passed ?? ranked.count)
            slowest = max(slowest, time)
        }
        for (position, entry) in zip(free, ranked) { order[position] = entry.endpoint }
    }

    // MARK: - Patience

    /// Source: half of a day is what lies between the two moves of a place that is busy by day.
    private static let damping = Damping(halfLife: .seconds(12 * 3600), longest: .seconds(6 * 3600))

    /// How long somebody has to have been faster: doubled with each further move for speed that is not forgotten.
    func dwell(at now: MonotonicInstant) -> Duration {
        Self.damping.wait(configuration.dwell, count: Self.damping.rest(of: moves.count, after: now - moves.at))
    }

    /// When a pace that is ahead has been so for long enough; `nil` if it is not ahead.
    func due(_ pace: Pace, at now: MonotonicInstant) -> MonotonicInstant? {
        pace.aheadSince.map { max($0, since) + dwell(at: now) }
    }

    /// Moves for speed as they are once another one is made.
    func moves(afterMoveAt now: MonotonicInstant) -> SpeedMoves {
        SpeedMoves(count: Self.damping.count(with: moves.count, after: now - moves.at), at: now)
    }

    /// Nobody is ahead any more, as far as is known.
    mutating func forgetLeads() {
        for index in paces.indices where paces[index].aheadSince != nil { paces[index].aheadSince = nil }
    }

    /// They were of another endpoint than the one that is decided for now.
    mutating func forgetLeadsAndMoves() {
        forgetLeads()
        moves = .none
    }

    /// The route has moved: all begins again but what is known of each endpoint.
    mutating func restart(at now: MonotonicInstant, forSpeed: Bool) {
        forgetLeads()
        if forSpeed { moves = moves(afterMoveAt: now) }
        since = now
    }

    /// Goes on with what is known of the same endpoints and probes.
    ///
    /// `counterpart` gives the old place of an endpoint that is probed as before, and `nil` for any other.
    mutating func takeOver(from old: SpeedWatch, counterpart: (Int) -> Int?) {
        moves = old.moves
        since = old.since
        for index in paces.indices {
            guard let place = counterpart(paces[index].endpoint), let pace = old.pace(of: place),
                pace.isComparable(to: paces[index])
            else { continue }
            paces[index].takeOver(from: pace)
        }
        let ranks = Dictionary(uniqueKeysWithValues: old.order.enumerated().map { ($1, $0) })
        let places = order.enumerated().map { position, endpoint in
            (rank: counterpart(endpoint).flatMap { ranks[$0] } ?? .max, position: position, endpoint: endpoint)
        }
        order = places.sorted { ($0.rank, $0.position) < ($1.rank, $1.position) }.map(\.endpoint)
        // Another margin or patience is another question.
        if configuration != old.configuration { forgetLeads() }
    }
}
