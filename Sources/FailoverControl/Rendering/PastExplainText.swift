import FailoverCore
package import FailoverWire
import FoundationEssentials

/// What `failoverctl explain --generation` and `--at` print: the decision that was in force, and the arithmetic behind it.
package enum PastExplainText {
    package static func render(_ document: PastExplanation, in style: TextStyle) -> String {
        let decision = document.decision
        var lines = ExplainText.heading(
            [("\(document.route)\(decision.share.map { " (share of \($0))" } ?? ""): \(outcome(of: decision))", .bold)],
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
        for other in document.others ?? [] {
            lines += ExplainText.labelled("share", words(for: other, in: style), in: style)
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

    /// `premium on long-context since 14:46:24, generation 3`.
    private static func words(for standing: PastExplanation.Standing, in style: TextStyle) -> String {
        var text = standing.share.map { "\($0) " } ?? ""
        text += "\(standing.dryRun == true ? "would have been " : "")on \(standing.endpoint)"
        if let since = standing.since { text += " since \(Wording.time(since, in: style))" }
        if let until = standing.until { text += " until \(Wording.time(until, in: style))" }
        return text + (standing.generation.map { ", generation \($0)" } ?? "")
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
