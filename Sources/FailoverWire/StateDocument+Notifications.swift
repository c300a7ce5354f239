extension StateDocument {
    /// How one who is told of events stands.
    package struct Notification: Codable, Hashable, Sendable {
        /// `idle`, `pending` (something is to be told) or `failing` (the last attempt failed).
        package var state: String
        /// Notes that wait.
        package var waiting: Int
        /// Since the start: notes that were taken, that were given up, and that were lost because too many waited.
        package var sent: UInt64
        package var failed: UInt64
        package var dropped: UInt64
        /// When the last one was taken; `null` if none was.
        @ExplicitNull package var sentAt: WallTime?
        /// `null` while nothing fails.
        @ExplicitNull package var failure: OutputFailure?

        private enum CodingKeys: String, CodingKey {
            case state, waiting, sent, failed, dropped, failure
            case sentAt = "sent_at"
        }

        package init(
            state: String = "idle",
            waiting: Int = 0,
            sent: UInt64 = 0,
            failed: UInt64 = 0,
            dropped: UInt64 = 0,
            sentAt: WallTime? = nil,
            failure: OutputFailure? = nil
        ) {
            self.state = state
            self.waiting = waiting
            self.sent = sent
            self.failed = failed
            self.dropped = dropped
            _sentAt = ExplicitNull(wrappedValue: sentAt)
            _failure = ExplicitNull(wrappedValue: failure)
        }
    }
}

extension StateDocument.Notification: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("dropped", dropped)
            writer.field("failed", failed)
            writer.field("failure", failure)
            writer.field("sent", sent)
            writer.field("sent_at", sentAt)
            writer.field("state", state)
            writer.field("waiting", waiting)
        }
    }
}

/// The same in the text format of Prometheus, listed in docs/metrics.md.
package enum NotificationMetrics {
    /// Empty where nobody is told.
    package static func text(_ standings: [String: StateDocument.Notification]) -> String {
        guard !standings.isEmpty else { return "" }
        let all = standings.sorted { $0.key < $1.key }
        func family(
            _ suffix: String,
            _ type: String,
            _ help: String,
            _ value: (StateDocument.Notification) -> UInt64
        ) -> String {
            let name = "failoverd_notification\(suffix)"
            let lines = all.map { "\(name){notification=\"\($0.key)\"} \(value($0.value))\n" }.joined()
            return "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n" + lines
        }
        return family("_failing", "gauge", "1 while the last attempt to tell it has failed.") {
            $0.state == "failing" ? 1 : 0
        }
            + family("_waiting", "gauge", "Notes that wait to be told.") { UInt64($0.waiting) }
            + family("s_sent_total", "counter", "Notes that were taken.", \.sent)
            + family("s_failed_total", "counter", "Notes that were given up after all attempts.", \.failed)
            + family("s_dropped_total", "counter", "Notes that were lost because too many waited.", \.dropped)
    }
}

/// The answer of `POST /v1/notifications/test`.
package struct NotificationTestDocument: Codable, Hashable, Sendable {
    /// In the order of the configuration.
    package var notifications: [Outcome]

    package struct Outcome: Codable, Hashable, Sendable {
        package var name: String
        package var sent: Bool
        /// Why it was not sent; absent if it was.
        package var failure: String?
        /// How long the attempt took.
        package var milliseconds: Double

        package init(name: String, failure: String?, milliseconds: Double) {
            self.name = name
            sent = failure == nil
            self.failure = failure
            self.milliseconds = milliseconds
        }
    }

    package init(notifications: [Outcome]) { self.notifications = notifications }
}
