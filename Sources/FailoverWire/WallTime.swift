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

    /// RFC 3339 in UTC with milliseconds: `2026-11-22T12:04:31.250Z`.
    package var description: String {
        // The style cuts digits off; a quarter of a millisecond keeps a rounded time from losing one at each reading.
        let milliseconds = (date.timeIntervalSince1970 * 1000).rounded()
        return Date(timeIntervalSince1970: (milliseconds + 0.25) / 1000).formatted(Self.style)
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
