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

    /// Plans the first start at a random instant within one interval, so that probes spread out after a restart.
    package init(interval: Duration, at now: MonotonicInstant, using random: inout some RandomNumberGenerator) {
        precondition(interval > .zero, "an interval is positive")
        self.interval = interval
        planned = now + .nanoseconds(Int64.random(in: 0..<interval.nanoseconds, using: &random))
        nextStart = planned
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

    /// Takes a place for an attempt outside the grid, which stays as it is; `false` with too many in flight.
    package mutating func startRequested() -> Bool {
        guard inFlight < ProbeConfiguration.maximumInFlight else { return false }
        inFlight += 1
        return true
    }

    /// Gives back the place of an attempt that ended.
    package mutating func attemptFinished() {
        precondition(inFlight > 0, "an attempt ends once")
        inFlight -= 1
    }

    /// Changes the interval at once: the next start comes within one new interval of `now`.
    ///
    /// The new grid passes through the last grid instant, so probes that were spread out stay spread out.
    package mutating func setInterval(
        _ newInterval: Duration,
        at now: MonotonicInstant,
        using random: inout some RandomNumberGenerator
    ) {
        precondition(newInterval > .zero, "an interval is positive")
        guard newInterval != interval else { return }
        let base = planned - interval
        interval = newInterval
        let steps = Swift.max(1, (now - base).nanoseconds / newInterval.nanoseconds + 1)
        planned = base + .nanoseconds(steps * newInterval.nanoseconds)
        planNextStart(notBefore: now, using: &random)
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
