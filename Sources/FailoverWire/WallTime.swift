package import FailoverCore
package import FoundationEssentials

/// A point in civil time, stamped for people and for readers of files.
///
/// Never compared by anything that decides.
package struct WallTime: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    package let date: Date

    package init(_ date: Date) { self.date = date }

    /// From the system's real-time clock, which only the assembly reads.
    package init(secondsSince1970: Double) { date = Date(timeIntervalSince1970: secondsSince1970) }

    package var secondsSince1970: Double { date.timeIntervalSince1970 }

    /// RFC 3339 in UTC with milliseconds: `2026-11-22T12:04:31.250Z`.
    package var description: String {
        var bytes = ByteBuilder(capacity: 24)
        append(to: &bytes)
        return String(decoding: bytes.finish(), as: UTF8.self)
    }

    /// The same as UTF-8, at the end of `bytes`.
    func append(to bytes: inout ByteBuilder) {
        let milliseconds = (date.timeIntervalSince1970 * 1000).rounded()
        guard milliseconds >= 0, milliseconds < Self.endOfFourDigits else {
            // The style cuts digits off; a quarter of a millisecond keeps a rounded time from losing one at each reading.
            let text = Date(timeIntervalSince1970: (milliseconds + 0.25) / 1000).formatted(Self.style)
            for character in text.utf8 { bytes.append(character) }
            return
        }
        let (days, rest) = Int(milliseconds).quotientAndRemainder(dividingBy: 86_400_000)
        let (year, month, day) = Self.civil(daysSince1970: days)
        bytes.append(year, digits: 4)
        bytes.append(UInt8(ascii: "-"))
        bytes.append(month, digits: 2)
        bytes.append(UInt8(ascii: "-"))
        bytes.append(day, digits: 2)
        bytes.append(UInt8(ascii: "T"))
        bytes.append(rest / 3_600_000, digits: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(rest / 60_000 % 60, digits: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(rest / 1000 % 60, digits: 2)
        bytes.append(UInt8(ascii: "."))
        bytes.append(rest % 1000, digits: 3)
        bytes.append(UInt8(ascii: "Z"))
    }

    /// The first millisecond of the year 10,000.
    private static let endOfFourDigits = 253_402_300_800_000.0

    /// The date of the Gregorian calendar, for days from 1970 on.
    ///
    /// A year is taken to begin in March, so that the leap day is its last; the months then repeat 153 days every five.
    private static func civil(daysSince1970: Int) -> (year: Int, month: Int, day: Int) {
        let sinceMarch0 = daysSince1970 + 719_468
        let (era, dayOfEra) = sinceMarch0.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthSinceMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthSinceMarch + 2) / 5 + 1
        let month = monthSinceMarch < 10 ? monthSinceMarch + 3 : monthSinceMarch - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
    }

    package init?(_ text: String) {
        guard let date = (try? Self.style.parse(text)) ?? (try? Date.ISO8601FormatStyle().parse(text)) else {
            return nil
        }
        self.date = date
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let time = WallTime(text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "\"\(text)\" is no RFC 3339 time in UTC"
            )
        }
        self = time
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    package static func < (left: WallTime, right: WallTime) -> Bool { left.date < right.date }

    private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
}

/// Both clocks read at one moment, so that instants can be told as civil times and back.
package struct ClockReading: Hashable, Sendable {
    package let monotonic: MonotonicInstant
    package let wall: WallTime

    package init(monotonic: MonotonicInstant, wall: WallTime) {
        self.monotonic = monotonic
        self.wall = wall
    }

    package func wallTime(of instant: MonotonicInstant) -> WallTime {
        WallTime(wall.date.addingTimeInterval((instant - monotonic).inSeconds))
    }

    /// The instant of a remembered time; one in the future, after a clock was set back, becomes now.
    package func instant(of time: WallTime) -> MonotonicInstant {
        monotonic - .seconds(max(0, wall.date.timeIntervalSince(time.date)))
    }
}
