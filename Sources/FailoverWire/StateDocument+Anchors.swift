import FailoverCore

extension StateDocument {
    /// Something outside the routes that shows whether our own network works.
    package struct Anchor: Codable, Hashable, Sendable {
        /// `healthy`, `unhealthy` (dead while others answer) or `unknown`.
        package var verdict: String
        /// Good probes in a row; at most 5.
        package var good: Int
        /// Bad probes in a row.
        package var bad: Int
        /// Since when it is unhealthy; absent unless it is.
        package var since: WallTime?

        package init(verdict: String, good: Int, bad: Int, since: WallTime? = nil) {
            self.verdict = verdict
            self.good = good
            self.bad = bad
            self.since = since
        }

        init(_ anchor: AnchorSnapshot, at clock: ClockReading) {
            self.init(
                verdict: anchor.verdict.rawValue,
                good: anchor.good,
                bad: anchor.bad,
                since: anchor.since.map { clock.wallTime(of: $0) }
            )
        }
    }

    /// By address; `nil` where there are none.
    static func anchors(_ anchors: [AnchorSnapshot], at clock: ClockReading) -> [String: Anchor]? {
        guard !anchors.isEmpty else { return nil }
        return Dictionary(anchors.map { ($0.address, Anchor($0, at: clock)) }) { first, _ in first }
    }
}

extension StateDocument.Anchor: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("bad", bad)
            writer.field("good", good)
            if let since { writer.field("since", since) }
            writer.field("verdict", verdict)
        }
    }
}
