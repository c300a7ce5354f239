/// A value that must never be shown: whatever prints it, finds nothing.
struct Secret: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// For requests only.
    let value: String

    init(_ value: String) { self.value = value }

    /// A shorter value is no secret, and would be found everywhere.
    private static let leastLength = 4

    /// `text` without this value: a server may say what it was told.
    ///
    /// The value is also found where it was cut off at the end of the text.
    func redacted(_ text: String) -> String {
        guard value.utf8.count >= Self.leastLength else { return text }
        var text = text.replacing(value, with: Self.mask)
        let whole = text.hasSuffix("…") ? String(text.dropLast()) : text
        var beginning = value.prefix(whole.count).dropLast()
        while beginning.count >= Self.leastLength {
            if whole.hasSuffix(beginning) {
                text = whole.dropLast(beginning.count) + Self.mask
                break
            }
            beginning.removeLast()
        }
        return text
    }

    private static let mask = "***"

    var description: String { "(secret)" }
    var customMirror: Mirror { Mirror(self, children: [] as [Mirror.Child]) }
}
