import FailoverWire
import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// What operators want, from the command line to the state file and back after a crash.
    @Suite struct OperatorTests {
        private static let owner = NSUserName()

        @Test func aPinHoldsOverACrashAndEndsWhenItIsLifted() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a", "b"], on: stage)
                try stage.configure(Setup(regions.endpoints(["a", "b"])))
                let first = try await stage.runDaemon()
                let before = try await stage.allHealthy()
                let order = try stage.ctl("pin", "main", "b", "--reason", "new kernel", "--for", "30m", "--json")
                #expect(order.status == 0)
                let receipt = try Wire.decode(ReceiptDocument.self, from: Data(order.standardOutput.utf8))
                #expect(receipt.persisted && receipt.generation == before.generation + 1)
                #expect(receipt.routes == ["main": ReceiptDocument.Route(active: "b", mode: "pinned")])
                // The answer comes after the disk has it: whatever happens now, it holds.
                first.end()
                #expect(try stage.memory().intents.map(\.reason) == ["new kernel"])
                _ = try await stage.runDaemon()
                try await stage.state("both are judged again") { state in
                    state.instance.id != before.instance.id
                        && state.endpoints.values.allSatisfy { $0.verdict == "healthy" }
                }
                try regions.fault("b", #"{"status": 503}"#)
                let held = try await stage.state("b is unhealthy") { $0.endpoints["b"]?.verdict == "unhealthy" }
                #expect(held.generation == before.generation + 1 && held.instance.id != before.instance.id)
                #expect(held.routes["main"]?.active == "b" && held.routes["main"]?.mode == "pinned")
                #expect(held.endpoints["b"]?.pinned?.by == Self.owner)
                #expect(try stage.ctl("unpin", "main").status == 0)
                try await stage.active("a")
                try await condition("the move is told") { try stage.events().last?.isMove ?? false }
                // What happened just before the crash may be lost to people; what was wanted is not.
                let events = try stage.events().filter { $0.instance == held.instance.id && $0.event != "verdict" }
                #expect(events.map(\.event) == ["started", "unpinned", "failover"])
                #expect(events.map(\.actor) == [nil, Self.owner, nil])
            }
        }

        @Test func aDrainedEndpointIsLeftAndTheLastOneIsKept() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a", "b"], on: stage)
                try stage.configure(Setup(regions.endpoints(["a", "b"])))
                _ = try await stage.runDaemon()
                try await stage.allHealthy()
                #expect(try stage.ctl("drain", "--region", "a", "--reason", "new kernel").status == 0)
                let drained = try await stage.active("b")
                #expect(drained.endpoints["a"]?.drained?.region == "a" && drained.endpoints["a"]?.verdict == "healthy")
                let refused = try stage.ctl("drain", "b", "--reason", "too")
                #expect(refused.status == 64 && refused.standardOutput == "")
                #expect(
                    refused.standardError
                        == "failoverctl: draining b is refused unless it is forced\n"
                        + "  main would have no eligible endpoint left: a is drained\n"
                )
                #expect(try stage.ctl("undrain", "--region", "a").status == 0)
                try await stage.active("a")
                #expect(try stage.ctl("drain", "mars", "--reason", "x").standardError.contains("there is: a, b"))
            }
        }

        @Test func nothingMovesByItselfWhileFrozen() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a", "b"], on: stage)
                try stage.configure(Setup(regions.endpoints(["a", "b"])))
                _ = try await stage.runDaemon()
                try await stage.allHealthy()
                #expect(try stage.ctl("freeze", "--reason", "audit").status == 0)
                try regions.fault("a", #"{"status": 503}"#)
                let frozen = try await stage.state("a is unhealthy") { $0.endpoints["a"]?.verdict == "unhealthy" }
                #expect(frozen.frozen?.reason == "audit" && frozen.routes["main"]?.mode == "held")
                try await condition("the withheld move is told") {
                    try stage.transitions().contains { $0.event == "held" && $0.reason.code == "frozen" }
                }
                #expect(try stage.state().routes["main"]?.active == "a")
                #expect(try stage.ctl("unfreeze").status == 0)
                try await stage.active("b")
            }
        }
    }
}
