import FailoverWire
import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// From a real failover to those who are told.
    @Suite struct NotificationTests {
        /// Keeps the body of each request in a file, one a line, and writes its port into another one.
        private static let hook = """
            import http.server, os, sys

            class Hook(http.server.BaseHTTPRequestHandler):
                def do_POST(self):
                    body = self.rfile.read(int(self.headers["content-length"]))
                    with open(sys.argv[1] + "/hooked", "ab") as file:
                        file.write(body + b"\\n")
                    self.send_response(204)
                    self.end_headers()

                def log_message(self, *_):
                    pass

            server = http.server.HTTPServer(("127.0.0.1", 0), Hook)
            with open(sys.argv[1] + "/port.new", "w") as file:
                file.write(str(server.server_port))
            os.rename(sys.argv[1] + "/port.new", sys.argv[1] + "/port")
            server.serve_forever()
            """

        @Test func aFailoverReachesAWebhookAndACommandExactlyOnce() async throws {
            try await withStage { stage in
                let place = stage.directory.path
                _ = try stage.start("/usr/bin/python3", ["-c", Self.hook, place], log: "hook.log")
                try await condition("the hook listens") { FileManager.default.fileExists(atPath: place + "/port") }
                let port = try String(contentsOfFile: place + "/port", encoding: .utf8)
                try stage.write("http://127.0.0.1:\(port)/s3cret", to: "address")
                chmod(place + "/address", 0o600)
                let regions = try await Regions.start(["a", "b"], on: stage)
                let notifications = """
                    notifications:
                      - name: hook
                        events: [moves]
                        webhook: { url_file: "\(place)/address" }
                      - name: command
                        events: [failover]
                        command: [/bin/sh, -c, 'printf "%s\\n" "$FAILOVERD_FROM $FAILOVERD_TO" >> \(place)/commanded']
                      - name: hanging
                        events: [all]
                        command: [/bin/sleep, "60"]
                    """
                let setup = Setup(regions.endpoints(["a", "b"])).text(in: stage.place)
                try stage.write("\(setup)\n\(notifications)\n", to: "config.yaml")
                _ = try await stage.runDaemon()
                try await stage.allHealthy()
                let test = try stage.ctl("notify", "test", "hook")
                #expect(test.status == 0 && test.standardOutput.hasPrefix("hook: sent in "))
                try regions.fault("a", #"{"status": 503}"#)
                // A command that hangs delays nothing.
                try await stage.active("b")
                @Sendable func lines(_ name: String) -> [String] {
                    let text = try? String(contentsOfFile: "\(place)/\(name)", encoding: .utf8)
                    return text?.split(separator: "\n").map(String.init) ?? []
                }
                try await condition("both are told") { lines("hooked").count == 2 && lines("commanded").count == 1 }
                #expect(lines("commanded") == ["a b"])
                let told = try lines("hooked").map { try Wire.decode(EventDocument.self, from: Data($0.utf8)) }
                #expect(told.map(\.event) == ["test", "failover"])
                try await condition("it is in the log") { try stage.events().contains { $0.id == told.last?.id } }
                let state = try await stage.state("it stands in the state") { $0.notifications?["hook"]?.sent == 1 }
                #expect(state.notifications?["command"]?.sent == 1)
                #expect(state.notifications?.keys.sorted() == ["command", "hanging", "hook"])
                #expect(!(try stage.ctl("status").standardOutput.contains("s3cret")))
                #expect(try stage.ctl("notify", "test", "mars").status == 64)
            }
        }

        @Test func whatApplicationsReportStandsBesideTheProbesAndMovesNothing() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a", "b"], on: stage)
                try stage.configure(Setup(regions.endpoints(["a", "b"])))
                _ = try await stage.runDaemon()
                let before = try await stage.allHealthy()
                let entry = #"{"endpoint": "a", "outcome": "failure", "kind": "http_503", "count": 1000}"#
                let list = Array(repeating: entry, count: 20).joined(separator: ",")
                let body = #"{"observations": [\#(list)], "worker": "w1", "in_flight_tokens": {"a": 18000}}"#
                for _ in 0..<5 {
                    let answer = try run(
                        "/usr/bin/curl",
                        ["-sS", "--unix-socket", stage.place.socket, "-d", body, "http://localhost/v1/observations"]
                    )
                    #expect(answer.standardOutput == "{\"accepted\":20}\n")
                }
                let state = try await stage.state("it is shown") { $0.endpoints["a"]?.reported != nil }
                #expect(state.endpoints["a"]?.reported?.errorRate == 1)
                #expect(state.endpoints["a"]?.reported?.inFlightTokens == 18_000)
                #expect(state.endpoints["b"]?.reported == nil)
                // Whole probes later nothing has come of a hundred thousand failures.
                let later = try await stage.state("probes went on") { $0.sequence >= state.sequence + 3 }
                #expect(later.routes == before.routes && later.generation == before.generation)
                #expect(later.endpoints["a"]?.verdict == "healthy")
                if case .availability(let indicator)? = later.endpoints["a"]?.indicators["availability"] {
                    #expect(indicator.bad == 0 && indicator.evidence == 0)
                } else {
                    Issue.record("there is no availability")
                }
                #expect(try stage.ctl("status").standardOutput.contains("reported by users: "))
                let metrics = try stage.curl("/metrics")
                #expect(
                    metrics.contains(
                        "failoverd_reported_requests_total{endpoint=\"a\",outcome=\"failure\"} 100000"
                    )
                )
                #expect(metrics.contains("failoverd_in_flight_tokens{endpoint=\"a\"} 18000"))
            }
        }
    }
}
