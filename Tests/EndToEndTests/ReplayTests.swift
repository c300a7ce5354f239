import FailoverWire
import Foundation
import TestSupport
import Testing

extension EndToEnd {
    @Suite struct ReplayTests {
        /// What is compared of a transition.
        private struct Transition: Decodable, Hashable {
            let route: String
            let event: String
            let from: String?
            let to: String?
            let reason: ReasonDocument
            let generation: UInt64
        }

        private struct LastLine: Decodable {
            struct Summary: Decodable { let exact: Bool }
            let summary: Summary
        }

        /// A day with an outage, a reload that changes a secret, a standstill and a restart.
        @Test func recordingOfALiveRunReplaysToWhatWasPublished() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a", "b"], on: stage)
                var setup = Setup(regions.endpoints(["a", "b"]))
                setup.decision = Setup.evidence
                setup.probe = "headers: { x-key: s3cret-one }"
                try stage.configure(setup)
                var daemon = try await stage.runDaemon()
                try await stage.allHealthy()
                try regions.fault("a", #"{"status": 503}"#)
                try await stage.active("b")
                setup.probe = "headers: { x-key: s3cret-two }"
                try stage.configure(setup)
                #expect(try stage.ctl("reload").status == 0)
                daemon.send(SIGSTOP)
                try await Task.sleep(for: .seconds(2))
                daemon.send(SIGCONT)
                try regions.heal("a")
                try await stage.active("a")
                daemon.send(SIGTERM)
                #expect(try await daemon.ending() == .exit(0))
                daemon = try await stage.runDaemon()
                try await stage.allHealthy()
                try regions.fault("a", #"{"status": 503}"#)
                try await stage.active("b")
                daemon.send(SIGTERM)
                #expect(try await daemon.ending() == .exit(0))

                let folder = stage.place.memory + "/recordings"
                let replayed = try stage.ctl("replay", folder, "--json")
                #expect(replayed.status == 0)
                #expect(try stage.ctl("replay", folder, "--json").standardOutput == replayed.standardOutput)
                let lines = replayed.standardOutput.split(separator: "\n").map { Data($0.utf8) }
                let summary = try Wire.decode(LastLine.self, from: try #require(lines.last)).summary
                #expect(summary.exact)
                let transitions = try lines.dropLast().map { try Wire.decode(Transition.self, from: $0) }
                let published = try stage.transitions().filter { $0.route != nil && $0.event != "spend" }
                #expect(published.count { $0.event == "failover" } == 2)
                #expect(
                    transitions
                        == published.map { event in
                            Transition(
                                route: event.route ?? "",
                                event: event.event,
                                from: event.from,
                                to: event.to,
                                reason: event.reason,
                                generation: event.generation
                            )
                        }
                )
                for file in try FileManager.default.contentsOfDirectory(atPath: folder) {
                    #expect(try !String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8).contains("s3cret"))
                }
            }
        }
    }
}
