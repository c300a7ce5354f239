/// Whether an endpoint limits our rate, and for how much of its probes.
///
/// It begins to exist with the first throttled probe after two quiet minutes, and is forgotten after two more, so that an
/// endpoint that never throttles pays nothing. A single throttled probe says nothing about health; more than half of them
/// over two minutes make an endpoint no target.
struct ThrottleWatch: Sendable {
    /// Where the throttling stands; told at most once each way in two minutes.
    private enum State: Sendable {
        /// Told that it began; the share has been at most half since then. Can transition to: `limiting`, `over` after two
        /// minutes.
        case throttling(since: MonotonicInstant)
        /// More than half is throttled, or was less than two minutes ago; `below` is since when the share is at most half.
        /// Can transition to: `over` two minutes after that.
        case limiting(below: MonotonicInstant?)
        /// Told that it is over. Can transition to: `limiting`, and `throttling` after two quiet minutes.
        case over
    }

    /// What to tell.
    enum News: Sendable, Equatable {
        case began
        case ended
    }

    /// Probes of ten seconds.
    private struct Bucket: Sendable {
        let begin: MonotonicInstant
        var all = 0
        var throttled = 0
    }

    /// The span over which the share is taken, and how long it must be low before that is told.
    static let span = Duration.seconds(120)
    private static let bucketLength = Duration.seconds(10)
    /// Fewer are no share.
    private static let least = 3

    private var state = State.over
    /// Oldest first, at most thirteen: those of the span.
    private var buckets: [Bucket] = []
    private var lastThrottled: MonotonicInstant?
    /// Until when the probe that confirms the endpoint is not asked; `nil` if it never said so.
    private(set) var heldUntil: MonotonicInstant?
    /// What the last throttled probe was told, for a sentence: `http_429, asks for 30 s`.
    var demand: String?
    /// Throttled probes with no other between them.
    private var inARow = 0

    /// Most of its probes are throttled: no target.
    var isLimiting: Bool { if case .limiting = state { true } else { false } }

    /// Nothing is left to remember: the next throttled probe begins anew.
    func isForgotten(at now: MonotonicInstant) -> Bool {
        guard case .over = state, heldUntil.map({ $0 <= now }) ?? true else { return false }
        return lastThrottled.map { now - $0 >= Self.span } ?? true
    }

    /// Nothing is asked of the endpoint until then, because it said so.
    mutating func hold(until end: MonotonicInstant) { heldUntil = max(heldUntil ?? end, end) }

    /// Counted and throttled probes of the span, for a sentence.
    var counts: (all: Int, throttled: Int) {
        buckets.reduce((0, 0)) { ($0.0 + $1.all, $0.1 + $1.throttled) }
    }

    /// A watch that begins now; `others` are the probes of the last minute, none of which was throttled.
    init(others: Int, at now: MonotonicInstant) {
        if others > 0 { buckets = [Bucket(begin: now - .seconds(30), all: others)] }
    }

    mutating func record(isThrottled: Bool, at now: MonotonicInstant) -> News? {
        count(isThrottled, at: now)
        let wasQuiet = lastThrottled.map { now - $0 >= Self.span } ?? true
        if isThrottled { lastThrottled = now }
        switch state {
        case .over:
            if isMost {
                state = .limiting(below: nil)
                return .began
            }
            guard isThrottled, wasQuiet else { return nil }
            state = .throttling(since: now)
            return .began
        case .throttling(let since):
            if isMost {
                state = .limiting(below: nil)
                return nil
            }
            return endIfLow(since: since, at: now)
        case .limiting(let below):
            guard !isMost else {
                state = .limiting(below: nil)
                return nil
            }
            state = .limiting(below: below ?? now)
            return endIfLow(since: below ?? now, at: now)
        }
    }

    private mutating func endIfLow(since: MonotonicInstant, at now: MonotonicInstant) -> News? {
        guard now - since >= Self.span else { return nil }
        state = .over
        return .ended
    }

    /// More than half of the span's probes; or all of the last ones, where the endpoint asks for waits so long that fewer
    /// fit into the span.
    private var isMost: Bool {
        let (all, throttled) = counts
        if throttled >= Self.least { return throttled * 2 > all }
        return inARow >= Self.least && throttled == all
    }

    private mutating func count(_ isThrottled: Bool, at now: MonotonicInstant) {
        inARow = isThrottled ? min(inARow + 1, Self.least) : 0
        buckets.removeAll { now - $0.begin >= Self.span }
        if buckets.last.map({ now - $0.begin >= Self.bucketLength }) ?? true { buckets.append(Bucket(begin: now)) }
        buckets[buckets.count - 1].all += 1
        buckets[buckets.count - 1].throttled += isThrottled ? 1 : 0
    }
}
