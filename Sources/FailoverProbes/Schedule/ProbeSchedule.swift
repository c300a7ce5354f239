package import FailoverCore

/// When the attempts of one probe start: a fixed grid from the first start, with jitter around it.
///
/// The grid never drifts: the next grid instant is the previous one plus the interval, whatever happened in between.
/// Jitter moves single starts and does not accumulate. Nothing is caught up: grid instants that passed unused are
/// counted and skipped. Time and randomness are arguments.
package struct ProbeSchedule: Hashable, Sendable {
    /// What to do at a due instant.
    package struct Due: Hashable, Sendable {
        /// An attempt starts now.
        package let starts: Bool
        /// Planned starts that will never happen: missed while nobody looked, or overdue with too many in flight.
        package let skipped: Int

        package init(starts: Bool, skipped: Int) {
            self.starts = starts
            self.skipped = skipped
        }
    }

    /// Time between grid instants; positive.
    package private(set) var interval: Duration
    /// The next start, with jitter.
    package private(set) var nextStart: MonotonicInstant
    /// Attempts under way, at most ``ProbeConfiguration/maximumInFlight``.
    package private(set) var inFlight = 0
    /// The grid instant of ``nextStart``.
    private var planned: MonotonicInstant
    /// The last start at a due instant; `nil` before the first.
    private var lastStart: MonotonicInstant?
    /// Nothing starts before this instant; `nil` for no such limit.
    private var heldUntil: MonotonicInstant?

    /// Plans the first start at a random instant within one interval, so that probes spread out after a restart.
    package init(interval: Duration, at now: MonotonicInstant, using random: inout some RandomNumberGenerator) {
        precondition(interval > .zero, "an interval is positive")
        self.interval = interval
        planned = now + .nanoseconds(Int64.random(in: 0..<interval.nanoseconds, using: &random))
        nextStart = planned
    }

    /// Whether ``timerFired(at:using:)`` would start an attempt.
    package func isStartDue(at now: MonotonicInstant) -> Bool {
        now >= nextStart && inFlight < ProbeConfiguration.maximumInFlight
    }

    /// Says whether an attempt starts at `now` and plans the next one.
    ///
    /// Before ``nextStart`` it changes nothing.
    ///
    /// Of several overdue grid instants one starts, however late, and the others are skipped.
    package mutating func timerFired(
        at now: MonotonicInstant,
        using random: inout some RandomNumberGenerator
    ) -> Due {
        guard now >= nextStart else { return Due(starts: false, skipped: 0) }
        let missed = Swift.max(0, (now - planned).nanoseconds / interval.nanoseconds)
        planned = planned + .nanoseconds((missed + 1) * interval.nanoseconds)
        let starts = inFlight < ProbeConfiguration.maximumInFlight
        if starts {
            inFlight += 1
            lastStart = now
        }
        planNextStart(notBefore: now, using: &random)
        return Due(starts: starts, skipped: Int(missed) + (starts ? 0 : 1))
    }

    /// Takes a place for an attempt outside the grid, which stays as it is; `false` with too many in flight, and while
    /// nothing may start.
    package mutating func startRequested(at now: MonotonicInstant) -> Bool {
        guard inFlight < ProbeConfiguration.maximumInFlight, !isHeld(at: now) else { return false }
        inFlight += 1
        return true
    }

    /// Gives back the place of an attempt that ended.
    package mutating func attemptFinished() {
        precondition(inFlight > 0, "an attempt ends once")
        inFlight -= 1
    }

    /// Whether nothing may start.
    package func isHeld(at now: MonotonicInstant) -> Bool { heldUntil.map { now < $0 } ?? false }

    /// Lets the grid instants before `instant` pass; they do not count as skipped, because nobody wants them.
    ///
    /// Starts outside the grid are not concerned, and neither is a change of the interval.
    package mutating func postpone(
        until instant: MonotonicInstant,
        using random: inout some RandomNumberGenerator
    ) {
        guard instant > nextStart else { return }
        passGrid(until: instant)
        planNextStart(notBefore: instant, using: &random)
    }

    /// Starts nothing before `instant`, whoever asks for it; what would have started does not count as skipped.
    ///
    /// An earlier limit that lasts longer stays.
    package mutating func hold(
        until instant: MonotonicInstant,
        using random: inout some RandomNumberGenerator
    ) {
        heldUntil = Swift.max(instant, heldUntil ?? instant)
        postpone(until: instant, using: &random)
    }

    /// Moves the grid instant of the next start to the first one from `instant` on.
    private mutating func passGrid(until instant: MonotonicInstant) {
        let missing = (instant - planned).nanoseconds
        guard missing > 0 else { return }
        planned = planned + .nanoseconds((missing - 1) / interval.nanoseconds * interval.nanoseconds) + interval
    }

    /// Changes the interval at once: the next start comes within one new interval of `now`, or when starts are allowed.
    ///
    /// The new grid passes through the last grid instant, so probes that were spread out stay spread out.
    package mutating func setInterval(
        _ newInterval: Duration,
        at now: MonotonicInstant,
        using random: inout some RandomNumberGenerator
    ) {
        precondition(newInterval > .zero, "an interval is positive")
        guard newInterval != interval else { return }
        var base = planned - interval
        // Starts that were put off: the grid instant that would have been the last one.
        let ahead = base - now
        if ahead > interval / Int(Self.jitterDivisor) {
            base = base - .nanoseconds((ahead.nanoseconds / interval.nanoseconds + 1) * interval.nanoseconds)
        }
        interval = newInterval
        let steps = Swift.max(1, (now - base).nanoseconds / newInterval.nanoseconds + 1)
        planned = base + .nanoseconds(steps * newInterval.nanoseconds)
        let earliest = heldUntil.map { Swift.max($0, now) } ?? now
        passGrid(until: earliest)
        planNextStart(notBefore: earliest, using: &random)
    }

    /// Jitter as a part of the interval, either way: enough to break lockstep between daemons, too little to matter
    /// for detection.
    private static let jitterDivisor: Int64 = 10

    /// Sets ``nextStart`` around the grid instant, but never within half an interval of the last start: a late start
    /// and the next one on time would otherwise come close together.
    private mutating func planNextStart(
        notBefore now: MonotonicInstant,
        using random: inout some RandomNumberGenerator
    ) {
        let reach = interval.nanoseconds / Self.jitterDivisor
        let jittered = planned + .nanoseconds(Int64.random(in: -reach...reach, using: &random))
        let earliest = lastStart.map { $0 + interval / 2 } ?? now
        nextStart = Swift.max(jittered, earliest, now)
    }
}
