import FailoverCore

/// Reads the settings of one mapping and refuses keys that its table does not know.
struct MappingReader {
    let node: SettingNode
    let findings: Findings
    private let table: KeyTable

    /// `nil` after a refusal where `node` is no mapping.
    ///
    /// In a partial mapping, such as defaults, required keys may be missing: they are given elsewhere.
    init?(_ node: SettingNode, table: KeyTable, findings: Findings, isPartial: Bool = false) {
        guard let entries = node.entries else {
            let allowed = "a mapping with \(table.names.joined(separator: ", "))"
            findings.refuse(node, found: node.foundKind, allowed: allowed)
            return nil
        }
        self.node = node
        self.table = table
        self.findings = findings
        for entry in entries where table[entry.key] == nil {
            findings.refuse(
                entry.value,
                found: "an unknown key",
                allowed: table.names.joined(separator: ", "),
                hint: table.hints[entry.key.lowercased()] ?? Suggestion.hint(for: entry.key, among: table.names)
            )
        }
        for key in table.keys where key.isRequired && !isPartial && node[key.name] == nil {
            refuseMissing(key.name, allowed: key.wanted ?? Self.allowed(key.value))
        }
    }

    /// What stands at `key`, or `nil`.
    subscript(key: String) -> SettingNode? { node[key] }

    func has<Rule>(_ setting: DefaultedSetting<Rule>) -> Bool { node[setting.name] != nil }

    /// The value, or its default where it is missing or was refused.
    func value<Rule>(_ setting: DefaultedSetting<Rule>) -> Rule.Value {
        node[setting.name].flatMap { findings.read($0, as: setting.rule) } ?? setting.fallback
    }

    /// The value, or `nil` where it is missing or was refused.
    func value<Rule>(_ setting: Setting<Rule>) -> Rule.Value? {
        node[setting.name].flatMap { findings.read($0, as: setting.rule) }
    }

    /// A reader of the mapping at `key`, or `nil` where it is missing or was refused.
    func mapping(_ key: String, table: KeyTable, isPartial: Bool = false) -> MappingReader? {
        node[key].flatMap { MappingReader($0, table: table, findings: findings, isPartial: isPartial) }
    }

    /// Whether exactly one key is there; refuses the mapping otherwise.
    ///
    /// `hint` is for several.
    func hasOneKey(hint: String) -> Bool {
        let entries = node.entries ?? []
        guard entries.count != 1 else { return true }
        let found = entries.isEmpty ? "an empty mapping" : entries.map(\.key).joined(separator: " and ")
        findings.refuse(
            node,
            found: ShownText.cleaned(found),
            allowed: "one of \(table.names.joined(separator: ", "))",
            hint: entries.isEmpty ? nil : hint
        )
        return false
    }

    func refuseMissing(_ key: String, allowed: String, hint: String? = nil) {
        let path = SettingNode.path(node.path, key)
        findings.refuse(path: path, line: node.line, found: "nothing", allowed: allowed, hint: hint)
    }

    /// What a required key accepts, for the message that it is missing.
    private static func allowed(_ value: KnownValue) -> String {
        switch value {
        case .duration(let range): "a duration \(range)"
        case .percentage(let range): "a percentage \(range)"
        case .size(let range): "a size \(range)"
        case .whole(let range) where range.count == 1: "\(range.lowerBound)"
        case .whole(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .name: NameText.allowed
        case .named, .mapping, .headers, .oneOf, .object: "a mapping"
        case .date: DateRule.allowed
        case .list: "a list with at least one item"
        case .choice(let names), .version(let names): names.joined(separator: ", ")
        case .flag: "true, false"
        case .number, .scalar, .text, .either: "a value"
        }
    }
}

extension Findings {
    /// The value at `node`, or `nil` after a refusal.
    func read<Rule: ScalarRule>(_ node: SettingNode, as rule: Rule) -> Rule.Value? {
        guard case .scalar(let scalar) = node.content else {
            // An empty text is refused by every rule and yields the rule's own words for what is allowed.
            refuse(node, allowed: allowed(by: rule))
            return nil
        }
        do {
            return try rule.read(scalar)
        } catch {
            refuse(node, found: error.found, allowed: error.allowed, hint: error.hint)
            return nil
        }
    }

    /// The names and values of a mapping whose keys the operator chooses; refuses bad names and too many of them.
    func named(_ node: SettingNode, what: String, maximum: Int) -> [(name: String, value: SettingNode)] {
        guard let entries = node.entries else {
            refuse(node, found: node.foundKind, allowed: "a mapping of names")
            return []
        }
        guard !entries.isEmpty else {
            refuse(node, found: "no \(what)", allowed: "at least one")
            return []
        }
        guard entries.count <= maximum else {
            let found = "\(entries.count.grouped) \(what)s"
            refuse(node, found: found, allowed: "at most \(maximum.grouped)")
            return []
        }
        return entries.compactMap { entry in
            guard NameText.isValid(entry.key) else {
                refuse(entry.value, found: "the name \(ShownText.quoted(entry.key))", allowed: NameText.allowed)
                return nil
            }
            return (entry.key, entry.value)
        }
    }

    private func allowed<Rule: ScalarRule>(by rule: Rule) -> String {
        do {
            _ = try rule.read(ScalarText(text: "", isPlain: true))
            return "text"
        } catch {
            return error.allowed
        }
    }
}
