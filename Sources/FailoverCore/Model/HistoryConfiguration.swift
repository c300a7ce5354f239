/// How much of the past is kept for people's questions.
package struct HistoryConfiguration: Hashable, Sendable {
    /// What was found by the hour, and transitions, are removed when they are older; `zero` keeps nothing at all.
    ///
    /// Ninety days hold three periods of thirty.
    package let keep: Duration
    /// The same of what was found by the minute.
    ///
    /// Two days answer what happened last night.
    package let keepMinutes: Duration
    /// Of the database; the oldest minutes are removed first, then the oldest hours.
    ///
    /// A hundred endpoints with one probe each take some 50 MiB.
    package let maximumBytes: Int

    package init(
        keep: Duration = .seconds(90 * 86_400),
        keepMinutes: Duration = .seconds(48 * 3600),
        maximumBytes: Int = 256 * 1024 * 1024
    ) {
        self.keep = keep
        self.keepMinutes = keepMinutes
        self.maximumBytes = maximumBytes
    }

    package var isOn: Bool { keep > .zero }
}
