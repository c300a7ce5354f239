/// Numbers as a person would write them.
enum NumberText {
    /// Without a needless `.0`; the shortest digits that read back to the same number.
    static func format(_ value: Double) -> String {
        guard value == value.rounded(), abs(value) < 1e15 else { return "\(value)" }
        return "\(Int(value))"
    }

    /// With a comma between groups of three digits.
    static func grouped(_ value: Int) -> String {
        let digits = Array("\(value.magnitude)")
        var text = value < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
            text.append(digit)
        }
        return text
    }
}
