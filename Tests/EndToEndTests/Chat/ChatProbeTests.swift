import FailoverWire
import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The daemon asks for chats as users do, through what stands in front of real models.
    @Suite struct ChatProbeTests {
        @Test func chatsAreProbedThroughProxiesOfEveryKind() async throws {
            try await withStage { stage in
                let certificates = try Certificates(on: stage)
                let regions = try await ChatRegions.start(["one"], on: stage)
                let port = regions.port("one")
                let nginx = try await Nginx.start(before: port, certificate: certificates.good, on: stage)
                let proxy = try await HAProxy.start(before: port, certificate: certificates.good, on: stage)
                let trust = ", probe: { tls: { ca_file: \(certificates.authority) } }"
                let urls = [
                    "direct": regions.url("one"), "haproxy": "http://127.0.0.1:\(proxy.plainPort)/v1",
                    "haproxy-tls": "https://localhost:\(proxy.tlsPort)/v1",
                    "nginx": "https://localhost:\(nginx.port)/v1",
                ]
                var setup = ChatSetup(
                    urls.sorted { $0.key < $1.key }.map {
                        .init(name: $0.key, url: $0.value, more: $0.value.hasPrefix("https") ? trust : "")
                    }
                )
                // All of them end at one region: without it, its end would be taken for a fault of our own.
                setup.anchor = "127.0.0.1:\(nginx.port)"
                setup.credentialFile = try stage.writeKey()
                try stage.configure(setup)
                _ = try await stage.runDaemon()

                let state = try await stage.allHealthy()
                let spoken = state.endpoints.compactMapValues { $0.connections["default"]?.http }
                #expect(spoken == ["direct": "1.1", "haproxy": "1.1", "haproxy-tls": "1.1", "nginx": "2"])
                for name in urls.keys {
                    let endpoint = try stage.stateEndpoint(name)
                    #expect(value("tier", in: endpoint) as? String == "deep")
                    #expect(value("chat", "default", "model", in: endpoint) as? String == "sim-small")
                    #expect(value("chat", "default", "finish", in: endpoint) as? String == "stop")
                    #expect(value("chat", "default", "usage", "completion", in: endpoint) as? Int == 16)
                    let first = value("indicators", "ttft", "p50_ms", in: endpoint) as? Double ?? 0
                    let whole = value("indicators", "latency", "p50_ms", in: endpoint) as? Double ?? 0
                    // Without `option http-no-delay` HAProxy holds small parts back in plain HTTP, for users as for us.
                    #expect(first > 0 && (first < whole || name == "haproxy"), "\(name): \(first) of \(whole)")
                }

                try regions.fault("one", "refuse")
                try await stage.state("everybody is unhealthy") { state in
                    state.endpoints.values.allSatisfy { $0.verdict == "unhealthy" }
                }
                // What was under way broke off; what follows finds nobody.
                for (name, code) in ["nginx": "http_502", "haproxy": "unavailable", "direct": "connect_refused"] {
                    try await condition("\(name) ends with \(code)") {
                        try badFindings(of: name, on: "main", stage).last == code
                    }
                }
            }
        }

        @Test func aHungRegionIsLeftThoughItsPagesLookWell() async throws {
            try await withStage { stage in
                let regions = try await ChatRegions.start(["a", "b"], on: stage)
                var setup = ChatSetup(["a", "b"].map { .init(name: $0, url: regions.url($0)) })
                setup.credentialFile = try stage.writeKey()
                try stage.configure(setup)
                _ = try await stage.runDaemon()
                #expect(try await stage.allHealthy().routes["main"]?.active == "a")

                try regions.fault("a", #"{"chat": "keepalives_only"}"#)
                try await stage.active("b")
                for page in ["http://127.0.0.1:\(regions.port("a"))/health", regions.url("a") + "/models"] {
                    let header = "authorization: Bearer \(ChatRegions.key)"
                    #expect(try run("/usr/bin/curl", ["-sSf", "--max-time", "10", "-H", header, page]).status == 0)
                }
                #expect(try Set(badFindings(of: "a", on: "main", stage)) == ["ttft_timeout"])
                let endpoint = try stage.stateEndpoint("a")
                #expect(value("indicators", "ttft", "censored", in: endpoint) != nil)

                try regions.heal("a")
                try await stage.state("a is active again", within: .seconds(120)) { $0.routes["main"]?.active == "a" }
            }
        }

        /// The cheaper questions: what they say of an endpoint is little, and never that it is well.
        @Test func aListOfModelsProvesNobodyHealthy() async throws {
            try await withStage { stage in
                let regions = try await ChatRegions.start(["a", "b"], on: stage)
                var setup = ChatSetup([
                    .init(name: "a", url: regions.url("a")),
                    .init(name: "b", url: regions.url("b"), more: ", probe: { mode: models }"),
                ])
                setup.credentialFile = try stage.writeKey()
                try stage.configure(setup)
                _ = try await stage.runDaemon()
                try await stage.state("a is healthy") { $0.endpoints["a"]?.verdict == "healthy" }
                try await stage.state("b is alive") { $0.endpoints["b"]?.connections["default"] != nil }
                let endpoint = try stage.stateEndpoint("b")
                #expect(value("verdict", in: endpoint) as? String == "unknown")

                try regions.fault("b", "{ status: 503 }")
                try await stage.state("b is unhealthy") { $0.endpoints["b"]?.verdict == "unhealthy" }
                try regions.heal("b")
                try await condition("b is alive again") {
                    value("tier", in: try stage.stateEndpoint("b")) as? String == "shallow"
                }
                #expect(try stage.state().endpoints["b"]?.verdict == "unhealthy")
            }
        }

        @Test func aLiteLLMProxyIsProbed() async throws {
            try await withStage { stage in
                let litellm = try await LiteLLM.start(on: stage)
                var setup = ChatSetup(
                    ["mock", "throttled", "failing", "missing"].map {
                        .init(name: $0, url: litellm.url, more: ", probe: { model: \($0) }")
                    }
                )
                setup.route = ["mock", "failing", "throttled"]
                // It is slow, and slower while four ask it on a busy machine.
                setup.interval = "2s"
                setup.timeouts = "{ ttft: 20s, idle: 10s, total: 28s }"
                setup.objectives = "{ ttft: { p99: 15s }, latency: { p99: 20s } }"
                setup.credentialFile = try stage.writeKey(LiteLLM.key)
                try stage.configure(setup)
                _ = try await stage.runDaemon()

                try await stage.state("the mock is healthy", within: .seconds(120)) {
                    $0.endpoints["mock"]?.verdict == "healthy"
                }
                let endpoint = try stage.stateEndpoint("mock")
                #expect(value("chat", "default", "finish", in: endpoint) as? String == "stop")
                #expect((value("indicators", "ttft", "p50_ms", in: endpoint) as? Double ?? 0) > 0)

                func outcome(_ name: String) throws -> String? {
                    let output = try stage.ctl("probe", name, "--config", stage.configurationFile, "--json")
                    let document = try JSONSerialization.jsonObject(with: Data(output.standardOutput.utf8))
                    return (document as? [String: Any])?["outcome"] as? String
                }
                let names = ["mock", "throttled", "failing", "missing"]
                #expect(try names.map(outcome) == ["success", "throttled", "failure", "misconfigured"])
            }
        }
    }
}
