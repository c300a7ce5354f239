package import FailoverCore

/// What one question to an LLM uses at worst.
package struct QuestionBound: Hashable, Sendable {
    package let inputTokens: Int
    package let outputTokens: Int
    package var tokens: Int { inputTokens + outputTokens }

    /// Of a probe that spends tokens; `nil` for any other.
    package init?(_ probe: ProbeConfiguration) {
        guard case .chat(let chat) = probe.request, chat.mode == .chat else { return nil }
        let worst = chat.worstCase
        inputTokens = worst.prompt
        outputTokens = worst.completion
    }

    package func cost(at price: Price) -> Money { price.cost(input: inputTokens, output: outputTokens) }

    /// Whether `cap` has no room for even one such question.
    func isBeyond(_ cap: SpendCap, price: Price?) -> Bool {
        let isTooDear = cap.cost.flatMap { limit in price.map { cost(at: $0) > limit } } ?? false
        return isTooDear || (cap.tokens.map { tokens > $0 } ?? false)
    }
}

/// What the questions to one or several endpoints use in a day at worst, at their normal intervals.
struct DailyUse {
    private(set) var tokens = 0.0
    /// In units of the currency, as far as prices are known.
    private(set) var cost = 0.0
    /// Of what spends tokens; empty if nothing does.
    private(set) var intervals: [Duration] = []

    mutating func add(_ probes: [ProbeConfiguration], price: Price?) {
        for probe in probes {
            guard let bound = QuestionBound(probe) else { continue }
            let timesADay = 86_400 / probe.interval.inSeconds
            intervals.append(probe.interval)
            tokens += Double(bound.tokens) * timesADay
            cost += (price.map { bound.cost(at: $0).inUnits } ?? 0) * timesADay
        }
    }

    /// How long `cap` lasts in seconds; `nil` if longer than a day.
    func secondsUntilSpent(_ cap: SpendCap) -> Double? {
        let shares = [
            cap.cost.map { $0.inUnits / max(cost, .leastNormalMagnitude) },
            cap.tokens.map { Double($0) / max(tokens, .leastNormalMagnitude) },
        ]
        guard let share = shares.compactMap(\.self).min(), share < 1 else { return nil }
        return share * 86_400
    }
}
