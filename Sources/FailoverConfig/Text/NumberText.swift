/// Numbers as a person would write them.
enum NumberText {
    /// Without a needless `.0`; the shortest digits that read back to the same number.
    static func format(_ value: Double) -> String {
        guard value == value.rounded(), abs(value) < 1e15 else { return "\(value)" }
        return "\(Int(value))"
    }
}
