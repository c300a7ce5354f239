import FailoverWire
import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The key is read from where it is kept, and shown to nobody but its endpoint.
    @Suite struct ChatSecretTests {
        private static let wrongKey = "sk-live-WRONGp4sT0kEnQz81"
        private static let secrets = [ChatRegions.key, wrongKey]

        @Test(.enabled(if: Journald.isAvailable, "starting a journald needs root"))
        func theKeyIsNowhereToBeFound() async throws {
            try await Journald.withJournald { journald in
                try await withStage { stage in
                    let regions = try await ChatRegions.start(["a", "b"], on: stage)
                    var setup = ChatSetup(["a", "b"].map { .init(name: $0, url: regions.url($0)) })
                    setup.credentialFile = try stage.writeKey()
                    setup.timeouts = "{ ttft: 300ms, idle: 300ms, total: 900ms }"
                    setup.objectives = "{ ttft: { p99: 200ms }, latency: { p99: 800ms } }"
                    setup.journal = true
                    try stage.configure(setup)
                    _ = try await stage.runDaemon()
                    let instance = try await stage.allHealthy().instance.id

                    var shown: [CommandOutput] = []
                    // Each fault for the daemon too: its schedule asks while the command does.
                    for fault in try Self.faults {
                        try regions.fault("a", fault)
                        shown.append(try stage.ctl("probe", "a", "--config", stage.configurationFile))
                        shown.append(try stage.ctl("probe", "a", "--config", stage.configurationFile, "--json"))
                    }
                    for key in [Self.wrongKey, "", Self.wrongKey + "\u{1}", "\n\(Self.wrongKey)"] {
                        _ = try stage.writeKey(key)
                        shown.append(try stage.ctl("reload"))
                        shown.append(try stage.ctl("probe", "b", "--config", stage.configurationFile))
                        shown.append(try stage.ctl("check", stage.configurationFile))
                    }
                    for line in Self.mistakes { shown.append(try refused(line, setup, stage)) }
                    try stage.configure(setup)
                    for arguments in Self.questions {
                        let socket = ["FAILOVERD_SOCKET": stage.place.socket]
                        shown.append(try run(Built.failoverctl, arguments, environment: socket))
                    }
                    let paths = ["/v1/status", "/v1/routes/main", "/v1/routes/main/explain", "/metrics", "/v1/nosuch"]
                    var texts = try paths.map { try stage.curl($0) }
                    texts += shown.flatMap { [$0.standardOutput, $0.standardError] }
                    texts += try written(stage)
                    let entries = try journald.entries("FAILOVERD_INSTANCE=\(instance)")
                    #expect(entries.count > 3)
                    texts += (entries + (try journald.entries("SYSLOG_IDENTIFIER=failoverd"))).map { "\($0)" }
                    for text in texts {
                        for secret in Self.secrets { #expect(!text.contains(secret), "\(text)") }
                    }
                }
            }
        }

        /// Every quirk, and the faults that concern any probe.
        private static var faults: [String] {
            get throws {
                let page = URL(filePath: #filePath).deletingLastPathComponent().appending(
                    path: "../../../docs/regionsim.md"
                )
                let text = try String(contentsOf: page.standardized, encoding: .utf8)
                let quirks = text.split(separator: "\n").compactMap {
                    $0.wholeMatch(of: /\| `([a-z0-9_]+)` \| [^|]* \| [^|]* \|/)?.1
                }
                return quirks.map { "{ chat: \($0) }" } + ["garbage", "reset", "truncate", "{ status: 500 }", "refuse"]
            }
        }

        /// Mistakes around the key, one line each.
        private static let mistakes = [
            "credential: \(ChatRegions.key)!", "credential_file: { path: \(ChatRegions.key) }",
            "headers: { authorization: [ \"Bearer \(ChatRegions.key)\" ] }",
            "headers: { \"x api key\": \"\(ChatRegions.key)\" }", "auth_header: \"Bearer \(ChatRegions.key)\"",
        ]

        private static let questions = [
            ["status"], ["status", "--json"], ["explain", "main"], ["explain", "main", "--json"],
            ["events", "--limit", "1000"], ["events", "--json", "--limit", "1000"],
        ]

        private func refused(_ line: String, _ setup: ChatSetup, _ stage: Stage) throws -> CommandOutput {
            var wrong = setup
            wrong.credentialFile = nil
            wrong.probe = [line]
            try stage.configure(wrong)
            let output = try stage.ctl("check", stage.configurationFile)
            #expect(output.status == 78, "\(line)")
            return output
        }

        /// Everything that the daemon has written.
        private func written(_ stage: Stage) throws -> [String] {
            let run = URL(filePath: stage.place.stateFile).deletingLastPathComponent().path
            return try [run, stage.place.memory].flatMap { directory in
                try FileManager.default.subpathsOfDirectory(atPath: directory).compactMap { name -> String? in
                    guard let file = FileManager.default.contents(atPath: "\(directory)/\(name)") else { return nil }
                    return String(decoding: file, as: UTF8.self)
                }
            } + [stage.said()]
        }

        @Test func aRotatedKeyIsReadOnReload() async throws {
            try await withStage { stage in
                let regions = try await ChatRegions.start(["a", "b"], on: stage)
                var setup = ChatSetup(["a", "b"].map { .init(name: $0, url: regions.url($0)) })
                setup.credentialFile = try stage.writeKey(Self.wrongKey)
                try stage.configure(setup)
                _ = try await stage.runDaemon()
                try await stage.state("both are refused") { state in
                    state.endpoints.values.allSatisfy { $0.verdict == "unknown" && $0.reason.code == "misconfigured" }
                }
                _ = try stage.writeKey()
                #expect(try stage.ctl("reload").status == 0)
                try await stage.allHealthy()
            }
        }

        @Test func aCredentialOfTheServiceManagerIsUsed() async throws {
            try await withStage { stage in
                let regions = try await ChatRegions.start(["a"], on: stage)
                let setup = ChatSetup([.init(name: "a", url: regions.url("a"), more: ", credential: llm-key")])
                let key = try stage.writeKey()
                let directory = stage.directory.path("credentials")
                try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
                try FileManager.default.moveItem(atPath: key, toPath: directory + "/llm-key")
                try stage.configure(setup)
                _ = try await stage.runDaemon(environment: ["CREDENTIALS_DIRECTORY": directory])
                try await stage.allHealthy()
            }
        }
    }
}
