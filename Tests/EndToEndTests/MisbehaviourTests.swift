import FailoverWire
import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Endpoints that do what they like.
    @Suite struct MisbehaviourTests {
        /// A fault, and what a probe finds.
        private static let faults: [(name: String, fault: String, finding: String)] = [
            ("garbage", "garbage", "response_malformed"),
            ("blackhole", "blackhole", "response_timeout"),
            ("empty", "empty", "body_mismatch"),
            ("endless", "endless", "body_too_large"),
            ("stall", "stall", "body_timeout"),
            ("drip", "drip: 500ms", "body_timeout"),
            ("truncate", "truncate", "response_truncated"),
            ("reset", "reset", "response_reset"),
            ("refuse", "refuse", "connect_refused"),
            ("status", "status: 503", "http_503"),
        ]

        @Test func everyKindOfBadAnswerIsLeftForAGoodOne() async throws {
            try await withStage { stage in
                let names = Self.faults.map(\.name)
                let regions = try await Regions.start(names + ["good"], on: stage)
                let endless = try EndlessHead()
                defer { endless.stop() }
                var setup = Setup(regions.endpoints(names + ["good"]))
                setup.endpoints.append(.init(name: "head", url: "http://127.0.0.1:\(endless.port)"))
                setup.routes = (names + ["head"]).map { .init(name: $0, endpoints: [$0, "good"]) }
                setup.interval = "500ms"
                setup.decision = Setup.evidence
                setup.timeouts = "{ first_byte: 2s, total: 3s }"
                setup.objective = "2s"
                setup.probe = "expect: { body: { contains: ok } }"
                try stage.configure(setup)
                _ = try await stage.runDaemon()
                try await stage.state("all but one are healthy") { state in
                    state.endpoints.allSatisfy { ($0.value.verdict == "healthy") == ($0.key != "head") }
                }
                for (name, fault, _) in Self.faults {
                    try regions.fault(name, fault.contains(":") ? "{ \(fault) }" : fault)
                }
                for (name, _, finding) in Self.faults + [("head", "", "header_too_large")] {
                    let state = try await stage.state("\(name) is left") {
                        $0.routes[name]?.active == "good" && $0.endpoints[name]?.verdict == "unhealthy"
                    }
                    #expect(state.endpoints[name]?.reason.text.isEmpty == false)
                    // What was under way when the fault began may have found something else.
                    try await condition("\(name) is said to be \(finding)") {
                        try badFindings(of: name, on: name, stage).last == finding
                    }
                }
                #expect(try stage.state().endpoints["good"]?.verdict == "healthy")
                // Those who never end have not held the daemon up.
                #expect(try stage.curl("/healthz") == "ok\n")
            }
        }

        @Test func aNameThatDoesNotResolveIsNeverATarget() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a", "well"], on: stage)
                var setup = Setup(regions.endpoints(["a"]) + [.init(name: "nowhere", url: "http://name.invalid")])
                setup.anchors = [regions.url("well")]
                setup.timeouts = "{ resolve: 2s, first_byte: 2s, total: 3s }"
                setup.objective = "2s"
                try stage.configure(setup)
                _ = try await stage.runDaemon()
                try await stage.state("a is healthy") { $0.endpoints["a"]?.verdict == "healthy" }
                try regions.fault("a", "{ status: 503 }")
                let stuck = try await stage.state("traffic stays") { $0.routes["main"]?.mode == "fail_open" }
                #expect(stuck.routes["main"]?.active == "a")
                #expect(stuck.routes["main"]?.reason.code == "no_healthy_endpoint")
                #expect(["unknown", "unhealthy"].contains(stuck.endpoints["nowhere"]?.verdict))
                try regions.heal("a")
                try await stage.state("a is preferred again") { $0.routes["main"]?.mode == "preferred" }
                #expect(try stage.transitions().filter(\.isMove) == [])
            }
        }
    }
}
