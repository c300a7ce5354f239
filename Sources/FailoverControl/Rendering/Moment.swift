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
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard let clock = parts.last.flatMap({ minutes($0) }) else { return nil }
        let shift = secondsEast(now)
        let local = now.date.timeIntervalSince1970 + Double(shift)
        switch parts.count {
        case 1:
            let midnight = (local / 86_400).rounded(.down) * 86_400
            let today = midnight + Double(clock * 60)
            return utc(today > local ? today : today + 86_400, secondsEast)
        case 2:
            guard parts[0].count == 10, let midnight = WallTime("\(parts[0])T00:00:00Z") else { return nil }
            return utc(midnight.date.timeIntervalSince1970 + Double(clock * 60), secondsEast)
        default: return nil
        }
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
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard let last = parts.last else { return nil }
        let clock = last.split(separator: ":", omittingEmptySubsequences: false)
        var seconds = 0
        if clock.count == 3 {
            guard clock[2].count == 2, clock[2].utf8.allSatisfy({ (48...57).contains($0) }), let given = Int(clock[2]),
                given < 60
            else { return nil }
            seconds = given
        }
        let head = clock.prefix(2).joined(separator: ":")
        guard clock.count == 2 || clock.count == 3, let minutes = minutes(head[...]) else { return nil }
        let time = Double(minutes * 60 + seconds)
        let rest = clock.count == 3 ? 0.999 : 59.999
        switch parts.count {
        case 1:
            let local = now.date.timeIntervalSince1970 + Double(secondsEast(now))
            let today = (local / 86_400).rounded(.down) * 86_400 + time
            return end(of: utc(today <= local ? today : today - 86_400, secondsEast), after: rest, now: now)
        case 2:
            guard parts[0].count == 10, let midnight = WallTime("\(parts[0])T00:00:00Z") else { return nil }
            return end(of: utc(midnight.date.timeIntervalSince1970 + time, secondsEast), after: rest, now: now)
        default: return nil
        }
    }

    private static func end(of start: WallTime, after rest: Double, now: WallTime) -> WallTime {
        let end = WallTime(secondsSince1970: start.secondsSince1970 + rest)
        return start <= now ? min(end, now) : end
    }

    /// With the shift from Greenwich as of then.
    private static func utc(_ local: Double, _ secondsEast: (WallTime) -> Int) -> WallTime {
        let shift = secondsEast(WallTime(secondsSince1970: local))
        return WallTime(secondsSince1970: local - Double(shift))
    }

    /// Since midnight.
    private static func minutes(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2,
            parts.allSatisfy({ $0.count == 2 && $0.allSatisfy(\.isASCII) && $0.allSatisfy(\.isNumber) }),
            let hours = Int(parts[0]), let minutes = Int(parts[1]), hours < 24, minutes < 60
        else { return nil }
        return hours * 60 + minutes
    }
}
