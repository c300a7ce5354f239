/// The windows over which the speed of spending is told.
///
/// Source: the workbook on site reliability engineering, chapter 5: a long window says that it matters, a short one that it still goes on.
package enum BurnWindow: String, CaseIterable, Hashable, Sendable {
    case fiveMinutes = "5m"
    case halfHour = "30m"
    case hour = "1h"
    case sixHours = "6h"
    case threeDays = "3d"

    package var length: Duration {
        switch self {
        case .fiveMinutes: .seconds(300)
        case .halfHour: .seconds(1800)
        case .hour: .seconds(3600)
        case .sixHours: .seconds(6 * 3600)
        case .threeDays: .seconds(72 * 3600)
        }
    }
}

/// A speed of spending over two windows at once that is worth telling.
package enum BurnAlarm: Int, CaseIterable, Comparable, Hashable, Sendable {
    /// A tenth of a month's budget within three days.
    case slow
    /// A twentieth within six hours: worth waking somebody.
    case fast
    /// A fiftieth within an hour: the same.
    case fastest

    package var long: BurnWindow {
        switch self {
        case .slow: .threeDays
        case .fast: .sixHours
        case .fastest: .hour
        }
    }

    package var short: BurnWindow {
        switch self {
        case .slow: .sixHours
        case .fast: .halfHour
        case .fastest: .fiveMinutes
        }
    }

    /// How many times faster than sustainable.
    package var rate: Double {
        switch self {
        case .slow: 1
        case .fast: 6
        case .fastest: 14.4
        }
    }

    package var isWorthWaking: Bool { self != .slow }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
