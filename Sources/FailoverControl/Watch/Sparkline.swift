/// Latency over time as one line, or as a chart of several, in which the objective always has the same height.
///
/// Whatever stands higher than that was too slow, and how much too slow is shown by steps.
struct Sparkline {
    /// Milliseconds, oldest first; `nil` where there is no figure.
    let values: [Double?]
    /// Milliseconds; without one the highest value is as high as an objective would be.
    let objective: Double?

    private var scale: Double {
        let highest = values.reduce(0) { max($0, $1 ?? 0) }
        return max(objective ?? highest, 0.001)
    }

    /// A column for each value.
    func line(_ glyphs: WatchGlyphs) -> ScreenLine {
        var line = ScreenLine()
        for value in values {
            guard let value else {
                line.add(" ")
                continue
            }
            let share = value / scale
            if objective != nil, share > 1 {
                line.add(String(glyphs.above[share > Self.far ? 1 : 0]), .red)
            } else {
                let step = Int((share * Double(glyphs.within.count)).rounded(.up)) - 1
                line.add(String(glyphs.within[min(max(0, step), glyphs.within.count - 1)]))
            }
        }
        return line.joined
    }

    /// This many times the objective is drawn as far above it.
    private static let far = 2.0

    /// A chart of `height` lines, at least 3, with a mark beside the objective's.
    ///
    /// The objective is the top of the lower two thirds; the rest reaches to twice as much, and beyond.
    func chart(height: Int, _ glyphs: WatchGlyphs) -> [ScreenLine] {
        let below = max(1, height * 2 / 3)
        let steps = glyphs.column.count
        // Filled steps of each column, from the bottom; nothing for no figure.
        let levels = values.map { value -> Int? in
            guard let value else { return nil }
            let share = value / scale
            let limit = below * steps
            guard share > 1 else { return max(1, Int((share * Double(limit)).rounded(.up))) }
            let room = (height - below) * steps
            return limit + max(1, min(room, Int(((share - 1) / (Self.far - 1) * Double(room)).rounded(.up))))
        }
        return (0..<height).reversed().map { row in
            var line = ScreenLine()
            for level in levels {
                let filled = (level ?? 0) - row * steps
                let isMark = objective != nil && row == below
                if filled <= 0 {
                    line.add(isMark ? String(glyphs.objective) : " ", .dim)
                } else {
                    line.add(String(glyphs.column[min(filled, steps) - 1]), row >= below ? .red : .plain)
                }
            }
            return line.joined
        }
    }
}

extension ScreenLine {
    /// Pieces that stand out alike as one.
    fileprivate var joined: ScreenLine {
        var line = ScreenLine()
        var (text, paint) = ("", Paint.plain)
        for piece in pieces {
            if piece.paint != paint {
                line.add(text, paint)
                text = ""
            }
            (text, paint) = (text + piece.text, piece.paint)
        }
        line.add(text, paint)
        return line
    }
}
