import FailoverCore
import FailoverWire

/// What `failoverctl watch` shows, as lines of a terminal of some size.
package struct WatchScreen {
    let model: WatchModel
    let width: Int
    let height: Int
    private(set) var style: TextStyle
    let glyphs: WatchGlyphs

    package struct Drawing: Hashable, Sendable {
        /// At most as many as the screen is high, none wider than it is.
        package var lines: [ScreenLine]
        /// How far the page can be scrolled.
        package var scrollLimit = 0
    }

    /// - Parameters:
    ///   - model: What is known, and what is looked at.
    ///   - width: Columns.
    ///   - height: Lines.
    ///   - style: Of which time and time zone count; the width is the screen's.
    ///   - glyphs: What bars are drawn with.
    package init(_ model: WatchModel, width: Int, height: Int, style: TextStyle, glyphs: WatchGlyphs) {
        self.model = model
        self.width = max(0, width)
        self.height = max(0, height)
        var style = style
        style.width = max(40, width)
        self.style = style
        self.glyphs = glyphs
    }

    package func draw() -> Drawing {
        guard width > 0, height > 0 else { return Drawing(lines: []) }
        let silence = model.contact.silence(at: style.now)
        let head = heading(silence)
        let foot = height >= Self.leastForFooter ? [footer] : []
        let room = max(0, height - head.count - foot.count)
        // What was last known stays as it was: nothing runs down that nobody watches.
        var shown = self
        if let silence { shown.style.now = silence.since }
        var drawing = shown.page(height: room)
        if silence != nil { drawing.lines = drawing.lines.map(\.faded) }
        if let dialog = model.dialog {
            let lines = WatchDialogView(dialog, model.state, style, glyphs, width: width).lines(height: room)
            drawing.lines = Array(drawing.lines.prefix(room - lines.count))
            fill(&drawing.lines, to: room - lines.count)
            drawing.lines += lines
        }
        fill(&drawing.lines, to: room)
        drawing.lines = (head + drawing.lines + foot).prefix(height).map { $0.fitted(to: width, glyphs) }
        return drawing
    }

    private static let leastForFooter = 5

    private func fill(_ lines: inout [ScreenLine], to count: Int) {
        while lines.count < count { lines.append(ScreenLine()) }
    }

    // MARK: Head and foot

    private func heading(_ silence: (since: WallTime, why: String)?) -> [ScreenLine] {
        guard var state = model.state else { return [ScreenLine("asking the daemon", .dim)] }
        var first = ScreenLine()
        let place = "failoverd \(state.instance.version) at \(state.vantage.name), generation \(state.generation)"
        first.add(place, .dim)
        let clock = Wording.time(style.now, in: style)
        if place.count + clock.count + 2 <= width {
            first.pad(to: width - clock.count)
            first.add(clock, .dim)
        }
        var lines = [first]
        if let silence {
            lines += [ScreenLine(words(for: silence, state), .red), ScreenLine(age(of: state), .red)]
                .prefix(height >= 12 ? 2 : 1)
            // That it is stale is told already.
            state.validUntil = style.now
        }
        let warnings = StatusText.warnings(of: state, in: style)
            .map { WatchTimes.counting($0, until: state.frozen?.until, in: style) }
        let most = height >= 20 ? 4 : height >= 8 ? 2 : 1
        for warning in warnings.prefix(warnings.count > most ? most - 1 : most) {
            lines.append(ScreenLine(warning, .red))
        }
        if warnings.count > most {
            lines.append(ScreenLine("and \(warnings.count - most + 1) more: failoverctl status", .red))
        }
        return Array(lines.prefix(max(1, height / 2)))
    }

    private func words(for silence: (since: WallTime, why: String), _ state: StateDocument) -> String {
        "no answer since \(Wording.time(silence.since, in: style)): \(silence.why)"
    }

    private func age(of state: StateDocument) -> String {
        let age = WatchTimes.span(since: state.writtenAt, in: style)
        let until = Wording.time(state.validUntil, in: style)
        let validity = state.validUntil < style.now ? "not valid any more since" : "valid until"
        return "the last state is \(age) old, \(validity) \(until)"
    }

    private var footer: ScreenLine {
        if let message = model.message { return ScreenLine(message, .yellow) }
        if let dialog = model.dialog {
            return ScreenLine(dialog.isAsking ? "Esc leaves this without doing anything" : "", .dim)
        }
        switch model.page {
        case .help: return ScreenLine("Esc back", .dim)
        case .detail: return ScreenLine("Esc back  up, down, PgUp, PgDn scroll  ? help", .dim)
        case .list:
            let orders = model.isReadOnly ? "" : "p pin  d drain  f freeze  b failback  "
            let all = "Enter explain  \(orders)s sort  ? help  q quit" + (model.isReadOnly ? "  (read-only)" : "")
            return ScreenLine(all.count <= width ? all : "? help  q quit", .dim)
        }
    }

    // MARK: Pages

    private func page(height: Int) -> Drawing {
        switch model.page {
        case .help: return scrolled(WatchHelp.lines(width: width), by: 0, height: height)
        case .detail(let scroll):
            guard let row = model.selection else { return Drawing(lines: []) }
            return scrolled(WatchDetail(self, row).lines, by: scroll, height: height)
        case .list:
            let events = eventLines(height: height)
            let list = WatchList(self).lines(height: height - events.count)
            var lines = list.lines
            fill(&lines, to: height - events.count)
            return Drawing(lines: lines + events)
        }
    }

    private func scrolled(_ lines: [ScreenLine], by scroll: Int, height: Int) -> Drawing {
        let limit = max(0, lines.count - height)
        return Drawing(lines: Array(lines.dropFirst(min(scroll, limit)).prefix(height)), scrollLimit: limit)
    }

    /// The last events below a rule; none where the routes need the room.
    private func eventLines(height: Int) -> [ScreenLine] {
        guard height >= Self.leastForEvents, !model.events.isEmpty else { return [] }
        let most = min(model.events.count, height >= 34 ? 8 : height >= 20 ? 4 : 2)
        return [rule("last events")] + model.events.suffix(most).map(line)
    }

    private static let leastForEvents = 12

    func rule(_ title: String) -> ScreenLine {
        let rest = max(0, width - title.count - 4)
        let dash = String(glyphs.rule)
        return ScreenLine("\(dash)\(dash) \(title) " + String(repeating: dash, count: rest), .dim)
    }

    private func line(_ event: EventDocument) -> ScreenLine {
        var style = style
        style.width = .max
        style.colour = true
        let text = EventText.render(event, in: style)
        return ScreenLine(painted: String(text.dropLast()))
    }

    /// All of it as text for a pipe, however many lines that takes; nothing can be selected there.
    package func plain() -> String {
        let lines = heading(model.contact.silence(at: style.now)) + [ScreenLine()] + WatchList(self).all()
        let events = model.events.suffix(Self.plainEvents).map(line)
        return (lines + (events.isEmpty ? [] : [ScreenLine()] + events))
            .map { $0.fitted(to: width, glyphs).rendered(colour: style.colour) + "\n" }.joined()
    }

    private static let plainEvents = 5
}
