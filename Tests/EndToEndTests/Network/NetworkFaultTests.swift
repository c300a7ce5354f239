import FailoverWire
import Foundation
import TestSupport
import Testing

/// Packets that are lost, refused, or have nowhere to go.
@Suite(.serialized, .enabled(if: NetworkNamespace.canMake, "network namespaces need root"))
struct NetworkFaultTests {
    private let first = NetworkHost(10)
    private let second = NetworkHost(11)

    /// Endpoints `a` and `b` with literal addresses, before a web server.
    private func withEndpoints(
        _ body: (NetworkStage, WebServer, StateDocument) async throws -> Void
    ) async throws {
        try await withNetworkStage(hosts: [first, second]) { network in
            let server = try WebServer("web", on: network.stage, ports: [80], servers: ["listen 80;"])
            _ = try await server.start(in: network)
            try network.stage.configure(
                .network([
                    .init(name: "a", url: "http://\(first.ipv4)"), .init(name: "b", url: "http://\(second.ipv4)"),
                ])
            )
            _ = try await network.runDaemon()
            try await body(network, server, try await network.stage.allHealthy())
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func anEndpointThatCannotBeReachedIsLeft() async throws {
        let hosts = [
            "lost": NetworkHost(20), "refused": NetworkHost(21), "torn": NetworkHost(22), "good": NetworkHost(23),
        ]
        let findings = ["lost": "connect_timeout", "refused": "connect_refused", "torn": "response_reset"]
        func address(_ name: String) -> String { hosts[name]?.ipv4 ?? "" }
        try await withNetworkStage(hosts: Array(hosts.values)) { network in
            let stage = network.stage
            let server = try WebServer("web", on: stage, ports: [80], servers: ["listen 80;"])
            _ = try await server.start(in: network)
            var setup = Setup.network(hosts.keys.sorted().map { .init(name: $0, url: "http://\(address($0))") })
            setup.routes = findings.keys.sorted().map { .init(name: $0, endpoints: [$0, "good"]) }
            try stage.configure(setup)
            _ = try await network.runDaemon()
            let before = try await stage.allHealthy()
            #expect(before.routes.mapValues(\.active) == ["lost": "lost", "refused": "refused", "torn": "torn"])

            try network.pair.setFaults([
                .blackhole(address("lost")), .reset(address("refused")), .resetWhenSpokenTo(address("torn")),
            ])
            for (name, finding) in findings {
                try await stage.active("good", on: name)
                // What was under way when the fault began may have found something else.
                try await condition("\(name) is said to be \(finding)") {
                    try badFindings(of: name, on: name, stage).last == finding
                }
            }
            #expect(try stage.state().generation == before.generation + 3)
            try network.pair.setFaults([])
            for name in findings.keys { try await stage.active(name, on: name) }
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func withoutARouteNobodyIsConvicted() async throws {
        try await withEndpoints { network, _, before in
            let stage = network.stage
            try network.pair.cutRoutes()
            let troubled = try await stage.view("the trouble is told") { $0.trouble == "local_network" }
            #expect(["clear", "suspect"].contains(troubled.vantage.state))
            #expect((troubled.probing?.local["local_network"] ?? 0) > 0)
            #expect(try stage.convictions() == [])
            #expect(try stage.ctl("status").unwrapped.contains("local_network"))
            try network.pair.restoreRoutes()
            let after = try await stage.view("all is well again") { $0.isClear && $0.areAllHealthy }
            #expect(after.generation == before.generation)
            #expect(after.routes["main"]?.active == "a")
            #expect(try stage.convictions() == [])
            // The probing is hampered, and our own vantage is doubted.
            let told = try stage.events(of: "vantage")
            #expect(Set(told) == [": local_network", ": clear"] && told.last == ": clear")
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func lossOnTheWayToAStandbyMovesNothing() async throws {
        try await withEndpoints { network, server, before in
            let stage = network.stage
            let (active, standby) = ("\(first.ipv4):80", "\(second.ipv4):80")
            try network.pair.setFaults([.loss(second.ipv4, percent: 30)])
            try await server.answers(30) { $0.server == active }
            try await server.answers(1) { $0.server == standby }
            let during = try stage.state()
            #expect(during.generation == before.generation)
            #expect(during.routes["main"]?.active == "a")
            #expect(during.endpoints["a"]?.verdict == "healthy")
            try network.pair.setFaults([])
            let after = try await stage.allHealthy()
            #expect(after.generation == before.generation)
        }
    }
}
