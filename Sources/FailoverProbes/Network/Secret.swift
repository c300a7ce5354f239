/// A value that must never be shown: whatever prints it, finds nothing.
struct Secret: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// For requests only.
    let value: String

    init(_ value: String) { self.value = value }

    /// A shorter value is no secret, and would be found everywhere.
    private static let leastLength = 4
    private static let mask = Array("***".utf8)
    /// What a text is cut with.
    private static let cut = Array("…".utf8)

    /// `text` without this value: a server may say what it was told.
    ///
    /// The beginning of the value is also found where it was cut off: before a `…`, and, unless `findsEnd` is false, at
    /// the end of the text. Byte by byte, because what follows a value may join its last character.
    func redacted(_ text: String, findsEnd: Bool = true) -> String {
        let value = Array(self.value.utf8)
        guard value.count >= Self.leastLength else { return text }
        let bytes = Array(text.utf8)
        let redacted = Self.withoutBeginnings(of: value, in: Self.without(value, bytes), findsEnd: findsEnd)
        return redacted == bytes ? text : String(decoding: redacted, as: UTF8.self)
    }

    private static func without(_ value: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.first {
            if byte == value[0], rest.starts(with: value) {
                result += mask
                rest = rest.dropFirst(value.count)
            } else {
                result.append(byte)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    private static func withoutBeginnings(of value: [UInt8], in bytes: [UInt8], findsEnd: Bool) -> [UInt8] {
        var result: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.first {
            if byte == cut[0], rest.starts(with: cut) {
                if !maskBeginning(of: value, atEndOf: &result) { result += cut }
                rest = rest.dropFirst(cut.count)
            } else {
                result.append(byte)
                rest = rest.dropFirst()
            }
        }
        if findsEnd { maskBeginning(of: value, atEndOf: &result) }
        return result
    }

    /// - Returns: Whether the text ended like the value begins.
    @discardableResult
    private static func maskBeginning(of value: [UInt8], atEndOf text: inout [UInt8]) -> Bool {
        var length = min(value.count - 1, text.count)
        while length >= leastLength {
            if text[(text.count - length)...].elementsEqual(value[..<length]) {
                text.removeLast(length)
                text += mask
                return true
            }
            length -= 1
        }
        return false
    }

    var description: String { "(secret)" }
    var customMirror: Mirror { Mirror(self, children: [] as [Mirror.Child]) }
}
