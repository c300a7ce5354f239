import FailoverCore

/// Rounded figures for people.
enum AboutText {
    /// `45 seconds`, `37 minutes`, `5 hours`; in whole numbers, rounded down.
    static func duration(_ seconds: Double) -> String {
        func text(_ count: Double, _ unit: String) -> String {
            // One part in a billion absorbs the rounding of what divides evenly.
            let whole = Int(max(0, (count * (1 + 1e-9)).rounded(.down)))
            return "\(whole) \(unit)\(whole == 1 ? "" : "s")"
        }
        if seconds < 120 { return text(seconds, "second") }
        if seconds < 7_200 { return text(seconds / 60, "minute") }
        return text(seconds / 3_600, "hour")
    }

    /// `5s`, or `these intervals` if there are several.
    static func intervals(_ intervals: [Duration]) -> String {
        guard let first = intervals.first, intervals.allSatisfy({ $0 == first }) else { return "these intervals" }
        return DurationText.format(first)
    }
}
