import FailoverCore
import FailoverWire

/// What probing has spent, in plain words.
enum SpendText {
    /// `spent today: 0.012 of 0.10 USD, 412 tokens; probes are further apart, because a cap nears`.
    ///
    /// `nil` where nothing was spent and nothing is held back.
    static func note(on spend: StateDocument.Spend, in style: TextStyle) -> String? {
        let pace = words(forPace: spend.pace)
        guard spend.cost.money > .zero || spend.tokens > 0 || pace != nil else { return nil }
        var parts: [String] = []
        if let cap = spend.cap?.cost {
            parts.append("\(spend.cost.money.forPeople) of \(cap.money.exact(least: 2)) \(spend.currency)")
        } else if spend.cost.money > .zero {
            parts.append("\(spend.cost.money.forPeople) \(spend.currency)")
        }
        parts.append(
            spend.cap?.tokens.map { "\(spend.tokens) of \($0) tokens" } ?? Wording.count(spend.tokens, "token")
        )
        // Days of spending end at midnight UTC, whatever the reader's time zone.
        let isToday = style.now.description.hasPrefix(spend.day)
        let day = isToday ? "today" : "on \(spend.day)"
        return "spent \(day): \(parts.joined(separator: ", "))" + (pace.map { "; \($0)" } ?? "")
    }

    private static func words(forPace pace: String) -> String? {
        switch SpendPace(rawValue: pace) {
        case .full: nil
        case .slower: "probes are further apart, because a cap nears"
        case .cheaper: "cheaper probes stand in between, because a cap nears"
        case .exhausted: "only cheaper probes until midnight UTC, because a cap is reached"
        case nil: pace.printable
        }
    }
}
