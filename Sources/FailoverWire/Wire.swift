package import FoundationEssentials

/// How every document of failoverd is written and read.
package enum Wire {
    /// Sorted keys, so that the same document is the same bytes.
    package static func encode(_ document: some Encodable) throws -> Data {
        if let document = document as? any JSONWritable { return Data(try bytes(of: document, .compact)) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(document)
    }

    /// For people who open the file in an editor.
    package static func encodePretty(_ document: some Encodable) throws -> Data {
        if let document = document as? any JSONWritable { return Data(try bytes(of: document, .pretty)) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(document)
    }

    /// The same bytes in less time and memory, ended by a line feed if `isEnded`.
    ///
    /// `capacity` is how many bytes are expected.
    package static func bytes(
        of document: some JSONWritable,
        _ layout: JSONWriter.Layout,
        capacity: Int = 0,
        isEnded: Bool = false
    ) throws(JSONWriterError) -> [UInt8] {
        var writer = JSONWriter(layout, capacity: capacity)
        document.write(to: &writer)
        if isEnded { writer.literal("\n") }
        return try writer.finish()
    }

    package static func decode<Document: Decodable>(_ type: Document.Type, from data: Data) throws -> Document {
        try JSONDecoder().decode(type, from: data)
    }
}

/// An optional that is written as `null` rather than left out, where readers may rely on the field.
@propertyWrapper
package struct ExplicitNull<Value: Codable & Hashable & Sendable>: Codable, Hashable, Sendable {
    package var wrappedValue: Value?

    package init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        wrappedValue = container.decodeNil() ? nil : try container.decode(Value.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
    }
}

extension KeyedDecodingContainer {
    /// A missing field reads as `null`.
    package func decode<Value>(_ type: ExplicitNull<Value>.Type, forKey key: Key) throws -> ExplicitNull<Value> {
        try decodeIfPresent(type, forKey: key) ?? ExplicitNull(wrappedValue: nil)
    }
}

/// A field that earlier versions did not write; it reads as `Value.blank` where it is missing.
@propertyWrapper
package struct BlankWhenMissing<Value: Codable & Hashable & Sendable & Blank>: Codable, Hashable, Sendable {
    package var wrappedValue: Value

    package init(wrappedValue: Value) { self.wrappedValue = wrappedValue }

    package init(from decoder: any Decoder) throws { wrappedValue = try Value(from: decoder) }

    package func encode(to encoder: any Encoder) throws { try wrappedValue.encode(to: encoder) }
}

/// Has a value that says nothing.
package protocol Blank {
    static var blank: Self { get }
}

extension Dictionary: Blank {
    package static var blank: [Key: Value] { [:] }
}

extension Array: Blank {
    package static var blank: [Element] { [] }
}

extension KeyedDecodingContainer {
    package func decode<Value>(_ type: BlankWhenMissing<Value>.Type, forKey key: Key) throws -> BlankWhenMissing<Value>
    {
        try decodeIfPresent(type, forKey: key) ?? BlankWhenMissing(wrappedValue: .blank)
    }
}

/// A scalar of JSON, as in the attributes of an endpoint.
package enum ScalarDocument: Codable, Hashable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else {
            self = .string(try container.decode(String.self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        }
    }
}

/// A code for machines and a sentence for people.
package struct ReasonDocument: Codable, Hashable, Sendable {
    package var code: String
    package var text: String

    package init(code: String, text: String) {
        self.code = code
        self.text = text
    }
}
