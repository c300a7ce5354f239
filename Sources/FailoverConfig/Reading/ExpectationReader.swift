import FailoverCore

/// Reads what an answer must look like.
struct ExpectationReader {
    private typealias Keys = ProbeKeys.Expect

    let findings: Findings
    let cache: FileAndPatternCache

    /// The expectation at `node`; what is refused or missing is the default.
    func read(_ node: SettingNode) -> HTTPExpectation {
        guard let reader = MappingReader(node, table: Keys.table, findings: findings) else { return HTTPExpectation() }
        let standard = HTTPExpectation()
        return HTTPExpectation(
            statuses: reader[Keys.status].map { items(of: $0).compactMap(status) } ?? standard.statuses,
            body: reader[Keys.body].map { items(of: $0).compactMap(body) } ?? standard.body
        )
    }

    /// What makes a chat's answer a good one; `node` is `nil` where nothing is said.
    func readQuality(_ node: SettingNode?, failsEndpoint: Bool) -> QualityExpectation {
        typealias Chat = ChatKeys.Expect
        guard let node, let reader = MappingReader(node, table: Keys.table, findings: findings) else {
            return QualityExpectation(failsEndpoint: failsEndpoint)
        }
        return QualityExpectation(
            text: reader[Chat.answer].map { items(of: $0).compactMap(body) } ?? [],
            model: reader.value(Chat.model),
            refusesRepetition: reader.value(Chat.repetition) == .refuse,
            failsEndpoint: failsEndpoint
        )
    }

    /// The items of a list, or the one thing that stands there.
    private func items(of node: SettingNode) -> [SettingNode] {
        guard case .list(let items) = node.content else { return [node] }
        guard 1...Keys.maximumItems ~= items.count else {
            let found = items.isEmpty ? "an empty list" : "\(items.count) items"
            findings.refuse(node, found: found, allowed: "1 to \(Keys.maximumItems) items")
            return []
        }
        return items
    }

    // MARK: Status

    private func status(_ node: SettingNode) -> ClosedRange<Int>? {
        let bounds = Keys.statusRange
        if case .scalar(let scalar) = node.content {
            let parts = scalar.text.split(separator: "-", omittingEmptySubsequences: false)
            let codes = parts.compactMap { part in
                part.utf8.count == 3 && part.utf8.allSatisfy(ASCII.isDigit) ? Int(part) : nil
            }
            if codes.count == parts.count, codes.allSatisfy(bounds.contains) {
                if codes.count == 1, scalar.isPlain { return codes[0]...codes[0] }
                if codes.count == 2, codes[0] <= codes[1] { return codes[0]...codes[1] }
            }
        }
        findings.refuse(
            node,
            allowed: "a status from \(bounds.lowerBound) to \(bounds.upperBound), such as 200, "
                + "or a range, such as 200-299"
        )
        return nil
    }

    // MARK: Body

    private func body(_ node: SettingNode) -> BodyExpectation? {
        guard let reader = MappingReader(node, table: Keys.bodyTable, findings: findings) else { return nil }
        guard reader.hasOneKey(hint: "use a list for several expectations") else { return nil }
        if let text = reader.value(Keys.contains), let node = reader[Keys.contains.name] {
            return contains(text, node)
        }
        if let pattern = reader.value(Keys.regex), let node = reader[Keys.regex.name] {
            return regex(pattern, node)
        }
        return reader.mapping(Keys.json, table: Keys.jsonTable).flatMap(json)
    }

    private func contains(_ text: String, _ node: SettingNode) -> BodyExpectation? {
        guard !text.isEmpty else {
            findings.refuse(node, allowed: "at least one character", hint: "every answer contains nothing")
            return nil
        }
        return .contains(text)
    }

    private func regex(_ pattern: String, _ node: SettingNode) -> BodyExpectation? {
        guard !pattern.isEmpty, cache.isRegex(pattern) else {
            findings.refuse(node, allowed: "a regular expression")
            return nil
        }
        return .regex(pattern)
    }

    private func json(_ reader: MappingReader) -> BodyExpectation? {
        guard let pointer = reader.value(Keys.pointer), let node = reader[Keys.pointer.name] else { return nil }
        guard Self.isPointer(pointer) else {
            findings.refuse(
                node,
                allowed: "a JSON pointer (RFC 6901), such as /choices/0/finish_reason",
                hint: pointer.hasPrefix("/") ? "write ~ as ~0" : "begin with /"
            )
            return nil
        }
        return reader.value(Keys.equals).map { .json(pointer: pointer, equals: $0) }
    }

    /// RFC 6901: empty, or tokens that each begin with a slash; a tilde only as `~0` or `~1`.
    private static func isPointer(_ text: String) -> Bool {
        guard text.isEmpty || text.hasPrefix("/") else { return false }
        return text.split(separator: "~", omittingEmptySubsequences: false).dropFirst().allSatisfy {
            $0.hasPrefix("0") || $0.hasPrefix("1")
        }
    }
}
