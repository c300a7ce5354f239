import FoundationEssentials

/// Writes JSON with keys in snake case, sorted, so that equal values are equal bytes.
enum JSONText {
    static func encode(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let bytes = try? encoder.encode(value) else {
            // Only a number that JSON lacks could fail, and no model of this target holds one.
            preconditionFailure("a value of type \(type(of: value)) has no JSON form")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A value that is written as `null` where it is absent; synthesized coding would leave the key out.
struct Nullable<Value: Encodable>: Encodable {
    let value: Value?

    init(_ value: Value?) { self.value = value }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let value { try container.encode(value) } else { try container.encodeNil() }
    }
}
