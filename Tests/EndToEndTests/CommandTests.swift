import FailoverWire
import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// failoverctl against a running daemon.
    @Suite struct CommandTests {
        @Test func statusAnswersInItsExitCodeHowARouteStands() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a", "b", "well"], on: stage)
                for name in ["a", "b"] { try regions.fault(name, "blackhole") }
                var setup = Setup(regions.endpoints(["a", "b"]))
                setup.anchors = [regions.url("well")]
                setup.timeouts = "{ first_byte: 6s, total: 6s }"
                setup.objective = "5s"
                try stage.configure(setup)
                #expect(try stage.ctl("status", "--exit-code").status == 69)
                _ = try await stage.runDaemon()
                #expect(try stage.ctl("status", "--exit-code").status == 3)
                for name in ["a", "b"] { try regions.heal(name) }
                try await exitCode(0, stage)
                try regions.fault("a", "{ status: 503 }")
                try await exitCode(1, stage)
                try regions.fault("b", "{ status: 503 }")
                try await exitCode(2, stage)
                try regions.heal("a")
                try await exitCode(0, stage)
                // Without the option the answer is not a failure.
                #expect(try stage.ctl("status").status == 0)
                #expect(try stage.ctl("status", "main", "--exit-code").status == 0)
                #expect(try stage.ctl("--socket", stage.place.socket, "status").status == 0)
            }
        }

        private func exitCode(_ code: Int32, _ stage: Stage) async throws {
            try await condition("status --exit-code is \(code)", within: .seconds(60)) {
                try stage.ctl("status", "--exit-code").status == code
            }
        }

        @Test func aMoveIsExplainedWithItsArithmetic() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a", "b"], on: stage)
                var setup = Setup(regions.endpoints(["a", "b"]))
                setup.interval = "300ms"
                setup.decision = Setup.evidence
                try stage.configure(setup)
                _ = try await stage.runDaemon()
                try await stage.allHealthy()
                try regions.fault("a", "{ status: 503 }")
                let moved = try await stage.active("b")
                let explanation = try stage.explanation(of: "main")
                #expect(explanation.active == "b")
                #expect(explanation.generation == moved.generation)
                #expect(explanation.endpoints.map(\.endpoint) == ["a", "b"])
                #expect(explanation.endpoints[0].recovery != nil)
                try await condition("the last failover is known") {
                    try stage.explanation(of: "main").lastFailover?.generation == moved.generation
                }
                let grounds = try #require(try stage.explanation(of: "main").lastFailover?.grounds)
                #expect(grounds.endpoint == "a")
                #expect(grounds.indicators.contains { $0.steps.contains { $0.finding == "http_503" } })
                let text = try stage.ctl("explain", "main").standardOutput
                for part in ["http_503", "false failovers a year"] { #expect(text.contains(part), "\(text)") }
            }
        }

        @Test func eventsAreFollowedOverARestart() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a", "b"], on: stage)
                try stage.configure(Setup(regions.endpoints(["a", "b"])))
                let first = try await stage.runDaemon()
                let follower = try stage.start(
                    Built.failoverctl,
                    ["--socket", stage.place.socket, "events", "--json", "--follow"],
                    log: "events.log"
                )
                try await stage.allHealthy()
                try regions.fault("a", "{ status: 503 }")
                let moved = try await stage.active("b")
                try await condition("the failover is followed") {
                    try followed(stage).contains { $0.event == "failover" && $0.generation == moved.generation }
                }
                first.send(SIGTERM)
                #expect(try await first.ending() == .exit(0))
                _ = try await stage.runDaemon()
                try regions.heal("a")
                let back = try await stage.active("a")
                try await condition("the failback is followed", within: .seconds(60)) {
                    try followed(stage).contains { $0.event == "failback" && $0.generation == back.generation }
                }
                #expect(follower.isRunning)
                let events = try followed(stage)
                #expect(Set(events.map(\.id)).count == events.count)
                #expect(events.filter(\.isMove).map(\.event) == ["failover", "failback"])
                #expect(Set(events.map(\.instance)).count == 2)
                let past = try stage.events()
                #expect(past.filter(\.isMove).map(\.event) == ["failover", "failback"])
            }
        }

        /// What the follower has printed; its complaints stand among the events.
        private func followed(_ stage: Stage) throws -> [EventDocument] {
            try Data(contentsOf: URL(filePath: stage.directory.path("events.log")))
                .split(separator: UInt8(ascii: "\n"))
                .filter { $0.first == UInt8(ascii: "{") }
                .compactMap { try? Wire.decode(EventDocument.self, from: Data($0)) }
        }

        @Test func waitReturnsWhenTheRouteStandsAsAsked() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a", "b"], on: stage)
                try stage.configure(Setup(regions.endpoints(["a", "b"])))
                _ = try stage.startDaemon()
                func output(_ text: String) -> CommandOutput {
                    CommandOutput(status: 0, standardOutput: text, standardError: "")
                }
                // Also while the daemon is still starting.
                #expect(try stage.ctl("wait", "main") == output("a\n"))
                try await stage.allHealthy()
                try regions.fault("a", "{ status: 503 }")
                #expect(try stage.ctl("wait", "main", "--for", "b") == output("b\n"))
                #expect(try stage.ctl("wait", "main", "--mode", "failover") == output("b\n"))
                let late = try stage.ctl("wait", "main", "--for", "a", "--timeout", "300ms")
                #expect(late.status == 75)
                #expect(late.standardError == "failoverctl: the time is up: main is at b, failover\n")
            }
        }

        @Test func unknownNamesAreUsageErrorsThatNameTheKnownOnes() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a", "b"], on: stage)
                try stage.configure(Setup(regions.endpoints(["a", "b"])))
                _ = try await stage.runDaemon()
                for (arguments, known) in [
                    (["status", "nosuch"], "main"), (["explain", "nosuch"], "main"), (["wait", "nosuch"], "main"),
                    (["explain", "main", "nosuch"], "a, b"), (["wait", "main", "--for", "nosuch"], "a, b"),
                    (["probe", "nosuch", "--config", stage.configurationFile], "a, b"),
                ] {
                    let socket = ["FAILOVERD_SOCKET": stage.place.socket]
                    let output = try run(Built.failoverctl, arguments, environment: socket)
                    #expect(output.status == 64, "\(arguments)")
                    #expect(output.standardOutput == "", "\(arguments)")
                    #expect(output.standardError.contains("nosuch"), "\(output.standardError)")
                    #expect(output.standardError.contains(known), "\(output.standardError)")
                }
            }
        }

        @Test func probeAndCheckWorkWithoutADaemon() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a", "b"], on: stage)
                try regions.fault("b", "{ status: 503 }")
                let setup = Setup(regions.endpoints(["a", "b"]))
                try stage.configure(setup)
                let file = stage.configurationFile
                let good = try stage.ctl("probe", "a", "--config", file, "--json")
                #expect(good.status == 0)
                let success = try Wire.decode(ProbeDocument.self, from: Data(good.standardOutput.utf8))
                #expect(success.outcome == "success")
                let bad = try stage.ctl("probe", "b", "--config", file, "--json")
                #expect(bad.status == 1)
                let failure = try Wire.decode(ProbeDocument.self, from: Data(bad.standardOutput.utf8))
                #expect([failure.outcome, failure.kind] == ["failure", "http_503"])

                let checked = try stage.ctl("check", file)
                #expect(checked.status == 0)
                #expect(checked.standardOutput.hasSuffix("\(file): good\n"))
                try stage.write(setup.text(in: stage.place) + "\nnonsense: 1\n", to: "config.yaml")
                let refused = try stage.ctl("check", file)
                #expect(refused.status == 78)
                #expect(refused.standardOutput == "")
                #expect(refused.standardError.contains("nonsense: found an unknown key"))
            }
        }
    }
}
