/// Text from a file made fit for a message: one line, printable, bounded.
enum ShownText {
    /// Longest piece of a file that a message repeats, in characters.
    private static let maximumLength = 60

    /// `text` in double quotes.
    static func quoted(_ text: String) -> String { "\"\(cleaned(text))\"" }

    /// Control characters become escapes, and what is too long ends in an ellipsis.
    static func cleaned(_ text: String) -> String {
        var shown = ""
        for scalar in text.unicodeScalars.prefix(maximumLength) {
            switch scalar {
            case "\n": shown += "\\n"
            case "\t": shown += "\\t"
            case "\r": shown += "\\r"
            case "\u{0}"..."\u{1f}", "\u{7f}"..."\u{9f}", "\u{200b}"..."\u{200f}", "\u{2028}"..."\u{202e}",
                "\u{2066}"..."\u{2069}", "\u{feff}":
                shown += "\\u{\(String(scalar.value, radix: 16))}"
            default: shown.unicodeScalars.append(scalar)
            }
        }
        return text.unicodeScalars.count > maximumLength ? shown + "…" : shown
    }

    /// At most ten names, then how many more there are.
    static func list(_ names: [String]) -> String {
        let shown = names.prefix(10).map { cleaned($0) }.joined(separator: ", ")
        return names.count > 10 ? "\(shown) and \(names.count - 10) more" : shown
    }
}
