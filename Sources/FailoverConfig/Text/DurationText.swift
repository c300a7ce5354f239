import FailoverCore

/// Durations as people write them: `300ms`, `1.5s`, `1m30s`, `30d`.
package enum DurationText {
    /// Units with their length in nanoseconds, the longest first.
    private static let units: [(suffix: String, nanoseconds: Int64)] = [
        ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000),
        ("ms", 1_000_000), ("us", 1_000),
    ]

    /// The regular expression of every accepted text, for the JSON Schema.
    package static let pattern: String = {
        let number = #"[0-9]{1,9}(?:\.[0-9]{1,9}(?=[a-z]{1,2}$))?"#
        return "^(?=[0-9])" + units.map { "(?:\(number)\($0.suffix))?" }.joined() + "$"
    }()

    /// The duration that `text` names, or `nil` if it is none.
    ///
    /// Each unit may occur once, longer units first; only the last number may have decimals, down to a nanosecond.
    package static func parse(_ text: String) -> Duration? {
        var rest = Substring(text)
        var remaining = units[...]
        var total: Int128 = 0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            guard let whole = takeDigits(from: &rest) else { return nil }
            var fraction: Substring?
            if rest.first == "." {
                rest.removeFirst()
                guard let digits = takeDigits(from: &rest) else { return nil }
                fraction = digits
            }
            let suffix = rest.prefix { $0.isASCII && $0.isLetter }
            rest.removeFirst(suffix.count)
            guard let position = remaining.firstIndex(where: { $0.suffix == suffix }) else { return nil }
            guard fraction == nil || rest.isEmpty else { return nil }
            let unit = Int128(remaining[position].nanoseconds)
            remaining = remaining[(position + 1)...]
            total += (Int128(whole) ?? 0) * unit
            if let fraction {
                let scale = fraction.reduce(Int128(1)) { product, _ in product * 10 }
                let scaled = (Int128(fraction) ?? 0) * unit
                guard scaled.isMultiple(of: scale) else { return nil }
                total += scaled / scale
            }
        }
        return Int64(exactly: total).map { .nanoseconds($0) }
    }

    /// One to nine decimal digits from the front of `text`, or `nil`.
    private static func takeDigits(from text: inout Substring) -> Substring? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard 1...9 ~= digits.count else { return nil }
        text.removeFirst(digits.count)
        return digits
    }

    /// The shortest usual notation, which ``parse(_:)`` reads back; whole nanoseconds are kept.
    package static func format(_ duration: Duration) -> String {
        let nanoseconds = duration.nanoseconds
        guard nanoseconds >= 0 else { return "-" + format(.zero - duration) }
        guard nanoseconds > 0 else { return "0s" }
        guard nanoseconds >= 1_000_000_000 else {
            return nanoseconds.isMultiple(of: 1_000_000)
                ? "\(nanoseconds / 1_000_000)ms" : decimal(nanoseconds, scale: 1_000) + "us"
        }
        var rest = nanoseconds
        var text = ""
        for unit in units.prefix(3) where rest >= unit.nanoseconds {
            text += "\(rest / unit.nanoseconds)\(unit.suffix)"
            rest %= unit.nanoseconds
        }
        return rest > 0 || text.isEmpty ? text + decimal(rest, scale: 1_000_000_000) + "s" : text
    }

    /// `value / scale` without trailing zeros; `scale` is a power of ten.
    private static func decimal(_ value: Int64, scale: Int64) -> String {
        let fraction = value % scale
        guard fraction > 0 else { return "\(value / scale)" }
        // The leading 1 keeps the zeros behind the decimal point.
        var digits = "\(scale + fraction)".dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return "\(value / scale).\(digits)"
    }
}
