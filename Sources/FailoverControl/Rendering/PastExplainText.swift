import FailoverCore
package import FailoverWire
import FoundationEssentials

/// What `failoverctl explain --generation` and `--at` print: the decision that was in force, and the arithmetic behind it.
package enum PastExplainText {
    package static func render(_ document: PastExplanation, in style: TextStyle) -> String {
        let decision = document.decision
        var lines = ExplainText.heading(
            [("\(document.route): \(outcome(of: decision))", .bold)],
            ", \(words(for: decision.event)) at \(moment(decision.at, in: style)), generation \(decision.generation)",
            in: style
        )
        lines += Wording.wrap(decision.reason.text, width: style.width, indent: 2)
        if let asked = document.asked.generation, asked != decision.generation {
            lines += note("generation \(asked) moved another route; this one stood as decided before", in: style)
        }
        if decision.dryRun { lines += note("observed only: nothing was moved", in: style) }
        lines += ExplainText.labelled("until", end(of: document, in: style), in: style)
        if let actor = decision.actor { lines += ExplainText.labelled("by", actor, in: style) }
        if let move = document.move {
            lines += ExplainText.labelled(
                "moved",
                "\(outcome(of: move)), \(words(for: move.event)) at \(moment(move.at, in: style)), "
                    + "generation \(move.generation)",
                in: style
            )
        }
        lines.append("")
        return (lines + grounds(of: decision, in: style)).joined(separator: "\n") + "\n"
    }

    private static func grounds(of decision: EventDocument, in style: TextStyle) -> [String] {
        guard let grounds = decision.grounds else {
            let why =
                decision.actor != nil || decision.isOperators
                ? "There is no arithmetic: operators decided." : "No arithmetic was kept with it."
            return Wording.wrap(why, width: style.width, indent: 0)
        }
        var lines = ExplainText.lines(of: grounds, in: style)
        if decision.isMove, let to = decision.to {
            let region = decision.regionTo.map { $0 == to ? "" : " (\($0))" } ?? ""
            lines += ExplainText.labelled("target", to + region, in: style)
        }
        return lines
    }

    private static func outcome(of decision: EventDocument) -> String {
        guard decision.isMove, let from = decision.from, let to = decision.to else {
            return decision.endpoint ?? decision.to ?? decision.event
        }
        return "\(from) -> \(to)"
    }

    private static func words(for event: String) -> String {
        event == EventKind.failOpen.rawValue ? "fail-open" : event
    }

    private static func end(of document: PastExplanation, in style: TextStyle) -> String {
        guard let next = document.next else { return "now, it is in force" }
        let to = next.isMove ? " to \(next.to ?? "")" : ""
        return "\(moment(next.at, in: style)): \(words(for: next.event))\(to)"
    }

    private static func moment(_ time: WallTime, in style: TextStyle) -> String {
        "\(Wording.time(time, in: style)) (\(Wording.ago(time, in: style)))"
    }

    private static func note(_ text: String, in style: TextStyle) -> [String] {
        Wording.wrap(text, width: style.width, indent: 2).map { Paint.dim.apply(to: $0, in: style) }
    }
}

extension EventDocument {
    /// Operators decide these, or decided what ends with them.
    fileprivate var isOperators: Bool {
        switch EventKind(rawValue: event) {
        case .pinned, .unpinned, .drained, .undrained, .frozen, .unfrozen, .expired: true
        default: false
        }
    }
}
