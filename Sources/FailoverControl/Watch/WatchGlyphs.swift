/// What bars and sparklines are drawn with.
package struct WatchGlyphs: Hashable, Sendable {
    let isASCII: Bool
    /// Says that something was left out.
    let more: String
    /// From nothing to a whole cell, by equal steps.
    let filling: [Character]
    let empty: Character
    /// Of a slot of time, from far below the objective up to it.
    let within: [Character]
    /// Above the objective: up to twice as much, and more.
    let above: [Character]
    /// Cells of a chart from the bottom, by equal steps; the last is a whole one.
    let column: [Character]
    let objective: Character
    let rule: Character

    package static let unicode = WatchGlyphs(
        isASCII: false,
        more: "…",
        filling: ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"],
        empty: "░",
        within: ["▁", "▂", "▃", "▄"],
        above: ["▆", "█"],
        column: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
        objective: "┄",
        rule: "─"
    )
    /// For a terminal without UTF-8.
    package static let ascii = WatchGlyphs(
        isASCII: true,
        more: "~",
        filling: ["#"],
        empty: ".",
        within: ["_", ".", "-", "="],
        above: ["!", "#"],
        column: ["#"],
        objective: "-",
        rule: "-"
    )

    /// A bar of `width` cells of which a share is filled; a share beyond 1 fills it.
    func bar(_ share: Double, width: Int) -> String {
        let steps = filling.count
        let clean = share.isFinite ? min(max(share, 0), 1) : 0
        // What is not the whole is not shown as the whole.
        let most = clean < 1 ? width * steps - 1 : width * steps
        let filled = min(Int((clean * Double(width * steps)).rounded()), max(0, most))
        var text = String(repeating: String(filling[steps - 1]), count: filled / steps)
        if filled % steps > 0 { text.append(filling[filled % steps - 1]) }
        return text + String(repeating: String(empty), count: max(0, width - text.count))
    }
}
