import FailoverWire
import Foundation
import TestSupport
import Testing

extension EndToEnd {
    @Suite struct FailoverTests {
        @Test(.enabled(if: Journald.isAvailable, "starting a journald needs root"))
        func aKilledNginxIsLeftAndReturnedToInAllFourOutputs() async throws {
            try await Journald.withJournald { journald in
                try await withStage { stage in
                    let servers = try ["east", "west", "south"].map { try Nginx($0, on: stage) }
                    var programs: [Program] = []
                    for server in servers { programs.append(try await server.start()) }
                    var setup = Setup(servers.map { .init(name: $0.name, url: "http://127.0.0.1:\($0.port)") })
                    setup.interval = "1s"
                    setup.decision = "{ preset: fast, hold_down: 3s }"
                    setup.journal = true
                    try stage.configure(setup)
                    _ = try await stage.runDaemon()
                    let before = try await stage.allHealthy()
                    #expect(before.routes["main"]?.active == "east")

                    programs[0].send(SIGKILL)
                    let failedOver = try await stage.active("west")
                    try await agree(stage, on: failedOver)
                    try check(
                        journald,
                        Move(
                            event: "failover",
                            id: "fc112363041445d9b8a3b872f7f6eefa",
                            from: "east",
                            to: "west",
                            reason: "availability"
                        ),
                        after: before,
                        in: failedOver
                    )

                    _ = try await servers[0].start()
                    let failedBack = try await stage.state("east is active again", within: .seconds(120)) {
                        $0.routes["main"]?.active == "east"
                    }
                    try await agree(stage, on: failedBack)
                    try check(
                        journald,
                        Move(
                            event: "failback",
                            id: "9d3f1f20de134a9e9ac69b00ca0d3568",
                            from: "west",
                            to: "east",
                            reason: "recovered"
                        ),
                        after: failedOver,
                        in: failedBack
                    )
                    let moves = try await stage.moves(2)
                    #expect(moves.map(\.event) == ["failover", "failback"])
                }
            }
        }

        private struct Move {
            let event: String
            let id: String
            let from: String
            let to: String
            let reason: String
        }

        /// State file, route file, failoverctl and curl tell the same decision.
        private func agree(_ stage: Stage, on state: StateDocument) async throws {
            let active = try #require(state.routes["main"]?.active)
            // It is written right after the state file.
            try await condition("the route file follows") { try stage.routeFile("main") == active + "\n" }
            try await condition("the socket follows") { try stage.status().generation == state.generation }
            #expect(try stage.status().routes["main"] == state.routes["main"])
            #expect(try stage.curl("/v1/routes/main/active") == active + "\n")
            let answer = try Wire.decode(StateDocument.self, from: Data(try stage.curl("/v1/status").utf8))
            #expect(answer.generation == state.generation)
            #expect(try stage.memory().generation == state.generation)
        }

        private func check(
            _ journald: Journald,
            _ move: Move,
            after before: StateDocument,
            in state: StateDocument
        ) throws {
            #expect(state.generation == before.generation + 1)
            #expect(state.persisted)
            let entries = try journald.entries(
                "FAILOVERD_EVENT=\(move.event)",
                "FAILOVERD_INSTANCE=\(state.instance.id)"
            )
            let fields = entries.map { entry in
                entry.filter { $0.key.hasPrefix("FAILOVERD_") || $0.key == "MESSAGE_ID" }
            }
            let reason = fields.first?["FAILOVERD_REASON"] ?? ""
            #expect(!reason.isEmpty)
            #expect(
                fields == [
                    [
                        "MESSAGE_ID": move.id,
                        "FAILOVERD_EVENT": move.event,
                        "FAILOVERD_ROUTE": "main",
                        "FAILOVERD_FROM": move.from,
                        "FAILOVERD_TO": move.to,
                        "FAILOVERD_REGION_FROM": move.from,
                        "FAILOVERD_REGION_TO": move.to,
                        "FAILOVERD_REASON_CODE": move.reason,
                        "FAILOVERD_REASON": reason,
                        "FAILOVERD_GENERATION": "\(state.generation)",
                        "FAILOVERD_TERM": "0",
                        "FAILOVERD_VANTAGE": "test",
                        "FAILOVERD_INSTANCE": state.instance.id,
                        "FAILOVERD_DRY_RUN": "0",
                    ]
                ]
            )
        }

        @Test
        func serversOfEveryKindAreJudgedOverPlainAndTLS() async throws {
            try await withStage { stage in
                let certificates = try Certificates(on: stage)
                let plain = try Nginx("plain", on: stage)
                let backend = try Nginx("backend", on: stage)
                let secure = try Nginx("secure", on: stage, certificate: certificates.good)
                let wrong = try Nginx("wrong", on: stage, certificate: certificates.wrongName)
                let backendProgram = try await backend.start()
                for server in [plain, secure, wrong] { _ = try await server.start() }
                let proxy = try await HAProxy.start(before: backend.port, certificate: certificates.good, on: stage)
                let envoy = try await Envoy.start(certificate: certificates.good, on: stage)

                let trust = ", probe: { tls: { ca_file: \(certificates.authority) } }"
                var setup = Setup([
                    .init(name: "wrong", url: "https://127.0.0.1:\(wrong.port)", more: trust),
                    .init(name: "proxy-plain", url: "http://127.0.0.1:\(proxy.plainPort)"),
                    .init(name: "proxy-tls", url: "https://localhost:\(proxy.tlsPort)", more: trust),
                    .init(name: "secure", url: "https://127.0.0.1:\(secure.port)", more: trust),
                    .init(name: "plain", url: "http://127.0.0.1:\(plain.port)"),
                    .init(name: "envoy", url: "https://localhost:\(envoy.port)", more: trust),
                ])
                setup.routes = [
                    .init(name: "main", endpoints: ["proxy-plain", "proxy-tls", "plain", "envoy"]),
                    .init(name: "names", endpoints: ["wrong", "secure"]),
                ]
                setup.interval = "300ms"
                setup.decision = Setup.evidence
                try stage.configure(setup)
                _ = try await stage.runDaemon()

                try await stage.state("the wrong name is unhealthy, the others healthy") { state in
                    let verdicts = state.endpoints.mapValues(\.verdict)
                    return verdicts == [
                        "wrong": "unhealthy", "proxy-plain": "healthy", "proxy-tls": "healthy", "secure": "healthy",
                        "plain": "healthy", "envoy": "healthy",
                    ] && state.routes["names"]?.active == "secure" && state.routes["main"]?.active == "proxy-plain"
                }
                #expect(try Set(badFindings(of: "wrong", on: "names", stage)) == ["tls_name_mismatch"])
                let spoken = try stage.state().endpoints.compactMapValues { $0.connections["default"]?.http }
                #expect(spoken["envoy"] == "2")
                #expect(spoken["secure"] == "1.1")

                backendProgram.send(SIGKILL)
                try await stage.active("plain")
                #expect(try Set(badFindings(of: "proxy-plain", on: "main", stage)) == ["http_503"])
                #expect(try Set(badFindings(of: "proxy-tls", on: "main", stage)) == ["http_503"])
                try await stage.state("both ways through the proxy are unhealthy") { state in
                    ["proxy-plain", "proxy-tls"].allSatisfy { state.endpoints[$0]?.verdict == "unhealthy" }
                }
            }
        }
    }
}

/// What the bad probes of an endpoint have found, oldest first, as its explanation tells.
func badFindings(of endpoint: String, on route: String, _ stage: Stage) throws -> [String] {
    let found = try stage.explanation(of: route).endpoints.filter { $0.endpoint == endpoint }
    let steps = found.flatMap { $0.indicators.filter { $0.name == "availability" }.flatMap(\.steps) }
    return steps.filter(\.bad).map(\.finding)
}
