package import FailoverCore

/// What applications have reported, in the text format of Prometheus, listed in docs/metrics.md.
package struct ReportMetrics: Hashable, Sendable {
    private let totals: [ReportTotals]
    private let workers: Int
    private let refusals: ReportRefusals

    package init(_ totals: [ReportTotals], workers: Int, refusals: ReportRefusals) {
        self.totals = totals.sorted { $0.endpoint < $1.endpoint }
        self.workers = workers
        self.refusals = refusals
    }

    /// Empty while nothing was ever reported.
    package var text: String {
        guard !totals.isEmpty || refusals != ReportRefusals() else { return "" }
        var text = requests + histogram("latency", "How long reported requests took.", \.latency)
        text += histogram("ttft", "Time to the first token of reported requests.", \.ttft)
        let tokens = totals.compactMap { total in total.tokensInFlight.map { (total.endpoint, $0) } }
        if !tokens.isEmpty {
            let name = "failoverd_in_flight_tokens"
            text += Self.head(name, "gauge", "Tokens that the workers have under way, as they told lately.")
            for (endpoint, count) in tokens { text += "\(name){endpoint=\"\(endpoint)\"} \(count)\n" }
        }
        text += Self.head("failoverd_reporting_workers", "gauge", "Workers that told their tokens lately.")
        text += "failoverd_reporting_workers \(workers)\n"
        let name = "failoverd_reports_refused_total"
        text += Self.head(name, "counter", "Reported requests that were refused, by what there was too much of.")
        let refused = [
            ("endpoints", refusals.tooManyEndpoints), ("rate", refusals.tooFast), ("workers", refusals.tooManyWorkers),
        ]
        for (reason, count) in refused { text += "\(name){reason=\"\(reason)\"} \(count)\n" }
        return text
    }

    private var requests: String {
        guard !totals.isEmpty else { return "" }
        let name = "failoverd_reported_requests_total"
        var text = Self.head(name, "counter", "Requests that applications have reported, by outcome.")
        for total in totals {
            for (outcome, count) in zip(ReportOutcome.allCases, total.requests) {
                text += "\(name){endpoint=\"\(total.endpoint)\",outcome=\"\(outcome.rawValue)\"} \(count)\n"
            }
        }
        return text
    }

    private func histogram(_ what: String, _ help: String, _ path: KeyPath<ReportTotals, ReportHistogram>) -> String {
        let name = "failoverd_reported_\(what)_seconds"
        var lines = ""
        for total in totals {
            let histogram = total[keyPath: path]
            guard histogram.counts.contains(where: { $0 > 0 }) else { continue }
            var sum: UInt64 = 0
            let bounds = ReportHistogram.bounds.map(Self.number) + ["+Inf"]
            for (bound, count) in zip(bounds, histogram.counts) {
                sum &+= count
                lines += "\(name)_bucket{endpoint=\"\(total.endpoint)\",le=\"\(bound)\"} \(sum)\n"
            }
            lines += "\(name)_sum{endpoint=\"\(total.endpoint)\"} \(Self.number(histogram.sum))\n"
            lines += "\(name)_count{endpoint=\"\(total.endpoint)\"} \(sum)\n"
        }
        return lines.isEmpty ? "" : Self.head(name, "histogram", help) + lines
    }

    /// A whole number without a fraction, as people write it.
    private static func number(_ value: Double) -> String {
        value.rounded() == value && value < 1e15 ? "\(Int64(value))" : "\(value)"
    }

    private static func head(_ name: String, _ type: String, _ help: String) -> String {
        "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }
}
