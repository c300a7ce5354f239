/// All that the engine knows of the place that it probes from.
struct Vantage: Sendable {
    /// One probe of an endpoint.
    struct Place: Sendable, Hashable {
        let endpoint: Int
        let track: Int
    }

    /// Bad samples of one probe that wait for a witness.
    struct Wait: Sendable {
        let place: Place
        /// The first of them is void then, unless somebody vouches for it.
        let end: MonotonicInstant
    }

    /// A probe that was asked for, to know whether our own network works.
    struct Question: Sendable {
        let source: Int
        let asked: MonotonicInstant
        let deadline: MonotonicInstant
    }

    var bench: WitnessBench
    var watch = VantageWatch()
    /// Where bad samples wait for a witness, in the order in which they began to.
    var waits: [Wait] = []
    /// At most two: a second one only where the first asks the very endpoint that is in doubt.
    var questions: [Question] = []
    /// Nobody is asked before; `nil` for no such limit.
    var noQuestionBefore: MonotonicInstant?
    /// The look that the engine waits for.
    var awaited: MonotonicInstant?
    /// When the daemon last stood still; `nil` if it never did.
    var lastStall: MonotonicInstant?
    /// What hampers the probing was told.
    private var isTroubleTold = false
    /// When it began to look.
    private(set) var began: MonotonicInstant
    let anchors: [AnchorConfiguration]
    /// In the order of `anchors`.
    var anchorWatches: [AnchorWatch]
    private let anchorIndex: [EndpointName: Int]

    /// A pause of the daemon that is shorter than this is none.
    ///
    /// Source: the longest wait for a turn on a healthy machine; the loops of the probes use the same.
    static let shortestStall = Duration.milliseconds(500)
    /// A witness that was asked has this long to answer, beyond the interval in which one would come by itself.
    static let answerGrace = Duration.seconds(2)
    /// After a question that brought nothing good the next one waits: an outage of ours must not turn into a storm.
    static let questionPause = Duration.seconds(1)
    /// In an outage of ours thousands of samples wait: those whose time is over are void together, at most so much late.
    static let lookPause = Duration.milliseconds(100)

    /// Attempts that a standstill made void may end, and say so, as much later as attempts last.
    static let stallEcho = Duration.seconds(60)

    init(_ configuration: Configuration, at now: MonotonicInstant) {
        began = now
        anchors = configuration.anchors
        anchorWatches = Array(repeating: AnchorWatch(), count: anchors.count)
        let sources = configuration.endpoints.map { $0.probes[$0.confirmingProbe].interval }
        bench = WitnessBench(intervals: sources + anchors.map(\.probe.interval))
        anchorIndex = Dictionary(uniqueKeysWithValues: configuration.anchors.enumerated().map { ($1.name, $0) })
    }

    /// Goes on with what an earlier configuration knew; `kept` are the endpoints that are probed as before, with their old
    /// places.
    mutating func adopt(_ old: Vantage, kept: [(endpoint: Int, old: Int)]) {
        watch = old.watch
        lastStall = old.lastStall
        isTroubleTold = old.isTroubleTold
        began = old.began
        for (endpoint, before) in kept { bench.adopt(endpoint, from: old.bench, before) }
        let endpoints = bench.count - anchors.count
        let oldEndpoints = old.bench.count - old.anchors.count
        for index in anchors.indices {
            guard let before = old.anchorIndex[anchors[index].name], old.anchors[before] == anchors[index] else {
                continue
            }
            bench.adopt(endpoints + index, from: old.bench, oldEndpoints + before)
            anchorWatches[index] = old.anchorWatches[before]
        }
    }

    /// The source that an anchor's probe belongs to; `nil` if it is no anchor's.
    func anchorSource(_ key: ProbeKey) -> Int? {
        guard !anchors.isEmpty, let index = anchorIndex[key.endpoint] else { return nil }
        return bench.count - anchors.count + index
    }

    /// The anchor of a source; `nil` for an endpoint.
    func anchor(_ source: Int) -> AnchorConfiguration? {
        let index = source - (bench.count - anchors.count)
        return index >= 0 ? anchors[index] : nil
    }

    /// Whether the state of the probing is news: a standstill that was told as one of the daemon is not told again as one of
    /// its probes, and neither is the end of what was not told.
    mutating func mustTell(_ trouble: Reason, at now: MonotonicInstant) -> Bool {
        if trouble.code == .clear {
            defer { isTroubleTold = false }
            return isTroubleTold
        }
        if trouble.code == .localStalled, let lastStall, now - lastStall < Self.stallEcho { return false }
        isTroubleTold = true
        return true
    }

    /// As published.
    var snapshot: VantageSnapshot {
        var snapshot = watch.snapshot
        snapshot.anchors = zip(anchors, anchorWatches).map { $1.snapshot(of: $0.address) }
        return snapshot
    }

    /// How long a bad sample of an endpoint waits for a witness: until one would come by itself, and a little more.
    func patience(of endpoint: Int, interval: Duration) -> Duration {
        max(interval, bench.shortestInterval(for: endpoint) ?? .zero) + Self.answerGrace
    }
}

extension EndpointConfiguration {
    /// The place of the probe that confirms it as a candidate, and that witnesses: the first one that can prove it well.
    var confirmingProbe: Int { probes.firstIndex { $0.tier == .deep } ?? 0 }
}
