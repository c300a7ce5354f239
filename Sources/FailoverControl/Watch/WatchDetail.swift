import FailoverWire

/// The page of one route or endpoint: its latency in time, and the arithmetic.
struct WatchDetail {
    private let screen: WatchScreen
    private let row: WatchRow

    init(_ screen: WatchScreen, _ row: WatchRow) {
        self.screen = screen
        self.row = row
    }

    var lines: [ScreenLine] { charts + arithmetic }

    private var charts: [ScreenLine] {
        guard let name = row.endpoint, let endpoint = screen.model.state?.endpoints[name] else { return [] }
        return WatchFigures.all(of: endpoint, isCompact: false).flatMap { chart(of: $0, name) }
    }

    private func chart(of figures: WatchFigures, _ name: String) -> [ScreenLine] {
        guard let indicator = figures.indicator, screen.width >= Self.leastWidth,
            let trace = screen.model.trace(.init(endpoint: name, indicator: indicator))
        else { return [] }
        let count = min(screen.width - Self.margin, LatencyTrace.mostSlots)
        let height = min(max(screen.height / 6, 3), 8)
        let limit = figures.objective.map { Wording.limit(milliseconds: $0) }
        let title =
            "\(name) \(indicator), p99 over \(Wording.span(seconds: trace.step * count)): \(figures.times)"
        let sparkline = Sparkline(values: trace.latest(count, at: screen.style.now), objective: figures.objective)
        let drawn = sparkline.chart(height: height, screen.glyphs)
        let marked = height - 1 - max(1, height * 2 / 3)
        return [ScreenLine(title, .bold)]
            + drawn.enumerated().map { index, line in
                let label = index == marked ? limit ?? "" : ""
                return ScreenLine(label.paddedLeft(to: Self.margin - 1) + " ", .dim) + line
            } + [ScreenLine()]
    }

    /// Columns before a chart, for its objective.
    private static let margin = 9
    private static let leastWidth = 20

    private var arithmetic: [ScreenLine] {
        guard let document = screen.model.explanations[row.route] else {
            return [ScreenLine("asking why \(row.route) stands as it does", .dim)]
        }
        var style = screen.style
        style.colour = true
        let text = ExplainText.render(document, endpoint: row.endpoint, in: style)
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            .map { ScreenLine(painted: String($0)) }
    }
}
