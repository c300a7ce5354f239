import FailoverCore

/// Tells once that a route spends its budget too fast, and once that it no longer does.
///
/// It begins when both windows of an alarm are above its rate, again only for a more urgent one, and ends when the short window has fallen below
/// what is sustainable: between the two nothing is said.
package struct BurnWatch: Hashable, Sendable {
    private enum State: Hashable, Sendable {
        case calm
        case burning(BurnAlarm)
    }

    package enum News: Hashable, Sendable {
        case began(BurnAlarm)
        case ended(BurnAlarm)
    }

    private var state = State.calm

    package init() {}

    /// One that goes on after a restart, in which a route was burning and nobody was told of its end.
    ///
    /// How urgent it was is not remembered, so that nothing is told again before that end.
    package init(isBurning: Bool) {
        if isBurning, let alarm = BurnAlarm.allCases.max() { state = .burning(alarm) }
    }

    /// Only what is worth waking somebody is told.
    package mutating func look(_ budget: ErrorBudget) -> News? {
        let alarm = budget.alarm.flatMap { $0.isWorthWaking ? $0 : nil }
        switch state {
        case .calm:
            guard let alarm else { return nil }
            state = .burning(alarm)
            return .began(alarm)
        case .burning(let before):
            if let alarm, alarm > before {
                state = .burning(alarm)
                return .began(alarm)
            }
            guard alarm == nil, budget.certainBurn(before.short) < 1 else { return nil }
            state = .calm
            return .ended(before)
        }
    }
}
