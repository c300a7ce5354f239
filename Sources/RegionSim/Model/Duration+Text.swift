extension Duration {
    /// The time as scripts write it, such as `900ms` or `2.4s`.
    ///
    /// Exact to the microsecond.
    package var shortText: String {
        let microseconds = components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
        if microseconds.magnitude < 1_000_000 { return Self.decimal(microseconds, unit: 1000) + "ms" }
        return Self.decimal(microseconds, unit: 1_000_000) + "s"
    }

    /// `value / unit` without trailing zeros; `unit` is a power of ten.
    private static func decimal(_ value: Int64, unit: Int64) -> String {
        let (whole, rest) = value.magnitude.quotientAndRemainder(dividingBy: unit.magnitude)
        let sign = value < 0 ? "-" : ""
        guard rest > 0 else { return "\(sign)\(whole)" }
        let digits = String(String(unit.magnitude + rest).dropFirst())
        let fraction = digits.reversed().drop { $0 == "0" }.reversed()
        return "\(sign)\(whole).\(String(fraction))"
    }

    /// Reads a number and a unit (`ms`, `s`, `m`, `h`) without a space between; `nil` for anything else or below zero.
    package init?(shortText text: String) {
        let units: [(suffix: String, nanoseconds: Double)] = [("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9)]
        guard let unit = units.first(where: { text.hasSuffix($0.suffix) }) else { return nil }
        let digits = text.dropLast(unit.suffix.count)
        // Only digits and a point, because `Double` would also read `nan`, `0x10` and `1e5`.
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber || $0 == "." }),
            let number = Double(digits)
        else { return nil }
        let nanoseconds = (number * unit.nanoseconds).rounded()
        guard nanoseconds < 0x1p62 else { return nil }
        self = .nanoseconds(Int64(nanoseconds))
    }
}
