import FailoverCore
import FailoverWire

/// What probing has spent, in plain words.
enum SpendText {
    /// `spent today: 0.012 of 0.10 USD, 4,120 tokens; only cheaper probes until midnight UTC, because a cap is reached`.
    ///
    /// `nil` where nothing was spent and nothing is held back.
    static func note(on spend: StateDocument.Spend, in style: TextStyle) -> String? {
        let pace = words(forPace: spend.pace, cap: spend.cap == nil ? "a cap" : "its cap")
        guard spend.cost.money > .zero || spend.tokens > 0 || pace != nil else { return nil }
        var parts: [String] = []
        if let cap = spend.cap?.cost {
            parts.append("\(spend.cost.money.forPeople) of \(cap.money.exact(least: 2)) \(spend.currency)")
        } else if spend.cost.money > .zero {
            parts.append("\(spend.cost.money.forPeople) \(spend.currency)")
        }
        parts.append(
            spend.cap?.tokens.map { "\(spend.tokens.grouped) of \($0.grouped) tokens" }
                ?? "\(spend.tokens.grouped) \(spend.tokens == 1 ? "token" : "tokens")"
        )
        // Days of spending end at midnight UTC, whatever the reader's time zone.
        let isToday = style.now.description.hasPrefix(spend.day)
        let day = isToday ? "today" : "on \(spend.day)"
        return "spent \(day): \(parts.joined(separator: ", "))" + (pace.map { "; \($0)" } ?? "")
    }

    /// `cap`: the endpoint's own if it has one; that of its routes or of all probing may be the tighter one.
    private static func words(forPace pace: String, cap: String) -> String? {
        let why = "because \(cap) would not last until midnight UTC at the usual pace"
        return switch SpendPace(rawValue: pace) {
        case .full: nil
        case .slower: "probes are further apart, \(why)"
        case .cheaper: "cheaper probes stand in between, \(why)"
        case .exhausted: "only cheaper probes until midnight UTC, because a cap is reached"
        case nil: pace.printable
        }
    }
}
