/// An exact amount of money in whole picos (10⁻¹²) of the configured currency.
///
/// Prices are quoted per million tokens with a few decimals, so the price of one token is a whole number of picos.
package struct Money: Hashable, Comparable, Sendable {
    package let picos: Int128

    package init(picos: Int128) { self.picos = picos }

    package static let zero = Money(picos: 0)
    package static let picosPerUnit: Int128 = 1_000_000_000_000

    package static func < (left: Money, right: Money) -> Bool { left.picos < right.picos }
    package static func + (left: Money, right: Money) -> Money { Money(picos: left.picos + right.picos) }
    package static func - (left: Money, right: Money) -> Money { Money(picos: left.picos - right.picos) }
    package static func * (money: Money, count: Int) -> Money { Money(picos: money.picos * Int128(count)) }
    package static func += (left: inout Money, right: Money) { left = left + right }

    /// For ratios and for people.
    package var inUnits: Double { Double(picos) / Double(Self.picosPerUnit) }
}

/// What tokens of an endpoint cost.
package struct Price: Hashable, Sendable {
    /// Of one token of the question.
    package let input: Money
    /// Of one token of the answer.
    package let output: Money
    /// The day on which somebody looked it up: prices change.
    package let asOf: CivilDate

    package init(input: Money, output: Money, asOf: CivilDate) {
        self.input = input
        self.output = output
        self.asOf = asOf
    }

    package func cost(input inputTokens: Int, output outputTokens: Int) -> Money {
        input * inputTokens + output * outputTokens
    }
}

/// A day of the proleptic Gregorian calendar.
package struct CivilDate: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let year: Int
    /// 1...12.
    package let month: Int
    /// 1...31.
    package let day: Int

    package init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    package static func < (left: CivilDate, right: CivilDate) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }

    /// `2026-05-01`.
    package var description: String {
        func padded(_ number: Int, _ width: Int) -> String {
            String(repeating: "0", count: max(0, width - String(number).count)) + String(number)
        }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }
}

/// What may be spent in a day, UTC.
package struct SpendCap: Hashable, Sendable {
    /// `nil` for no limit.
    package let cost: Money?
    /// Of questions and answers together; `nil` for no limit.
    package let tokens: Int?

    package init(cost: Money? = nil, tokens: Int? = nil) {
        self.cost = cost
        self.tokens = tokens
    }
}

/// A typical request of users, by which endpoints' costs are compared.
package struct Workload: Hashable, Sendable {
    package let inputTokens: Int
    package let outputTokens: Int

    package init(inputTokens: Int, outputTokens: Int) {
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
    }

    /// A turn of a support chat.
    package static let conversation = Workload(inputTokens: 1_000, outputTokens: 450)
}

/// What all probing may spend.
package struct SpendConfiguration: Hashable, Sendable {
    /// For people: amounts are never converted.
    package let currency: String
    /// For all endpoints together.
    package let daily: SpendCap?

    package init(currency: String = "USD", daily: SpendCap? = nil) {
        self.currency = currency
        self.daily = daily
    }
}
