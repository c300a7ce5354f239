/// A share of something, from 0 to 1; never a percentage.
package struct Ratio: Hashable, Comparable, Sendable {
    package let value: Double

    /// Clamps `value` to 0...1; a value that is not a number becomes 0.
    package init(_ value: Double) { self.value = value.isNaN ? 0 : min(max(value, 0), 1) }

    /// `part` of `whole`, or `nil` of nothing.
    package init?(_ part: Int, of whole: Int) {
        guard whole > 0 else { return nil }
        self.init(Double(part) / Double(whole))
    }

    package static func < (left: Ratio, right: Ratio) -> Bool { left.value < right.value }
}
