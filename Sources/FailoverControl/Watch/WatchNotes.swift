import FailoverCore
import FailoverWire

/// What deserves attention about a route or an endpoint, a sentence each, the most important first.
struct WatchNotes {
    let style: TextStyle

    /// Above all what operators want of it, with the time that is left.
    func on(_ route: StateDocument.Route, named name: String) -> [(String, Paint)] {
        var notes = StatusText.flags(of: route, in: style).map { flag -> (String, Paint) in
            (WatchTimes.counting(flag, until: route.pinned?.until, in: style), .yellow)
        }
        notes += ShareText.notes(on: route, named: name, in: style).map { ($0, .plain) }
        if let challenger = route.speed?.challenger {
            let due = challenger.due.map { due in
                due > style.now
                    ? ", and gets the traffic in \(WatchTimes.left(until: due, in: style)) if that stays so" : ""
            }
            notes.append(("\(challenger.endpoint) is faster\(due ?? "; nothing moves by itself")", .plain))
        }
        return notes
    }

    /// Where an endpoint stands in a route.
    enum Place: Hashable {
        /// It carries traffic.
        case active
        /// Traffic returns to it when it is well.
        case preferred
        case standby
    }

    /// `explanation` as it was answered last; `nil` if it was not asked for.
    func on(
        _ endpoint: StateDocument.Endpoint,
        _ explanation: ExplainDocument.Endpoint?,
        _ place: Place
    ) -> [(String, Paint)] {
        var notes: [(String, Paint)] = []
        let returning = explanation?.recovery.map { words(for: $0, place) }
        if let returning { notes.append((returning, .plain)) }
        for note in OrderText.notes(on: endpoint, in: style) {
            notes.append((WatchTimes.counting(note, until: endpoint.drained?.until, in: style), .yellow))
        }
        if endpoint.isRefused {
            notes.append(("verdict \(endpoint.verdict), \(endpoint.reason.text)", .yellow))
        } else if endpoint.verdict != Verdict.healthy.rawValue {
            notes.append((endpoint.reason.text, .dim))
        }
        if let spend = endpoint.spend, spend.cap != nil || spend.pace != SpendPace.full.rawValue,
            let text = SpendText.note(on: spend, in: style)
        {
            notes.append((text, spend.pace == SpendPace.full.rawValue ? .dim : .yellow))
        }
        notes += ConnectionText.notes(of: endpoint.connections, in: style).map { ($0, .dim) }
        return notes
    }

    /// `may come back in 0:23 if it stays good`, and before that what is still to be proven.
    private func words(for recovery: ExplainDocument.Recovery, _ place: Place) -> String {
        let what =
            switch place {
            case .active: "proven"
            // Whether by itself or by hand is the route's to say.
            case .preferred: "may come back"
            case .standby: "fit again"
            }
        guard let ends = recovery.holdDownEnds else {
            let hold = Wording.span(seconds: Int(recovery.holdDownSeconds.rounded()))
            return
                "\(what) after \(Wording.count(recovery.cleanProbesLeft, "clean probe")) and then \(hold) without trouble"
        }
        guard ends > style.now else { return "\(what) now" }
        return "\(what) in \(WatchTimes.left(until: ends, in: style)) if it stays good"
    }
}
