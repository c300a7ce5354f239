/// Rows in columns for a terminal.
///
/// Where it is too narrow, the least important columns are left out.
package struct TextTable: Hashable, Sendable {
    package struct Column: Hashable, Sendable {
        let title: String
        let isRightAligned: Bool
        /// Columns with a higher number are left out first; those without one stay.
        let dropOrder: Int?

        package init(_ title: String, isRightAligned: Bool = false, dropOrder: Int? = nil) {
            self.title = title
            self.isRightAligned = isRightAligned
            self.dropOrder = dropOrder
        }
    }

    package struct Cell: Hashable, Sendable, ExpressibleByStringLiteral {
        let text: String
        let paint: Paint
        /// Fewer columns of the same; used in all rows where that saves the last column that may be left out.
        let short: String?

        package init(_ text: String, _ paint: Paint = .plain, short: String? = nil) {
            self.text = text
            self.paint = paint
            self.short = short
        }

        package init(stringLiteral value: String) { self.init(value) }
    }

    package struct Row: Hashable, Sendable {
        /// One for each column.
        let cells: [Cell]
        /// Sentences beneath the row, each on a line of its own.
        let notes: [String]

        package init(_ cells: [Cell], notes: [String] = []) {
            self.cells = cells
            self.notes = notes
        }
    }

    private let columns: [Column]
    private var rows: [Row] = []

    package init(columns: [Column]) { self.columns = columns }

    package mutating func add(_ cells: [Cell], notes: [String] = []) {
        precondition(cells.count == columns.count, "one cell for each column")
        rows.append(Row(cells, notes: notes))
    }

    /// The lines, headings first, none longer than the style's width unless the columns that must stay are.
    ///
    /// Each is begun with `indent` spaces, those of notes with `noteIndent`.
    package func lines(in style: TextStyle, indent: Int = 0, noteIndent: Int = 4) -> [String] {
        var isShort = false
        func text(_ cell: Cell) -> String { isShort ? cell.short ?? cell.text : cell.text }
        func measure() -> [Int] {
            columns.indices.map { index in
                rows.reduce(columns[index].title.count) { max($0, text($1.cells[index]).count) }
            }
        }
        var widths = measure()
        var shown = Array(columns.indices)
        func total() -> Int { indent + shown.reduce(0) { $0 + widths[$1] } + Self.gap * max(0, shown.count - 1) }
        while total() > style.width,
            let least = shown.filter({ columns[$0].dropOrder != nil })
                .max(by: { (columns[$0].dropOrder ?? 0) < (columns[$1].dropOrder ?? 0) })
        {
            if columns[least].dropOrder == 0 {
                isShort = true
                widths = measure()
                if total() <= style.width { break }
                isShort = false
                widths = measure()
            }
            shown.removeAll { $0 == least }
        }
        let margin = String(repeating: " ", count: indent)
        func line(_ cells: [Cell]) -> String {
            var line = margin
            var pendingSpaces = 0
            for index in shown {
                let cell = cells[index]
                let shownText = text(cell)
                let padding = widths[index] - shownText.count
                pendingSpaces += columns[index].isRightAligned ? padding : 0
                if !shownText.isEmpty {
                    line += String(repeating: " ", count: pendingSpaces) + cell.paint.apply(to: shownText, in: style)
                    pendingSpaces = 0
                }
                pendingSpaces += (columns[index].isRightAligned ? 0 : padding) + Self.gap
            }
            return line
        }
        var lines: [String] = []
        if columns.contains(where: { !$0.title.isEmpty }) { lines.append(line(columns.map { Cell($0.title, .dim) })) }
        for row in rows {
            lines.append(line(row.cells))
            for note in row.notes { lines += Wording.wrap(note, width: style.width, indent: noteIndent) }
        }
        return lines
    }

    /// Spaces between columns.
    private static let gap = 2
}
