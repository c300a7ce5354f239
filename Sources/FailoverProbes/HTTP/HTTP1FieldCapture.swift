/// The values of a few header fields, kept because the caller asked for them.
package struct HTTP1FieldCapture: Hashable, Sendable {
    /// Keeps nothing, and costs nothing.
    package static let none = HTTP1FieldCapture([])
    /// Most fields that are kept; more are not asked for.
    ///
    /// Source: each field of an answer is compared with each of them.
    package static let maximumFields = 24
    /// Longest value that is kept, in bytes; the rest is cut off.
    ///
    /// Source: a date, a media type or a number of seconds has under 100.
    package static let maximumValueBytes = 256

    private struct Entry: Hashable {
        /// In lower case.
        let name: [UInt8]
        var value: String?
    }

    /// In the order asked for; at most `maximumFields`.
    private var entries: [Entry]

    /// - Parameter names: In any case; those beyond `maximumFields` are ignored.
    package init(_ names: [String]) {
        entries = names.prefix(Self.maximumFields).map { Entry(name: Array($0.lowercased().utf8), value: nil) }
    }

    package var isEmpty: Bool { entries.isEmpty }

    /// The first value of the field, in any case; `nil` if it is absent or was not asked for.
    package subscript(_ name: String) -> String? {
        let name = Array(name.lowercased().utf8)
        return entries.first { $0.name == name }?.value
    }

    /// Names, in lower case, and values of the fields that came, in the order asked for.
    var present: [(name: String, value: String)] {
        entries.compactMap { entry in entry.value.map { (String(decoding: entry.name, as: UTF8.self), $0) } }
    }

    mutating func take(_ field: HTTP1Field) {
        for index in entries.indices where entries[index].value == nil {
            guard entries[index].name.count == field.name.count else { continue }
            guard entries[index].name.elementsEqual(field.name, by: { $0 == Self.lowercased($1) }) else { continue }
            entries[index].value = String(decoding: field.value.prefix(Self.maximumValueBytes), as: UTF8.self)
        }
    }

    mutating func clear() {
        for index in entries.indices { entries[index].value = nil }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
