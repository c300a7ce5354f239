package import FailoverCore
import FoundationEssentials

extension StateDocument {
    /// What the probing of an endpoint has spent on one day, UTC.
    package struct Spend: Codable, Hashable, Sendable {
        /// `2026-11-22`.
        package var day: String
        /// Settled, and set aside for attempts under way; 0 without a price.
        package var cost: Amount
        /// For people: amounts are never converted.
        package var currency: String
        package var tokens: Int
        /// The endpoint's own; `null` if it has none, whatever its routes have.
        @ExplicitNull package var cap: Cap?
        /// `full`, `slower`, `cheaper` or `exhausted`.
        package var pace: String

        package struct Cap: Codable, Hashable, Sendable {
            /// `null` for no limit.
            @ExplicitNull package var cost: Amount?
            /// `null` for no limit.
            @ExplicitNull package var tokens: Int?

            init(_ cap: SpendCap) {
                _cost = ExplicitNull(wrappedValue: cap.cost.map(Amount.init))
                _tokens = ExplicitNull(wrappedValue: cap.tokens)
            }
        }

        package init(_ report: SpendReport, currency: String) {
            day = CivilDate(daysSince1970: report.day).description
            cost = Amount(report.cost)
            self.currency = currency
            tokens = report.tokens
            _cap = ExplicitNull(wrappedValue: report.cap.map(Cap.init))
            pace = report.pace.rawValue
        }
    }

    /// An exact amount of money: a JSON number with at most twelve decimals.
    package struct Amount: Hashable, Comparable, Sendable {
        package let money: Money

        package init(_ money: Money) { self.money = money }

        package static func < (left: Amount, right: Amount) -> Bool { left.money < right.money }
    }
}

extension StateDocument.Amount: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let number = try container.decode(Decimal.self)
        guard let money = Money(decimal: "\(number)") else {
            let text = "\(number) is no amount of money with at most 12 decimals"
            throw DecodingError.dataCorruptedError(in: container, debugDescription: text)
        }
        self.money = money
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        guard let number = Decimal(string: money.exact()) else {
            let context = EncodingError.Context(
                codingPath: container.codingPath,
                debugDescription: "too large to be exact"
            )
            throw EncodingError.invalidValue(money, context)
        }
        try container.encode(number)
    }
}

extension StateDocument.Spend: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("cap", cap)
            writer.field("cost", cost)
            writer.field("currency", currency)
            writer.field("day", day)
            writer.field("pace", pace)
            writer.field("tokens", tokens)
        }
    }
}

extension StateDocument.Spend.Cap: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("cost", cost)
            writer.field("tokens", tokens)
        }
    }
}

extension StateDocument.Amount: JSONWritable {
    package func write(to writer: inout JSONWriter) { writer.number(exactly: money.exact()) }
}
