import FailoverWire
import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// What was decided, asked for later.
    @Suite struct ExplainPastTests {
        private func past(_ stage: Stage, _ arguments: String...) throws -> PastExplanation {
            let environment = ["FAILOVERD_SOCKET": stage.place.socket]
            let output = try run(
                Built.failoverctl,
                ["explain", "main", "--json"] + arguments,
                environment: environment
            )
            guard output.status == 0 else { throw ConditionError(description: output.standardError) }
            return try Wire.decode(PastExplanation.self, from: Data(output.standardOutput.utf8))
        }

        @Test func earlierDecisionsAreExplainedAfterARestart() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a", "b"], on: stage)
                var setup = Setup(regions.endpoints(["a", "b"]))
                setup.interval = "300ms"
                setup.decision = Setup.evidence
                try stage.configure(setup)
                let first = try await stage.runDaemon()
                try await stage.allHealthy()
                let early = try stage.ctl("explain", "main", "--generation", "1")
                #expect(early.status == 64)
                #expect(early.standardError.contains("no decision about main is kept"), "\(early)")
                try regions.fault("a", "{ status: 503 }")
                let moved = try await stage.active("b")
                #expect(try stage.ctl("pin", "main", "a", "--reason", "audit").status == 0)
                let pinned = try stage.status().generation
                first.send(SIGTERM)
                #expect(try await first.ending() == .exit(0))
                _ = try await stage.runDaemon()

                let failover = try past(stage, "--generation", "\(moved.generation)")
                #expect(failover.decision.event == "failover" && failover.decision.to == "b")
                #expect(failover.next?.event == "pinned" && failover.next?.generation == pinned)
                let grounds = try #require(failover.decision.grounds)
                #expect(grounds.indicators.contains { $0.steps.contains { $0.finding == "http_503" } })
                #expect(grounds.witness?.standing == "vouched")
                let sources = grounds.witness?.sources.map { "\($0.name) \($0.good)/\($0.needed), anchor \($0.anchor)" }
                #expect(sources == ["b 5/5, anchor false"])
                let time = failover.decision.at.description
                #expect(try past(stage, "--at", time).decision == failover.decision)
                let text = try stage.ctl("explain", "main", "--generation", "\(moved.generation)").standardOutput
                for part in ["main: a -> b, failover at ", "http_503", "witness: b 5/5 good (not our network)"] {
                    #expect(text.contains(part), "\(text)")
                }
                #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(text)")

                let operators = try past(stage, "--generation", "\(pinned)")
                #expect(operators.decision.event == "pinned" && operators.decision.reason.text == "audit")
                #expect(operators.decision.grounds == nil && operators.decision.actor != nil)
                let later = try stage.ctl("explain", "main", "--generation", "\(pinned + 1)")
                #expect(later.status == 64)
                #expect(
                    later.standardError.contains("kept are generations \(moved.generation) to \(pinned)"),
                    "\(later)"
                )
                #expect(try stage.ctl("explain", "main", "--at", "yesterday").status == 64)
                #expect(try stage.ctl("explain", "main", "--at", time, "--generation", "1").status == 64)
            }
        }
    }
}
