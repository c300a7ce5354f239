package import FailoverCore

/// Amounts of money as people write them, never by way of binary fractions.
enum MoneyText {
    /// The amount that `scalar` names: digits with at most six decimals.
    static func read(_ scalar: ScalarText, allowed: String) throws(Refusal) -> Money {
        guard let money = Money(decimal: scalar.text), money >= .zero else { throw Refusal(allowed: allowed) }
        guard scalar.isPlain else { throw Refusal(allowed: allowed, hint: "remove the quotes") }
        guard money.picos.isMultiple(of: 1_000_000) else {
            throw Refusal(allowed: "\(allowed), with at most 6 decimals")
        }
        return money
    }

    /// The whole amount with at least two decimals: `2.50`, `0.075`.
    static func exact(_ money: Money) -> String { money.exact(least: 2) }

    /// The amount rounded as the tables of costs are.
    static func rounded(_ money: Money, _ currency: String) -> String { "\(money.forPeople) \(currency)" }
}

/// Days as `2026-05-01`.
package enum DateText {
    /// The regular expression of every accepted text that a schema can tell, for the JSON Schema.
    package static let pattern = "^2[0-9]{3}-[0-9]{2}-[0-9]{2}$"

    /// The day that `text` names, from the year 2000 on; `nil` if it is none.
    package static func parse(_ text: String) -> CivilDate? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [4, 2, 2], parts.allSatisfy({ $0.utf8.allSatisfy(ASCII.isDigit) }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]),
            2_000...2_999 ~= year, 1...12 ~= month, 1...days(in: month, of: year) ~= day
        else { return nil }
        return CivilDate(year: year, month: month, day: day)
    }

    private static func days(in month: Int, of year: Int) -> Int {
        let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
        return switch month {
        case 2: isLeap ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
