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
}

/// What the questions to one or several endpoints use in a day at worst, at their normal intervals.
struct DailyUse {
    private(set) var tokens = 0.0
    /// In units of the currency, as far as prices are known.
    private(set) var cost = 0.0
    /// Of what spends tokens; empty if nothing does.
    private(set) var intervals: [Duration] = []
    /// The dearest single question.
    private(set) var dearest = Money.zero
    private(set) var longest = 0
    /// Endpoints that spend tokens and have no price, in configuration order.
    private(set) var unpriced: [String] = []

    mutating func add(_ probes: [ProbeConfiguration], price: Price?, of endpoint: EndpointName) {
        for probe in probes {
            guard let bound = QuestionBound(probe) else { continue }
            let timesADay = 86_400 / probe.interval.inSeconds
            intervals.append(probe.interval)
            tokens += Double(bound.tokens) * timesADay
            longest = max(longest, bound.tokens)
            guard let price else {
                if unpriced.last != endpoint.rawValue { unpriced.append(endpoint.rawValue) }
                continue
            }
            cost += bound.cost(at: price).inUnits * timesADay
            dearest = max(dearest, bound.cost(at: price))
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

    /// `2.10 USD a day, 63.88 USD a month`, where a month has 730 hours.
    func costText(_ currency: String) -> String {
        func text(_ units: Double) -> String {
            let picos = (units * 1e12).rounded(.up)
            return MoneyText.atMost(Money(picos: Int128(exactly: picos) ?? .max), currency)
        }
        return "\(text(cost)) a day, \(text(cost * 730 / 24)) a month"
    }

    /// Whether not even one question is within `cap`.
    func isBeyond(_ cap: SpendCap) -> Bool {
        (cap.cost.map { dearest > $0 } ?? false) || (cap.tokens.map { longest > $0 } ?? false)
    }
}
