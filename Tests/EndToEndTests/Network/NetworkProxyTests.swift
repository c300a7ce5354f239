import FailoverWire
import Foundation
import TestSupport
import Testing

/// Probes through a real HTTP proxy.
@Suite(.serialized, .enabled(if: NetworkNamespace.canMake, "network namespaces need root"))
struct NetworkProxyTests {
    @Test(.timeLimit(.minutes(3)))
    func aProxyThatFailsIsOursAndAnEndpointBehindItIsNot() async throws {
        let (first, second, gateway) = (NetworkHost(10), NetworkHost(11), NetworkHost(80))
        try await withNetworkStage(hosts: [first, second, gateway]) { network in
            let stage = network.stage
            let preferred = try WebServer("first", on: stage, ports: [80], servers: ["listen \(first.ipv4):80;"])
            let standby = try WebServer("second", on: stage, ports: [80], servers: ["listen \(second.ipv4):80;"])
            let preferredProgram = try await preferred.start(in: network)
            _ = try await standby.start(in: network)
            let proxy = try TunnelProxy(at: gateway, in: network)
            let proxyProgram = try await proxy.start()
            try stage.configure(
                .network(
                    [
                        .init(name: "a", url: "http://\(first.ipv4)"), .init(name: "b", url: "http://\(second.ipv4)"),
                    ],
                    probe: "proxy: \(proxy.url)"
                )
            )
            _ = try await network.runDaemon()
            let before = try await stage.allHealthy()
            #expect(try Set(preferred.requests().map(\.client)) == [proxy.client])
            #expect(try Set(preferred.requests().map(\.host)) == [first.ipv4])

            proxyProgram.end()
            try await stage.view("the trouble is told") { $0.trouble == "local_proxy" }
            #expect(try stage.convictions() == [])
            _ = try await proxy.start()
            let after = try await stage.view("all is well again") { $0.isClear && $0.areAllHealthy }
            #expect(after.generation == before.generation)
            #expect(after.routes["main"]?.active == "a")
            #expect(try stage.convictions() == [])

            preferredProgram.end()
            try await stage.active("b")
            try await condition("the proxy's word is told") {
                try badFindings(of: "a", on: "main", stage).last == "proxy_failed"
            }
            _ = try await preferred.start(in: network)
            try await stage.active("a")
        }
    }
}
