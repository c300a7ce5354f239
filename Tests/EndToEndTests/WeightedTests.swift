import FailoverWire
import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// A weighted route with a canary, from the configuration to the state file and over a crash.
    @Suite struct WeightedTests {
        private static let all = ["cheap": 70, "long": 24, "premium": 5, "next": 1]

        @Test func weightsShiftAndReturnAndACanaryWaitsForAnOrder() async throws {
            try await withStage { stage in
                let names = ["cheap", "long", "premium", "next"]
                let regions = try await Regions.start(names, on: stage)
                var setup = Setup(regions.endpoints(names))
                setup.routes[0].weights = "{ cheap: 70, long: 24, premium: 5, next: 1 }, canary: [next]"
                try stage.configure(setup)
                let first = try await stage.runDaemon()
                let begun = try await stage.allHealthy()
                #expect(begun.routes["main"]?.weights == Self.all && begun.routes["main"]?.policy == "weighted")
                // A tier goes down and comes back.
                try regions.fault("cheap", #"{"status": 503}"#)
                let shifted = try await stage.state("cheap is left") { $0.routes["main"]?.weights["cheap"] == 0 }
                #expect(shifted.routes["main"]?.weights == ["cheap": 0, "long": 94, "premium": 5, "next": 1])
                #expect(shifted.generation == begun.generation + 1 && shifted.routes["main"]?.active == "long")
                try regions.heal("cheap")
                try await stage.state("cheap is back") { $0.routes["main"]?.weights == Self.all }
                // The canary goes down, comes back, and is left alone.
                try regions.fault("next", #"{"status": 503}"#)
                try await stage.state("next is left") { $0.routes["main"]?.weights["next"] == 0 }
                try regions.heal("next")
                try await stage.state("next is well") { $0.endpoints["next"]?.verdict == "healthy" }
                first.end()
                _ = try await stage.runDaemon()
                let again = try await stage.state("all are judged again") { state in
                    state.instance.id != begun.instance.id
                        && state.endpoints.values.allSatisfy { $0.verdict == "healthy" }
                }
                #expect(again.routes["main"]?.weights == ["cheap": 71, "long": 24, "premium": 5, "next": 0])
                #expect(again.routes["main"]?.shares?["next"]?.stopped?.reason.code == "canary_stopped")
                let status = try stage.ctl("status").standardOutput
                #expect(status.contains("failoverctl failback main next"))
                let order = try stage.ctl("failback", "main", "next", "--reason", "fixed")
                #expect(order.status == 0)
                try await stage.state("next carries its share") { $0.routes["main"]?.weights == Self.all }
                try await condition("the moves are told") {
                    try stage.transitions().filter { $0.event == "weights" }.map { $0.share } == [
                        "cheap", "cheap", "next", "next",
                    ]
                }
                let last = try stage.transitions().last { $0.event == "weights" }
                #expect(last?.reason.text == "1 % from cheap to next: fixed" && last?.actor == NSUserName())
            }
        }
    }
}
