package import FailoverWire

/// What a renderer must know about whoever reads its text.
package struct TextStyle: Sendable {
    /// Columns; at least 40 are used.
    package var width: Int
    package var colour: Bool
    /// When the text is written, for "12 min ago".
    package var now: WallTime
    /// Seconds east of Greenwich at a time, as in the reader's time zone.
    package var secondsEast: @Sendable (WallTime) -> Int

    package init(
        width: Int = 80,
        colour: Bool = false,
        now: WallTime,
        secondsEast: @escaping @Sendable (WallTime) -> Int = { _ in 0 }
    ) {
        self.width = max(40, width)
        self.colour = colour
        self.now = now
        self.secondsEast = secondsEast
    }
}

/// How a piece of text stands out where there is colour; nothing depends on it.
package enum Paint: String, Hashable, Sendable {
    case plain = ""
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"

    package func apply(to text: String, in style: TextStyle) -> String {
        style.colour && self != .plain && !text.isEmpty ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
    }
}

extension Paint {
    package static func verdict(_ verdict: String) -> Paint {
        switch verdict {
        case "healthy": .green
        case "degraded": .yellow
        case "unhealthy": .red
        default: .dim
        }
    }

    static func mode(_ mode: String) -> Paint {
        switch mode {
        case "preferred": .green
        case "fail_open": .red
        default: .yellow
        }
    }

    static func event(_ kind: String) -> Paint {
        switch kind {
        case "failover", "failback", "weights", "pinned", "drained", "frozen", "expired", "certificate", "vantage",
            "throttled",
            "misconfigured", "quality", "spend":
            .yellow
        case "fail_open", "dropped": .red
        default: .plain
        }
    }
}
