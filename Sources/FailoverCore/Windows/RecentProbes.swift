/// Which of the last probes that counted were bad: 60 of them in one word.
struct RecentProbes: Sendable, Equatable {
    /// Source: docs/decision-rule.md; five minutes at the default interval.
    static let capacity = 60
    private static let mask: UInt64 = (1 << UInt64(capacity)) - 1

    /// The newest is the lowest bit; set for a bad one.
    private var marks: UInt64 = 0
    private(set) var count = 0

    var bad: Int { marks.nonzeroBitCount }

    mutating func record(isBad: Bool) {
        marks = (marks << 1 | (isBad ? 1 : 0)) & Self.mask
        count = min(count + 1, Self.capacity)
    }

    /// Forgets the newest bad one: it turned out to say nothing.
    mutating func takeBack() {
        guard marks != 0 else { return }
        let position = UInt64(marks.trailingZeroBitCount)
        let newer = marks & ((1 << position) - 1)
        marks = newer | (marks >> (position + 1)) << position
        count -= 1
    }

    /// The share of bad ones; `nil` without a probe.
    var badShare: Double? { count > 0 ? Double(bad) / Double(count) : nil }

    /// The end of Jeffreys' 95 % interval of the true share: a share that is hardly ever exceeded.
    var badShareAtMost: Double { JeffreysBound.upper(bad: bad, of: count) }
}
