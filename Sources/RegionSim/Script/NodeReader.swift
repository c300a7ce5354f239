import Yams

/// Reads values out of a YAML document and remembers every problem, so that all are told at once.
struct NodeReader {
    /// In the order found; at most ``maximumProblems``.
    private(set) var problems: [ScriptError.Problem] = []

    /// Nobody reads further, and a hostile document must not fill the memory.
    static let maximumProblems = 100

    /// A key of a mapping with its path.
    typealias Field = (path: String, node: Node)

    mutating func report(_ node: Node, _ path: String, _ message: String) {
        guard problems.count < Self.maximumProblems else { return }
        problems.append(.init(line: node.mark?.line, path: path, message: message))
    }

    // MARK: Structure

    /// The document's root; `nil`, with a problem, where it is not YAML.
    mutating func parse(_ text: String) -> Node? {
        do {
            if let root = try Parser(yaml: text).singleRoot() { return root }
            problems.append(.init(line: nil, path: "", message: "found nothing; expected a mapping"))
        } catch let error as YamlError {
            problems.append(Self.problem(error))
        } catch {
            problems.append(.init(line: nil, path: "", message: "not YAML: \(error)"))
        }
        return nil
    }

    private static func problem(_ error: YamlError) -> ScriptError.Problem {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            .init(line: mark.line, path: "", message: "not YAML: \(problem)")
        case .duplicatedKeysInMapping(let keys, let context):
            .init(line: context.mark.line, path: "", message: "found more than once: \(keys.joined(separator: ", "))")
        case .no, .memory, .reader, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            .init(line: nil, path: "", message: "not YAML: unreadable characters")
        }
    }

    /// The fields of a mapping by key; keys not in `allowed` are problems.
    mutating func mapping(_ field: Field, allowed: [String]) -> [String: Field]? {
        guard let pairs = pairs(field, of: "a mapping with \(list(allowed))") else { return nil }
        var fields: [String: Field] = [:]
        for (key, value) in pairs {
            if allowed.contains(key.name) {
                fields[key.name] = value
            } else {
                report(key.node, value.path, "unknown key; allowed: \(list(allowed))")
            }
        }
        return fields
    }

    /// The fields of a mapping with free keys, in file order.
    mutating func pairs(
        _ field: Field,
        of expectation: String
    ) -> [(key: (name: String, node: Node), value: Field)]? {
        guard let mapping = field.node.mapping else {
            report(field.node, field.path, "found \(found(field.node)); expected \(expectation)")
            return nil
        }
        var pairs: [(key: (name: String, node: Node), value: Field)] = []
        for (key, value) in mapping {
            guard let name = key.scalar?.string else {
                report(key, field.path, "found \(found(key)) as a key; expected text")
                continue
            }
            pairs.append(((name, key), (field.path.isEmpty ? name : "\(field.path).\(name)", value)))
        }
        return pairs
    }

    /// The items of a sequence.
    mutating func sequence(_ field: Field, limit: ClosedRange<Int>) -> [Field]? {
        guard let sequence = field.node.sequence else {
            report(field.node, field.path, "found \(found(field.node)); expected a list")
            return nil
        }
        guard limit.contains(sequence.count) else {
            let expected = "expected \(limit.lowerBound) to \(limit.upperBound)"
            report(field.node, field.path, "found \(sequence.count) items; \(expected)")
            return nil
        }
        return sequence.enumerated().map { ("\(field.path)[\($0.offset)]", $0.element) }
    }

    /// A field that must be there.
    mutating func required(_ key: String, of fields: [String: Field], in parent: Field) -> Field? {
        if let field = fields[key] { return field }
        report(parent.node, parent.path, "'\(key)' is missing")
        return nil
    }

    // MARK: Scalars

    mutating func integer(_ field: Field, in range: ClosedRange<Int>) -> Int? {
        if let text = plainText(field.node), let value = Int(text), range.contains(value) { return value }
        let expected = "expected a whole number from \(range.lowerBound) to \(range.upperBound)"
        report(field.node, field.path, "found \(found(field.node)); \(expected)")
        return nil
    }

    mutating func number(_ field: Field, in range: ClosedRange<Double>) -> Double? {
        if let text = plainText(field.node), let value = Double(text), range.contains(value) { return value }
        let expected = "expected a number from \(range.lowerBound) to \(range.upperBound)"
        report(field.node, field.path, "found \(found(field.node)); \(expected)")
        return nil
    }

    mutating func duration(_ field: Field, in range: ClosedRange<Duration>) -> Duration? {
        if let text = field.node.scalar?.string, let value = Duration(shortText: text), range.contains(value) {
            return value
        }
        let bounds = "from \(range.lowerBound.shortText) to \(range.upperBound.shortText)"
        let expected = "expected a time such as 900ms or 2.4s, \(bounds)"
        report(field.node, field.path, "found \(found(field.node)); \(expected)")
        return nil
    }

    /// Exactly `true`: the only thing that a switch can say.
    mutating func isTrue(_ field: Field) -> Bool {
        if plainText(field.node) == "true" { return true }
        report(field.node, field.path, "found \(found(field.node)); expected true")
        return false
    }

    /// One line of text for people.
    mutating func line(_ field: Field) -> String? {
        if let text = field.node.scalar?.string, (1...200).contains(text.count), !text.contains(where: \.isNewline) {
            return text
        }
        report(field.node, field.path, "found \(found(field.node)); expected one line of 1 to 200 characters")
        return nil
    }

    // MARK: Words

    /// The text of a scalar without quotes.
    func plainText(_ node: Node) -> String? {
        guard let scalar = node.scalar, scalar.style == .plain || scalar.style == .any else { return nil }
        return scalar.string
    }

    /// What a message says about a node.
    func found(_ node: Node) -> String {
        switch node {
        case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : "'\(scalar.string.prefix(60))'"
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }

    func list(_ words: [String]) -> String { words.joined(separator: ", ") }
}
