import FailoverCore

/// Reads one JSON document, RFC 8259, in one pass.
///
/// For the many small documents of a stream, for which a decoder takes a hundred times as long. Of equal keys the last
/// one counts, and what is not UTF-8 inside a string is replaced.
struct JSONReader {
    /// Deepest nesting that is read.
    ///
    /// Source: answers have under 10, and each level takes a little of the thread's stack.
    static let maximumDepth = 64

    /// What stands where something else should.
    private struct Malformed: Error {}

    private let bytes: UnsafeRawBufferPointer
    private var place = 0

    private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The value of a whole document, a byte order mark and white space around it allowed.
    ///
    /// - Returns: `nil` if it is not JSON, or nested too deeply.
    static func value(of document: [UInt8]) -> JSONValue? {
        document.withUnsafeBytes { bytes in
            var reader = JSONReader(bytes)
            if bytes.starts(with: [0xef, 0xbb, 0xbf]) { reader.place = 3 }
            guard let value = try? reader.value(depth: 0) else { return nil }
            reader.skipSpace()
            return reader.place == bytes.count ? value : nil
        }
    }

    private var byte: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func skipSpace() {
        while let byte, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { place += 1 }
    }

    /// Takes `wanted` if it comes next.
    private mutating func takes(_ wanted: Unicode.Scalar) -> Bool {
        guard byte == UInt8(ascii: wanted) else { return false }
        place += 1
        return true
    }

    private mutating func value(depth: Int) throws(Malformed) -> JSONValue {
        skipSpace()
        switch byte {
        case UInt8(ascii: "{"): return .object(try members(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try elements(depth: depth + 1))
        case UInt8(ascii: "\""): return .scalar(.string(try string()))
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .scalar(.number(try number()))
        }
    }

    private mutating func members(depth: Int) throws(Malformed) -> [String: JSONValue] {
        guard depth <= Self.maximumDepth else { throw Malformed() }
        place += 1
        var members: [String: JSONValue] = [:]
        skipSpace()
        guard !takes("}") else { return members }
        repeat {
            skipSpace()
            guard byte == UInt8(ascii: "\"") else { throw Malformed() }
            let key = try string()
            skipSpace()
            guard takes(":") else { throw Malformed() }
            members[key] = try value(depth: depth)
            skipSpace()
        } while takes(",")
        guard takes("}") else { throw Malformed() }
        return members
    }

    private mutating func elements(depth: Int) throws(Malformed) -> [JSONValue] {
        guard depth <= Self.maximumDepth else { throw Malformed() }
        place += 1
        var elements: [JSONValue] = []
        skipSpace()
        guard !takes("]") else { return elements }
        repeat {
            elements.append(try value(depth: depth))
            skipSpace()
        } while takes(",")
        guard takes("]") else { throw Malformed() }
        return elements
    }

    private mutating func word(_ text: String, _ meaning: JSONScalar) throws(Malformed) -> JSONValue {
        guard bytes[place...].starts(with: text.utf8) else { throw Malformed() }
        place += text.utf8.count
        return .scalar(meaning)
    }
}

// MARK: - Numbers and strings

extension JSONReader {
    private mutating func number() throws(Malformed) -> Double {
        let start = place
        _ = takes("-")
        if !takes("0") { try digits() }
        if takes(".") { try digits() }
        if takes("e") || takes("E") {
            if !takes("+") { _ = takes("-") }
            try digits()
        }
        guard let number = Double(String(decoding: bytes[start..<place], as: UTF8.self)) else { throw Malformed() }
        return number
    }

    /// At least one.
    private mutating func digits() throws(Malformed) {
        let start = place
        while let byte, (0x30...0x39).contains(byte) { place += 1 }
        guard place > start else { throw Malformed() }
    }

    private mutating func string() throws(Malformed) -> String {
        place += 1
        var start = place
        var text: [UInt8] = []
        while let byte {
            switch byte {
            case UInt8(ascii: "\""):
                place += 1
                guard !text.isEmpty else { return String(decoding: bytes[start..<(place - 1)], as: UTF8.self) }
                text.append(contentsOf: bytes[start..<(place - 1)])
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                text.append(contentsOf: bytes[start..<place])
                place += 1
                try escape(into: &text)
                start = place
            case 0..<0x20: throw Malformed()
            default: place += 1
            }
        }
        throw Malformed()
    }

    private mutating func escape(into text: inout [UInt8]) throws(Malformed) {
        guard let byte else { throw Malformed() }
        place += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0c)
        case UInt8(ascii: "n"): text.append(0x0a)
        case UInt8(ascii: "r"): text.append(0x0d)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: String(try character()).utf8)
        default: throw Malformed()
        }
    }

    /// The character of one `\u` escape, or of two; what is only half of a pair becomes U+FFFD.
    private mutating func character() throws(Malformed) -> Unicode.Scalar {
        let unit = try codeUnit()
        guard (0xd800..<0xdc00).contains(unit) else { return Unicode.Scalar(unit) ?? "\u{fffd}" }
        let afterFirst = place
        guard takes("\\"), takes("u") else {
            place = afterFirst
            return "\u{fffd}"
        }
        let second = try codeUnit()
        guard (0xdc00..<0xe000).contains(second) else {
            place = afterFirst
            return "\u{fffd}"
        }
        return Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (second - 0xdc00)) ?? "\u{fffd}"
    }

    private mutating func codeUnit() throws(Malformed) -> UInt32 {
        guard place + 4 <= bytes.count else { throw Malformed() }
        var unit: UInt32 = 0
        for byte in bytes[place..<(place + 4)] {
            switch byte {
            case 0x30...0x39: unit = unit << 4 | UInt32(byte - 0x30)
            case 0x41...0x46: unit = unit << 4 | UInt32(byte - 0x41 + 10)
            case 0x61...0x66: unit = unit << 4 | UInt32(byte - 0x61 + 10)
            default: throw Malformed()
            }
        }
        place += 4
        return unit
    }
}

// MARK: - What was read

/// Answers are read leniently: what is not of the expected type counts as absent.
extension JSONValue {
    /// The member of an object; `nil` for null, too.
    subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self, let value = members[key], value != .scalar(.null) else { return nil }
        return value
    }

    var isObject: Bool { if case .object = self { true } else { false } }

    /// Of an array; empty for anything else.
    var elements: [JSONValue] { if case .array(let elements) = self { elements } else { [] } }

    /// `nil` if empty.
    var text: String? { if case .scalar(.string(let text)) = self, !text.isEmpty { text } else { nil } }

    /// A whole number, or a string of one.
    var integer: Int? {
        switch self {
        case .scalar(.number(let number)): Int(exactly: number)
        case .scalar(.string(let text)): Int(text)
        case .scalar, .array, .object: nil
        }
    }
}
