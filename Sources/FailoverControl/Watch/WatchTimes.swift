import FailoverWire
import FoundationEssentials

/// Times that run down.
enum WatchTimes {
    /// `0:23`, `4:07`, `1:12:03`, and from two days on `3 d`; never below zero, and rounded up, so that it ends at 0:00.
    static func left(until time: WallTime, in style: TextStyle) -> String {
        let exact = time.date.timeIntervalSince(style.now.date).rounded(.up)
        let seconds = exact.isFinite ? Int(min(max(0, exact), 1e10)) : 0
        guard seconds < 172_800 else { return "\(seconds / 86_400) d" }
        let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60)
        return hours > 0 ? "\(hours):\(twoDigits(minutes)):\(twoDigits(rest))" : "\(minutes):\(twoDigits(rest))"
    }

    /// `12 min`; never below zero.
    static func span(since time: WallTime, in style: TextStyle) -> String {
        let exact = style.now.date.timeIntervalSince(time.date)
        return Wording.span(seconds: exact.isFinite ? Int(min(max(0, exact), 1e12)) : 0)
    }

    /// The text with what is left behind the time that it names: `until 18:00:00 (1:12:03 left)`.
    static func counting(_ text: String, until time: WallTime?, in style: TextStyle) -> String {
        guard let time else { return text }
        let named = "until \(Wording.time(time, in: style))"
        guard let range = text.firstRange(of: named) else { return text }
        return text[..<range.upperBound] + " (\(left(until: time, in: style)) left)" + text[range.upperBound...]
    }

    private static func twoDigits(_ number: Int) -> String { (number < 10 ? "0" : "") + "\(number)" }
}
