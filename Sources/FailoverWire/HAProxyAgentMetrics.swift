/// What has been answered to HAProxy since the start.
package struct HAProxyAgentCounts: Hashable, Sendable {
    package var ready: UInt64 = 0
    package var drain: UInt64 = 0
    /// The server was to wait until HAProxy knows another one that is ready.
    package var unchanged: UInt64 = 0
    /// Nothing was published yet, or what is published has expired: the server stays as it is.
    package var stale: UInt64 = 0
    /// Questions about a route or an endpoint that there is not, and what is no question.
    package var unknown: UInt64 = 0
    /// Connections that were closed without an answer: one too many, or silent for too long.
    package var refused: UInt64 = 0

    package init() {}
}

/// The same in the text format of Prometheus, listed in docs/metrics.md.
package struct HAProxyAgentMetrics: Hashable, Sendable {
    private let counts: HAProxyAgentCounts
    private let isListening: Bool

    package init(_ counts: HAProxyAgentCounts, isListening: Bool) {
        self.counts = counts
        self.isListening = isListening
    }

    package var text: String {
        let answers = [
            ("drain", counts.drain), ("ready", counts.ready), ("stale", counts.stale),
            ("unchanged", counts.unchanged), ("unknown", counts.unknown),
        ]
        let name = "failoverd_haproxy_agent"
        var text = Self.head("\(name)_listening", "gauge", "1 while HAProxy can ask about its servers.")
        text += "\(name)_listening \(isListening ? 1 : 0)\n"
        text += Self.head("\(name)_answers_total", "counter", "What HAProxy was told, by answer.")
        for (answer, count) in answers { text += "\(name)_answers_total{answer=\"\(answer)\"} \(count)\n" }
        text += Self.head("\(name)_refused_total", "counter", "Connections that were closed without an answer.")
        return text + "\(name)_refused_total \(counts.refused)\n"
    }

    private static func head(_ name: String, _ type: String, _ help: String) -> String {
        "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }
}
