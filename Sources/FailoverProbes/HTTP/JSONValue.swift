package import FailoverCore
import FoundationEssentials

/// Any JSON value.
package enum JSONValue: Hashable, Sendable, Decodable {
    case scalar(JSONScalar)
    case array([JSONValue])
    case object([String: JSONValue])

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .scalar(.null)
        } else if let value = try? container.decode(Bool.self) {
            self = .scalar(.bool(value))
        } else if let value = try? container.decode(Double.self) {
            self = .scalar(.number(value))
        } else if let value = try? container.decode(String.self) {
            self = .scalar(.string(value))
        } else if let values = try? container.decode([JSONValue].self) {
            self = .array(values)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    /// Decodes a whole document; `nil` if it is not valid JSON.
    package init?(document: some Sequence<UInt8>) {
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(document)) else { return nil }
        self = value
    }

    /// The value at a pointer; `nil` if the document has none there.
    package subscript(pointer: JSONPointer) -> JSONValue? {
        var value = self
        for token in pointer.tokens {
            switch value {
            case .object(let members):
                guard let member = members[token] else { return nil }
                value = member
            case .array(let elements):
                guard let index = JSONPointer.index(token), elements.indices.contains(index) else { return nil }
                value = elements[index]
            case .scalar:
                return nil
            }
        }
        return value
    }
}

/// A place in a JSON document, RFC 6901.
package struct JSONPointer: Hashable, Sendable {
    /// From the root, unescaped.
    package let tokens: [String]

    /// `nil` unless `text` is empty or begins with `/`, and `~` only occurs as `~0` or `~1`.
    package init?(_ text: String) {
        guard !text.isEmpty else {
            tokens = []
            return
        }
        guard text.first == "/" else { return nil }
        var tokens: [String] = []
        for part in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            var token = ""
            var rest = part[...]
            while let character = rest.popFirst() {
                guard character == "~" else {
                    token.append(character)
                    continue
                }
                switch rest.popFirst() {
                case "0": token.append("~")
                case "1": token.append("/")
                default: return nil
                }
            }
            tokens.append(token)
        }
        self.tokens = tokens
    }

    /// An array index: digits without leading zeros.
    fileprivate static func index(_ token: String) -> Int? {
        guard token == "0" || (token.first != "0" && token.allSatisfy { ("0"..."9").contains($0) }) else { return nil }
        return Int(token)
    }
}
