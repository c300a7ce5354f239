/// The page of keys.
enum WatchHelp {
    static func lines(width: Int) -> [ScreenLine] {
        let keys: [(String, String)] = [
            ("up, down, k, j", "select a route or an endpoint; also PgUp, PgDn, Home, End"),
            ("Enter", "why it stands as it does; of an endpoint with a chart"),
            ("s", "the worst routes first, or all by name"),
            ("p", "pin the route to an endpoint, or lift that"),
            ("d", "drain the endpoint or its region, or lift that"),
            ("f", "freeze all automatic moves, or lift that"),
            ("b", "let the route return to its preferred endpoint now"),
            ("Ctrl-U", "in a question: forget what was typed"),
            ("Ctrl-L", "draw everything anew"),
            ("q", "leave; from another page back to the list, as Esc"),
        ]
        var lines = [ScreenLine("Keys", .bold)]
        for (key, text) in keys {
            let wrapped = Wording.wrap(text, width: width, indent: indent)
            lines += wrapped.enumerated().map { index, line in
                ScreenLine(index == 0 ? "  \(key)".padded(to: indent) + line.dropFirst(indent) : line)
            }
        }
        lines += [ScreenLine(), ScreenLine("What is shown", .bold)]
        for text in notes { lines += Wording.wrap(text, width: width, indent: 2).map { ScreenLine($0) } }
        return lines
    }

    /// Columns before what a key does.
    private static let indent = 18

    private static let notes = [
        "* has the traffic; of a weighted route it is a share in percent. The bar is the evidence against an endpoint, "
            + "which trips when it is full. The small chart is the 99th percentile: its lower half is within the objective, "
            + "higher was too slow, highest is more than twice as slow. It is the history's, by the minute; without one it is "
            + "gathered from now on.",
        "Orders ask for a reason, say what will happen, and wait for y.",
    ]
}
