import FailoverCore

/// What tokens of an endpoint cost.
enum PriceKeys {
    static let price = "price"
    static let input = Setting(name: "input", rule: PriceRule(), isRequired: true, wanted: PriceRule.allowed)
    static let output = Setting(name: "output", rule: PriceRule(), isRequired: true, wanted: PriceRule.allowed)
    static let asOf = Setting(name: "as_of", rule: DateRule(), isRequired: true, wanted: DateRule.allowed)

    static let table = KeyTable([input.known, output.known, asOf.known])
}

/// What may be spent on probing.
enum SpendKeys {
    static let spend = "spend"
    static let daily = "daily"
    static let cost = Setting(name: "cost", rule: AmountRule())
    /// Ten times what the busiest prober could use at a thousand tokens a second.
    static let tokens = Setting(name: "tokens", rule: WholeRule(1...1_000_000_000))
    static let currency = DefaultedSetting(
        name: "currency",
        rule: CurrencyRule(),
        fallback: SpendConfiguration().currency
    )

    static let dailyTable = KeyTable([cost.known, tokens.known])
    /// Of an endpoint or a route.
    static let table = KeyTable([KnownKey(daily, .mapping(dailyTable))])
    /// Of everything.
    static let rootTable = KeyTable([currency.known, KnownKey(daily, .mapping(dailyTable))])
}

/// What a route's traffic costs.
enum WorkloadKeys {
    static let workload = "workload"
    /// Beyond the longest context of any model.
    private static let counts = WholeRule(0...10_000_000)
    static let inputTokens = DefaultedSetting(
        name: "input_tokens",
        rule: counts,
        fallback: Workload.conversation.inputTokens
    )
    static let outputTokens = DefaultedSetting(
        name: "output_tokens",
        rule: counts,
        fallback: Workload.conversation.outputTokens
    )
    /// Once is no limit to anything; prices differ by less than a factor of a thousand.
    static let maximumRatio = Setting(name: "max_cost_ratio", rule: NumberRule(1...1_000))

    static let table = KeyTable([inputTokens.known, outputTokens.known])
}

/// A price of a million tokens, exactly as quoted.
struct PriceRule: ScalarRule {
    static let allowed = "the price of a million tokens from 0 to 10000, such as 2.50"
    var known: KnownValue { .number(0...10_000) }

    func read(_ scalar: ScalarText) throws(Refusal) -> Money {
        let ofAMillion = try MoneyText.read(scalar, allowed: Self.allowed)
        guard ofAMillion.picos <= 10_000 * Money.picosPerUnit else { throw Refusal(allowed: Self.allowed) }
        return Money(picos: ofAMillion.picos / 1_000_000)
    }

    func write(_ value: Money) -> String { MoneyText.exact(Money(picos: value.picos * 1_000_000)) }
}

/// An amount of money that may be spent.
struct AmountRule: ScalarRule {
    static let allowed = "an amount from 0.000001 to 1000000, such as 0.10"
    var known: KnownValue { .number(0.000001...1_000_000) }

    func read(_ scalar: ScalarText) throws(Refusal) -> Money {
        let amount = try MoneyText.read(scalar, allowed: Self.allowed)
        guard amount > .zero, amount.picos <= 1_000_000 * Money.picosPerUnit else {
            throw Refusal(allowed: Self.allowed, hint: amount == .zero ? "mode: models spends nothing" : nil)
        }
        return amount
    }

    func write(_ value: Money) -> String { MoneyText.exact(value) }
}

/// A day of this century.
struct DateRule: ScalarRule {
    static let allowed = "a day, such as 2026-05-01"
    var known: KnownValue { .date }

    func read(_ scalar: ScalarText) throws(Refusal) -> CivilDate {
        guard let date = DateText.parse(scalar.text) else { throw Refusal(allowed: Self.allowed) }
        return date
    }

    func write(_ value: CivilDate) -> String { value.description }
}

/// The code of a currency.
struct CurrencyRule: ScalarRule {
    var known: KnownValue { .text(maximum: 3) }

    func read(_ scalar: ScalarText) throws(Refusal) -> String {
        let isCode =
            scalar.text.utf8.count == 3 && scalar.text.utf8.allSatisfy { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 }
        guard isCode, scalar.kind == .text else {
            let upper = scalar.text.uppercased()
            let isNear = scalar.text.utf8.count == 3 && scalar.text.utf8.allSatisfy(ASCII.isLetter)
            throw Refusal(allowed: "three capital letters, such as USD", hint: isNear ? "write \(upper)" : nil)
        }
        return scalar.text
    }

    func write(_ value: String) -> String { value }
}
