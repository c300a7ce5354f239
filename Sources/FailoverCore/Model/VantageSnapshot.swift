/// Whether what this place sees can be trusted.
package enum VantageState: String, Hashable, Sendable, CaseIterable {
    case clear
    /// All fail and no anchor is clean, so it is probably us.
    case suspect
    /// The daemon stood still.
    case stalled
}

/// Where the doubt of our own vantage stands.
package struct VantageSnapshot: Hashable, Sendable {
    package let state: VantageState
    /// `nil` while it is clear.
    package let reason: Reason?
    /// `nil` for since the start.
    package let since: MonotonicInstant?
    /// In configuration order.
    package var anchors: [AnchorSnapshot]

    package init(
        state: VantageState = .clear,
        reason: Reason? = nil,
        since: MonotonicInstant? = nil,
        anchors: [AnchorSnapshot] = []
    ) {
        self.state = state
        self.reason = reason
        self.since = since
        self.anchors = anchors
    }
}

extension ReasonCode {
    /// A failure does not count, because nothing showed that our own network works.
    package static let noCleanWitness: ReasonCode = "no_clean_witness"
    /// Nobody is healthy, and another endpoint is far less bad.
    package static let leastBad: ReasonCode = "least_bad"
}
