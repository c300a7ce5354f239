import FailoverCore

/// Text for a terminal of some width.
enum TextWrap {
    /// Broken at spaces where there are any; all lines but the first begin with `indent` spaces.
    ///
    /// White space at the beginning stays.
    static func lines(_ text: String, width: Int, indent: Int) -> [String] {
        LineFill.lines(
            of: LineFill.words(of: text),
            width: max(20, width),
            first: String(text.prefix { $0 == " " }),
            rest: String(repeating: " ", count: indent)
        )
    }

    /// Rows in columns; where they are wider than the terminal, each row becomes lines of a title and a value.
    ///
    /// The first row has the titles, its first one that of the whole table unless it is indented. The first column is to the
    /// left, and so is the last one if `endsLeft`.
    static func table(_ rows: [[String]], width: Int, endsLeft: Bool = false) -> [String] {
        guard let titles = rows.first else { return [] }
        let widths = titles.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let total = widths.reduce(0, +) + 2 * (titles.count - 1)
        guard total <= width else {
            let heading = titles[0].hasPrefix(" ") ? [] : [titles[0]]
            return heading + rows.dropFirst().flatMap { stacked($0, titles, width: width) }
        }
        return rows.map { row in
            let cells = row.indices.map { column in
                let padding = String(repeating: " ", count: widths[column] - row[column].count)
                let isLeft = column == 0 || (endsLeft && column == row.count - 1)
                return isLeft ? row[column] + padding : padding + row[column]
            }
            var line = cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    private static func stacked(_ row: [String], _ titles: [String], width: Int) -> [String] {
        let parts = zip(titles, row).dropFirst().filter { !$0.1.isEmpty }.map { title, value in
            title.isEmpty ? value : "\(title) \(value)"
        }
        let margin = row[0].prefix { $0 == " " }.count
        return lines("\(row[0]): \(parts.joined(separator: ", "))", width: width, indent: margin + 4)
    }
}
