import FailoverWire
import Foundation
import TestSupport
import Testing

extension EndToEnd {
    @Suite struct ReloadTests {
        @Test func aReloadKeepsWhatDidNotChange() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a", "b", "c"], on: stage)
                var setup = Setup(regions.endpoints(["a", "b"]))
                setup.decision = Setup.evidence
                try stage.configure(setup)
                _ = try await stage.runDaemon()
                try await stage.allHealthy()
                try regions.fault("a", #"{"status": 503}"#)
                let before = try await stage.state("b is active and well probed") {
                    $0.routes["main"]?.active == "b" && samples(of: "b", in: $0) >= 30
                }
                setup = Setup(setup, endpoints: regions.endpoints(["a", "b", "c"]))
                setup.endpoints[1].more = ", attributes: { weight_hint: 70 }"
                try stage.configure(setup)
                let output = try stage.ctl("reload", "--json")
                #expect(output.status == 0)
                let answer = try Wire.decode(ReloadDocument.self, from: Data(output.standardOutput.utf8))
                #expect(answer.changed)
                let after = try await stage.state("c is watched") { $0.endpoints["c"] != nil }
                #expect(after.instance.configHash == answer.configHash)
                #expect(after.instance.configHash != before.instance.configHash)
                #expect(after.instance.id == before.instance.id)
                #expect(after.generation == before.generation)
                #expect(after.routes["main"]?.active == "b")
                #expect(after.endpoints["b"]?.attributes == ["weight_hint": .number(70)])
                #expect(after.endpoints["b"]?.verdict == "healthy")
                #expect(after.endpoints["b"]?.since == before.endpoints["b"]?.since)
                // The window is 60 s long and began well within it.
                #expect(samples(of: "b", in: after) >= samples(of: "b", in: before))
                #expect(after.endpoints["a"]?.verdict == "unhealthy")
                #expect(try Set(badFindings(of: "a", on: "main", stage)) == ["http_503"])

                let again = try stage.ctl("reload", "--json")
                let second = try Wire.decode(ReloadDocument.self, from: Data(again.standardOutput.utf8))
                let expected = ReloadDocument(configHash: answer.configHash, changed: false, warnings: answer.warnings)
                #expect(second == expected)
            }
        }

        @Test func aBadConfigurationChangesNothingAndEveryErrorIsTold() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a", "b"], on: stage)
                let setup = Setup(regions.endpoints(["a", "b"]))
                try stage.configure(setup)
                let daemon = try await stage.runDaemon()
                let before = try await stage.allHealthy()
                try stage.write(
                    setup.text(in: stage.place)
                        .replacing("interval: 100ms", with: "interval: 100")
                        .replacing("endpoints: [a, b]", with: "endpoints: [b, x]"),
                    to: "config.yaml"
                )
                let refused = try stage.ctl("reload")
                #expect(refused.status == 78)
                #expect(refused.standardOutput == "")
                for text in ["defaults.probe.interval: found 100", "routes.main.endpoints"] {
                    #expect(refused.standardError.contains(text), "\(refused.standardError)")
                    try await condition("the daemon says it too") { stage.said().contains(text) }
                }
                daemon.send(SIGHUP)
                try await condition("the signal's reload is refused too") {
                    try stage.transitions().count { $0.reason.code == "reload_refused" } == 2
                }
                let after = try stage.status()
                #expect(after.instance == before.instance)
                #expect(after.generation == before.generation)
                #expect(after.routes["main"] == before.routes["main"])
                #expect(after.endpoints.keys.sorted() == ["a", "b"])
            }
        }

        @Test func aRouteMovesWhenItsActiveEndpointIsTakenOut() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a", "b"], on: stage)
                var setup = Setup(regions.endpoints(["a", "b"]))
                try stage.configure(setup)
                _ = try await stage.runDaemon()
                let before = try await stage.allHealthy()
                setup = Setup(setup, endpoints: regions.endpoints(["b"]))
                try stage.configure(setup)
                #expect(try stage.ctl("reload").status == 0)
                let after = try await stage.active("b")
                #expect(after.generation == before.generation + 1)
                #expect(after.endpoints.keys.sorted() == ["b"])
                #expect(after.endpoints["b"]?.verdict == "healthy")
                let moves = try await stage.moves(1)
                #expect(moves.map(\.event) == ["config"])
                #expect(moves.map(\.from) == ["a"])
                #expect(moves.map(\.to) == ["b"])
                #expect(moves.map(\.generation) == [after.generation])
            }
        }

        @Test func thePlacesOfARunningDaemonCannotChange() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a"], on: stage)
                let setup = Setup(regions.endpoints(["a"]))
                try stage.configure(setup)
                _ = try await stage.runDaemon()
                let before = try await stage.allHealthy()
                var elsewhere = stage.place
                elsewhere.stateFile = stage.directory.path("elsewhere/state.json")
                try stage.write(setup.text(in: elsewhere), to: "config.yaml")
                let refused = try stage.ctl("reload")
                #expect(refused.status == 78)
                #expect(
                    refused.standardError.contains(
                        "outputs.state_file: found \"\(elsewhere.stateFile)\", "
                            + "allowed: \"\(stage.place.stateFile)\" until the next restart"
                    )
                )
                #expect(!FileManager.default.fileExists(atPath: stage.directory.path("elsewhere")))
                #expect(try stage.status().instance == before.instance)
            }
        }
    }
}

/// Probes of an endpoint that count in its window.
private func samples(of endpoint: String, in state: StateDocument) -> Int {
    guard case .availability(let window) = state.endpoints[endpoint]?.indicators["availability"] else { return 0 }
    return window.samples
}
