/// What can be told as JSON without a coder in between.
///
/// The bytes are those of `JSONEncoder` with sorted keys and plain slashes, at a fraction of its time and memory: a state of
/// 10,000 endpoints is written every few seconds.
package protocol JSONWritable {
    func write(to writer: inout JSONWriter)
}

/// Appends JSON to one buffer.
///
/// Keys are written as they come: whoever writes an object names its fields in ascending order.
package struct JSONWriter: ~Copyable {
    /// How a document looks; both hold the same.
    package enum Layout: Hashable, Sendable {
        /// Without any white space.
        case compact
        /// A line for each field, for people who open the file in an editor.
        case pretty
    }

    private var bytes: ByteBuilder
    private let isPretty: Bool
    private var depth = 0
    /// Nothing stands in the innermost object or array yet.
    private var isFirst = true
    private var failure: JSONWriterError?

    /// `capacity` is how many bytes are expected, to save the copies of a buffer that grows.
    package init(_ layout: Layout, capacity: Int = 0) {
        isPretty = layout == .pretty
        bytes = ByteBuilder(capacity: capacity)
    }

    /// What was written.
    package consuming func finish() throws(JSONWriterError) -> [UInt8] {
        if let failure { throw failure }
        return bytes.finish()
    }

    // MARK: Objects and arrays

    package mutating func object(_ fields: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "{"))
        fields(&self)
        close(UInt8(ascii: "}"))
    }

    package mutating func array(_ elements: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "["))
        elements(&self)
        close(UInt8(ascii: "]"))
    }

    package mutating func field(_ name: StaticString, _ value: some JSONWritable) {
        key(name)
        value.write(to: &self)
    }

    package mutating func field(_ name: StaticString, _ value: (some JSONWritable)?) {
        key(name)
        if let value { value.write(to: &self) } else { literal("null") }
    }

    package mutating func field(_ name: StaticString, _ fields: (inout JSONWriter) -> Void) {
        key(name)
        object(fields)
    }

    /// A field whose name is somebody's choice.
    package mutating func field(named name: String, _ value: some JSONWritable) {
        separate()
        string(name)
        endKey()
        value.write(to: &self)
    }

    package mutating func element(_ value: some JSONWritable) {
        separate()
        value.write(to: &self)
    }

    private mutating func key(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        literal(name)
        bytes.append(UInt8(ascii: "\""))
        endKey()
    }

    private mutating func endKey() {
        if isPretty { literal(" : ") } else { bytes.append(UInt8(ascii: ":")) }
    }

    private mutating func open(_ bracket: UInt8) {
        bytes.append(bracket)
        if isPretty { bytes.append(UInt8(ascii: "\n")) }
        depth += 1
        isFirst = true
    }

    private mutating func close(_ bracket: UInt8) {
        depth -= 1
        if isPretty {
            bytes.append(UInt8(ascii: "\n"))
            indent()
        }
        bytes.append(bracket)
        isFirst = false
    }

    private mutating func separate() {
        if !isFirst {
            bytes.append(UInt8(ascii: ","))
            if isPretty { bytes.append(UInt8(ascii: "\n")) }
        }
        isFirst = false
        if isPretty { indent() }
    }

    private mutating func indent() { for _ in 0..<depth { literal("  ") } }

    // MARK: Values

    /// Text that is JSON already, and ASCII.
    package mutating func literal(_ text: StaticString) {
        bytes.append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    package mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { characters in
            // Most text has nothing to escape, and is copied as a whole.
            if characters.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
                bytes.append(characters)
            } else {
                for character in characters { escape(character) }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ character: UInt8) {
        switch character {
        case UInt8(ascii: "\""): literal(#"\""#)
        case UInt8(ascii: "\\"): literal(#"\\"#)
        case 0x08: literal(#"\b"#)
        case 0x09: literal(#"\t"#)
        case 0x0A: literal(#"\n"#)
        case 0x0C: literal(#"\f"#)
        case 0x0D: literal(#"\r"#)
        case 0..<0x20:
            literal(#"\u00"#)
            bytes.append(Self.hexadecimal(character >> 4))
            bytes.append(Self.hexadecimal(character & 15))
        default: bytes.append(character)
        }
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }

    package mutating func time(_ time: WallTime) {
        bytes.append(UInt8(ascii: "\""))
        time.append(to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    package mutating func number(_ value: Int64) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        number(value.magnitude)
    }

    package mutating func number(_ value: UInt64) { bytes.append(decimal: value) }

    package mutating func number(_ value: Double) {
        // Nearly every number here has at most six decimals, and one of up to fifteen digits has only one shortest form.
        let millionths = (value.magnitude * 1e6).rounded()
        if millionths < 1e15, millionths >= 100, millionths / 1e6 == value.magnitude {
            if value < 0 { bytes.append(UInt8(ascii: "-")) }
            bytes.append(millionths: UInt64(millionths))
        } else if value.isFinite {
            let text = value.description
            for character in text.hasSuffix(".0") ? text.utf8.dropLast(2) : text.utf8[...] { bytes.append(character) }
        } else if failure == nil {
            failure = JSONWriterError(value: value, after: String(decoding: bytes.end, as: UTF8.self))
        }
    }
}

extension JSONWriter {
    /// A number that stands as text already, because no other type holds it exactly.
    package mutating func number(exactly text: String) { for character in text.utf8 { bytes.append(character) } }
}

/// A number that JSON cannot hold.
package struct JSONWriterError: Error, Hashable, Sendable, CustomStringConvertible {
    package let value: Double
    /// The end of what was written before it: the name of the field, and its neighbours.
    package let after: String

    package var description: String { "\(value) is no number of JSON; it stands after \(after)" }
}
