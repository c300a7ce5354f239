import FailoverCore

/// How much of the past is kept for people's questions.
enum HistoryKeys {
    static let history = "history"
    private static let standard = HistoryConfiguration()

    static let keep = DefaultedSetting(
        name: "keep",
        rule: KeepRule(lengths: DurationRule(.seconds(3600)...(.seconds(400 * 86_400)))),
        fallback: standard.keep
    )
    static let keepMinutes = DefaultedSetting(
        name: "keep_minutes",
        rule: DurationRule(.seconds(3600)...(.seconds(30 * 86_400))),
        fallback: standard.keepMinutes
    )
    static let maximumSize = DefaultedSetting(
        name: "max_size",
        rule: SizeRule(1_048_576...16 * 1_073_741_824),
        fallback: standard.maximumBytes
    )

    static let table = KeyTable([keep.known, keepMinutes.known, maximumSize.known])
}
