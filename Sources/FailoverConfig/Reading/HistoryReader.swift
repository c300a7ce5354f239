import FailoverCore

/// Reads how much of the past is kept.
enum HistoryReader {
    static func read(_ node: SettingNode, findings: Findings) -> HistoryConfiguration {
        guard let reader = MappingReader(node, table: HistoryKeys.table, findings: findings) else {
            return HistoryConfiguration()
        }
        return HistoryConfiguration(
            keep: reader.value(HistoryKeys.keep),
            keepMinutes: reader.value(HistoryKeys.keepMinutes),
            maximumBytes: reader.value(HistoryKeys.maximumSize)
        )
    }
}
