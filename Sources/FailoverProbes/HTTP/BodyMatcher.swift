package import FailoverCore
import Synchronization

/// The demands on a body in a form that is quick to evaluate, made once per probe.
package struct BodyMatcher: Sendable {
    /// The part of a body that a regular expression sees, in bytes.
    ///
    /// Source: Swift's expressions read about 5 to 50 MB/s, so the largest body would take up to 200 ms.
    package static let maximumRegexBytes = 64 * 1024

    /// Why a demand cannot be evaluated, in one line.
    package struct Unusable: Error, Hashable, Sendable {
        package let detail: String
    }

    private enum Demand: Sendable {
        case contains(String, [UInt8])
        case regex(String, CompiledRegex)
        case json(String, JSONPointer, JSONScalar)
    }

    private let demands: [Demand]

    /// Nothing is demanded, so the body need not be kept.
    package var isEmpty: Bool { demands.isEmpty }

    package init(_ expectations: [BodyExpectation]) throws(Unusable) {
        var demands: [Demand] = []
        for expectation in expectations {
            switch expectation {
            case .contains(let text): demands.append(.contains(text, Array(text.utf8)))
            case .regex(let pattern):
                guard let regex = CompiledRegex(pattern) else {
                    throw Unusable(detail: "not a regular expression: \(pattern)")
                }
                demands.append(.regex(pattern, regex))
            case .json(let text, let scalar):
                guard let pointer = JSONPointer(text) else {
                    throw Unusable(detail: "not a JSON pointer: \(text)")
                }
                demands.append(.json(text, pointer, scalar))
            }
        }
        self.demands = demands
    }

    /// Whether evaluating a body of `byteCount` bytes may hold up an event loop for more than about 0.1 ms.
    ///
    /// An expression may backtrack for ever, so it always counts.
    package func isSlow(byteCount: Int) -> Bool {
        demands.contains { demand in
            switch demand {
            case .contains: byteCount > 65_536
            case .regex: true
            case .json: byteCount > 4096
            }
        }
    }

    /// The first demand that `body` does not meet, as one line for people; `nil` if all are met.
    package func mismatch(in body: [UInt8]) -> String? {
        var document: JSONValue??
        for demand in demands {
            switch demand {
            case .contains(let text, let bytes):
                guard !body.contains(sequence: bytes) else { continue }
                return "body does not contain \"\(text.shortened)\", found: \(found(body))"
            case .regex(let pattern, let regex):
                let text = String(decoding: body.prefix(Self.maximumRegexBytes), as: UTF8.self)
                guard !regex.isFound(in: text) else { continue }
                return "body does not match /\(pattern.shortened)/, found: \(found(body))"
            case .json(let text, let pointer, let expected):
                let root = document ?? JSONValue(document: body)
                document = .some(root)
                guard let root else { return "body is not JSON, found: \(found(body))" }
                let value = root[pointer]
                guard value != .scalar(expected) else { continue }
                return "JSON at \"\(text.shortened)\" is \(shown(value)), expected \(shown(.scalar(expected)))"
            }
        }
        return nil
    }

    /// What is shown of a body, in characters.
    private static let shownLength = 120

    private func found(_ body: [UInt8]) -> String {
        guard !body.isEmpty else { return "nothing" }
        return printable(String(decoding: body.prefix(Self.shownLength * 4), as: UTF8.self), limit: Self.shownLength)
    }

    private func shown(_ value: JSONValue?) -> String {
        switch value {
        case nil: "missing"
        case .array: "an array"
        case .object: "an object"
        case .scalar(.null): "null"
        case .scalar(.bool(let value)): "\(value)"
        case .scalar(.number(let value)): "\(value)"
        case .scalar(.string(let value)): "\"\(value.shortened)\""
        }
    }
}

/// A regular expression that threads may share: one at a time uses it.
///
/// In a `Mutex`, because a compiled expression is not Sendable and only that lock can take one over.
private final class CompiledRegex: Sendable {
    private let regex: Mutex<Regex<AnyRegexOutput>>

    init?(_ pattern: String) {
        guard let regex = try? Regex(pattern) else { return nil }
        self.regex = Mutex(regex)
    }

    func isFound(in text: String) -> Bool {
        regex.withLock { regex in (try? regex.firstMatch(in: text)) != nil }
    }
}

extension String {
    /// At most 40 characters, so that a detail has room for what was found.
    fileprivate var shortened: String { printable(self, limit: 40) }
}

extension [UInt8] {
    /// Byte for byte: 1 MiB of text takes too long character by character.
    fileprivate func contains(sequence: [UInt8]) -> Bool {
        guard let first = sequence.first else { return true }
        guard count >= sequence.count else { return false }
        return withUnsafeBytes { bytes in
            sequence.withUnsafeBytes { needle in
                (0...(bytes.count - needle.count)).contains { start in
                    bytes[start] == first
                        && bytes[start..<(start + needle.count)].elementsEqual(needle)
                }
            }
        }
    }
}
