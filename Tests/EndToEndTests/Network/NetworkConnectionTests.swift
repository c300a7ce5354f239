import FailoverWire
import Foundation
import TestSupport
import Testing

/// Connections that are kept, watched, and lost; and a daemon that stands still.
@Suite(.serialized) struct NetworkConnectionTests {
    @Test(.timeLimit(.minutes(3)))
    func keptConnectionsAreFewAndSometimesFresh() async throws {
        try await withStage { stage in
            let port = try freePort()
            let server = try WebServer("web", on: stage, ports: [port], servers: ["listen 127.0.0.1:\(port);"])
            _ = try await server.start()
            try stage.configure(
                .network(
                    [
                        .init(
                            name: "kept",
                            url: "http://127.0.0.1:\(port)/kept",
                            more: ", probe: { connection: reuse, fresh_every: 5 }"
                        ),
                        .init(name: "fresh", url: "http://127.0.0.1:\(port)/fresh"),
                    ],
                    interval: "100ms"
                )
            )
            _ = try await stage.runDaemon()
            try await stage.view("a kept connection is told") {
                $0.areAllHealthy && $0.connection(of: "kept")?.reused == true
                    && $0.connection(of: "fresh")?.reused == false
            }
            try await server.answers(50) { $0.path == "/kept" }
            let requests = try server.requests()
            let fresh = requests.filter { $0.path == "/fresh" }
            #expect(Set(fresh.map(\.connection)).count == fresh.count)
            let kept = requests.filter { $0.path == "/kept" }
            let connections = Set(kept.map(\.connection)).count
            // A connection carries five requests, or six if the one for the fresh probe is not kept.
            #expect((kept.count / 6...kept.count / 3).contains(connections), "\(connections) for \(kept.count)")
        }
    }

    @Test(.timeLimit(.minutes(3)), arguments: ["keepalive_timeout 300ms;", "keepalive_requests 2;"])
    func aServerThatClosesKeptConnectionsIsNotAtFault(_ habit: String) async throws {
        try await withStage { stage in
            let port = try freePort()
            let server = try WebServer("web", on: stage, ports: [port], servers: ["listen 127.0.0.1:\(port); \(habit)"])
            _ = try await server.start()
            try stage.configure(
                .network(
                    [.init(name: "a", url: "http://127.0.0.1:\(port)")],
                    interval: "500ms",
                    probe: "connection: reuse"
                )
            )
            _ = try await stage.runDaemon()
            try await server.answers(12)
            let view = try await stage.view("it is counted") {
                $0.areAllHealthy && ($0.endpoints["a"]?.indicators["availability"]?.samples ?? 0) >= 10
            }
            #expect(view.bad("availability", of: "a") == 0)
            #expect(try stage.convictions() == [])
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func aTripwireTellsLongBeforeTheNextTurn() async throws {
        try await withStage { stage in
            let ports = try (0..<2).map { _ in try freePort() }
            let servers = try zip(["web", "spare"], ports).map { name, port in
                try WebServer(name, on: stage, ports: [port], servers: ["listen 127.0.0.1:\(port);"])
            }
            let program = try await servers[0].start()
            _ = try await servers[1].start()
            let wired = ", probe: { interval: 10s, tripwire: true }"
            let setup = Setup.network([
                .init(name: "wired", url: "http://127.0.0.1:\(ports[0])", more: wired),
                .init(name: "spare", url: "http://127.0.0.1:\(ports[1])"),
            ])
            try stage.configure(setup)
            _ = try await stage.runDaemon()
            let before = try await stage.allHealthy()
            // From here its next turn is further away than is waited for.
            try await servers[0].answers(1)
            program.end()
            let after = try await stage.state("spare is active", within: .seconds(8)) {
                $0.routes["main"]?.active == "spare"
            }
            #expect(after.generation == before.generation + 1)
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func aTripwireThatBreaksWhileTheEndpointAnswersMovesNothing() async throws {
        try await withStage { stage in
            let ports = try (0..<2).map { _ in try freePort() }
            let server = try WebServer(
                "web",
                on: stage,
                ports: ports,
                http: "keepalive_timeout 200ms; client_header_timeout 200ms;",
                servers: ports.map { "listen 127.0.0.1:\($0);" }
            )
            _ = try await server.start()
            try stage.configure(
                .network(
                    zip(["a", "b"], ports).map { .init(name: $0, url: "http://127.0.0.1:\($1)") },
                    interval: "1s",
                    probe: "tripwire: true"
                )
            )
            _ = try await stage.runDaemon()
            let before = try await stage.allHealthy()
            for port in ports { try await server.answers(6) { $0.server == "127.0.0.1:\(port)" } }
            let view = try StateView(ofFile: stage.place.stateFile)
            #expect(view.areAllHealthy)
            #expect(view.generation == before.generation)
            #expect(["a", "b"].map { view.bad("availability", of: $0) } == [0, 0])
            #expect(try stage.convictions() == [])
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func aDaemonThatStoodStillConvictsNobody() async throws {
        try await withStage { stage in
            let names = (0..<10).map { "e\($0)" }
            // Answers take a while, so that some are awaited when the daemon is stopped.
            let regions = try await Regions.start(names, on: stage)
            for name in names { try regions.fault(name, "{ slow: { latency: { p50: 300ms, p99: 350ms } } }") }
            let setup = Setup.network(regions.endpoints(names), interval: "500ms")
            try stage.configure(setup)
            let daemon = try await stage.runDaemon()
            try await stage.allHealthy()
            for _ in 0..<2 {
                daemon.send(SIGSTOP)
                // Longer than every limit of a probe.
                try await Task.sleep(for: .seconds(3))
                daemon.send(SIGCONT)
                let woken = try StateView(ofFile: stage.place.stateFile)
                try await stage.view("it has judged again") { $0.sequence > woken.sequence + 6 }
                #expect(try stage.convictions() == [])
            }
            let view = try await stage.view("all are healthy") { $0.areAllHealthy }
            #expect(names.map { view.bad("availability", of: $0) } == names.map { _ in 0 })
        }
    }
}
