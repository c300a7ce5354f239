extension Money {
    /// Reads `0.14`, `70` or `-2.5` exactly: digits with at most twelve decimals, and at most eighteen before the point.
    ///
    /// `nil` for anything else, such as an exponent or a blank.
    package init?(decimal text: String) {
        let isNegative = text.hasPrefix("-")
        let parts = text.dropFirst(isNegative ? 1 : 0).split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), (1...18).contains(parts[0].utf8.count) else { return nil }
        let fraction = parts.count == 2 ? parts[1] : "0"
        guard (1...Self.decimals).contains(fraction.utf8.count) else { return nil }
        var picos: Int128 = 0
        for digit in (parts[0] + fraction).utf8 {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            picos = picos * 10 + Int128(digit - UInt8(ascii: "0"))
        }
        for _ in fraction.utf8.count..<Self.decimals { picos *= 10 }
        self.init(picos: isNegative ? -picos : picos)
    }

    /// The exact amount, without zeros at the end beyond `least` decimals: `70.00`, `0.0000025`.
    package func exact(least: Int = 0) -> String {
        let (whole, fraction) = (picos.magnitude / Self.unit, picos.magnitude % Self.unit)
        let digits = "\(fraction)"
        var decimals = String(repeating: "0", count: Self.decimals - digits.count) + digits
        while decimals.count > least, decimals.last == "0" { decimals.removeLast() }
        return (picos < 0 ? "-" : "") + "\(whole)" + (decimals.isEmpty ? "" : "." + decimals)
    }

    /// The amount rounded to the nearest with that many decimals, halves away from zero: `70.00`.
    package func formatted(decimals: Int) -> String {
        rounded(decimals: decimals).exact(least: min(max(decimals, 0), Self.decimals))
    }

    /// The amount for people: cents, or two figures of what is less than ten of them, with commas from a thousand on.
    package var forPeople: String {
        var decimals = 2
        var limit = Self.unit / 10
        while picos != 0, picos.magnitude < limit, decimals < Self.decimals {
            limit /= 10
            decimals += 1
        }
        let amount = rounded(decimals: decimals)
        let fraction = amount.exact(least: 2).drop { $0 != "." }
        return (amount.picos < 0 ? "-" : "") + (amount.picos.magnitude / Self.unit).grouped + fraction
    }

    /// The nearest amount with that many decimals, halves away from zero.
    package func rounded(decimals: Int) -> Money {
        guard decimals < Self.decimals else { return self }
        var step: Int128 = 1
        for _ in max(0, decimals)..<Self.decimals { step *= 10 }
        return Money(picos: divided(by: step).picos * step)
    }

    /// The nearest amount to that part of it, halves away from zero; `divisor` is more than zero.
    package func divided(by divisor: Int128) -> Money {
        precondition(divisor > 0, "a part of an amount needs a positive divisor")
        let (quotient, rest) = picos.quotientAndRemainder(dividingBy: divisor)
        guard rest.magnitude >= divisor.magnitude - rest.magnitude else { return Money(picos: quotient) }
        return Money(picos: quotient + (picos < 0 ? -1 : 1))
    }

    /// Of ``picosPerUnit``.
    private static let decimals = 12
    private static let unit = Money.picosPerUnit.magnitude
}
