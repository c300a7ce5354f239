import FailoverWire
import Foundation
import TestSupport
import Testing

/// More probes than the process may have open files.
@Suite(.serialized, .enabled(if: NetworkNamespace.canMake, "network namespaces and a journald need root"))
struct NetworkDescriptorTests {
    @Test(.timeLimit(.minutes(5)))
    func tooFewDescriptorsConvictNobody() async throws {
        try await Journald.withJournald { journald in
            try await withNetworkStage(hosts: []) { network in
                let stage = network.stage
                // Each answer waits for its turn, so that probes overlap. A page of the server's own: its limit does not hold
                // for answers that the configuration spells out.
                let server = try WebServer(
                    "web",
                    on: stage,
                    ports: [80],
                    http: "limit_req_zone $server_port zone=all:1m rate=100r/s;",
                    servers: ["listen 80; location /slow { limit_req zone=all burst=4000; stub_status; }"]
                )
                var besideTheDaemon = network
                besideTheDaemon.serversAreNear = true
                let program = try await server.start(in: besideTheDaemon)
                let names = (0..<1000).map { "e\($0)" }
                let addresses = (0..<1000).map { "127.0.\($0 / 200 + 1).\($0 % 200 + 1)" }
                var setup = Setup.network(
                    zip(names, addresses).map { .init(name: $0, url: "http://\($1)/slow") },
                    interval: "2s"
                )
                setup.timeouts = "{ connect: 3s, first_byte: 10s, total: 15s }"
                setup.objective = "14s"
                setup.journal = true
                try stage.configure(setup)
                let command = network.pair.near.command(
                    "/usr/bin/prlimit",
                    ["--nofile=64:64", Built.failoverd, "--config", stage.configurationFile]
                )
                let daemon = try stage.start(command.path, command.arguments, log: "failoverd.log")
                let troubled = try await stage.view("the trouble is told") { $0.trouble == "local_descriptors" }
                #expect((troubled.probing?.local["local_descriptors"] ?? 0) > 0)
                // The state file, too, needs a descriptor for each time.
                let later = try await stage.view("the state file goes on being written") {
                    $0.sequence >= troubled.sequence + 5
                }
                for view in [troubled, later] {
                    #expect(!view.verdicts.values.contains("unhealthy"))
                    #expect(view.vantage.state == "clear")
                    #expect(view.generation == troubled.generation)
                }
                #expect(daemon.isRunning && program.isRunning)
                let told = try journald.entries(
                    "FAILOVERD_EVENT=vantage",
                    "FAILOVERD_REASON_CODE=local_descriptors",
                    "FAILOVERD_INSTANCE=\(try stage.state().instance.id)"
                )
                #expect(told.count >= 1)
                #expect(try stage.transitions().filter(\.isMove) == [])
            }
        }
    }
}
