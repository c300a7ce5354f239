/// An amount of the two things that caps limit.
package struct SpendTotal: Hashable, Sendable {
    package var cost: Money
    package var tokens: Int

    package init(cost: Money = .zero, tokens: Int = 0) {
        self.cost = cost
        self.tokens = tokens
    }

    /// Tokens stop at the largest number: files and servers may name any.
    package static func + (left: SpendTotal, right: SpendTotal) -> SpendTotal {
        let (tokens, overflow) = left.tokens.addingReportingOverflow(right.tokens)
        return SpendTotal(cost: left.cost + right.cost, tokens: overflow ? .max : tokens)
    }

    package static func - (left: SpendTotal, right: SpendTotal) -> SpendTotal {
        SpendTotal(cost: left.cost - right.cost, tokens: left.tokens - right.tokens)
    }

    package static func * (total: SpendTotal, count: Int) -> SpendTotal {
        SpendTotal(cost: total.cost * count, tokens: total.tokens * count)
    }

    package static func += (left: inout SpendTotal, right: SpendTotal) { left = left + right }
    package static func -= (left: inout SpendTotal, right: SpendTotal) { left = left - right }

    /// No more than `other` in either, so that what is taken back was there.
    func atMost(_ other: SpendTotal) -> SpendTotal {
        SpendTotal(cost: min(cost, other.cost), tokens: min(tokens, other.tokens))
    }
}

extension SpendCap {
    /// Whether `amount` may be spent by somebody who has spent `used`.
    ///
    /// What costs nothing always may.
    func allows(_ amount: SpendTotal, after used: SpendTotal) -> Bool {
        let isAffordable = cost.map { amount.cost <= .zero || used.cost + amount.cost <= $0 } ?? true
        return isAffordable && (tokens.map { amount.tokens <= 0 || used.tokens + amount.tokens <= $0 } ?? true)
    }

    /// What is left in each; `nil` where there is no limit.
    func rest(after used: SpendTotal) -> SpendCap {
        SpendCap(
            cost: cost.map { max(.zero, $0 - used.cost) },
            tokens: tokens.map { max(0, $0 - used.tokens) }
        )
    }

    /// The tighter of both in each.
    func tightened(by other: SpendCap) -> SpendCap {
        SpendCap(
            cost: [cost, other.cost].compactMap(\.self).min(),
            tokens: [tokens, other.tokens].compactMap(\.self).min()
        )
    }

    /// Whether there is a limit at all.
    package var limitsAnything: Bool { cost != nil || tokens != nil }
}
