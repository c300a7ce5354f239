import FailoverCore
import FailoverWire

/// The questions before an order, and its answer, at the foot of the screen.
struct WatchDialogView {
    private let dialog: WatchDialog
    private let state: StateDocument?
    private let style: TextStyle
    private let glyphs: WatchGlyphs
    private let width: Int

    init(
        _ dialog: WatchDialog,
        _ state: StateDocument?,
        _ style: TextStyle,
        _ glyphs: WatchGlyphs,
        width: Int
    ) {
        self.dialog = dialog
        self.state = state
        self.style = style
        self.glyphs = glyphs
        self.width = width
    }

    /// At most `height`; what is asked is always among them.
    func lines(height: Int) -> [ScreenLine] {
        let lines = [rule] + body
        guard lines.count > height, let question = lines.last else { return lines }
        return Array(lines.dropFirst().prefix(max(0, height - 1))) + (height > 0 ? [question] : [])
    }

    private var rule: ScreenLine {
        let dash = String(glyphs.rule)
        let rest = max(0, width - dialog.title.count - 4)
        return ScreenLine("\(dash)\(dash) \(dialog.title) " + String(repeating: dash, count: rest), .bold)
    }

    private var body: [ScreenLine] {
        switch dialog.step {
        case .choosing(let index): return choices(index)
        case .reason:
            return told(dialog.order.title, .bold)
                + told(dialog.order.needsReason ? "Why? Everybody can read it." : "Why? It may be left out.")
                + complaint + [field(dialog.reason)]
        case .length:
            return told(dialog.order.title, .bold) + told("For how long? \(WatchOrder.allowedLengths).") + complaint
                + [field(dialog.lengthText)]
        case .confirming: return confirmation
        case .sending: return told(dialog.order.title, .bold) + [ScreenLine("asking the daemon", .dim)]
        case .accepted(let receipt):
            let text = OrderText.render(receipt, of: dialog.controlOrder.action, in: style)
            return text.split(separator: "\n").map { ScreenLine(painted: String($0)) }
                + [ScreenLine("done: Enter to go on", .green)]
        case .refused(let why):
            let lines = why.split(separator: "\n").flatMap { told(String($0), .red) }
            return lines + [ScreenLine("not done: Enter to go on", .bold)]
        }
    }

    private static let mostChoices = 8

    private func choices(_ index: Int) -> [ScreenLine] {
        let first = max(0, min(index - Self.mostChoices / 2, dialog.choices.count - Self.mostChoices))
        let shown = dialog.choices.indices.dropFirst(first).prefix(Self.mostChoices)
        return shown.map { place in
            let isChosen = place == index
            return ScreenLine((isChosen ? "> " : "  ") + dialog.choices[place].label, isChosen ? .bold : .plain)
        } + [ScreenLine("up, down and Enter to choose", .dim)]
    }

    private var confirmation: [ScreenLine] {
        let order = dialog.order
        var title = order.title
        if order.lasts, let length = WatchOrder.length(dialog.lengthText) {
            let end = WallTime(secondsSince1970: style.now.secondsSince1970 + length.inSeconds)
            title += " until \(Wording.time(end, in: style)) (\(dialog.lengthText))"
        }
        var lines = told(title, .bold)
        if !dialog.trimmedReason.isEmpty { lines += told("because: \(dialog.trimmedReason)") }
        for line in state.map({ WatchConsequences(state: $0).lines(of: order) }) ?? [] { lines += told(line) }
        let quoted = dialog.trimmedReason.split(separator: "'", omittingEmptySubsequences: false).joined(
            separator: #"'\''"#
        )
        let reason = quoted.isEmpty ? "" : " --reason '\(quoted)'"
        lines += told("as: \(order.command)\(reason)\(order.lasts ? " --for \(dialog.lengthText)" : "")", .dim)
        return lines + [ScreenLine("y does it, n or Esc leaves it", .yellow)]
    }

    private var complaint: [ScreenLine] { dialog.complaint.map { told($0, .red) } ?? [] }

    /// What was typed, with its end in sight.
    private func field(_ text: String) -> ScreenLine {
        let room = max(1, width - 4)
        var shown = text
        while ScreenColumns.of(shown) > room { shown.removeFirst() }
        return ScreenLine("> \(shown)_")
    }

    private func told(_ text: String, _ paint: Paint = .plain) -> [ScreenLine] {
        Wording.wrap(text, width: max(20, width), indent: 0).map { ScreenLine($0, paint) }
    }
}
