/// Words on lines, for everything that people read in a terminal.
package enum LineFill {
    /// Fills lines of at most `width` columns; a longer word has a line of its own.
    ///
    /// - Parameters:
    ///   - words: None of them empty.
    ///   - width: In characters, what a line begins with included.
    ///   - first: What the first line begins with.
    ///   - rest: What every further line begins with.
    /// - Returns: At least one line.
    package static func lines(
        of words: some Sequence<some StringProtocol>,
        width: Int,
        first: String = "",
        rest: String = ""
    ) -> [String] {
        var lines: [String] = []
        var line = first
        var isBegun = false
        for word in words {
            if isBegun, line.count + 1 + word.count > width {
                lines.append(line)
                line = rest
                isBegun = false
            }
            if isBegun { line += " " }
            line += word
            isBegun = true
        }
        return lines + [line]
    }

    /// The words of a text; a percent sign stays with its number.
    package static func words(of text: String) -> [String] {
        var words: [String] = []
        for word in text.split(separator: " ") {
            if word.hasPrefix("%"), let last = words.indices.last {
                words[last] += " " + word
            } else {
                words.append(String(word))
            }
        }
        return words
    }
}
