/// The members of the one object on a line, with their names.
///
/// Written apart from `JSONDecoder`, which takes ten times as long for lines that come by the hundred thousand, and whose
/// numbers are not exact.
struct RecordingLine {
    enum Value: Hashable {
        case null
        case bool(Bool)
        /// As written.
        case number(String)
        case string(String)
        /// An object or an array, as written.
        case nested([UInt8])

        /// For a message.
        var found: String {
            switch self {
            case .null: "null"
            case .bool(let value): "\(value)"
            case .number(let text): String(text.prefix(40))
            case .string(let text): "\"\(text.prefix(40))\""
            case .nested(let bytes): bytes.first == UInt8(ascii: "{") ? "an object" : "an array"
            }
        }
    }

    private(set) var members: [(name: String, value: Value)] = []

    /// Deeper nesting is refused.
    private static let maximumDepth = 32
    private static let wanted = "one JSON object"

    /// The value of a member; `nil` for none and for null.
    subscript(name: String) -> Value? {
        for member in members where member.name == name { return member.value == .null ? nil : member.value }
        return nil
    }

    /// Reads a line without its line feed.
    init(_ bytes: ArraySlice<UInt8>) throws(LineFault) {
        var scanner = Scanner(bytes: bytes, position: bytes.startIndex)
        scanner.skipSpace()
        guard scanner.take(UInt8(ascii: "{")) else { throw scanner.fault() }
        scanner.skipSpace()
        if !scanner.take(UInt8(ascii: "}")) {
            repeat {
                scanner.skipSpace()
                let name = try scanner.string()
                scanner.skipSpace()
                guard scanner.take(UInt8(ascii: ":")) else { throw scanner.fault() }
                let value = try scanner.value()
                guard !members.contains(where: { $0.name == name }) else {
                    throw LineFault(field: String(name.prefix(40)), found: "the same name twice", allowed: "once")
                }
                members.append((name, value))
                scanner.skipSpace()
            } while scanner.take(UInt8(ascii: ","))
            guard scanner.take(UInt8(ascii: "}")) else { throw scanner.fault() }
        }
        scanner.skipSpace()
        guard scanner.isAtEnd else { throw scanner.fault() }
    }

    private struct Scanner {
        let bytes: ArraySlice<UInt8>
        var position: Int

        var isAtEnd: Bool { position == bytes.endIndex }
        private var next: UInt8? { isAtEnd ? nil : bytes[position] }

        func fault() -> LineFault {
            let column = position - bytes.startIndex + 1
            let found = isAtEnd ? "its end too early" : "no JSON at byte \(column)"
            return LineFault(found: found, allowed: wanted, isCutOff: isAtEnd)
        }

        mutating func take(_ byte: UInt8) -> Bool {
            guard next == byte else { return false }
            position += 1
            return true
        }

        mutating func skipSpace() {
            while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0D { position += 1 }
        }

        mutating func value() throws(LineFault) -> Value {
            skipSpace()
            switch next {
            case UInt8(ascii: "\""): return .string(try string())
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                let start = position
                try skip(depth: 0)
                return .nested(Array(bytes[start..<position]))
            case UInt8(ascii: "t"): return .bool(try word("true", true))
            case UInt8(ascii: "f"): return .bool(try word("false", false))
            case UInt8(ascii: "n"):
                _ = try word("null", true)
                return .null
            default: return .number(try number())
            }
        }

        private mutating func word(_ text: StaticString, _ value: Bool) throws(LineFault) -> Bool {
            for offset in 0..<text.utf8CodeUnitCount {
                guard take(text.utf8Start[offset]) else { throw fault() }
            }
            return value
        }

        private mutating func number() throws(LineFault) -> String {
            let start = position
            while let byte = next, Self.isPartOfNumber(byte) { position += 1 }
            let text = String(decoding: bytes[start..<position], as: UTF8.self)
            // What Swift reads as a number and JSON does not begins with another character.
            guard let first = text.utf8.first, first == UInt8(ascii: "-") || 48...57 ~= first, Double(text) != nil
            else {
                if !isAtEnd { position = start }
                throw fault()
            }
            return text
        }

        private static func isPartOfNumber(_ byte: UInt8) -> Bool {
            48...57 ~= byte || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
                || byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E")
        }

        mutating func string() throws(LineFault) -> String {
            guard take(UInt8(ascii: "\"")) else { throw fault() }
            let start = position
            while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
                position += 1
            }
            if next == UInt8(ascii: "\"") {
                let text = String(validating: bytes[start..<position], as: UTF8.self)
                guard let text else { throw LineFault(found: "bytes that are not UTF-8", allowed: wanted) }
                position += 1
                return text
            }
            return try escapedString(from: start)
        }

        private mutating func escapedString(from start: Int) throws(LineFault) -> String {
            var text = Array(bytes[start..<position])
            while let byte = next, byte >= 0x20 {
                position += 1
                switch byte {
                case UInt8(ascii: "\""):
                    guard let text = String(validating: text, as: UTF8.self) else {
                        throw LineFault(found: "bytes that are not UTF-8", allowed: wanted)
                    }
                    return text
                case UInt8(ascii: "\\"): try escape(&text)
                default: text.append(byte)
                }
            }
            throw fault()
        }

        private mutating func escape(_ text: inout [UInt8]) throws(LineFault) {
            guard let byte = next else { throw fault() }
            position += 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "u"):
                let unit = try hexadecimal()
                var scalar = Unicode.Scalar(unit)
                if 0xD800...0xDBFF ~= unit, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
                    let low = try hexadecimal()
                    guard 0xDC00...0xDFFF ~= low else { throw fault() }
                    scalar = Unicode.Scalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00))
                }
                guard let scalar else { throw fault() }
                text.append(contentsOf: String(Character(scalar)).utf8)
            default: throw fault()
            }
        }

        private mutating func hexadecimal() throws(LineFault) -> UInt16 {
            if bytes.endIndex - position < 4 { position = bytes.endIndex }
            guard !isAtEnd,
                let unit = UInt16(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
            else { throw fault() }
            position += 4
            return unit
        }

        /// Passes over an object or an array.
        private mutating func skip(depth: Int) throws(LineFault) {
            guard depth < maximumDepth else { throw LineFault(found: "values nested deeply", allowed: wanted) }
            skipSpace()
            let isObject = next == UInt8(ascii: "{")
            guard isObject || next == UInt8(ascii: "[") else {
                _ = try value()
                return
            }
            position += 1
            let end = UInt8(ascii: isObject ? "}" : "]")
            skipSpace()
            if take(end) { return }
            repeat {
                skipSpace()
                if isObject {
                    _ = try string()
                    skipSpace()
                    guard take(UInt8(ascii: ":")) else { throw fault() }
                }
                try skip(depth: depth + 1)
                skipSpace()
            } while take(UInt8(ascii: ","))
            guard take(end) else { throw fault() }
        }
    }
}
