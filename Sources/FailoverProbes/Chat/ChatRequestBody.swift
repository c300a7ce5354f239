package import FailoverCore

/// The body of a chat's request, rendered once around the random letters that begin the prompt.
package struct ChatRequestBody: Hashable, Sendable {
    private let beginning: [UInt8]
    /// `nil` where no nonce is wanted, or the configuration replaced the messages.
    private let rest: [UInt8]?

    /// The length of a nonce, in bytes.
    package static let nonceLength = 8

    package init(_ probe: ChatProbe) {
        let zeros = Self.rendered(probe, nonce: String(repeating: "0", count: Self.nonceLength))
        let ones = Self.rendered(probe, nonce: String(repeating: "1", count: Self.nonceLength))
        // They differ in the nonce only: an own text that looks like one is never mistaken for it.
        if let start = zip(zeros, ones).enumerated().first(where: { $0.element.0 != $0.element.1 })?.offset {
            beginning = Array(zeros[..<start])
            rest = Array(zeros[(start + Self.nonceLength)...])
        } else {
            beginning = zeros
            rest = nil
        }
    }

    /// Puts in a nonce.
    ///
    /// - Parameter nonce: Random letters and digits, about ``nonceLength``; ignored where none is wanted.
    /// - Returns: The whole body, UTF-8.
    package func bytes(nonce: String) -> [UInt8] {
        guard let rest else { return beginning }
        return beginning + JSONRendering.escaped(nonce) + rest
    }

    private static func rendered(_ probe: ChatProbe, nonce: String) -> [UInt8] {
        let prompt = probe.bustsCache ? "\(nonce) \(probe.prompt)" : probe.prompt
        var members: [JSONTree.Member] = [
            JSONTree.Member("model", .string(probe.model)),
            JSONTree.Member("stream", .bool(true)),
        ]
        if probe.includesUsage {
            let options = [JSONTree.Member("include_usage", .bool(true))]
            members.append(JSONTree.Member("stream_options", .object(options)))
        }
        let message = [JSONTree.Member("role", .string("user")), JSONTree.Member("content", .string(prompt))]
        members.append(JSONTree.Member("messages", .array([.object(message)])))
        members.append(JSONTree.Member(probe.tokenParameter.rawValue, .integer(Int64(probe.maximumTokens))))
        let body = JSONTree.object(members)
        var bytes: [UInt8] = []
        JSONRendering.append(probe.extraBody.map { body.merged(with: $0) } ?? body, to: &bytes)
        return bytes
    }
}

/// Writes JSON, as short as it can be.
enum JSONRendering {
    static func append(_ tree: JSONTree, to bytes: inout [UInt8]) {
        switch tree {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .integer(let number): bytes += String(number).utf8
        // JSON has no infinity.
        case .number(let number): bytes += (number.isFinite ? "\(number)" : "null").utf8
        case .string(let text): append(text, to: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                append(element, to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                append(member.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                append(member.value, to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        bytes += escaped(text)
        bytes.append(UInt8(ascii: "\""))
    }

    /// The text inside the quotes.
    static func escaped(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes += "\\\"".utf8
            case UInt8(ascii: "\\"): bytes += "\\\\".utf8
            case 0..<0x20: bytes += "\\u00".utf8 + [hexadecimal(byte >> 4), hexadecimal(byte & 15)]
            default: bytes.append(byte)
            }
        }
        return bytes
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
}
