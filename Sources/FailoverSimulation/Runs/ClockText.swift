package import FailoverCore

/// Times of a world as people read them.
package enum ClockText {
    /// `1:02:03.456` since the beginning; three decimals, and days as hours.
    package static func text(_ instant: MonotonicInstant) -> String {
        let milliseconds = instant.nanoseconds / 1_000_000
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        let (minutes, second) = seconds.quotientAndRemainder(dividingBy: 60)
        let (hours, minute) = minutes.quotientAndRemainder(dividingBy: 60)
        return "\(hours):\(padded(minute, 2)):\(padded(second, 2)).\(padded(rest, 3))"
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number.magnitude)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
