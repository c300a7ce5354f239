/// Sizes as people write them: `64MiB`, `1GiB`, `512KiB`.
package enum SizeText {
    /// Units with their length in bytes, the largest first.
    private static let units = [("GiB", 1_073_741_824), ("MiB", 1_048_576), ("KiB", 1024)]

    /// The regular expression of every accepted text, for the JSON Schema.
    package static let pattern = "^[0-9]{1,9}[KMG]iB$"

    /// The size in bytes, or `nil` if `text` is none.
    package static func parse(_ text: String) -> Int? {
        for (suffix, bytes) in units where text.hasSuffix(suffix) {
            let digits = text.dropLast(suffix.count)
            guard 1...9 ~= digits.utf8.count, digits.utf8.allSatisfy(ASCII.isDigit), let count = Int(digits) else {
                return nil
            }
            return count * bytes
        }
        return nil
    }

    /// In the largest unit that has a whole number of them, which ``parse(_:)`` reads back; else in bytes.
    package static func format(_ bytes: Int) -> String {
        for (suffix, size) in units where bytes > 0 && bytes.isMultiple(of: size) { return "\(bytes / size)\(suffix)" }
        return "\(bytes)B"
    }
}
