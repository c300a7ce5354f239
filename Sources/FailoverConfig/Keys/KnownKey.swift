/// One key of the file as the parser knows it; the JSON Schema is compared with these.
package struct KnownKey: Hashable, Sendable {
    package let name: String
    package let value: KnownValue
    package let isRequired: Bool
    /// The default in the notation of the file; `nil` where there is none or where it depends on other keys.
    package let fallback: String?
    /// What to write, for the message that it is missing; `nil` where the value says enough.
    let wanted: String?

    init(
        _ name: String,
        _ value: KnownValue,
        isRequired: Bool = false,
        fallback: String? = nil,
        wanted: String? = nil
    ) {
        self.name = name
        self.value = value
        self.isRequired = isRequired
        self.fallback = fallback
        self.wanted = wanted
    }
}

/// What a key accepts.
package indirect enum KnownValue: Hashable, Sendable {
    /// The text names the bounds, such as `from 100ms to 1h`.
    case duration(range: String)
    /// The text names the bounds.
    case percentage(range: String)
    /// A number of bytes with a unit; the text names the bounds.
    case size(range: String)
    case whole(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case flag
    case choice([String])
    /// One of these; what looks like a number may also be written as one.
    case version([String])
    case name
    /// Bound in characters.
    case text(maximum: Int)
    /// Any scalar.
    case scalar
    /// A day, such as `2026-05-01`.
    case date
    /// A mapping of any depth without some keys at its top.
    case object(except: [String])
    /// Exactly these keys.
    case mapping(KeyTable)
    /// Exactly one of these keys.
    case oneOf(KeyTable)
    /// Names that the operator chooses, each with the same kind of value.
    case named(KnownValue, maximum: Int)
    /// Headers of a request by name.
    case headers(maximum: Int)
    /// At least one item.
    case list(KnownValue, maximum: Int)
    case either([KnownValue])
}

/// The keys of one mapping.
///
/// Any other key is refused.
package struct KeyTable: Hashable, Sendable {
    /// In the order in which they are listed to people.
    package let keys: [KnownKey]
    /// What to write instead of names that are no keys here, in small letters.
    let hints: [String: String]

    init(_ keys: [KnownKey], hints: [String: String] = [:]) {
        self.keys = keys
        self.hints = hints
    }

    package subscript(name: String) -> KnownKey? { keys.first { $0.name == name } }

    var names: [String] { keys.map(\.name) }
}

/// One scalar key: its name and the rule that reads it.
struct Setting<Rule: ScalarRule>: Sendable {
    let name: String
    let rule: Rule
    var isRequired = false
    /// What to write, for the message that it is missing; `nil` where the rule says enough.
    var wanted: String?

    var known: KnownKey { KnownKey(name, rule.known, isRequired: isRequired, wanted: wanted) }
}

/// One scalar key with a default.
struct DefaultedSetting<Rule: ScalarRule>: Sendable {
    let name: String
    let rule: Rule
    let fallback: Rule.Value

    var known: KnownKey { KnownKey(name, rule.known, fallback: rule.write(fallback)) }
}

/// How a scalar becomes a value, and back.
protocol ScalarRule: Sendable {
    associatedtype Value: Sendable
    var known: KnownValue { get }
    func read(_ scalar: ScalarText) throws(Refusal) -> Value
    func write(_ value: Value) -> String
}
