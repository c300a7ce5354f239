/// What one indicator showed while its endpoint was well, as kept over a restart.
package struct BaselineMemory: Hashable, Sendable {
    package var indicator: IndicatorName
    /// Of the model's numbers: what was counted under others is not taken over.
    package var digest: UInt64
    /// The first sample that it knows of.
    package var since: MonotonicInstant
    /// When it was last added to; from then on its counts halve in 90 days.
    package var learnedAt: MonotonicInstant
    /// Bad probes, in the order of `Situation.allCases`.
    package var bad: [Double]
    /// Bad probes that the model expected, in the same order.
    package var expected: [Double]

    package init(
        indicator: IndicatorName,
        digest: UInt64,
        since: MonotonicInstant,
        learnedAt: MonotonicInstant,
        bad: [Double],
        expected: [Double]
    ) {
        self.indicator = indicator
        self.digest = digest
        self.since = since
        self.learnedAt = learnedAt
        self.bad = bad
        self.expected = expected
    }
}
