import FailoverCore
package import FailoverWire
import FoundationEssentials

/// A time as people type it.
package enum Moment {
    /// What may be typed, for errors.
    package static let allowed =
        "18:30 (the next time that it is), \"2026-11-23 07:00\" (both local), or 2026-11-22T18:00:00Z"

    /// The next time that a clock of the reader's zone shows `18:30`, a local date and time, or a time in UTC.
    ///
    /// `nil` for anything else. Where clocks are changed in between, a local time may be an hour off.
    package static func time(
        _ text: String,
        now: WallTime,
        secondsEast: (WallTime) -> Int
    ) -> WallTime? {
        if text.hasSuffix("Z") { return WallTime(text) }
        guard let reading = Reading(text), !reading.isToTheSecond else { return nil }
        if let midnight = reading.midnight { return utc(midnight + reading.seconds, secondsEast) }
        let local = now.date.timeIntervalSince1970 + Double(secondsEast(now))
        let today = midnight(of: local) + reading.seconds
        return utc(today > local ? today : today + 86_400, secondsEast)
    }

    /// What may be typed for a time that is over, for errors.
    package static let allowedPast =
        "12:04:31 (the last time that it was), \"2026-11-22 12:04:31\" (both local, seconds may be left out), "
        + "or 2026-11-22T12:04:31Z"

    /// The last time that a clock of the reader's zone showed `12:04` or `12:04:31`, a local date and time, or a time in UTC.
    ///
    /// A local time is the last millisecond of that second, or minute, so that what is told with such a time has happened by
    /// then; but not later than now. A date may be one to come. `nil` for anything else.
    package static func past(
        _ text: String,
        now: WallTime,
        secondsEast: (WallTime) -> Int
    ) -> WallTime? {
        if text.hasSuffix("Z") { return WallTime(text) }
        guard let reading = Reading(text) else { return nil }
        let rest = reading.isToTheSecond ? 0.999 : 59.999
        if let midnight = reading.midnight {
            return end(of: utc(midnight + reading.seconds, secondsEast), after: rest, now: now)
        }
        let local = now.date.timeIntervalSince1970 + Double(secondsEast(now))
        let today = midnight(of: local) + reading.seconds
        return end(of: utc(today <= local ? today : today - 86_400, secondsEast), after: rest, now: now)
    }

    private static func midnight(of local: Double) -> Double { (local / 86_400).rounded(.down) * 86_400 }

    private static func end(of start: WallTime, after rest: Double, now: WallTime) -> WallTime {
        let end = WallTime(secondsSince1970: start.secondsSince1970 + rest)
        return start <= now ? min(end, now) : end
    }

    /// With the shift from Greenwich as of then.
    private static func utc(_ local: Double, _ secondsEast: (WallTime) -> Int) -> WallTime {
        let shift = secondsEast(WallTime(secondsSince1970: local))
        return WallTime(secondsSince1970: local - Double(shift))
    }

    /// What a clock shows, perhaps on a day: `18:30`, `18:30:05` or `2026-11-23 07:00`.
    private struct Reading {
        /// The day's, as if it were UTC; `nil` without a day.
        let midnight: Double?
        /// Since midnight.
        let seconds: Double
        let isToTheSecond: Bool

        init?(_ text: String) {
            let parts = text.split(separator: " ", omittingEmptySubsequences: false)
            guard let clock = parts.last, parts.count <= 2 else { return nil }
            let fields = clock.split(separator: ":", omittingEmptySubsequences: false)
            let isWhole = fields.allSatisfy { $0.utf8.count == 2 && $0.utf8.allSatisfy { (48...57).contains($0) } }
            let numbers = fields.compactMap { Int($0) }
            guard isWhole, numbers.count == 2 || numbers.count == 3, numbers[0] < 24,
                numbers.dropFirst().allSatisfy({ $0 < 60 })
            else { return nil }
            isToTheSecond = numbers.count == 3
            seconds = Double(numbers[0] * 3600 + numbers[1] * 60 + (isToTheSecond ? numbers[2] : 0))
            guard parts.count == 2 else {
                midnight = nil
                return
            }
            guard parts[0].count == 10, let day = WallTime("\(parts[0])T00:00:00Z") else { return nil }
            midnight = day.date.timeIntervalSince1970
        }
    }
}
