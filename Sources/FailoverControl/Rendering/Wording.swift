import FailoverCore
package import FailoverWire
import FoundationEssentials

/// How numbers and times are told to people.
package enum Wording {
    /// `1 probe`, `2 probes`.
    package static func count(_ number: Int, _ singular: String, _ plural: String? = nil) -> String {
        "\(number) \(number == 1 ? singular : plural ?? singular + "s")"
    }

    /// The mode of a route as people say it: `preferred`, `failed over`, `fail-open`.
    static func mode(_ mode: String) -> String {
        switch mode {
        case "failover": "failed over"
        case "fail_open": "fail-open"
        default: mode
        }
    }

    /// Of a route that only observes; `wish` is where it would be, `nil` where it is.
    static func observing(wish: String?) -> String {
        "observe mode: decides but does not move; \(wish.map { "would be \($0)" } ?? "would stay")"
    }

    /// Whether a route or share came to this mode by its last move; into the others it came later.
    static func beganWithMove(_ mode: String) -> Bool {
        switch RouteMode(rawValue: mode) {
        case .preferred, .failover, nil: true
        case .pinned, .held, .failOpen: false
        }
    }

    /// `1st`, `2nd`, `3rd`, `4th`, `11th`.
    package static func ordinal(_ number: Int) -> String {
        switch (number % 10, number % 100) {
        case (_, 11...13): "\(number)th"
        case (1, _): "\(number)st"
        case (2, _): "\(number)nd"
        case (3, _): "\(number)rd"
        default: "\(number)th"
        }
    }

    /// `84 ms`, `0.91 s`, `12.0 s`.
    package static func milliseconds(_ value: Double, inSeconds: Bool) -> String {
        guard inSeconds else {
            return value < 10 ? value.formatted(decimals: 1) + " ms" : value.formatted(decimals: 0) + " ms"
        }
        return (value / 1000).formatted(decimals: value < 10_000 ? 2 : 1) + " s"
    }

    /// A limit as it was configured: `3 s`, `1.2 s`, `300 ms`.
    package static func limit(milliseconds value: Double) -> String {
        value < 1000 ? "\(value.trimmed) ms" : "\((value / 1000).roundedForReaders.trimmed) s"
    }

    /// `0.1 %`, `5.3 %`, `16 %`; a share of 0...1.
    package static func percent(_ share: Double) -> String {
        let percent = share * 100
        return percent.formatted(decimals: percent < 9.95 ? 1 : 0) + " %"
    }

    /// `just now`, `2 s ago`, `12 min ago`, `3 h ago`, `5 d ago`.
    package static func ago(_ time: WallTime, in style: TextStyle) -> String {
        let seconds = Int(style.now.date.timeIntervalSince(time.date).rounded(.down))
        return seconds < 1 ? "just now" : span(seconds: seconds) + " ago"
    }

    /// `90 s`, `12 min`, `3 h`, `5 d`: the largest unit of which there are at least two, rounded down.
    package static func span(seconds: Int) -> String {
        switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3600) h"
        default: "\(seconds / 86_400) d"
        }
    }

    /// `12:04:31` today, `2026-11-20 12:04:31` on another day; in the reader's time zone.
    package static func time(_ time: WallTime, in style: TextStyle) -> String {
        let (day, clock) = local(time, in: style)
        return day == local(style.now, in: style).day ? clock : "\(day) \(clock)"
    }

    /// `2026-11-20`, in the reader's time zone.
    static func day(_ time: WallTime, in style: TextStyle) -> String { local(time, in: style).day }

    private static func local(_ time: WallTime, in style: TextStyle) -> (day: String, clock: String) {
        // RFC 3339 of the shifted time has the reader's own date and clock at fixed places.
        let shifted = WallTime(time.date.addingTimeInterval(Double(style.secondsEast(time)))).description
        return (String(shifted.prefix(10)), String(shifted.dropFirst(11).prefix(8)))
    }

    /// The text with its times in UTC told in the reader's time zone.
    package static func localTimes(in text: String, style: TextStyle) -> String {
        text.split(separator: " ", omittingEmptySubsequences: false).map { word in
            let end = word.lastIndex { !",;:.".contains($0) }.map { word.index(after: $0) } ?? word.startIndex
            guard word[..<end].hasSuffix("Z"), let time = WallTime(String(word[..<end])) else { return String(word) }
            return self.time(time, in: style) + word[end...]
        }.joined(separator: " ")
    }

    /// Lines of at most `width` columns, each begun with `indent` spaces; a longer word has a line of its own.
    package static func wrap(_ text: String, width: Int, indent: Int) -> [String] {
        let words = LineFill.words(of: text)
        guard !words.isEmpty else { return [] }
        let margin = String(repeating: " ", count: indent)
        return LineFill.lines(of: words, width: max(20, width - indent)).map { margin + $0 }
    }

    /// The same of a line that is indented already; further lines are indented by two more.
    package static func hanging(_ line: some StringProtocol, width: Int) -> String {
        let indent = line.prefix { $0 == " " }.count
        let lines = wrap(String(line), width: width, indent: indent + 2)
        return (lines.prefix(1).map { String($0.dropFirst(2)) } + lines.dropFirst()).joined(separator: "\n")
    }
}
