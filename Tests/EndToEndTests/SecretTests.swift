import FailoverWire
import Foundation
import TestSupport
import Testing

extension EndToEnd {
    @Suite struct SecretTests {
        private static let secret = "sk-secret-4f1d9a7c"

        /// Everything that is written or answered, while endpoints fail and configurations are refused.
        @Test(.enabled(if: Journald.isAvailable, "starting a journald needs root"))
        func theValueOfAHeaderIsNowhereToBeFound() async throws {
            try await Journald.withJournald { journald in
                try await withStage { stage in
                    let regions = try await Regions.start(["a", "b"], on: stage)
                    let query = "?api-key=\(Self.secret)"
                    var setup = Setup(["a", "b"].map { .init(name: $0, url: "\(regions.url($0))/\(query)") })
                    setup.interval = "300ms"
                    setup.decision = Setup.evidence
                    setup.probe = "headers: { authorization: \"Bearer \(Self.secret)\" }"
                    setup.journal = true
                    try stage.configure(setup)
                    _ = try await stage.runDaemon()
                    try await stage.allHealthy()
                    var shown = [try stage.ctl("probe", "a", "--config", stage.configurationFile)]
                    for fault in ["{ status: 401 }", "garbage", "{ status: 503 }"] {
                        try regions.fault("a", fault)
                        shown.append(try stage.ctl("probe", "a", "--config", stage.configurationFile))
                    }
                    let state = try await stage.active("b")
                    for line in Self.badHeaders {
                        let text = setup.text(in: stage.place).replacing(setup.probe, with: line)
                        try stage.write(text, to: "config.yaml")
                        let refused = try stage.ctl("reload")
                        #expect(refused.status == 78, "\(line)")
                        shown.append(refused)
                        shown.append(try stage.ctl("check", stage.configurationFile))
                        shown.append(try stage.ctl("check", stage.configurationFile, "--json"))
                    }
                    try stage.configure(setup)
                    for arguments in [
                        ["reload"], ["check", stage.configurationFile], ["check", stage.configurationFile, "--json"],
                        ["status"], ["status", "--json"], ["explain", "main"], ["explain", "main", "--json"],
                        ["events", "--limit", "1000"], ["events", "--json", "--limit", "1000"],
                    ] {
                        let socket = ["FAILOVERD_SOCKET": stage.place.socket]
                        let output = try run(Built.failoverctl, arguments, environment: socket)
                        #expect(output.status == 0, "\(arguments)")
                        shown.append(output)
                    }
                    let paths = ["/v1/status", "/v1/routes/main", "/v1/routes/main/explain", "/v1/nosuch"]
                    var texts = try paths.map { try stage.curl($0) }
                    texts += shown.flatMap { [$0.standardOutput, $0.standardError] }
                    let files = [
                        stage.place.stateFile, stage.log, stage.place.memory + "/memory.json",
                        stage.place.memory + "/transitions.jsonl",
                    ]
                    texts += try files.map { try String(contentsOfFile: $0, encoding: .utf8) }
                    let entries = try journald.entries("FAILOVERD_INSTANCE=\(state.instance.id)")
                    #expect(entries.count > 3)
                    texts += (entries + (try journald.entries("SYSLOG_IDENTIFIER=failoverd"))).map { "\($0)" }
                    for text in texts { #expect(!text.contains(Self.secret), "\(text)") }
                }
            }
        }

        /// Mistakes around a header's value, one line each.
        private static var badHeaders: [String] {
            [
                "headers: { \"author ization\": \"Bearer \(secret)\" }",
                "headers: { authorization: \"Bearer \(secret)\\r\\nx: y\" }",
                "headers: { authorization: [ \"Bearer \(secret)\" ] }",
                "headers: { authorization: { Bearer: \(secret) } }",
                "headers: \"authorization: Bearer \(secret)\"",
                "headers: { authorization: \"Bearer \(secret)\", Authorization: \"Bearer \(secret)\" }",
                "header: { authorization: \"Bearer \(secret)\" }",
            ]
        }
    }
}
