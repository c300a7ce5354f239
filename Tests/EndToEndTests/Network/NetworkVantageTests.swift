import FailoverWire
import Foundation
import TestSupport
import Testing

/// What is wrong is the place that probes.
@Suite(.serialized, .enabled(if: NetworkNamespace.canMake, "network namespaces need root"))
struct NetworkVantageTests {
    /// How long the outage lasts: a whole incident if asked for, and usually the time in which it would have been acted on.
    private static let outage = Duration.seconds(
        ProcessInfo.processInfo.environment["FAILOVERD_TEST_OUTAGE_SECONDS"].flatMap { Int($0) } ?? 20
    )

    @Test(.timeLimit(.minutes(20)))
    func aLineOfOursThatIsDownMovesNothing() async throws {
        let hosts = [NetworkHost(10), NetworkHost(11), NetworkHost(12)]
        try await withNetworkStage(hosts: hosts) { network in
            let stage = network.stage
            let server = try WebServer("web", on: stage, ports: [80], servers: ["listen 80;"])
            _ = try await server.start(in: network)
            var setup = Setup.network([
                .init(name: "a", url: "http://\(hosts[0].ipv4)"), .init(name: "b", url: "http://\(hosts[1].ipv4)"),
            ])
            setup.anchors = ["http://\(hosts[2].ipv4)"]
            try stage.configure(setup)
            _ = try await network.runDaemon()
            let before = try await stage.allHealthy()

            // Packets go out, and nothing comes back from anywhere.
            try network.pair.setFaults(hosts.map { .blackhole($0.ipv4) })
            let doubted = try await stage.view("our own network is doubted") { $0.vantage.state == "suspect" }
            #expect(doubted.routes["main"]?.mode == "held" && doubted.routes["main"]?.active == "a")
            #expect(try stage.ctl("status", "--exit-code").status == 3)
            try await Task.sleep(for: Self.outage)
            #expect(try stage.convictions() == [])
            try network.pair.setFaults([])
            let after = try await stage.view("all is well again") { $0.isClear && $0.areAllHealthy }
            #expect(after.generation == before.generation)
            #expect(after.routes["main"]?.mode == "preferred" && after.routes["main"]?.active == "a")
            #expect(try stage.convictions() == [])
            #expect(try stage.events(of: "vantage") == [": no_clean_witness", ": clear"])
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func twentySecondsOfStandstillMoveNothingAndAreTold() async throws {
        try await withStage { stage in
            let regions = try await Regions.start(["a", "b", "c"], on: stage)
            try stage.configure(Setup.network(regions.endpoints(["a", "b", "c"])))
            let daemon = try await stage.runDaemon()
            let before = try await stage.allHealthy()
            daemon.send(SIGSTOP)
            try await Task.sleep(for: .seconds(20))
            daemon.send(SIGCONT)
            // Before anything else is judged.
            try await condition("the standstill is told") {
                try stage.events(of: "vantage").contains(": local_stalled")
            }
            let after = try await stage.view("all is well again") { $0.isClear && $0.areAllHealthy }
            #expect(after.generation == before.generation && after.routes["main"]?.active == "a")
            #expect(try stage.convictions() == [])
            #expect(try stage.events(of: "vantage").last == ": clear")
        }
    }
}
