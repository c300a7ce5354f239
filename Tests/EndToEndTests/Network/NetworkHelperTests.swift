import Foundation
import TestSupport
import Testing

/// That the networks of these tests, their faults and their servers do what the tests rely on.
@Suite(.serialized, .enabled(if: NetworkNamespace.canMake, "network namespaces need root"))
struct NetworkHelperTests {
    private let first = NetworkHost(10)
    private let second = NetworkHost(11)

    /// What curl, as the prober, finds at a URL: `200`, or curl's own number for the failure.
    private func fetch(_ url: String, in network: NetworkStage) throws -> String {
        let arguments = ["-g", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "2"]
        let output = try network.pair.near.run("/usr/bin/curl", arguments + ["--noproxy", "*", url])
        return output.status == 0 ? output.standardOutput : "curl \(output.status)"
    }

    @Test(.timeLimit(.minutes(2)))
    func eachFaultStrikesItsAddressAndNoOther() async throws {
        try await withNetworkStage(hosts: [first, second]) { network in
            let server = try WebServer("web", on: network.stage, ports: [80], servers: ["listen 80; listen [::]:80;"])
            _ = try await server.start(in: network)
            let urls = [first.ipv4, "[\(first.ipv6)]", second.ipv4].map { "http://\($0)/" }
            func found() throws -> [String] { try urls.map { try fetch($0, in: network) } }
            // The neighbours of the other family are not known at the first moment.
            try await condition("the cable is up") { try fetch(urls[1], in: network) == "200" }
            #expect(try found() == ["200", "200", "200"])
            // 7: not connected; 28: the time is up; 56: torn down.
            for (faults, expected) in [
                ([NetworkFault.blackhole(first.ipv6)], ["200", "curl 28", "200"]),
                ([.blackhole(first.ipv4)], ["curl 28", "200", "200"]),
                ([.reset(first.ipv4), .reset(first.ipv6)], ["curl 7", "curl 7", "200"]),
                ([.resetWhenSpokenTo(first.ipv4)], ["curl 56", "200", "200"]),
                ([], ["200", "200", "200"]),
            ] {
                try network.pair.setFaults(faults)
                #expect(try found() == expected, "\(faults)")
            }
            try network.pair.cutRoutes()
            #expect(try found() == ["curl 7", "curl 7", "curl 7"])
            try network.pair.restoreRoutes()
            #expect(try found() == ["200", "200", "200"])
            #expect(try Set(server.requests().map(\.client)) == [NetworkPair.prober.ipv4, NetworkPair.prober.ipv6])
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func aLossyWayLosesSomeAndNotAll() async throws {
        try await withNetworkStage(hosts: [first]) { network in
            try network.pair.setFaults([.loss(first.ipv4, percent: 50)])
            // Nobody listens, so each packet that arrives is answered at once.
            let script = """
                import socket
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                s.connect(('\(first.ipv4)', 9))
                refused = 0
                for _ in range(200):
                    try:
                        s.send(b'x')
                        s.settimeout(0.005)
                        s.recv(1)
                    except ConnectionRefusedError: refused += 1
                    except TimeoutError: pass
                print(refused)
                """
            let output = try network.pair.near.run("/usr/bin/python3", ["-c", script])
            let arrived = try #require(Int(output.standardOutput.split(separator: "\n").first ?? ""), "\(output)")
            // Closed ports answer a thousand times a second at most, and not every time.
            #expect((1..<190).contains(arrived))
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func namesAreAnsweredByTheServerOfTheTest() async throws {
        try await withNetworkStage(hosts: [first, second, NetworkHost(53)]) { network in
            func addresses(_ name: String) throws -> [String] {
                let output = try network.pair.near.run("/usr/bin/getent", ["ahosts", name])
                let words = output.standardOutput.split(separator: "\n").compactMap { $0.split(separator: " ").first }
                return Array(Set(words.map(String.init))).sorted()
            }
            var (server, program) = try await AuthoritativeServer.start(
                .addresses(["a": [first.ipv4, first.ipv6]]),
                at: NetworkHost(53),
                in: network
            )
            #expect(try addresses("a.test") == [first.ipv4, first.ipv6])
            #expect(try addresses("b.test") == [])
            #expect(try server.queries() == 4)
            try server.change(to: ["b": [second.ipv4]])
            #expect(try addresses("b.test") == [second.ipv4])
            #expect(try addresses("a.test") == [])
            program.end()
            program = try await server.start(.serverFailure)
            #expect(try addresses("b.test") == [])
            #expect(try server.queries() >= 2)
            program.end()
            program = try await server.start(.addresses(["b": [second.ipv4]]))
            #expect(try addresses("b.test") == [second.ipv4])
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func tunnelsLeadThroughTheProxy() async throws {
        let gateway = NetworkHost(80)
        try await withNetworkStage(hosts: [first, gateway]) { network in
            let server = try WebServer("web", on: network.stage, ports: [80], servers: ["listen \(first.ipv4):80;"])
            let program = try await server.start(in: network)
            let proxy = try TunnelProxy(at: gateway, in: network)
            _ = try await proxy.start()
            func tunnel() throws -> CommandOutput {
                let arguments = ["-sS", "-p", "-x", proxy.url, "--noproxy", "", "http://\(first.ipv4)/"]
                return try network.pair.near.run("/usr/bin/curl", arguments)
            }
            #expect(try tunnel().standardOutput == "ok\n")
            #expect(try server.requests().map(\.client) == [proxy.client])
            program.end()
            #expect(try tunnel().standardError.contains("500"))
        }
    }

    @Test func everythingIsRemovedAlsoOnFailure() async throws {
        struct Failure: Error {}
        let names = NameBox()
        await #expect(throws: Failure.self) {
            try await withNetworkPair(hosts: [first]) { network in
                await names.set([network.near.name, network.far.name])
                throw Failure()
            }
        }
        let made = await names.names
        #expect(made.count == 2)
        for name in made {
            #expect(!FileManager.default.fileExists(atPath: "/run/netns/\(name)"))
            #expect(!FileManager.default.fileExists(atPath: "/etc/netns/\(name)"))
        }
    }

    private actor NameBox {
        var names: [String] = []
        func set(_ names: [String]) { self.names = names }
    }
}
