import Yams

/// Turns the text of a file into nodes, and refuses what the format does not need: anchors, tags, many documents.
struct DocumentReader {
    private let findings: Findings

    /// Depth of nesting that is read, far beyond the deepest setting.
    private static let maximumDepth = 32
    /// Texts that look like aliases before parsing is refused.
    ///
    /// The parser compares keys with everything that they refer to, which doubles with each level of aliases; thirty
    /// of them are harmless. A prose body may hold a few by chance.
    private static let maximumAliasLookalikes = 30

    /// The root mapping of `yaml`, or `nil` after telling `findings` what is wrong.
    static func read(_ yaml: String, findings: Findings) -> SettingNode? {
        let reader = DocumentReader(findings: findings)
        // A byte order mark is legal at the start, and the parser would take it for a part of the first key.
        let text = yaml.unicodeScalars.first == "\u{feff}" ? String(yaml.unicodeScalars.dropFirst()) : yaml
        guard reader.accepts(text), let root = reader.compose(text) else { return nil }
        guard case .mapping = root.content else {
            findings.refuse(
                path: "",
                line: root.line,
                found: root.foundKind,
                allowed: "a mapping that begins with version: 1"
            )
            return nil
        }
        return root
    }

    // MARK: Before parsing

    private func accepts(_ text: String) -> Bool {
        var line = 1
        var aliases = 0
        var anchors = 0
        var startsToken = true
        var marker: UInt8?
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\n") { line += 1 }
            if byte < 0x20, !"\t\n\r".utf8.contains(byte) {
                let name = byte == 0 ? "a NUL byte" : "the control character 0x\(String(byte, radix: 16))"
                findings.refuse(path: "", line: line, found: name, allowed: "printable text")
                return false
            }
            if let seen = marker, ASCII.isLetterOrDigit(byte) {
                if seen == UInt8(ascii: "*") { aliases += 1 } else { anchors += 1 }
            }
            marker = startsToken && "*&".utf8.contains(byte) ? byte : nil
            startsToken = " \t\n\r[{,".utf8.contains(byte)
        }
        guard anchors == 0 || aliases <= Self.maximumAliasLookalikes else {
            findings.refuse(
                path: "",
                line: nil,
                found: "\(aliases) aliases",
                allowed: "none",
                hint: "write the settings out, or put what repeats under defaults"
            )
            return false
        }
        return true
    }

    // MARK: Parsing

    private func compose(_ text: String) -> SettingNode? {
        do {
            let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
            // Nodes refer to their anchors weakly: the parser has to outlive the search for them.
            return try withExtendedLifetime(parser) {
                guard let root = try parser.singleRoot() else {
                    findings.refuse(path: "", line: nil, found: "an empty file", allowed: "a mapping with version: 1")
                    return nil
                }
                let node = convert(root, path: "", line: root.mark?.line ?? 1, depth: 0)
                // What was refused is left out, and would be missed again as a setting.
                return findings.hasRefusals ? nil : node
            }
        } catch let error as YamlError {
            refuse(error, in: text)
        } catch {
            findings.refuse(path: "", line: nil, found: "text that cannot be parsed", allowed: "YAML")
        }
        return nil
    }

    /// Repeats the parser's words but never its excerpt of the file, which may hold a secret.
    private func refuse(_ error: YamlError, in text: String) {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            if isIndentedWithTab(line: mark.line, of: text) {
                findings.refuse(path: "", line: mark.line, found: "a tab as indentation", allowed: "spaces")
            } else if problem.contains("another document") {
                findings.refuse(path: "", line: mark.line, found: "a second document", allowed: "one document")
            } else {
                let context = context.map { " \($0.text) (line \($0.mark.line))" } ?? ""
                findings.refuse(
                    path: "",
                    line: mark.line,
                    found: "a syntax error (\(problem)\(context))",
                    allowed: "YAML",
                    hint: Self.hint(for: problem)
                )
            }
        case .duplicatedKeysInMapping(let duplicates, let context):
            let keys = ShownText.list(duplicates.map { "\"\($0)\"" })
            findings.refuse(
                path: "",
                line: context.mark.line,
                found: "\(keys) more than once in the same mapping",
                allowed: "each key once"
            )
        case .reader:
            findings.refuse(path: "", line: nil, found: "a character that YAML forbids", allowed: "printable text")
        default:
            findings.refuse(path: "", line: nil, found: "text that cannot be parsed", allowed: "YAML")
        }
    }

    private static func hint(for problem: String) -> String? {
        if problem.contains("cannot start any token") { return "put the text in quotes" }
        if problem.contains("mapping values are not allowed") {
            return "check the indentation, and put text that contains \": \" in quotes"
        }
        return nil
    }

    private func isIndentedWithTab(line: Int, of text: String) -> Bool {
        let lines = text.split(separator: "\n", maxSplits: line, omittingEmptySubsequences: false)
        guard lines.indices.contains(line - 1) else { return false }
        return lines[line - 1].prefix { $0 == " " || $0 == "\t" }.contains("\t")
    }

    // MARK: Converting

    private func convert(_ node: Node, path: String, line: Int, depth: Int) -> SettingNode? {
        guard accepts(node, path: path, line: line, depth: depth) else { return nil }
        let content: SettingNode.Content
        switch node {
        case .scalar(let scalar):
            let isPlain = scalar.style == .plain || scalar.style == .any
            content = .scalar(ScalarText(text: scalar.string, isPlain: isPlain))
        case .sequence(let sequence):
            content = .list(
                sequence.enumerated().compactMap { index, item in
                    let line = item.mark?.line ?? line
                    return convert(item, path: "\(path)[\(index)]", line: line, depth: depth + 1)
                }
            )
        case .mapping(let mapping):
            content = .mapping(
                mapping.compactMap { entry(key: $0.key, value: $0.value, path, line, depth) }
            )
        case .alias:
            return nil
        }
        return SettingNode(path: path, line: line, content: content)
    }

    private func entry(
        key: Node,
        value: Node,
        _ path: String,
        _ line: Int,
        _ depth: Int
    ) -> SettingNode.Entry? {
        let line = key.mark?.line ?? line
        guard key.anchor == nil, case .scalar(let scalar) = key else {
            let found = key.anchor == nil ? "a list or mapping as a key" : "an anchor or alias"
            findings.refuse(path: path, line: line, found: found, allowed: "a name as a key")
            return nil
        }
        let name = scalar.string
        guard name != "<<" || scalar.style != .plain else {
            findings.refuse(
                path: path,
                line: line,
                found: "the merge key <<",
                allowed: "plain keys",
                hint: "put what repeats under defaults"
            )
            return nil
        }
        let converted = convert(
            value,
            path: SettingNode.path(path, name),
            line: line,
            depth: depth + 1
        )
        return converted.map { SettingNode.Entry(key: name, value: $0) }
    }

    /// Whether `node` is free of anchors, tags and absurd depth.
    private func accepts(_ node: Node, path: String, line: Int, depth: Int) -> Bool {
        if node.anchor != nil {
            findings.refuse(
                path: path,
                line: line,
                found: "an anchor or alias",
                allowed: "plain values",
                hint: "write the settings out, or put what repeats under defaults"
            )
            return false
        }
        if hasTag(node) {
            findings.refuse(path: path, line: line, found: "a tag", allowed: "plain values")
            return false
        }
        guard depth <= Self.maximumDepth else {
            let allowed = "at most \(Self.maximumDepth) levels"
            findings.refuse(path: path, line: line, found: "deeper nesting", allowed: allowed)
            return false
        }
        return true
    }

    private func hasTag(_ node: Node) -> Bool {
        switch node {
        case .scalar(let scalar):
            // The library tags quoted text as a string by itself.
            let isPlain = scalar.style == .plain || scalar.style == .any
            return scalar.tag.description != (isPlain ? "" : Tag.Name.str.rawValue)
        case .sequence(let sequence): return !sequence.tag.description.isEmpty
        case .mapping(let mapping): return !mapping.tag.description.isEmpty
        case .alias: return false
        }
    }
}
