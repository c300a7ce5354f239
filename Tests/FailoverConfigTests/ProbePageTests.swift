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

    @Test func pageExplainsEveryReasonOfAProbe() throws {
        let source = try text("Sources/FailoverCore/Model/ReasonCode.swift")
        let codes = source.matches(of: /ReasonCode = "([a-z_]+)"/).map { String($0.1) }
        let page = try text("docs/probes.md")
        let explained = page.matches(of: /(?m)^\| `([a-z]+_[a-z_]+)` \|/).map { String($0.1) }
        #expect(Set(explained + ["certificate_expiring", "certificate_renewed", "clear"]) == Set(codes))
        #expect(explained.count == Set(explained).count)
        #expect(page.contains("`certificate_expiring`"))
        #expect(page.contains("| `http_NNN` |"))
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
