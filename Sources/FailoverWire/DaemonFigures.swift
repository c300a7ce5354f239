import FailoverCore

/// What the daemon observes of itself, and has counted since its start.
package struct DaemonFigures: Sendable {
    // MARK: Decisions

    /// By kind; kinds that never happened may be missing.
    package var events: [String: UInt64] = [:]
    /// Published moves of traffic, by route and kind of event.
    package var moves: [String: [String: UInt64]] = [:]
    /// Changes of verdict by endpoint.
    package var verdictChanges: [String: UInt64] = [:]
    /// What traffic would have met on each route.
    package var routes = RouteTally()
    /// The share of good answers that each route promises.
    package var objectives: [String: Double] = [:]

    // MARK: The engine and what follows it

    /// How long the oldest input of a turn had waited for the engine, or how late a turn without any began.
    package var engineLag = TimeHistogram()
    /// How long each turn of the engine took.
    package var engineTurn = TimeHistogram()
    /// From a snapshot to the state file in place.
    package var publication = TimeHistogram()
    package var failedPublications: UInt64 = 0
    /// What waits in a queue now, by queue.
    package var waiting: [String: UInt64] = [:]
    /// What was lost because a queue was full, by queue.
    package var dropped: [String: UInt64] = [:]
    /// Entries that the journal or standard error refused.
    package var journalRefused: UInt64 = 0

    // MARK: The API

    /// Answers by status.
    package var answers: [Int: UInt64] = [:]
    package var refusedConnections: UInt64 = 0
    package var followers = 0
    package var cutFollowers: UInt64 = 0
    package var refusedFollowers: UInt64 = 0

    package var process = ProcessFigures()

    package init() {}
}

/// What the system says of this process; absent where it does not say.
package struct ProcessFigures: Hashable, Sendable {
    /// User and system time.
    package var cpuSeconds: Double?
    package var residentBytes: UInt64?
    package var virtualBytes: UInt64?
    package var openDescriptors: Int?
    package var maximumDescriptors: UInt64?
    package var threads: Int?
    /// Seconds since 1970.
    package var startTime: Double?

    package init() {}
}

extension DaemonFigures {
    /// All of it as metrics, listed in docs/metrics.md.
    package func text(_ format: MetricsFormat) -> [UInt8] {
        var lines = MetricLines(format)
        addDecisions(&lines)
        addEngine(&lines)
        addAPI(&lines)
        process.add(to: &lines)
        return lines.take()
    }

    private func addDecisions(_ lines: inout MetricLines) {
        lines.head("failoverd_events_total", "counter", "Events that were told, by kind.")
        for kind in EventKind.allCases.map(\.rawValue) {
            lines.sample("failoverd_events_total", MetricLines.labels([("event", kind)]), events[kind] ?? 0)
        }
        lines.head("failoverd_moves_total", "counter", "Published moves of traffic, by route and kind of event.")
        for (route, kinds) in moves.sorted(by: { $0.key < $1.key }) {
            for (kind, count) in kinds.sorted(by: { $0.key < $1.key }) {
                lines.sample("failoverd_moves_total", MetricLines.labels([("route", route), ("event", kind)]), count)
            }
        }
        lines.head("failoverd_verdict_changes_total", "counter", "Changes of the verdict of an endpoint.")
        for (endpoint, count) in verdictChanges.sorted(by: { $0.key < $1.key }) {
            lines.sample("failoverd_verdict_changes_total", MetricLines.labels([("endpoint", endpoint)]), count)
        }
        routes.write(to: &lines)
        lines.head("failoverd_route_objective_ratio", "gauge", "The share of good answers that the route promises.")
        for (route, ratio) in objectives.sorted(by: { $0.key < $1.key }) {
            lines.sample("failoverd_route_objective_ratio", MetricLines.labels([("route", route)]), ratio)
        }
    }

    private func addEngine(_ lines: inout MetricLines) {
        let histograms = [
            (
                "engine_lag", "How long the oldest input of a turn had waited, or how late one without any began.",
                engineLag
            ),
            ("engine_turn", "How long a turn of the engine took.", engineTurn),
            ("publication", "From a decision, or a state that is due, to the state file in place.", publication),
        ]
        for (name, help, histogram) in histograms {
            lines.head("failoverd_\(name)_seconds", "histogram", help)
            histogram.write("failoverd_\(name)_seconds", to: &lines)
        }
        let counters = [
            ("publications_failed", "Publications of the state that failed in part.", failedPublications),
            ("journal_entries_refused", "Entries that the journal or standard error refused.", journalRefused),
        ]
        for (name, help, count) in counters {
            lines.head("failoverd_\(name)_total", "counter", help)
            lines.sample("failoverd_\(name)_total", [], count)
        }
        lines.head("failoverd_queue_waiting", "gauge", "What waits in a queue now.")
        for (queue, count) in waiting.sorted(by: { $0.key < $1.key }) {
            lines.sample("failoverd_queue_waiting", MetricLines.labels([("queue", queue)]), count)
        }
        lines.head("failoverd_dropped_total", "counter", "What was lost because a queue was full.")
        for (queue, count) in dropped.sorted(by: { $0.key < $1.key }) {
            lines.sample("failoverd_dropped_total", MetricLines.labels([("queue", queue)]), count)
        }
    }

    private func addAPI(_ lines: inout MetricLines) {
        lines.head("failoverd_control_requests_total", "counter", "Requests that the API answered, by status.")
        for (status, count) in answers.sorted(by: { $0.key < $1.key }) {
            lines.sample("failoverd_control_requests_total", MetricLines.labels([("code", "\(status)")]), count)
        }
        lines.head("failoverd_event_followers", "gauge", "Event streams that are open.")
        lines.sample("failoverd_event_followers", [], UInt64(followers))
        let counters = [
            ("control_connections_refused", "Connections to the API that were one too many.", refusedConnections),
            ("event_followers_cut", "Event streams that ended because their reader was too slow.", cutFollowers),
            ("event_followers_refused", "Event streams that were refused for being too many.", refusedFollowers),
        ]
        for (name, help, count) in counters {
            lines.head("failoverd_\(name)_total", "counter", help)
            lines.sample("failoverd_\(name)_total", [], count)
        }
    }
}

extension ProcessFigures {
    /// Under the names that all programs have for them.
    fileprivate func add(to lines: inout MetricLines) {
        let figures: [(name: String, type: String, help: String, value: Double?)] = [
            ("process_cpu_seconds_total", "counter", "Total user and system CPU time spent in seconds.", cpuSeconds),
            (
                "process_resident_memory_bytes", "gauge", "Resident memory size in bytes.",
                residentBytes.map { Double($0) }
            ),
            ("process_virtual_memory_bytes", "gauge", "Virtual memory size in bytes.", virtualBytes.map { Double($0) }),
            ("process_open_fds", "gauge", "Number of open file descriptors.", openDescriptors.map { Double($0) }),
            (
                "process_max_fds", "gauge", "Maximum number of open file descriptors.",
                maximumDescriptors.map { Double($0) }
            ),
            ("process_threads", "gauge", "Number of threads.", threads.map { Double($0) }),
            (
                "process_start_time_seconds", "gauge", "Start time of the process since unix epoch in seconds.",
                startTime
            ),
        ]
        for figure in figures {
            guard let value = figure.value else { continue }
            lines.head(figure.name, figure.type, figure.help)
            lines.sample(figure.name, [], value)
        }
    }
}
