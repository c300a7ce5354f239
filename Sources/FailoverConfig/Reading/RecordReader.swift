import FailoverCore

/// Reads how much is kept for replays.
enum RecordReader {
    static func read(_ node: SettingNode, findings: Findings) -> RecordConfiguration {
        guard let reader = MappingReader(node, table: RecordKeys.table, findings: findings) else {
            return RecordConfiguration()
        }
        return RecordConfiguration(
            keep: reader.value(RecordKeys.keep),
            maximumBytes: reader.value(RecordKeys.maximumSize)
        )
    }
}
