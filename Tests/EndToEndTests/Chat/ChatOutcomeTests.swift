import FailoverWire
import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Five outcomes, seen by those who read the outputs.
    @Suite struct ChatOutcomeTests {
        private static let names = ["good", "failing", "throttled", "refused", "filtered"]

        @Test(.enabled(if: Journald.isAvailable, "starting a journald needs root"))
        func eachOutcomeHasItsConsequenceAndNoOther() async throws {
            try await Journald.withJournald { journald in
                try await withStage { stage in
                    let regions = try await ChatRegions.start(Self.names, on: stage)
                    var setup = ChatSetup(Self.names.map { .init(name: $0, url: regions.url($0)) })
                    // Whoever is active is held by what says nothing about its health.
                    setup.route = ["refused", "filtered", "throttled", "failing", "good"]
                    setup.credentialFile = try stage.writeKey()
                    setup.journal = true
                    try stage.configure(setup)
                    _ = try await stage.runDaemon()
                    let before = try await stage.allHealthy()

                    let faults = [
                        "failing": "overloaded_529", "throttled": "throttled", "refused": "auth_401",
                        "filtered": "content_filter_400",
                    ]
                    for (name, quirk) in faults { try regions.fault(name, "{ chat: \(quirk) }") }
                    try await stage.state("the failing one is unhealthy") {
                        $0.endpoints["failing"]?.verdict == "unhealthy"
                    }
                    try await stage.state("the throttled one is no target", within: .seconds(150)) { state in
                        state.endpoints["throttled"]?.reason.code == "rate_limited"
                    }
                    let told = try await events(journald, before, atLeast: 3)
                    #expect(told["throttled"] == ["throttled"])
                    #expect(told["refused"] == ["misconfigured"])
                    #expect(told["filtered"] == ["misconfigured"])

                    let state = try stage.state()
                    #expect(state.endpoints["good"]?.verdict == "healthy")
                    #expect(state.endpoints["throttled"]?.verdict == "degraded")
                    #expect(state.routes["main"]?.active == "refused")
                    #expect(state.generation == before.generation)
                    #expect(try Set(badFindings(of: "failing", on: "main", stage)) == ["overloaded"])

                    for name in Self.names { try regions.heal(name) }
                    try await stage.state("the failing one is well again", within: .seconds(120)) {
                        $0.endpoints["failing"]?.verdict == "healthy"
                    }
                    #expect(try stage.state().generation == before.generation)
                }
            }
        }

        /// Waits for entries about outcomes, and returns their kinds by endpoint.
        private func events(
            _ journald: Journald,
            _ state: StateDocument,
            atLeast count: Int
        ) async throws -> [String: [String]] {
            let instance = state.instance.id
            try await condition("the journal tells", within: .seconds(60)) {
                try Self.events(journald, of: instance).count >= count
            }
            return try Self.events(journald, of: instance)
        }

        private static func events(_ journald: Journald, of instance: String) throws -> [String: [String]] {
            let entries = try journald.entries("FAILOVERD_INSTANCE=\(instance)")
                .filter { ["throttled", "misconfigured"].contains($0["FAILOVERD_EVENT"]) }
            return Dictionary(grouping: entries) { $0["FAILOVERD_ENDPOINT"] ?? "" }
                .mapValues { $0.compactMap { $0["FAILOVERD_EVENT"] } }
        }

        @Test func aRegionThatAsksForPatienceIsLeftInPeace() async throws {
            try await withStage { stage in
                let regions = try await ChatRegions.start(["a", "b"], on: stage)
                var setup = ChatSetup(["a", "b"].map { .init(name: $0, url: regions.url($0)) })
                setup.credentialFile = try stage.writeKey()
                try stage.configure(setup)
                _ = try await stage.runDaemon()
                try await stage.allHealthy()

                let asked = try regions.requests("a")
                try regions.fault("a", "{ chat: { quirk: throttled_reset, wait: 60s } }")
                // The first answer says how long to wait; one more may have been under way, and one before the fault.
                try await condition("a has been asked") { try regions.requests("a") > asked }
                let (first, other) = (try regions.requests("a"), try regions.requests("b"))
                try await condition("b goes on", within: .seconds(60)) { try regions.requests("b") >= other + 10 }
                #expect(try regions.requests("a") <= first + 2)
            }
        }
    }
}
