import FailoverWire
import FoundationEssentials
import Glibc

/// How entries look on standard error.
package enum TextStyle: Hashable, Sendable {
    /// For people: the local time of day, and colour if the terminal and they want it.
    case terminal(isColoured: Bool)
    /// For files and other collectors: an RFC 3339 time first.
    case timestamped
    /// For a journal that reads standard error: the priority first, which it takes off again.
    case prefixed
}

extension JournalEntry {
    /// One line with its line break.
    ///
    /// `secondsFromUTC` is where the terminal's reader lives, at the entry's time.
    package func line(_ style: TextStyle, secondsFromUTC: Int = 0) -> String {
        switch style {
        case .terminal(let isColoured):
            let time = at.timeOfDay(secondsFromUTC: secondsFromUTC)
            guard let label else { return "\(isColoured ? Colour.faint.paint(time) : time) \(summary)\n" }
            guard isColoured else { return "\(time) \(label) \(summary)\n" }
            return "\(Colour.faint.paint(time)) \(colour?.paint(label) ?? label) \(summary)\n"
        case .timestamped: return "\(at) \(label.map { $0 + " " } ?? "")\(summary)\n"
        case .prefixed: return "<\(priority.rawValue)>\(message)\n"
        }
    }

    /// The word in front; `nil` for ordinary lines about the daemon itself.
    private var label: String? {
        if let event { return event.uppercased() }
        switch priority {
        case .critical, .error: return "ERROR"
        case .warning: return "WARNING"
        case .debug: return "DEBUG"
        case .notice, .info: return nil
        }
    }

    private var colour: Colour? {
        switch priority {
        case .critical, .error: .red
        case .warning: .yellow
        case .notice: event == "failback" ? .green : nil
        case .info, .debug: nil
        }
    }
}

/// The few colours that mean something on any terminal.
private enum Colour: String {
    case faint = "2"
    case red = "1;31"
    case yellow = "33"
    case green = "32"

    func paint(_ text: String) -> String { "\u{1b}[\(rawValue)m\(text)\u{1b}[0m" }
}

extension WallTime {
    /// `12:04:31.250`, in a zone that far east of Greenwich.
    func timeOfDay(secondsFromUTC: Int) -> String {
        let milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded()) + Int64(secondsFromUTC) * 1000
        let ofDay = (milliseconds % 86_400_000 + 86_400_000) % 86_400_000
        func digits(_ value: Int64, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        return digits(ofDay / 3_600_000, 2) + ":" + digits(ofDay / 60_000 % 60, 2) + ":" + digits(ofDay / 1000 % 60, 2)
            + "." + digits(ofDay % 1000, 3)
    }

    /// How far the system's own time zone is east of Greenwich at this time.
    var localSecondsFromUTC: Int {
        var seconds = time_t(date.timeIntervalSince1970.rounded(.down))
        var parts = tm()
        return localtime_r(&seconds, &parts) == nil ? 0 : Int(parts.tm_gmtoff)
    }
}
