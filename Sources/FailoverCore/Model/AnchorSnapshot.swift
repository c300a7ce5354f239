/// One anchor as published.
package struct AnchorSnapshot: Hashable, Sendable {
    /// As configured, without what is secret.
    package let address: String
    /// Whether it can witness: `healthy` after five good probes in a row, `unhealthy` once it has failed for long while others
    /// answered, and `unknown` between.
    package let verdict: Verdict
    /// Good probes in a row; at most 5.
    package let good: Int
    /// Bad probes in a row.
    package let bad: Int
    /// Since when it is unhealthy; `nil` unless it is.
    package let since: MonotonicInstant?

    package init(address: String, verdict: Verdict, good: Int, bad: Int, since: MonotonicInstant?) {
        self.address = address
        self.verdict = verdict
        self.good = good
        self.bad = bad
        self.since = since
    }
}

extension ReasonCode {
    /// An anchor has failed for long while others answer.
    package static let anchorFailing: ReasonCode = "anchor_failing"
    /// It works again.
    package static let anchorOK: ReasonCode = "anchor_ok"
}
