import FailoverCore
package import FailoverWire
import FoundationEssentials

/// What `failoverctl pin`, `drain`, `freeze` and their opposites print.
package enum OrderText {
    package static func render(
        _ receipt: ReceiptDocument,
        of action: ControlOrder.Action,
        in style: TextStyle
    ) -> String {
        var lines = Wording.wrap(sentence(receipt, of: action, in: style), width: style.width, indent: 0)
        for (name, route) in receipt.routes.sorted(by: { $0.key < $1.key }) {
            let text = "\(name): \(route.active), \(Wording.mode(route.mode))\(rest(route))"
            lines += Wording.wrap(text, width: style.width, indent: 2)
        }
        for note in receipt.notes { lines += Wording.wrap(note, width: style.width, indent: 2) }
        if !receipt.persisted {
            let text = "not on disk: if the daemon is restarted now, this is forgotten"
            lines += Wording.wrap(text, width: style.width, indent: 0).map { Paint.red.apply(to: $0, in: style) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func sentence(
        _ receipt: ReceiptDocument,
        of action: ControlOrder.Action,
        in style: TextStyle
    ) -> String {
        if case .failback(let route) = action, receipt.stands { return "\(route) returns" }
        guard let intent = receipt.intent else { return nothing(of: action) }
        let until = "until \(Wording.time(intent.until, in: style))"
        guard receipt.stands else {
            let left = "it was wanted \(until) by \(intent.by): \(intent.reason)"
            switch intent.kind {
            case "pin": return "\(intent.route ?? "") is no longer pinned to \(intent.endpoint ?? ""); \(left)"
            case "drain": return "\(what(intent)) is no longer drained; \(left)"
            default: return "automatic moves are no longer frozen; \(left)"
            }
        }
        let again = receipt.renewed ? " (in place of an earlier one)" : ""
        switch intent.kind {
        case "pin": return "\(intent.route ?? "") is pinned to \(intent.endpoint ?? "") \(until)\(again)"
        case "drain":
            let start = intent.begun ? "" : "from \(Wording.time(intent.from, in: style)) "
            return "\(what(intent)) \(intent.begun ? "is" : "will be") drained \(start)\(until)\(again)"
        default: return "automatic moves are frozen \(until)\(again)"
        }
    }

    /// A drain is carried out when a candidate has confirmed; a route that is only observed does not move at all.
    private static func rest(_ route: ReceiptDocument.Route) -> String {
        if let other = route.wouldBeActive {
            return other == route.active ? ", only observed" : ", only observed: it stays, and would be on \(other)"
        }
        return route.leaving == true ? ", and moves away as soon as another endpoint has confirmed" : ""
    }

    private static func what(_ intent: IntentDocument) -> String {
        intent.region.map { "region \($0)" } ?? intent.endpoint ?? ""
    }

    private static func nothing(of action: ControlOrder.Action) -> String {
        switch action {
        case .pin(let route), .unpin(let route): "\(route) was not pinned: nothing has changed"
        case .drain(let target), .undrain(let target): "\(target) was not drained: nothing has changed"
        case .freeze, .unfreeze: "nothing was frozen: nothing has changed"
        case .failback(let route): "\(route) is where it belongs: nothing has changed"
        }
    }

    // MARK: - What stands

    /// `frozen by alice until 18:00:00: audit`.
    static func frozen(_ freeze: StateDocument.Freeze, in style: TextStyle) -> String {
        "frozen by \(freeze.by)\(until(freeze.until, in: style)): \(freeze.reason)"
    }

    static func pinned(_ pin: StateDocument.Pin, in style: TextStyle) -> String {
        "pinned to \(pin.endpoint) by \(pin.by)\(until(pin.until, in: style)): \(pin.reason)"
    }

    /// What operators want of an endpoint, for the notes beneath it.
    static func notes(on endpoint: StateDocument.Endpoint, in style: TextStyle) -> [String] {
        var notes: [String] = []
        if let drained = endpoint.drained { notes.append(self.drained(drained, in: style)) }
        if let next = endpoint.drainScheduled {
            let place = next.region.map { " with region \($0)" } ?? ""
            let time = Wording.time(next.at, in: style)
            notes.append(
                "to be drained\(place) at \(time) by \(next.by)\(until(next.until, in: style)): \(next.reason)"
            )
        }
        return notes
    }

    static func drained(_ drained: StateDocument.Intent, in style: TextStyle) -> String {
        let place = drained.region.map { " with region \($0)" } ?? ""
        return "drained\(place) by \(drained.by)\(until(drained.until, in: style)): \(drained.reason)"
    }

    static func pinned(_ pinned: StateDocument.Intent, in style: TextStyle) -> String {
        "pinned by \(pinned.by)\(until(pinned.until, in: style)): \(pinned.reason)"
    }

    private static func until(_ time: WallTime?, in style: TextStyle) -> String {
        time.map { " until \(Wording.time($0, in: style))" } ?? ""
    }
}
