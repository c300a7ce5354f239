import FailoverCore

struct DurationRule: ScalarRule {
    let range: ClosedRange<Duration>
    /// What somebody probably meant who wrote a bare number.
    private let usualUnit: String

    init(_ range: ClosedRange<Duration>, usualUnit: String = "s") {
        self.range = range
        self.usualUnit = usualUnit
    }

    private var rangeText: String {
        "from \(DurationText.format(range.lowerBound)) to \(DurationText.format(range.upperBound))"
    }
    var known: KnownValue { .duration(range: rangeText) }

    func read(_ scalar: ScalarText) throws(Refusal) -> Duration {
        let allowed = "a duration \(rangeText)"
        guard let value = DurationText.parse(scalar.text) else {
            let isNumber = Double(scalar.text) != nil
            throw Refusal(
                allowed: allowed,
                hint: isNumber ? "add a unit: \(scalar.text)\(usualUnit)" : "write it like 300ms, 5s or 1m30s"
            )
        }
        guard range.contains(value) else { throw Refusal(allowed: allowed) }
        return value
    }

    func write(_ value: Duration) -> String { DurationText.format(value) }
}

struct PercentageRule: ScalarRule {
    let range: ClosedRange<Ratio>

    init(_ range: ClosedRange<Ratio>) { self.range = range }

    private var rangeText: String {
        "from \(PercentageText.format(range.lowerBound)) to \(PercentageText.format(range.upperBound))"
    }
    var known: KnownValue { .percentage(range: rangeText) }

    func read(_ scalar: ScalarText) throws(Refusal) -> Ratio {
        let allowed = "a percentage \(rangeText)"
        guard let value = PercentageText.parse(scalar.text) else {
            throw Refusal(allowed: allowed, hint: hint(for: scalar))
        }
        guard range.contains(value) else { throw Refusal(allowed: allowed) }
        return value
    }

    private func hint(for scalar: ScalarText) -> String? {
        guard let number = scalar.number, number >= 0, number <= 100 else { return nil }
        // Somebody who writes 0.999 means a share; somebody who writes 99.9 forgot the sign.
        return "write \(PercentageText.format(Ratio(number <= 1 ? number : number / 100)))"
    }

    func write(_ value: Ratio) -> String { PercentageText.format(value) }
}

struct WholeRule: ScalarRule {
    let range: ClosedRange<Int>

    init(_ range: ClosedRange<Int>) { self.range = range }

    var known: KnownValue { .whole(range) }

    func read(_ scalar: ScalarText) throws(Refusal) -> Int {
        let digits = scalar.text.utf8.allSatisfy(ASCII.isDigit)
        guard scalar.isPlain, digits, let value = Int(scalar.text), range.contains(value) else {
            let isQuoted = !scalar.isPlain && digits && Int(scalar.text) != nil
            throw Refusal(
                allowed: range.count == 1
                    ? "\(range.lowerBound)" : "a whole number from \(range.lowerBound) to \(range.upperBound)",
                hint: isQuoted ? "remove the quotes" : nil
            )
        }
        return value
    }

    func write(_ value: Int) -> String { "\(value)" }
}

struct NumberRule: ScalarRule {
    let range: ClosedRange<Double>

    init(_ range: ClosedRange<Double>) { self.range = range }

    var known: KnownValue { .number(range) }

    func read(_ scalar: ScalarText) throws(Refusal) -> Double {
        guard let value = scalar.number, range.contains(value) else {
            let bounds = "\(NumberText.format(range.lowerBound)) to \(NumberText.format(range.upperBound))"
            throw Refusal(allowed: "a number from \(bounds)")
        }
        return value
    }

    func write(_ value: Double) -> String { NumberText.format(value) }
}

struct FlagRule: ScalarRule {
    var known: KnownValue { .flag }

    func read(_ scalar: ScalarText) throws(Refusal) -> Bool {
        if scalar.isPlain, scalar.text == "true" { return true }
        if scalar.isPlain, scalar.text == "false" { return false }
        let hint: String? =
            switch scalar.text.lowercased() {
            case "yes", "on", "true": "write true"
            case "no", "off", "false": "write false"
            default: nil
            }
        throw Refusal(allowed: "true, false", hint: hint)
    }

    func write(_ value: Bool) -> String { "\(value)" }
}

struct ChoiceRule<Value: RawRepresentable & CaseIterable & Sendable>: ScalarRule where Value.RawValue == String {
    /// Where people may write a secret by mistake: only a plain word is repeated.
    var hidesSecrets = false
    private var names: [String] { Value.allCases.map(\.rawValue) }
    var known: KnownValue { .choice(names) }

    func read(_ scalar: ScalarText) throws(Refusal) -> Value {
        if let value = Value(rawValue: scalar.text) { return value }
        throw Refusal(
            found: hidesSecrets && !isPlainWord(scalar.text) ? "another text (hidden)" : nil,
            allowed: names.joined(separator: ", "),
            hint: Suggestion.hint(for: scalar.text, among: names)
        )
    }

    func write(_ value: Value) -> String { value.rawValue }

    private func isPlainWord(_ text: String) -> Bool {
        text.utf8.count <= 20 && text.utf8.allSatisfy { ASCII.isLetterOrDigit($0) && !(48...57 ~= $0) || $0 == 45 }
    }
}

/// Names of endpoints, routes, regions, providers, vantages and probe profiles.
///
/// They become file names, parts of URLs, labels and journal fields, so they are plain ASCII and bounded.
enum NameText {
    /// For the JSON Schema.
    static let pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"
    static let allowed = "1 to 63 letters, digits, \".\", \"_\" or \"-\", beginning with a letter or a digit"

    static func isValid(_ text: String) -> Bool {
        guard let first = text.utf8.first, 1...63 ~= text.utf8.count else { return false }
        return ASCII.isLetterOrDigit(first) && text.utf8.allSatisfy(ASCII.isNameByte)
    }
}

struct NameRule<Value: Name>: ScalarRule {
    var known: KnownValue { .name }

    func read(_ scalar: ScalarText) throws(Refusal) -> Value {
        guard NameText.isValid(scalar.text) else { throw Refusal(allowed: NameText.allowed) }
        guard scalar.kind == .text else { throw Refusal(allowed: "text", hint: "put it in quotes") }
        return Value(rawValue: scalar.text)
    }

    func write(_ value: Value) -> String { value.rawValue }
}

/// Text that a later step looks into.
struct TextRule: ScalarRule {
    let maximum: Int
    var known: KnownValue { .text(maximum: maximum) }

    func read(_ scalar: ScalarText) throws(Refusal) -> String {
        guard scalar.kind == .text else {
            throw Refusal(allowed: "text", hint: scalar.kind == .nothing ? nil : "put it in quotes")
        }
        guard scalar.text.unicodeScalars.count <= maximum else {
            let found = "\(scalar.text.unicodeScalars.count) characters"
            throw Refusal(found: found, allowed: "at most \(maximum) characters")
        }
        return scalar.text
    }

    func write(_ value: String) -> String { value }
}

/// `true`, `12.5`, `null` or text.
struct ScalarValueRule: ScalarRule {
    static let maximum = 1_024
    var known: KnownValue { .scalar }

    func read(_ scalar: ScalarText) throws(Refusal) -> JSONScalar {
        guard scalar.text.unicodeScalars.count <= Self.maximum else {
            throw Refusal(
                found: "\(scalar.text.unicodeScalars.count) characters",
                allowed: "at most \(Self.maximum) characters"
            )
        }
        switch scalar.kind {
        case .nothing where scalar.text.isEmpty:
            throw Refusal(allowed: "text, a number, true, false or null", hint: "write null or \"\"")
        case .nothing: return .null
        case .boolean: return .bool(scalar.text.lowercased() == "true")
        case .number: return .number(scalar.number ?? 0)
        case .text: return .string(scalar.text)
        }
    }

    func write(_ value: JSONScalar) -> String { YAMLText.scalar(value) }
}
