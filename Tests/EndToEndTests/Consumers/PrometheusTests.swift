import FailoverWire
import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Debian's own Prometheus reads the daemon, in both formats, and evaluates the rules that are shipped.
    @Suite struct PrometheusTests {
        private static let names = ["us-east", "eu-west"]
        private static let repository = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../..").standardized

        private static func file(_ path: String) -> String { repository.appending(path: path).path }

        private static func text(_ path: String) throws -> String {
            try String(contentsOfFile: file(path), encoding: .utf8)
        }

        private static func promtool(_ arguments: String...) throws {
            let output = try run("/usr/bin/promtool", arguments)
            #expect(output.status == 0, "\(output.standardOutput)\(output.standardError)")
            #expect(!output.standardOutput.contains("FAILED"), "\(output.standardOutput)")
        }

        // MARK: - Files that are shipped

        @Test func theRulesAreSoundAndDoWhatTheirTestsSay() throws {
            try Self.promtool("check", "rules", Self.file("contrib/prometheus/failoverd.rules.yml"))
            try Self.promtool("test", "rules", Self.file("contrib/prometheus/failoverd.rules.test.yml"))
        }

        @Test func everyAlertHasARunbookAndEveryRunbookAnAlert() throws {
            let rules = try Self.text("contrib/prometheus/failoverd.rules.yml")
            let alerts = rules.matches(of: /- alert: (\w+)/).map { String($0.output.1) }
            let links = rules.matches(of: /runbook_url: file:\/\/\/usr\/share\/doc\/failoverd\/alerts\.md#(\w+)/)
                .map { String($0.output.1) }
            let headings = try Self.text("docs/alerts.md").matches(of: /(?m)^## (Failoverd\w+)$/).map {
                String($0.output.1)
            }
            #expect(alerts.map { $0.lowercased() } == links)
            #expect(alerts.sorted() == headings.sorted())
        }

        /// Names in rules and dashboard are documented metrics, their parts, or recorded by the rules.
        @Test func rulesAndDashboardUseNothingElseThanWhatIsDocumented() throws {
            let rules = try Self.text("contrib/prometheus/failoverd.rules.yml")
            let dashboard = try Self.text("contrib/prometheus/failoverd.dashboard.json")
            let recorded = Set(rules.matches(of: /- record: (\S+)/).map { String($0.output.1) })
            let documented = try Self.documented()
            let parts = documented.flatMap { name in ["_bucket", "_sum", "_count"].map { name + $0 } }
            let known = recorded.union(documented).union(parts)
            let board = try #require(try JSONSerialization.jsonObject(with: Data(dashboard.utf8)) as? [String: Any])
            let panels = try #require(board["panels"] as? [[String: Any]])
            let targets = panels.flatMap { $0["targets"] as? [[String: Any]] ?? [] }
            let expressions = targets.compactMap { $0["expr"] as? String } + Self.expressions(in: rules)
            #expect(targets.count > 30)
            let name = /[a-z]+:[a-z_]+:[a-z0-9_]+|(failoverd|process)_[a-z0-9_]+/
            var used: Set<String> = []
            for expression in expressions {
                // What stands in quotes or behind ALERTS is no metric.
                let plain = expression.replacing(/"[^"]*"/, with: "")
                used.formUnion(plain.matches(of: name).map { String($0.output.0) })
            }
            #expect(used.subtracting(known).isEmpty)
            #expect(recorded.subtracting(used).isEmpty, "nothing is recorded that nobody looks at")
            // What Grafana needs of each panel.
            let identifiers = panels.compactMap { $0["id"] as? Int }
            #expect(Set(identifiers).count == panels.count)
            #expect(
                panels.allSatisfy { $0["gridPos"] is [String: Int] && $0["type"] is String && $0["title"] is String }
            )
            #expect(board["id"] is NSNull && board["uid"] as? String == "failoverd")
        }

        private static func documented() throws -> Set<String> {
            let rows = try text("docs/metrics.md").matches(of: /(?m)^\| `((?:failoverd|process)_[a-z0-9_]+)`/)
            return Set(rows.map { String($0.output.1) })
        }

        /// Behind `expr:`, on its line or on deeper ones below.
        private static func expressions(in rules: String) -> [String] {
            rules.matches(of: /(?m)^        expr: (.*\n(?: {10}.*\n)*)/).map { String($0.output.1) }
        }

        // MARK: - A running daemon

        /// What a failover sets off.
        ///
        /// Others speak of the machine, which may be busy.
        private static let alerts: Set = ["FailoverdFailedOver", "FailoverdNoRedundancy", "FailoverdEndpointUnhealthy"]

        @Test(.timeLimit(.minutes(3)))
        func aRealPrometheusReadsBothFormatsAndFiresWhileARouteIsFailedOver() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(Self.names, on: stage)
                var setup = Setup(regions.endpoints(Self.names))
                let port = try freePort()
                setup.outputs = "http: { listen: \"127.0.0.1:\(port)\" }"
                try stage.configure(setup)
                _ = try await stage.runDaemon()
                try await stage.allHealthy()
                try check(stage)
                // Whoever comes through here is told in the format of Prometheus.
                let plain = try Nginx(
                    "plain",
                    on: stage,
                    location: "proxy_set_header Accept text/plain; proxy_set_header Host 127.0.0.1; "
                        + "proxy_pass http://127.0.0.1:\(port);"
                )
                _ = try await plain.start()
                let prometheus = try await Prometheus.start(
                    scraping: ["failoverd": port, "plain": plain.port],
                    on: stage
                )
                try await condition("both formats are read") {
                    try prometheus.query("up == 1").count == 2
                        && prometheus.query("failoverd_probe_latency_seconds_count").count == 4
                }
                // Names that only one of the two has.
                #expect(
                    try prometheus.query(
                        #"group by (__name__) ({job="failoverd",__name__!~"up|scrape.*"})"#
                            + #" unless group by (__name__) ({job="plain"})"#
                    ) == []
                )
                let unequal =
                    "failoverd_probe_latency_seconds_bucket{le=\"+Inf\"}"
                    + " != ignoring (le) failoverd_probe_latency_seconds_count"
                #expect(try prometheus.query(unequal) == [])
                #expect(try prometheus.query("{le=\"+Inf\"}").count > 4)
                #expect(try prometheus.firing().isDisjoint(with: Self.alerts))

                try regions.fault("us-east", #"{"status": 503}"#)
                try await stage.active("eu-west")
                try await condition("the alerts fire", within: .seconds(60)) {
                    try prometheus.firing().isSuperset(of: Self.alerts)
                }
                #expect(
                    try prometheus.query(#"failoverd_moves_total{job="failoverd",event="failover"} == 1"#).count == 1
                )
                try regions.heal("us-east")
                try await stage.active("us-east")
                // Errors of the last minutes burn the budget on.
                try await condition("the alerts are resolved", within: .seconds(60)) {
                    try prometheus.firing().isDisjoint(with: Self.alerts)
                }
            }
        }

        /// Clean for promtool and for the strict parser of OpenMetrics; sane; documented as a whole.
        private func check(_ stage: Stage) throws {
            let text = try stage.curl("/metrics")
            try stage.write(text, to: "metrics.txt")
            let path = stage.directory.path("metrics.txt")
            let lint = try run("/bin/sh", ["-c", "promtool check metrics <'\(path)'"])
            #expect(lint == CommandOutput(status: 0, standardOutput: "", standardError: ""))
            let open = try run(
                "/usr/bin/curl",
                ["-sS", "--max-time", "10", "--unix-socket", stage.place.socket]
                    + ["-H", "Accept: application/openmetrics-text", "http://localhost/metrics"]
            )
            try stage.write(open.standardOutput, to: "open.txt")
            let parser =
                "from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse; "
                + "import sys; print(len(list(parse(sys.stdin.read()))) > 50)"
            let parsed = try run(
                "/bin/sh",
                ["-c", "/usr/bin/python3 -c '\(parser)' <'\(stage.directory.path("open.txt"))'"]
            )
            #expect(parsed == CommandOutput(status: 0, standardOutput: "True\n", standardError: ""))

            let told = Set(text.matches(of: /(?m)^# TYPE (\S+)/).map { String($0.output.1) })
            let documented = try Self.documented()
            #expect(told.subtracting(documented) == [])
            // What these endpoints and this daemon do not have.
            let absent =
                /failoverd_(haproxy|envoy|gdnsd|output|spend|certificate|probes_inconclusive|report|in_flight|notification|history).*/
            let missing = documented.subtracting(told).filter { $0.wholeMatch(of: absent) == nil }
            #expect(missing == ["failoverd_chat_tokens_per_second", "failoverd_chat_longest_gap_seconds"])
        }
    }
}

/// A real Prometheus that reads twice a second, and evaluates the rules that are shipped without their patience.
private final class Prometheus: Sendable {
    let port: Int

    private init(port: Int) { self.port = port }

    static func start(scraping jobs: [String: Int], on stage: Stage) async throws -> Prometheus {
        let prometheus = Prometheus(port: try freePort())
        let shipped = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../contrib/prometheus/failoverd.rules.yml").standardized
        let rules = try String(contentsOf: shipped, encoding: .utf8).replacing(/for: \S+/, with: "for: 1s")
        try stage.write(rules, to: "rules.yml")
        let scrapes = jobs.sorted { $0.key < $1.key }.map { job, port in
            "  - { job_name: \(job), static_configs: [{ targets: [\"127.0.0.1:\(port)\"] }] }\n"
        }
        let text = """
            global: { scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms }
            rule_files: [rules.yml]
            scrape_configs:
            \(scrapes.joined())
            """
        try stage.write(text, to: "prometheus.yml")
        let program = try stage.start(
            "/usr/bin/prometheus",
            [
                "--config.file=\(stage.directory.path("prometheus.yml"))",
                "--storage.tsdb.path=\(stage.directory.path("prometheus"))",
                "--web.listen-address=127.0.0.1:\(prometheus.port)",
            ],
            log: "prometheus.log"
        )
        try await condition("prometheus is ready") {
            guard program.isRunning else { throw ConditionError(description: "prometheus ended") }
            return try run("/usr/bin/curl", ["-sf", "--max-time", "5", "\(prometheus.url)/-/ready"]).status == 0
        }
        return prometheus
    }

    private var url: String { "http://127.0.0.1:\(port)" }

    private struct Answer: Decodable {
        let data: Series
        struct Series: Decodable { let result: [Sample] }
        struct Sample: Decodable { let metric: [String: String] }
    }

    /// The labels of what a query finds.
    func query(_ query: String) throws -> [[String: String]] {
        let output = try run(
            "/usr/bin/curl",
            ["-sS", "--fail-with-body", "--max-time", "10", "-G", "--data-urlencode", "query=\(query)"]
                + ["\(url)/api/v1/query"]
        )
        guard output.status == 0 else {
            throw ConditionError(description: output.standardOutput + output.standardError)
        }
        return try JSONDecoder().decode(Answer.self, from: Data(output.standardOutput.utf8)).data.result.map(\.metric)
    }

    /// Names of the alerts that fire.
    func firing() throws -> Set<String> {
        Set(try query(#"ALERTS{alertstate="firing",job="failoverd"}"#).compactMap { $0["alertname"] })
    }
}
