/// One value of the file with its place, free of the YAML library's types.
struct SettingNode {
    /// The way to the value, such as `routes.chat.endpoints[0]`.
    let path: String
    /// The line of its key, or of the value itself in a list; counted from 1.
    let line: Int
    let content: Content

    enum Content {
        case scalar(ScalarText)
        /// In file order.
        case list([SettingNode])
        /// In file order; keys are unique.
        case mapping([Entry])
    }

    struct Entry {
        let key: String
        let value: SettingNode
    }

    /// What was found, for a message; not for headers, whose text may be a secret.
    var found: String {
        switch content {
        case .scalar(let scalar): scalar.found
        case .list: "a list"
        case .mapping: "a mapping"
        }
    }

    /// What kind of thing was found, for a message that must not repeat text that may be anything.
    var foundKind: String {
        guard case .scalar(let scalar) = content else { return found }
        return switch scalar.kind {
        case .nothing: "nothing"
        case .boolean, .number: "a \(scalar.kind)"
        case .text: "text"
        }
    }

    var entries: [Entry]? {
        guard case .mapping(let entries) = content else { return nil }
        return entries
    }

    subscript(key: String) -> SettingNode? { entries?.first { $0.key == key }?.value }

    /// Whether the value stands below `ancestor` in the file, and was not merged into it.
    func isBelow(_ ancestor: SettingNode) -> Bool { path.hasPrefix(ancestor.path + ".") }

    /// An empty mapping where the file has none, so that what is missing has a place.
    static func emptyMapping(path: String, line: Int) -> SettingNode {
        SettingNode(path: path, line: line, content: .mapping([]))
    }

    /// `key` appended to `path`, in quotes where it would be ambiguous.
    static func path(_ path: String, _ key: String) -> String {
        let isPlain = !key.isEmpty && key.utf8.allSatisfy(ASCII.isNameByte) && !key.contains(".")
        let segment = isPlain ? key : ShownText.quoted(key)
        return path.isEmpty ? segment : "\(path).\(segment)"
    }
}

/// A scalar as written, typed by the core schema of YAML 1.2: only `true` and `false` are booleans.
struct ScalarText {
    let text: String
    /// Without quotes and not a block, so that it may be a number, a boolean or nothing.
    let isPlain: Bool

    enum Kind: String {
        case nothing, boolean, number, text
    }

    var kind: Kind {
        guard isPlain else { return .text }
        switch text {
        case "", "~", "null", "Null", "NULL": return .nothing
        case "true", "True", "TRUE", "false", "False", "FALSE": return .boolean
        default: return number == nil ? .text : .number
        }
    }

    /// The finite number that a plain scalar names in decimal notation.
    var number: Double? {
        guard isPlain, let first = text.utf8.first, ASCII.isDigit(first) || "+-.".utf8.contains(first),
            text.utf8.allSatisfy({ ASCII.isDigit($0) || "+-.eE".utf8.contains($0) }),
            let value = Double(text), value.isFinite
        else { return nil }
        return value
    }

    /// The number as text, with the sign and leading zeros as written.
    var found: String {
        switch kind {
        case .nothing: "nothing"
        case .boolean, .number: ShownText.cleaned(text)
        case .text: ShownText.quoted(text)
        }
    }
}
