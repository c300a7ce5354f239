import FailoverCore
import FailoverWire

/// The page of routes and their endpoints.
struct WatchList {
    private let screen: WatchScreen
    private let model: WatchModel
    private let style: TextStyle
    private let glyphs: WatchGlyphs
    /// Seconds of a column of every sparkline: they share a heading.
    private let step: Int

    struct Part {
        /// The heading of the columns, and what of the rows has room.
        var lines: [ScreenLine]
    }

    init(_ screen: WatchScreen) {
        self.screen = screen
        model = screen.model
        style = screen.style
        glyphs = screen.glyphs
        step = screen.model.listStep
    }

    /// As many lines as have room, the selected row among them.
    func lines(height: Int) -> Part {
        guard height > 0, let state = model.state else { return Part(lines: []) }
        let rows = model.rows
        let selected = model.selection.flatMap { rows.firstIndex(of: $0) } ?? 0
        // A row has at least one line: nothing further away can be seen.
        let near = max(0, selected - height)..<min(rows.count, selected + height + 1)
        let shown = Array(rows[near])
        let hasHeading = height >= 6
        let room = height - (hasHeading ? 1 : 0)
        var table = Table(shown, in: state, self, isCompact: false)
        if near.count < rows.count || table.count > room { table = Table(shown, in: state, self, isCompact: true) }
        if table.count + shown.count(where: { $0.endpoint == nil }) <= room { table.spread(shown) }
        let lines = table.window(around: selected - near.lowerBound, isFirst: near.lowerBound == 0, height: room)
        return Part(lines: (hasHeading ? [table.heading] : []) + lines)
    }

    /// Every line there is.
    func all() -> [ScreenLine] {
        guard let state = model.state else { return [] }
        var table = Table(model.rows, in: state, self, isCompact: false, isSelectable: false)
        table.spread(model.rows)
        return [table.heading] + table.lines.flatMap { $0 }
    }

    // MARK: - Routes

    /// `> chat: eu-west  failed over 12 min ago: …`, and what operators want of it.
    fileprivate func lines(ofRoute name: String, in state: StateDocument, cursor: String) -> [ScreenLine] {
        guard let route = state.routes[name] else { return [] }
        var line = ScreenLine(cursor, .bold)
        let place = route.shares == nil ? route.active : ShareText.weights(of: route)
        line.add("\(name): \(place)", .bold)
        if route.shares == nil, screen.width >= 100, let region = state.endpoints[route.active]?.region,
            region != route.active
        {
            line.add(" (\(region))")
        }
        line.add("  ")
        let isRefused = state.endpoints[route.active]?.isRefused ?? false
        let isPreferred = route.mode == RouteMode.preferred.rawValue
        line.add(Wording.mode(route.mode), isRefused && isPreferred ? .yellow : Paint.mode(route.mode))
        let span = WatchTimes.span(since: route.since, in: style)
        line.add(Wording.beganWithMove(route.mode) ? " for \(span)" : ", here for \(span)")
        // A pin is told below, with its end.
        if route.mode != RouteMode.pinned.rawValue || route.pinned == nil {
            line.add(": \(route.reason.text)", isPreferred ? .dim : .plain)
        }
        return [line]
            + WatchNotes(style: style).on(route, named: name).map { note, paint in ScreenLine("    " + note, paint) }
    }

    // MARK: - Endpoints

    /// The rows of endpoints in columns, and those of routes between them.
    fileprivate struct Table {
        let heading: ScreenLine
        /// For each row its lines, at least one.
        private(set) var lines: [[ScreenLine]]

        var count: Int { lines.reduce(0) { $0 + $1.count } }

        init(
            _ rows: [WatchRow],
            in state: StateDocument,
            _ list: WatchList,
            isCompact: Bool,
            isSelectable: Bool = true
        ) {
            let members = rows.map { row in row.endpoint.flatMap { state.endpoints[$0] } }
            let figures = members.map { $0.map { WatchFigures.all(of: $0, isCompact: isCompact) } ?? [] }
            var needs = WatchColumns.Needs()
            for (index, row) in rows.enumerated() {
                guard let name = row.endpoint, let endpoint = members[index], let route = state.routes[row.route] else {
                    continue
                }
                needs.mark = max(needs.mark, Self.mark(of: name, in: route).count)
                needs.name = max(needs.name, name.count)
                needs.verdict = max(needs.verdict, Self.verdict(of: endpoint).text.count)
                for line in figures[index] { needs.take(line) }
            }
            let columns = WatchColumns.fitting(needs, width: list.screen.width)
            heading = Self.heading(columns, list)
            lines = rows.indices.map { index in
                let isSelected = isSelectable && rows[index] == list.model.selection
                let cursor = isSelected ? "> " : "  "
                guard let endpoint = members[index] else {
                    return list.lines(ofRoute: rows[index].route, in: state, cursor: cursor)
                }
                let line = EndpointLines(rows[index], endpoint, state, columns, list)
                return line.lines(figures[index], cursor: cursor, isCompact: isCompact && !isSelected)
            }
        }

        /// An empty line before each route but the first.
        mutating func spread(_ rows: [WatchRow]) {
            for (index, row) in rows.enumerated() where index > 0 && row.endpoint == nil {
                lines[index - 1].append(ScreenLine())
            }
        }

        /// `height` lines with the row in them: from the top if it can be seen there, else with the row in the middle.
        func window(around row: Int, isFirst: Bool, height: Int) -> [ScreenLine] {
            let before = lines.prefix(row).reduce(0) { $0 + $1.count }
            let all = lines.flatMap { $0 }
            let own = lines.indices.contains(row) ? lines[row].count : 0
            if isFirst, before + own <= height { return Array(all.prefix(height)) }
            let top = min(max(0, before - height / 2), max(0, all.count - height))
            return Array(all.dropFirst(top).prefix(height))
        }

        static func mark(of name: String, in route: StateDocument.Route) -> String {
            if route.shares != nil { return "\(route.weights[name] ?? 0) %" }
            return route.active == name ? "*" : ""
        }

        static func verdict(of endpoint: StateDocument.Endpoint) -> (text: String, paint: Paint) {
            endpoint.isRefused ? ("refused", .yellow) : (endpoint.verdict, .verdict(endpoint.verdict))
        }

        private static func heading(_ columns: WatchColumns, _ list: WatchList) -> ScreenLine {
            var line = ScreenLine(String(repeating: " ", count: WatchColumns.indent + columns.mark + 1), .dim)
            var start = line.columns
            func add(_ title: String, _ width: Int) {
                guard width > 0 else { return }
                line.pad(to: start)
                line.add(String(title.prefix(width)), .dim)
                start += width + columns.gap
            }
            add("ENDPOINT", columns.name)
            add("VERDICT", columns.verdict)
            add(list.span(of: columns.spark), columns.spark)
            add("P50/P99", columns.times)
            add("ERRORS", columns.errors)
            add("EVIDENCE", columns.bar + (columns.sum > 0 ? columns.gap + columns.sum : 0))
            return line
        }
    }

    /// `P99, 12 MIN`: what the sparklines show, and how far back.
    private func span(of columns: Int) -> String {
        let span = Wording.span(seconds: step * columns).uppercased()
        return "P99, \(span)".count <= columns ? "P99, \(span)" : span
    }

    /// One endpoint.
    private struct EndpointLines {
        let name: String
        let endpoint: StateDocument.Endpoint
        let route: StateDocument.Route?
        let routeName: String
        let columns: WatchColumns
        let list: WatchList

        init(
            _ row: WatchRow,
            _ endpoint: StateDocument.Endpoint,
            _ state: StateDocument,
            _ columns: WatchColumns,
            _ list: WatchList
        ) {
            name = row.endpoint ?? ""
            self.endpoint = endpoint
            route = state.routes[row.route]
            routeName = row.route
            self.columns = columns
            self.list = list
        }

        func lines(_ figures: [WatchFigures], cursor: String, isCompact: Bool) -> [ScreenLine] {
            let isActive = route?.carries(name) ?? false
            var lines = figures.map { line($0, cursor: $0.label == nil ? cursor : "  ", isActive: isActive) }
            // What it once had to prove is told no longer.
            let explained =
                endpoint.mayHaveToProve
                ? list.model.explanations[routeName]?.endpoints.first { $0.endpoint == name } : nil
            let notes = WatchNotes(style: list.style).on(endpoint, explained, place)
            let margin = String(repeating: " ", count: WatchColumns.indent + columns.mark + 3)
            for (note, paint) in notes.prefix(isCompact ? 1 : 2) { lines.append(ScreenLine(margin + note, paint)) }
            return lines
        }

        /// Where it stands in its route's order of preference, as seen from the active endpoint.
        private var place: WatchNotes.Place {
            guard let route else { return .standby }
            if route.carries(name) { return .active }
            let order = route.endpoints
            guard route.shares == nil, route.speed == nil, let own = order.firstIndex(of: name),
                let active = order.firstIndex(of: route.active)
            else { return .standby }
            return own < active ? .preferred : .standby
        }

        private func line(_ figures: WatchFigures, cursor: String, isActive: Bool) -> ScreenLine {
            var line = ScreenLine(cursor, .bold)
            let isOwn = figures.label == nil
            let mark = isOwn ? route.map { Table.mark(of: name, in: $0) } ?? "" : ""
            line.add(mark.paddedLeft(to: columns.mark) + " ", .bold)
            var start = line.columns
            func add(_ cell: ScreenLine, _ width: Int, isRight: Bool = false) {
                guard width > 0 else { return }
                let fitted = cell.fitted(to: width, list.glyphs)
                line.pad(to: start + (isRight ? width - fitted.columns : 0))
                line = line + fitted
                start += width + columns.gap
            }
            let verdict = Table.verdict(of: endpoint)
            add(ScreenLine(figures.label.map { "  \($0)" } ?? name, isActive && isOwn ? .bold : .plain), columns.name)
            add(isOwn ? ScreenLine(verdict.text, verdict.paint) : ScreenLine(), columns.verdict)
            add(sparkline(of: figures), columns.spark)
            add(ScreenLine(figures.times, figures.isSlow ? .yellow : .plain), columns.times)
            add(ScreenLine(columns.showsSamples ? figures.errorsOfSamples : figures.errors), columns.errors)
            guard let evidence = figures.evidence else { return line }
            let share = evidence / figures.threshold
            let paint: Paint = share >= 1 ? .red : share >= 0.5 ? .yellow : .plain
            add(ScreenLine(list.glyphs.bar(share, width: columns.bar), paint), columns.bar)
            add(ScreenLine(figures.sum, paint), columns.sum, isRight: true)
            return line
        }

        private func sparkline(of figures: WatchFigures) -> ScreenLine {
            guard let indicator = figures.indicator, columns.spark > 0,
                let trace = list.model.trace(.init(endpoint: name, indicator: indicator))?.inSteps(of: list.step)
            else { return ScreenLine() }
            let values = trace.latest(columns.spark, at: list.style.now)
            return Sparkline(values: values, objective: figures.objective).line(list.glyphs)
        }
    }
}

extension WatchFigures {
    /// `1.7/7.0`.
    var sum: String {
        evidence.map { "\($0.formatted(decimals: 1))/\(threshold.formatted(decimals: 1))" } ?? ""
    }
}

extension WatchColumns.Needs {
    fileprivate mutating func take(_ figures: WatchFigures) {
        name = max(name, (figures.label?.count ?? 0) + 2)
        times = max(times, figures.times.count)
        errors = max(errors, figures.errors.count)
        errorsOfSamples = max(errorsOfSamples, figures.errorsOfSamples.count)
        sum = max(sum, figures.sum.count)
    }
}
