extension SettingNode {
    /// Defaults completed by what stands here, key by key; where both have a key, what stands here counts.
    ///
    /// Mappings that `table` knows as mappings are merged in depth, headers by name without regard to case. Anything
    /// else is replaced as a whole, so that parts of two alternatives never mix.
    func merged(over defaults: SettingNode?, table: KeyTable) -> SettingNode {
        guard let own = entries, let inherited = defaults?.entries else { return self }
        var result: [Entry] = []
        for entry in inherited {
            guard let mine = self[entry.key] else {
                result.append(entry)
                continue
            }
            result.append(Entry(key: entry.key, value: mine.merged(over: entry.value, as: table[entry.key]?.value)))
        }
        result += own.filter { entry in !inherited.contains { $0.key == entry.key } }
        return SettingNode(path: path, line: line, content: .mapping(result))
    }

    private func merged(over inherited: SettingNode, as value: KnownValue?) -> SettingNode {
        switch value {
        case .mapping(let table): merged(over: inherited, table: table)
        case .headers: mergedHeaders(over: inherited)
        default: self
        }
    }

    private func mergedHeaders(over inherited: SettingNode) -> SettingNode {
        guard let own = entries, let others = inherited.entries else { return self }
        let names = Set(own.map { $0.key.lowercased() })
        let kept = others.filter { !names.contains($0.key.lowercased()) }
        return SettingNode(path: path, line: line, content: .mapping(kept + own))
    }
}
