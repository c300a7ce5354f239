import FailoverConfig
import FailoverCore
import Foundation
import Testing

/// The page about probes and the example that goes with it say what the code does.
@Suite final class ProbePageTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "failoverd-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Fixtures.root.appending(path: path), encoding: .utf8)
    }

    /// `text` with files that exist instead of those that it names.
    private func withFiles(_ text: String) throws -> String {
        let contents = [
            "/etc/failoverd/tls/ca.pem": "-----BEGIN CERTIFICATE-----\n",
            "/etc/failoverd/tls/prober.pem": "-----BEGIN CERTIFICATE-----\n",
            "/etc/failoverd/tls/prober.key": "-----BEGIN PRIVATE KEY-----\n",
            "/etc/failoverd/proxy-credentials": "me:s3cret\n",
        ]
        var changed = text
        for (path, content) in contents where text.contains(path) {
            let file = folder.appending(path: UUID().uuidString)
            try Data(content.utf8).write(to: file)
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file.path)
            changed = changed.replacing(path, with: file.path)
        }
        return changed
    }

    @Test func pagesExplainEveryReason() throws {
        let source = try text("Sources/FailoverCore/Model/ReasonCode.swift")
        let codes = source.matches(of: /ReasonCode = "([a-z_]+)"/).map { String($0.1) }
        let page = try text("docs/probes.md")
        let chats = try text("docs/llm-probe.md")
        let reasons = try #require(chats.firstMatch(of: #/\n## Reasons\n((?:.*\n)*?)##\s/#)).1
        let explained =
            page.matches(of: /(?m)^\| `([a-z]+_[a-z_]+)` \|/).map { String($0.1) }
            + reasons.matches(of: /(?m)^\| `([a-z_]+)` \|/).map { String($0.1) }
        let elsewhere = ["certificate_expiring", "certificate_renewed", "clear", "budget_burning"]
        #expect(Set(explained + elsewhere) == Set(codes))
        #expect(explained.count == Set(explained).count)
        #expect(page.contains("`certificate_expiring`"))
        #expect(try self.text("docs/journal.md").contains("`budget_burning`"))
        #expect(page.contains("| `http_NNN` |"))
        for anomaly in ChatAnomaly.allCases { #expect(chats.contains("`\(anomaly.rawValue)`"), "\(anomaly)") }
    }

    @Test func pageOfChatsNamesEveryKeyWithItsDefault() throws {
        let chats = try text("docs/llm-probe.md")
        guard case .mapping(let defaults)? = KnownKeys.root["defaults"]?.value,
            case .mapping(let probe)? = defaults["probe"]?.value
        else {
            Issue.record("no table of the keys of a probe")
            return
        }
        let names = try #require(probe.keys.firstIndex { $0.name == "mode" })
        for key in probe.keys[names...] {
            #expect(chats.contains("`\(key.name)`") || chats.contains("`\(key.name):"), "\(key.name)")
        }
        let rows = chats.matches(of: /(?m)^\| `([a-z_]+)` \| `([^`]+)` \|/).map { (String($0.1), String($0.2)) }
        let told = rows.filter { probe[$0.0] != nil }
        #expect(told.count >= 8)
        for (name, fallback) in told where name != "path" { #expect(probe[name]?.fallback == fallback, "\(name)") }
    }

    /// The tables of the page, its default of `workload`, and what `check` says are the same figures.
    @Test func costsOnThePageOfChatsAreTheOnesOfTheProgram() throws {
        let chats = try text("docs/llm-probe.md")
        let pattern = /(?m)^\| ([0-9]+) (s|min) \| ([0-9.]+) \| ([0-9.]+) \| ([0-9.]+) \| ([0-9.]+) \|$/
        let rows = chats.matches(of: pattern)
        #expect(rows.count == 4)
        for row in rows {
            let interval = "\(row.1)\(row.2 == "min" ? "m" : "s")"
            for (price, day, month) in [
                ("input: 2.50, output: 10", row.3, row.4), ("input: 0.14, output: 0.28", row.5, row.6),
            ] {
                let yaml = """
                    version: 1
                    endpoints:
                      a:
                        region: r
                        url: http://127.0.0.1:1/v1
                        price: { \(price), as_of: 2026-05-01 }
                        probe: { type: openai-chat, model: m, interval: \(interval), slo: { ttft: { p99: 1s } } }
                    routes: { x: { endpoints: [a] } }
                    """
                let none = LeaveDelays(hardDown: nil, fullySlow: nil, thirtyPercentErrors: nil)
                let meaning = ConfigurationMeaning(try load(yaml).configuration) { _, _, _ in none }
                #expect(meaning.costAtMost == "\(day) USD a day, \(month) USD a month in all")
            }
        }
        #expect(Workload.conversation == Workload(inputTokens: 1_000, outputTokens: 450))
        #expect(chats.contains("Without `workload`, 1,000 tokens in and 450 out are compared."))
    }

    @Test func readmeNamesEveryPageAndTheExample() throws {
        let readme = try text("README.md")
        let pages = try FileManager.default.contentsOfDirectory(atPath: Fixtures.root.appending(path: "docs").path)
        let named = pages.filter { $0.hasSuffix(".md") }.map { "docs/\($0)" } + ["examples/llm-endpoints.yaml"]
        for path in named { #expect(readme.contains("](\(path))"), "\(path)") }
        #expect(readme.contains("failoverctl cost"))
    }

    /// Each block of settings stands by itself.
    @Test func settingsOfThePageOfChatsAreAccepted() throws {
        let chats = try text("docs/llm-probe.md")
        let blocks = chats.matches(of: /```yaml\n((?:.*\n)*?)```/).map { String($0.1) }
        #expect(blocks.count == 4)
        for block in blocks {
            let indented = block.split(separator: "\n").map { "    \($0)\n" }.joined()
            let required = "type: openai-chat, model: m, slo: { ttft: { p99: 300ms } }"
            let yaml: String
            if block.hasPrefix("probe:") {
                yaml = """
                    version: 1
                    defaults: { probe: { \(required) } }
                    endpoints:
                      a:
                        region: r
                        url: https://api.example.com/v1
                    \(indented)routes: { x: { endpoints: [a] } }
                    """
            } else {
                // What the block leaves out: other endpoints of its route, or the route.
                let other = "{ region: r, url: \"https://h/v1\", price: { input: 1, output: 1, as_of: 2026-01-01 } }"
                let names = block.contains("eu-west") ? ["eu-west", "ap-southeast"] : []
                let others = names.map { "  \($0): \(other)\n" }.joined()
                let own =
                    block.contains("url:")
                    ? block
                    : block.replacing(
                        "  us-east:\n",
                        with: "\(others)  us-east:\n    region: r\n    url: https://us-east.example.com/v1\n"
                    )
                yaml = """
                    version: 1
                    defaults: { probe: { \(required) } }
                    \(own)\(block.contains("routes:") ? "" : "routes: { x: { endpoints: [us-east] } }")
                    """
            }
            #expect(refusals(yaml) == [], "\(yaml)")
        }
    }

    @Test func exampleOfLLMEndpointsIsAccepted() throws {
        let loaded = try load(text("examples/llm-endpoints.yaml"))
        #expect(loaded.warnings == [])
        let configuration = loaded.configuration
        #expect(configuration.endpoints.map { $0.probes.map(\.name) } == Array(repeating: ["short", "long"], count: 4))
        #expect(configuration.endpoints.allSatisfy { $0.price != nil && $0.dailyCap != nil })
        #expect(configuration.routes[0].ranks == [0, 1, 1, 2])
        #expect(Set(configuration.endpoints.map(\.provider)).count == 2)
        #expect(Set(configuration.endpoints.map(\.region)).count == 3)
        #expect(
            configuration.endpoints[0].probes.map(\.latencyObjective) == [.milliseconds(600), .milliseconds(1_200)]
        )
        #expect(try load(ResolvedConfigurationText(configuration).text).configuration == configuration)
    }

    @Test func settingsOfThePageAreAccepted() throws {
        let page = try text("docs/probes.md")
        let block = try #require(page.firstMatch(of: /```yaml\nprobe:\n((?:.*\n)*?)```/)).1
        let lines = block.split(separator: "\n").map { "    \($0)\n" }.joined()
        let yaml = """
            version: 1
            endpoints:
              a:
                region: r
                url: https://api.example.com
                probe:
            \(lines)      slo: { latency: { p99: 1s } }
            routes: { x: { endpoints: [a] } }
            """
        let shown = try load(withFiles(yaml)).configuration.endpoints[0].probes[0]
        let keys = try #require(KnownKeys.root["defaults"]).value
        guard case .mapping(let defaults) = keys, case .mapping(let probe)? = defaults["probe"]?.value,
            case .mapping(let tls)? = probe["tls"]?.value
        else {
            Issue.record("no table of the keys of a probe")
            return
        }
        // Every key of connections and of TLS is on the page.
        let network = ["connection", "fresh_every", "tripwire", "source_address", "proxy", "http_version"]
        for name in network + tls.keys.map(\.name) { #expect(block.contains("\(name): "), "\(name)") }
        #expect(shown.connection.sourceAddress == "192.0.2.7")
        #expect(shown.request.tls?.warnBefore == .seconds(14 * 86_400))
    }

    @Test func exampleOfSecureServicesIsAccepted() throws {
        let loaded = try load(withFiles(text("examples/https-services.yaml")))
        #expect(loaded.warnings == [])
        let probes = loaded.configuration.endpoints.map { $0.probes[0] }
        #expect(probes.map(\.request.type) == ["http", "http", "tls", "tls"])
        #expect(probes.map(\.connection.use) == [.reuse(freshEvery: 10), .reuse(freshEvery: 10), .fresh, .fresh])
        #expect(probes.allSatisfy { $0.request.tls?.clientCertificate != nil })
        #expect(probes[1].connection.proxy?.address == HostPort(host: "proxy.example.com", port: 3128))
    }
}
