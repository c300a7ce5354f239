import FailoverWire
import Foundation
import TestSupport
import Testing

/// Names, both address families, and name servers that change, lie and die.
@Suite(.serialized, .enabled(if: NetworkNamespace.canMake, "network namespaces need root"))
struct NetworkNameTests {
    private let first = NetworkHost(10)
    private let second = NetworkHost(11)
    private let nameServer = NetworkHost(53)

    /// A web server on port 80 of all addresses.
    private func webServer(in network: NetworkStage) async throws -> WebServer {
        let server = try WebServer("web", on: network.stage, ports: [80], servers: ["listen 80; listen [::]:80;"])
        _ = try await server.start(in: network)
        return server
    }

    @Test(.timeLimit(.minutes(3)))
    func lostIPv6IsSteppedOverAndTold() async throws {
        try await withNetworkStage(hosts: [first, second, nameServer]) { network in
            let stage = network.stage
            _ = try await AuthoritativeServer.start(
                .addresses([
                    "dual": [first.ipv6, first.ipv4], "six": [second.ipv6], "four": [second.ipv4],
                    "both": [second.ipv6, second.ipv4],
                ]),
                at: nameServer,
                in: network
            )
            _ = try await webServer(in: network)
            try network.pair.setFaults([.blackhole(first.ipv6)])
            let names = ["dual", "six", "four", "both"]
            try stage.configure(.network(names.map { .init(name: $0, url: "http://\($0).test") }))
            // On a busy machine the first packets of a new network take longer than the head start of IPv6.
            try await condition("IPv6 is quick") {
                let probed = try network.ctl("probe", "both", "--config", stage.configurationFile)
                return probed.status == 0 && !probed.unwrapped.contains("did not answer")
            }
            _ = try await network.runDaemon()
            let view = try await stage.view("all are healthy, and the ways are told") { view in
                view.areAllHealthy && names.allSatisfy { view.connection(of: $0) != nil }
                    && view.connection(of: "both")?.family == "ipv6"
            }
            func way(_ address: String, _ family: String, instead: String? = nil) -> StateView.Connection {
                StateView.Connection(
                    address: address,
                    family: family,
                    failedFamily: instead,
                    http: "1.1",
                    reused: false,
                    certificate: nil
                )
            }
            #expect(
                view.endpoints.compactMapValues { $0.connections?["default"] } == [
                    "dual": way("\(first.ipv4):80", "ipv4", instead: "ipv6"),
                    "six": way("[\(second.ipv6)]:80", "ipv6"),
                    "four": way("\(second.ipv4):80", "ipv4"),
                    "both": way("[\(second.ipv6)]:80", "ipv6"),
                ]
            )
            #expect(try stage.ctl("status").unwrapped.contains("IPv6 did not answer"))
            let probed = try network.ctl("probe", "dual", "--config", stage.configurationFile)
            #expect(probed.status == 0, "\(probed)")
            #expect(probed.unwrapped.contains("IPv6 did not answer"), "\(probed)")
            let other = try network.ctl("probe", "both", "--config", stage.configurationFile)
            #expect(other.status == 0, "\(other)")
            #expect(!other.unwrapped.contains("did not answer"), "\(other)")
            #expect(try stage.convictions() == [])
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func aNameThatMovesIsFollowed() async throws {
        try await withNetworkStage(hosts: [first, second, nameServer]) { network in
            let stage = network.stage
            let names = try await AuthoritativeServer.start(
                .addresses(["svc": [first.ipv4]]),
                timeToLive: 2,
                at: nameServer,
                in: network
            )
            let server = try await webServer(in: network)
            let (old, new) = ("\(first.ipv4):80", "\(second.ipv4):80")
            try stage.configure(.network([.init(name: "svc", url: "http://svc.test")]))
            _ = try await network.runDaemon()
            try await stage.allHealthy()
            // Answers are used for their time to live, not for one probe.
            try await server.answers(10) { $0.server == old }
            let asked = try names.server.queries()
            try await server.answers(5) { $0.server == old }
            // Five probes take less than one such time; each name has a query for each family.
            #expect(try names.server.queries() - asked <= 6)

            try names.server.change(to: ["svc": [second.ipv4]])
            try await server.answers(3) { $0.server == new }
            let left = try server.requests().count { $0.server == old }
            try await server.answers(10) { $0.server == new }
            #expect(try server.requests().count { $0.server == old } == left)
            #expect(try stage.convictions() == [])
        }
    }

    /// What a name server says about names that it knew a moment ago.
    private static let lies: [(name: String, answer: AuthoritativeServer.Answer)] = [
        ("no such name", .addresses([:])),
        ("0.0.0.0", .addresses(["a": ["0.0.0.0"], "b": ["0.0.0.0"]])),
        ("SERVFAIL", .serverFailure),
    ]

    @Test(.timeLimit(.minutes(3)))
    func aNameServerThatLiesMovesNothing() async throws {
        try await withNetworkStage(hosts: [first, second, nameServer]) { network in
            let stage = network.stage
            let truth = ["a": [first.ipv4], "b": [second.ipv4]]
            var (names, program) = try await AuthoritativeServer.start(.addresses(truth), at: nameServer, in: network)
            let server = try await webServer(in: network)
            try stage.configure(.network(["a", "b"].map { .init(name: $0, url: "http://\($0).test") }))
            _ = try await network.runDaemon()
            let before = try await stage.allHealthy()
            for lie in Self.lies {
                program.end()
                program = try await names.start(lie.answer)
                // The lie was heard, and more than once.
                try await names.receives(4)
                // Meanwhile the last good addresses are probed.
                for host in [first, second] { try await server.answers(2) { $0.server == "\(host.ipv4):80" } }
                #expect(try stage.convictions() == [], "\(lie.name)")
                program.end()
                program = try await names.start(.addresses(truth))
                try await names.receives(2)
            }
            let after = try await stage.allHealthy()
            #expect(after.generation == before.generation)
            #expect(after.routes["main"]?.active == "a")
        }
    }

    /// How long the name server stays dead; by default a little longer than old addresses are used.
    private static let outage = Duration.seconds(
        ProcessInfo.processInfo.environment["FAILOVERD_TEST_OUTAGE_SECONDS"].flatMap { Int($0) } ?? 40
    )

    @Test(.timeLimit(.minutes(20)))
    func aDeadNameServerMovesNothing() async throws {
        try await withNetworkStage(hosts: [first, second, nameServer]) { network in
            let stage = network.stage
            let truth = ["a": [first.ipv4], "b": [second.ipv4]]
            _ = try await AuthoritativeServer.start(.addresses(truth), at: nameServer, in: network)
            let server = try await webServer(in: network)
            try stage.configure(.network(["a", "b"].map { .init(name: $0, url: "http://\($0).test") }))
            _ = try await network.runDaemon()
            let before = try await stage.allHealthy()

            // Silent rather than closed: each question waits for its whole limit.
            let clock = ContinuousClock()
            let died = clock.now
            try network.pair.setFaults([.blackhole(nameServer.ipv4)])
            // For a while the last good addresses are used.
            for host in [first, second] { try await server.answers(10) { $0.server == "\(host.ipv4):80" } }
            #expect(try stage.convictions() == [])
            let troubled = try await stage.view("the trouble is told", within: .seconds(120)) {
                $0.trouble == "local_resolver"
            }
            #expect(["clear", "suspect"].contains(troubled.vantage.state))
            #expect((troubled.probing?.local["local_resolver"] ?? 0) > 0)
            // The outage itself has a length.
            try await clock.sleep(until: died + Self.outage)
            #expect(try stage.convictions() == [])
            #expect(try stage.state().routes["main"]?.active == "a")

            try network.pair.setFaults([])
            let after = try await stage.view("all is well again") { $0.isClear && $0.areAllHealthy }
            #expect(after.generation == before.generation)
            #expect(after.routes["main"]?.active == "a")
            #expect(try stage.convictions() == [])
            #expect(try stage.events(of: "vantage").first == ": local_resolver")
        }
    }
}
