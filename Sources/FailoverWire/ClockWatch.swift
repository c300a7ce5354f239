package import FailoverCore
import FoundationEssentials

/// Notices between two looks at the clocks that the process stood still, or that somebody set the wall clock.
///
/// The first voids measurements; the second moves nothing, and only what is published carries civil times that have to be
/// written anew.
package struct ClockWatch: Sendable {
    /// What a look found.
    package struct Finding: Hashable, Sendable {
        /// Since when nobody looked; `nil` if the turn came in time.
        package let stalledSince: MonotonicInstant?
        /// Civil times that were published are wrong by more than ``tolerance``.
        package let isWallStepped: Bool

        package init(stalledSince: MonotonicInstant? = nil, isWallStepped: Bool = false) {
            self.stalledSince = stalledSince
            self.isWallStepped = isWallStepped
        }
    }

    /// A turn that comes later than planned by this much means that the process stood still.
    ///
    /// Longer than any wait for a turn on a healthy machine.
    package static let longestPause = Duration.milliseconds(500)
    /// Slewing moves a clock by half a second in a quarter of an hour, and is no step.
    package static let tolerance = Duration.seconds(1)

    /// Time that the machine was suspended since it was booted, at the last look.
    private var suspended: Duration
    /// The civil time of the monotonic clock's origin, at the last look or the last step.
    private var origin: WallTime

    package init(_ clock: ClockReading, suspended: Duration) {
        self.suspended = suspended
        origin = clock.wallTime(of: MonotonicInstant(nanoseconds: 0))
    }

    /// Looks at the clocks in a turn that was planned for `planned`.
    ///
    /// - Parameters:
    ///   - clock: Both clocks as they are now.
    ///   - suspended: Time that the machine was suspended since it was booted, which the monotonic clock leaves out.
    ///   - planned: When this look should have come.
    /// - Returns: What was found.
    package mutating func look(_ clock: ClockReading, suspended: Duration, planned: MonotonicInstant) -> Finding {
        let slept = suspended - self.suspended
        let late = clock.monotonic - planned
        self.suspended = suspended
        let now = clock.wallTime(of: MonotonicInstant(nanoseconds: 0))
        // Against the last step rather than the last look, so that small ones add up.
        let isStepped = abs(now.date.timeIntervalSince(origin.date)) > Self.tolerance.inSeconds
        if isStepped { origin = now }
        let pause = max(late, .zero) + max(slept, .zero)
        return Finding(
            stalledSince: pause > Self.longestPause ? clock.monotonic - pause : nil,
            isWallStepped: isStepped
        )
    }
}
