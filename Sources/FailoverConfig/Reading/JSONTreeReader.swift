import FailoverCore

/// Reads a mapping of any depth that becomes JSON.
struct JSONTreeReader {
    private typealias Limits = ChatKeys.ExtraBody

    private let findings: Findings
    /// Whether keys that are usual for secrets are refused.
    private var refusesSecrets = true
    private var values = 0

    /// The object at `node`, or `nil` after a refusal.
    static func read(_ node: SettingNode, findings: Findings) -> JSONTree? {
        guard let entries = node.entries else {
            findings.refuse(node, found: node.foundKind, allowed: "a mapping of what is added to the body")
            return nil
        }
        var reader = JSONTreeReader(findings: findings)
        for entry in entries { reader.checkTop(entry) }
        return reader.bounded(node)
    }

    /// The same of a body that is wholly the operator's own.
    static func readPlain(_ node: SettingNode, findings: Findings) -> JSONTree? {
        guard node.entries != nil else {
            findings.refuse(node, found: node.foundKind, allowed: "a mapping that becomes the body")
            return nil
        }
        var reader = JSONTreeReader(findings: findings)
        reader.refusesSecrets = false
        return reader.bounded(node)
    }

    private mutating func bounded(_ node: SettingNode) -> JSONTree {
        let tree = tree(node)
        if values > Limits.maximumValues {
            let found = "\(values.grouped) values"
            findings.refuse(node, found: found, allowed: "at most \(Limits.maximumValues.grouped)")
        }
        return tree
    }

    private init(findings: Findings) { self.findings = findings }

    /// Refuses keys that the probe sets itself, or that would multiply what it costs.
    private func checkTop(_ entry: SettingNode.Entry) {
        if Limits.settings.contains(entry.key) {
            let own =
                switch entry.key {
                case "model": "write model beside extra_body"
                case "messages": "write prompt beside extra_body"
                case "stream": "every chat is streamed"
                default: "write max_tokens beside extra_body, and token_param for its name"
                }
            findings.refuse(entry.value, found: "a key that the probe sets itself", allowed: "other keys", hint: own)
        } else if Limits.multipliers.contains(entry.key) {
            findings.refuse(
                entry.value,
                found: "a key that asks for several answers",
                allowed: "other keys",
                hint: "one attempt is one sample, and costs no more than one answer"
            )
        }
    }

    private mutating func tree(_ node: SettingNode) -> JSONTree {
        values += 1
        switch node.content {
        case .list(let items): return .array(items.map { tree($0) })
        case .mapping(let entries):
            return .object(
                entries.map { entry in
                    check(entry)
                    return JSONTree.Member(entry.key, tree(entry.value))
                }
            )
        case .scalar(let scalar): return self.scalar(scalar, node)
        }
    }

    private func check(_ entry: SettingNode.Entry) {
        if refusesSecrets, Limits.secretNames.contains(entry.key.lowercased()) {
            findings.refuse(
                entry.value,
                found: "a key for a secret",
                allowed: "secrets in files",
                hint: "name it with credential or credential_file"
            )
        } else if entry.key.unicodeScalars.count > Limits.maximumKey {
            let found = "a key of \(entry.key.unicodeScalars.count) characters"
            findings.refuse(entry.value, found: found, allowed: "at most \(Limits.maximumKey)")
        }
    }

    private func scalar(_ scalar: ScalarText, _ node: SettingNode) -> JSONTree {
        switch scalar.kind {
        case .nothing where scalar.text.isEmpty:
            findings.refuse(node, found: "nothing", allowed: "a value", hint: "write null, \"\" or {}")
            return .null
        case .nothing: return .null
        case .boolean: return .bool(scalar.text.lowercased() == "true")
        case .number:
            if let whole = Int64(scalar.text) { return .integer(whole) }
            return .number(scalar.number ?? 0)
        case .text:
            let count = scalar.text.unicodeScalars.count
            if count > Limits.maximumText {
                findings.refuse(
                    node,
                    found: "\(count) characters",
                    allowed: "at most \(Limits.maximumText) characters"
                )
            }
            return .string(scalar.text)
        }
    }
}
