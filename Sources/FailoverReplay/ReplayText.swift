import FailoverCore
package import FailoverWire

/// Replays for people: what happened when, and a table of rules where several were asked about.
package enum ReplayText {
    /// The first replay as a timeline, all of them side by side; lines that end in a line break.
    package static func render(_ results: [ReplayResult], of recording: Recording, width: Int = 80) -> String {
        let first = results[0]
        var lines = TextWrap.lines(heading(first, recording), width: width, indent: 2)
        if first.isExact { lines.append("replayed exactly: all that the engine was fed was recorded") }
        lines += first.notes.flatMap { TextWrap.lines("note: \($0)", width: width, indent: 2) }
        lines.append("")
        lines +=
            first.transitions.isEmpty
            ? ["no transition"] : first.transitions.flatMap { self.lines(of: $0, width: width) }
        lines.append("")
        lines += table(results, width: width)
        return lines.joined(separator: "\n") + "\n"
    }

    private static func heading(_ result: ReplayResult, _ recording: Recording) -> String {
        let header = recording.sections[0].header
        var parts = ["recording"]
        if let vantage = header?.vantage { parts.append("of \(vantage)") }
        if let begun = header?.startedAt { parts.append("from \(begun)") }
        let processes = recording.sections.count
        let more = processes > 1 ? ", \(processes) stretches" : ""
        return parts.joined(separator: " ")
            + ": \(text(result.length)), \(result.probes.counted("probe"))\(more), \(result.name)"
    }

    private static func lines(of transition: ReplayTransition, width: Int) -> [String] {
        let way: String
        switch (transition.from, transition.to) {
        case (let from?, let to?): way = "\(from) -> \(to)"
        case (nil, let to?): way = "-> \(to)"
        case (let from?, nil): way = "\(from) ->"
        case (nil, nil): way = transition.endpoint.map { "stays on \($0)" } ?? ""
        }
        let parts = [
            "\(transition.route)", transition.event.rawValue, way, transition.isDryRun ? "(would be)" : "",
            "generation \(transition.generation)",
        ]
        let first = clock(transition.at) + "  " + parts.filter { !$0.isEmpty }.joined(separator: "  ")
        let margin = String(repeating: " ", count: 15)
        return (first.count <= width ? [first] : TextWrap.lines(first, width: width, indent: 15))
            + TextWrap.lines(margin + transition.reason.text, width: width, indent: 15)
    }

    // MARK: - Side by side

    private static func table(_ results: [ReplayResult], width: Int) -> [String] {
        let titles = ["moves", "on a bad endpoint", "first failover", "after trouble began"]
        return results[0].routes.indices.flatMap { route in
            var rows = [["route \(results[0].routes[route].name)"] + titles]
            for result in results where result.routes.indices.contains(route) {
                let figures = result.routes[route]
                rows.append([
                    "  \(result.name)", "\(figures.moves)", text(figures.onBadEndpoint),
                    figures.firstFailover.map(clock) ?? "-", figures.afterTroubleBegan.map(text) ?? "-",
                ])
            }
            return TextWrap.table(rows, width: width)
        }
    }

    // MARK: - Times

    /// `0:01:03.204`, since the recording's start.
    static func clock(_ duration: Duration) -> String {
        let milliseconds = duration.nanoseconds / 1_000_000
        let (hours, rest) = milliseconds.magnitude.quotientAndRemainder(dividingBy: 3_600_000)
        func padded(_ number: UInt64, _ width: Int) -> String {
            let digits = "\(number)"
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let text = "\(hours):\(padded(rest / 60_000, 2)):\(padded(rest / 1000 % 60, 2)).\(padded(rest % 1000, 3))"
        let sign = milliseconds < 0 ? "-" : ""
        return String(repeating: " ", count: max(0, 13 - text.count - sign.count)) + sign + text
    }

    /// `9.1 s`, `1 m 3 s`, `2 h 5 m`.
    static func text(_ duration: Duration) -> String {
        let seconds = duration.inSeconds
        guard seconds >= 60 else { return "\(seconds.formatted(decimals: 1)) s" }
        let whole = Int(seconds.rounded())
        return whole < 3600 ? "\(whole / 60) m \(whole % 60) s" : "\(whole / 3600) h \(whole % 3600 / 60) m"
    }
}
