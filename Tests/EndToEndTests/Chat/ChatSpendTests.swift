import FailoverWire
import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// What probing spends is the same figure for everyone who looks, and survives the daemon.
    @Suite struct ChatSpendTests {
        @Test(.enabled(if: Journald.isAvailable, "starting a journald needs root"))
        func aCapIsKeptAndToldInEveryOutput() async throws {
            try await Journald.withJournald { journald in
                try await withStage { stage in
                    let regions = try await ChatRegions.start(["a", "b"], on: stage)
                    let price = ", price: { input: 2.50, output: 10.00, as_of: 2026-05-01 }"
                    var setup = ChatSetup([
                        .init(name: "a", url: regions.url("a"), more: price + ", spend: { daily: { tokens: 3000 } }"),
                        .init(name: "b", url: regions.url("b"), more: price),
                    ])
                    setup.credentialFile = try stage.writeKey()
                    setup.journal = true
                    try stage.configure(setup)
                    let daemon = try await stage.runDaemon()
                    try await stage.state("the cap slows the probes of a") { state in
                        guard let spend = state.endpoints["a"]?.spend else { return false }
                        return spend.pace != "full" && spend.tokens > 0 && spend.cap?.tokens == 3000
                    }
                    let instance = try stage.state().instance.id
                    try await condition("the journal tells") {
                        try journald.entries("FAILOVERD_INSTANCE=\(instance)").contains { entry in
                            entry["FAILOVERD_EVENT"] == "spend" && entry["FAILOVERD_ENDPOINT"] == "a"
                        }
                    }
                    #expect(try stage.ctl("status").standardOutput.contains("of 3,000 tokens"))
                    let lines = try stage.curl("/metrics").split(separator: "\n")
                    #expect(lines.contains(#"failoverd_spend_cap_tokens{endpoint="a"} 3000"#))
                    #expect(lines.contains(#"failoverd_spend_pace{endpoint="a",pace="full"} 0"#))
                    #expect(lines.contains(#"failoverd_spend_pace{endpoint="b",pace="full"} 1"#))
                    let spent = try #require(try Self.tokens(lines, of: "a"))
                    #expect((1...3000).contains(spent))
                    try await stage.state("b spends without a cap") { state in
                        guard let (a, b) = Self.spent(state) else { return false }
                        return b > 2 * a
                    }

                    // A day's cap is a day's cap, whoever restarts the daemon.
                    daemon.send(SIGTERM)
                    _ = try await daemon.ending()
                    _ = try await stage.runDaemon()
                    try await stage.state("a new daemon has asked") { $0.endpoints["b"]?.verdict == "healthy" }
                    let after = try #require(try stage.state().endpoints["a"]?.spend?.tokens)
                    #expect((spent...3000).contains(after))
                }
            }
        }

        private static func spent(_ state: StateDocument) -> (a: Int, b: Int)? {
            guard let a = state.endpoints["a"]?.spend, let b = state.endpoints["b"]?.spend else { return nil }
            return (a.tokens, b.tokens)
        }

        /// The tokens that an endpoint has spent, as the metrics tell it.
        private static func tokens(_ lines: [Substring], of endpoint: String) throws -> Int? {
            let name = "failoverd_spend_today_tokens{endpoint=\"\(endpoint)\"} "
            return lines.first { $0.hasPrefix(name) }.flatMap { Int($0.dropFirst(name.count)) }
        }
    }
}
