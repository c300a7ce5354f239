/// One line of a screen, as pieces of text that stand out or do not.
package struct ScreenLine: Hashable, Sendable {
    package struct Piece: Hashable, Sendable {
        package var text: String
        package var paint: Paint
    }

    /// In the order of reading.
    package private(set) var pieces: [Piece] = []

    package init() {}

    init(_ text: String, _ paint: Paint = .plain) { add(text, paint) }

    /// Text that has sequences of ``Paint`` in it, as the renderers of failoverctl make it.
    init(painted text: String) {
        var paint = Paint.plain
        for (index, part) in text.split(separator: "\u{1B}", omittingEmptySubsequences: false).enumerated() {
            guard index > 0, part.first == "[", let end = part.firstIndex(of: "m") else {
                add(String(part), paint)
                continue
            }
            paint = Paint(rawValue: String(part[part.index(after: part.startIndex)..<end])) ?? .plain
            add(String(part[part.index(after: end)...]), paint)
        }
    }

    mutating func add(_ text: String, _ paint: Paint = .plain) {
        guard !text.isEmpty else { return }
        pieces.append(Piece(text: text, paint: paint))
    }

    static func + (left: ScreenLine, right: ScreenLine) -> ScreenLine {
        var line = left
        line.pieces += right.pieces
        return line
    }

    /// Without anything that stands out.
    package var text: String { pieces.map(\.text).joined() }

    var columns: Int { pieces.reduce(0) { $0 + ScreenColumns.of($1.text) } }

    /// The same with spaces up to a column, or as it is if it goes beyond.
    mutating func pad(to column: Int) {
        let missing = column - columns
        if missing > 0 { add(String(repeating: " ", count: missing)) }
    }

    /// Fit to be shown in `width` columns: tamed, and ended by a mark where something had to be left out.
    func fitted(to width: Int, _ glyphs: WatchGlyphs) -> ScreenLine {
        var line = ScreenLine()
        for piece in pieces { line.add(ScreenColumns.tamed(piece.text, ascii: glyphs.isASCII), piece.paint) }
        guard line.columns > width else { return line }
        let room = max(0, width - ScreenColumns.of(glyphs.more))
        guard width > 0 else { return ScreenLine() }
        var cut = ScreenLine()
        var used = 0
        pieces: for piece in line.pieces {
            var text = String.UnicodeScalarView()
            for scalar in piece.text.unicodeScalars {
                used += ScreenColumns.of(scalar)
                if used > room {
                    cut.add(String(text), piece.paint)
                    break pieces
                }
                text.append(scalar)
            }
            cut.add(String(text), piece.paint)
        }
        while let last = cut.pieces.last, last.text.last == " " {
            cut.pieces[cut.pieces.count - 1].text.removeLast()
            if cut.pieces[cut.pieces.count - 1].text.isEmpty { cut.pieces.removeLast() }
        }
        cut.add(glyphs.more, cut.pieces.last?.paint ?? .plain)
        return cut
    }

    /// All of it as something that is not so any more.
    var faded: ScreenLine {
        var line = self
        for index in line.pieces.indices { line.pieces[index].paint = .dim }
        return line
    }

    /// As a terminal takes it; without spaces at the end.
    package func rendered(colour: Bool) -> String {
        var kept = pieces
        while let last = kept.last {
            let text = String(last.text.reversed().drop { $0 == " " }.reversed())
            if !text.isEmpty {
                kept[kept.count - 1].text = text
                break
            }
            kept.removeLast()
        }
        guard colour else { return kept.map(\.text).joined() }
        return kept.map { piece in
            piece.paint == .plain ? piece.text : "\u{1B}[\(piece.paint.rawValue)m\(piece.text)\u{1B}[0m"
        }.joined()
    }
}
