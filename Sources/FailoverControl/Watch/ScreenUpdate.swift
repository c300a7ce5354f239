/// What has to be written so that a terminal shows a screen.
///
/// Only lines that differ are written, at once and between marks by which terminals that know them show all of it together.
package struct ScreenUpdate: Sendable {
    /// What the terminal shows; `nil` if that is not known.
    private var shown: [String]?
    private var width = 0

    package init() {}

    /// Somebody else has written to the terminal, or its size has changed.
    package mutating func forget() { shown = nil }

    /// The bytes that bring the terminal from what it shows to `lines`; empty if nothing differs.
    ///
    /// `lines` are rendered, and fit into `width` and `height`.
    package mutating func bytes(for lines: [String], width: Int, height: Int) -> String {
        var text = ""
        if width != self.width || shown?.count != height { shown = nil }
        let old = shown
        if old == nil { text += "\u{1B}[2J" }
        let new = (0..<height).map { $0 < lines.count ? lines[$0] : "" }
        for row in new.indices where old.map({ $0[row] != new[row] }) ?? !new[row].isEmpty {
            // Cleared before: after a full line some terminals would clear its last column.
            text += "\u{1B}[\(row + 1);1H\u{1B}[0m\u{1B}[2K\(new[row])"
        }
        self.width = width
        shown = new
        return text.isEmpty ? "" : "\u{1B}[?2026h" + text + "\u{1B}[?2026l"
    }
}
