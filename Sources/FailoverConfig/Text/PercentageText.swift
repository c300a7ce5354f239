package import FailoverCore

/// Shares as people write them: `99.9%`.
package enum PercentageText {
    /// The regular expression of every accepted text, for the JSON Schema.
    package static let pattern = #"^[0-9]{1,3}(?:\.[0-9]{1,6})?%$"#

    /// The share that `text` names, or `nil` if it is none; up to six decimals, at most 100 %.
    package static func parse(_ text: String) -> Ratio? {
        guard text.hasSuffix("%") else { return nil }
        let parts = text.dropLast().split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ $0.allSatisfy { $0.isASCII && $0.isNumber } }) else { return nil }
        let whole = parts[0]
        let fraction = parts.count == 2 ? parts[1] : "0"
        guard 1...3 ~= whole.count, 1...6 ~= fraction.count, let digits = Int(whole + fraction) else { return nil }
        // One correctly rounded division, so that 99.9% is the very number 0.999.
        let scale = fraction.reduce(100.0) { product, _ in product * 10 }
        let value = Double(digits) / scale
        return value <= 1 ? Ratio(value) : nil
    }

    /// The percentage with at most six decimals.
    package static func format(_ ratio: Ratio) -> String {
        let scaled = Int((ratio.value * 1e8).rounded())
        var fraction = "\(1_000_000 + scaled % 1_000_000)".dropFirst()
        while fraction.last == "0" { fraction.removeLast() }
        return "\(scaled / 1_000_000)\(fraction.isEmpty ? "" : ".\(fraction)")%"
    }
}
