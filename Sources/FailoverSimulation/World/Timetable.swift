import FailoverCore

/// When the attempts of one probe start, as the daemon's schedule plans them: a grid that never drifts, jitter of a tenth of
/// the interval around it, nothing caught up, and at most two attempts under way.
struct Timetable: Sendable {
    private(set) var interval: Duration
    private(set) var nextStart: MonotonicInstant
    private(set) var inFlight = 0
    /// The grid instant of `nextStart`.
    private var planned: MonotonicInstant
    private var lastStart: MonotonicInstant?
    /// Nothing starts before.
    private var heldUntil: MonotonicInstant?

    private static let jitterDivisor: Int64 = 10

    /// The first start is at a random instant within one interval.
    init(interval: Duration, at now: MonotonicInstant, _ random: inout SplitMix64) {
        self.interval = interval
        planned = now + .nanoseconds(Int64.random(in: 0..<max(1, interval.nanoseconds), using: &random))
        nextStart = planned
    }

    /// Takes the start that is due now, and plans the next.
    ///
    /// - Returns: Whether an attempt begins, and how many planned starts never will.
    mutating func start(at now: MonotonicInstant, _ random: inout SplitMix64) -> (begins: Bool, skipped: Int) {
        let missed = max(0, (now - planned).nanoseconds / interval.nanoseconds)
        planned = planned + .nanoseconds((missed + 1) * interval.nanoseconds)
        let begins = inFlight < ProbeConfiguration.maximumInFlight
        if begins {
            inFlight += 1
            lastStart = now
        }
        plan(notBefore: now, &random)
        return (begins, Int(missed) + (begins ? 0 : 1))
    }

    /// Takes a place beside the grid; `false` with two under way, and while nothing may start.
    mutating func request(at now: MonotonicInstant) -> Bool {
        guard inFlight < ProbeConfiguration.maximumInFlight, heldUntil.map({ $0 <= now }) ?? true else { return false }
        inFlight += 1
        return true
    }

    mutating func finish() { inFlight -= 1 }

    /// The server asked to be left alone.
    mutating func hold(until end: MonotonicInstant, _ random: inout SplitMix64) {
        heldUntil = max(end, heldUntil ?? end)
        passGrid(until: end)
        plan(notBefore: end, &random)
    }

    /// The next start comes within one new interval.
    mutating func setInterval(_ new: Duration, at now: MonotonicInstant, _ random: inout SplitMix64) {
        guard new != interval else { return }
        var base = planned - interval
        let ahead = base - now
        if ahead > interval / Int(Self.jitterDivisor) {
            base = base - .nanoseconds((ahead.nanoseconds / interval.nanoseconds + 1) * interval.nanoseconds)
        }
        interval = new
        let steps = max(1, (now - base).nanoseconds / new.nanoseconds + 1)
        planned = base + .nanoseconds(steps * new.nanoseconds)
        let earliest = max(heldUntil ?? now, now)
        passGrid(until: earliest)
        plan(notBefore: earliest, &random)
    }

    private mutating func passGrid(until instant: MonotonicInstant) {
        let missing = (instant - planned).nanoseconds
        guard missing > 0 else { return }
        planned = planned + .nanoseconds((missing - 1) / interval.nanoseconds * interval.nanoseconds) + interval
    }

    /// Around the grid instant, but never within half an interval of the last start.
    private mutating func plan(notBefore now: MonotonicInstant, _ random: inout SplitMix64) {
        let reach = interval.nanoseconds / Self.jitterDivisor
        let jittered = planned + .nanoseconds(Int64.random(in: -reach...reach, using: &random))
        nextStart = max(jittered, lastStart.map { $0 + interval / 2 } ?? now, now)
    }
}
