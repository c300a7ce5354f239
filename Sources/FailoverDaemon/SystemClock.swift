package import FailoverCore
package import FailoverWire
import Glibc

/// The only place that reads the clocks.
package enum SystemClock {
    /// Time since boot without suspended time: what intervals and timeouts are measured in.
    package static var now: MonotonicInstant {
        MonotonicInstant(nanoseconds: nanoseconds(of: CLOCK_MONOTONIC))
    }

    /// Both clocks at (nearly) one moment.
    package static var reading: ClockReading {
        ClockReading(
            monotonic: now,
            wall: WallTime(secondsSince1970: Double(nanoseconds(of: CLOCK_REALTIME)) / 1e9)
        )
    }

    /// Time that the machine was suspended since it was booted.
    static var suspended: Duration {
        .nanoseconds(nanoseconds(of: CLOCK_BOOTTIME) - nanoseconds(of: CLOCK_MONOTONIC))
    }

    /// Seconds since 1970.
    package static var wallSeconds: Int { Int(nanoseconds(of: CLOCK_REALTIME) / 1_000_000_000) }

    /// For days and dates.
    static var unixTime: UnixTime { UnixTime(nanoseconds: nanoseconds(of: CLOCK_REALTIME)) }

    private static func nanoseconds(of clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
