/// A configuration of the daemon under test, as text.
struct Setup: Sendable {
    struct Endpoint: Sendable {
        let name: String
        let url: String
        /// More keys of the endpoint, in YAML's flow style.
        var more = ""
    }

    struct Route: Sendable {
        let name: String
        let endpoints: [String]
        /// Of a weighted route, in place of the list of endpoints; more keys may follow.
        var weights: String?

        var text: String {
            weights.map { "policy: weighted, weights: \($0)" } ?? "endpoints: [\(endpoints.joined(separator: ", "))]"
        }
    }

    var endpoints: [Endpoint]
    var routes: [Route]
    var vantage = "test"
    /// URLs of pages that show whether our own network works.
    var anchors: [String] = []
    var interval = "100ms"
    /// More keys of the probe.
    var probe = ""
    var timeouts = "{ first_byte: 8s, total: 8s }"
    var objective = "5s"
    var decision = Self.plainDecision
    /// More keys of the outputs.
    var outputs = ""
    var journal = false

    /// Every bad probe and every good one counts at once, and nothing holds a route back.
    static let restless = "{ rule: consecutive, fall: 1, rise: 1, hold_down: 0s, max_moves_per_hour: unlimited }"
    static let plainDecision = "{ rule: consecutive, fall: 2, rise: 2, hold_down: 0s, max_moves_per_hour: unlimited }"
    /// The evidence rule, whose explanation names what each probe found.
    static let evidence = "{ preset: instant, hold_down: 0s, max_moves_per_hour: unlimited }"

    /// One route `main` over all endpoints.
    init(_ endpoints: [Endpoint]) {
        self.endpoints = endpoints
        routes = [Route(name: "main", endpoints: endpoints.map(\.name))]
    }

    private var vantageText: String {
        let list = anchors.map { "{ http: \"\($0)\" }" }.joined(separator: ", ")
        return "{ name: \(vantage)" + (anchors.isEmpty ? "" : ", anchors: [\(list)]") + " }"
    }

    func text(in place: Place) -> String {
        """
        version: 1
        vantage: \(vantageText)
        defaults:
          probe:
            type: http
            interval: \(interval)
            slo: { latency: { p99: \(objective) } }
            timeouts: \(timeouts)
        \(probe.isEmpty ? "" : "    " + probe)
          decision: \(decision)
        endpoints:
        \(endpoints.map { "  \($0.name): { region: \($0.name), url: \"\($0.url)\"\($0.more) }" }.joined(separator: "\n"))
        routes:
        \(routes.map { "  \($0.name): { \($0.text) }" }.joined(separator: "\n"))
        outputs:
          state_file: \(place.stateFile)
          socket: \(place.socket)
          state_directory: \(place.memory)
          journal: \(journal)
        \(outputs.isEmpty ? "" : "  " + outputs)
        """
    }
}

/// Where the daemon under test writes.
struct Place: Sendable {
    var stateFile: String
    var socket: String
    /// The state directory.
    var memory: String

    init(in directory: String) {
        stateFile = directory + "/run/state.json"
        socket = directory + "/run/failoverd.sock"
        memory = directory + "/memory"
    }
}
