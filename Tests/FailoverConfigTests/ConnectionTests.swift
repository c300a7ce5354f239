import FailoverConfig
import FailoverCore
import Foundation
import Testing

/// How probes get their connections, as `good/connections.yaml` says it.
@Suite struct ConnectionTests {
    private static let gateway = ProxySettings(address: HostPort(host: "gateway.internal", port: 3128))
    private static let tls = TLSSettings(
        serverName: "api.example.com",
        minimumVersion: .tls13,
        warnBefore: .seconds(30 * 86_400)
    )

    private static func http(
        _ host: String,
        _ port: Int,
        tls: TLSSettings?,
        version: HTTPVersion,
        connection: ConnectionSettings
    ) -> ProbeConfiguration {
        ProbeConfiguration(
            request: .http(
                HTTPProbe(address: HostPort(host: host, port: port), tls: tls, target: "/health", version: version)
            ),
            interval: .seconds(2),
            connection: connection,
            latencyObjective: .seconds(2)
        )
    }

    private static func other(
        _ request: ProbeRequest,
        _ connection: ConnectionSettings,
        name: ProbeName = .default,
        timeouts: ProbeTimeouts = ProbeTimeouts()
    ) -> ProbeConfiguration {
        ProbeConfiguration(
            name: name,
            request: request,
            interval: .seconds(2),
            timeouts: timeouts,
            connection: connection,
            latencyObjective: .seconds(2)
        )
    }

    private static let inherits = http(
        "us-east.example.com",
        443,
        tls: tls,
        version: .http2,
        connection: ConnectionSettings(use: .reuse(freshEvery: 20), proxy: gateway, tripwire: true)
    )
    private static let direct = http(
        "2001:db8::1",
        443,
        tls: TLSSettings(serverName: "api.example.com", warnBefore: .zero),
        version: .http1,
        connection: ConnectionSettings(sourceAddress: "2001:db8::7")
    )
    private static let plain = http(
        "eu-west.example.com",
        80,
        tls: nil,
        version: .http2,
        connection: ConnectionSettings(
            use: .reuse(freshEvery: 3),
            proxy: ProxySettings(address: HostPort(host: "2001:db8::9", port: 8080)),
            tripwire: true
        )
    )
    private static let ldap = HostPort(host: "ldap.example.com", port: 636)
    private static let handshakes = [
        other(
            .tls(TLSProbe(address: ldap, tls: tls)),
            ConnectionSettings(proxy: gateway, tripwire: true),
            name: "proxied",
            timeouts: ProbeTimeouts(tls: .seconds(1), firstByte: .seconds(4), total: .seconds(4))
        ),
        other(
            .tls(
                TLSProbe(
                    address: ldap,
                    tls: TLSSettings(
                        serverName: "ldap.example.com",
                        minimumVersion: .tls13,
                        warnBefore: .seconds(30 * 86_400)
                    )
                )
            ),
            ConnectionSettings(sourceAddress: "192.0.2.7", tripwire: true),
            name: "direct"
        ),
    ]
    private static let byURL = other(
        .tls(TLSProbe(address: HostPort(host: "ap-southeast.example.com", port: 443), tls: tls)),
        ConnectionSettings(proxy: gateway)
    )
    private static let port = other(
        .tcp(TCPProbe(address: HostPort(host: "queue.example.com", port: 8883))),
        ConnectionSettings(tripwire: true)
    )

    @Test func everyKeyArrivesWhereItBelongs() throws {
        let loaded = try load(Fixtures.text("good/connections.yaml"))
        #expect(
            loaded.configuration.endpoints.map(\.probes) == [
                [Self.inherits], [Self.direct], [Self.plain], Self.handshakes, [Self.byURL], [Self.port],
            ]
        )
        #expect(loaded.configuration.endpoints[3].publicURL == "tls://ldap.example.com:636")
        #expect(loaded.warnings == [])
    }

    @Test(arguments: [
        ("http_version: auto", HTTPVersion.automatic), ("http_version: 1.1", .http1), ("http_version: '1.1'", .http1),
        ("http_version: 2", .http2), ("http_version: \"2\"", .http2),
    ])
    func versionMayBeWrittenAsANumber(setting: String, version: HTTPVersion) throws {
        let probe = "slo: { latency: { p99: 3s } }, \(setting)"
        guard case .http(let request) = try load(file(probe: probe)).configuration.endpoints[0].probes[0].request else {
            Issue.record("no http probe")
            return
        }
        #expect(request.version == version)
    }

    @Test(arguments: [
        ("connection: reuse, fresh_every: 2", true), ("connection: reuse, fresh_every: 1000", true),
        ("connection: reuse, fresh_every: 1001", false), ("source_address: \"::1%lo\"", false),
        ("source_address: \"[::1]\"", false), ("source_address: localhost", false), ("source_address: 127.1", false),
        ("source_address: 127.0.0.2", true), ("proxy: \"http://[::1]:1\"", true), ("proxy: http://h:65536", false),
        ("proxy: http://h:0", false), ("proxy: \"\"", false), ("proxy: 3128", false), ("proxy: [none]", false),
        ("proxy: { url: none }", false), ("proxy: HTTP://h:1/", true), ("proxy: http://h:1?x", false),
    ])
    func boundsOfAConnectionAreInclusive(setting: String, isAccepted: Bool) {
        let probe = "slo: { latency: { p99: 3s } }, \(setting)"
        #expect(refusals(file(url: "http://name/", probe: probe)).isEmpty == isAccepted)
    }

    @Test(arguments: [
        ("warn_before: 0s", true), ("warn_before: 365d", true), ("warn_before: 366d", false),
        ("warn_before: 1.5d", true), ("min_version: 1.2", true), ("min_version: TLSv1.3", false),
        ("server_name: a_b.example", true), ("server_name: example.com.", false), ("server_name: \"::1\"", false),
        ("server_name: a..b", false), ("server_name: localhost", true), ("server_name: 1", false),
    ])
    func boundsOfTLSAreInclusive(setting: String, isAccepted: Bool) {
        let probe = "slo: { latency: { p99: 3s } }, tls: { \(setting) }"
        #expect(refusals(file(url: "https://name/", probe: probe)).isEmpty == isAccepted)
    }

    @Test(arguments: [
        "fresh_every: 20", "connection: reuse, fresh_every: 20", "connection: reuse", "proxy: none", "tripwire: true",
    ])
    func defaultsMayServeSomeEndpointsOnly(setting: String) {
        #expect(refusals(file(defaults: "{ probe: { \(setting) } }")) == [])
    }

    @Test func defaultsThatContradictThemselvesAreRefused() {
        #expect(
            refusals(file(defaults: "{ probe: { connection: fresh, fresh_every: 20 } }")) == [
                "config.yaml:2: defaults.probe.fresh_every: found a setting of connection: reuse, "
                    + "allowed: fresh_every only with connection: reuse"
            ]
        )
    }

    @Test func meaningTellsWhatIsUnusual() throws {
        let configuration = try load(Fixtures.text("good/connections.yaml")).configuration
        let https = [
            "go through the proxy gateway.internal:3128", "ask for the certificate of api.example.com",
            "accept TLS 1.3 or later", "warn 30d before a certificate expires",
        ]
        let tripwire = "tripwire: hold one idle connection, and probe at once when it breaks"
        let expected: [(String, [String])] = [
            (
                "inherits",
                [
                    "speak HTTP/2 and nothing else",
                    "reuse their connection: name resolution, connecting and TLS are looked at by every 20th probe "
                        + "only, about every 40s", tripwire,
                ] + https
            ),
            (
                "direct",
                [
                    "speak HTTP/1.1, also where the server prefers HTTP/2",
                    "come from 2001:db8::7, so only IPv6 addresses are tried",
                    "ask for the certificate of api.example.com", "do not warn before a certificate expires",
                ]
            ),
            (
                "plain",
                [
                    "speak HTTP/2 at once, without TLS",
                    "reuse their connection: name resolution and connecting are looked at by every 3rd probe only, "
                        + "about every 6s", tripwire, "go through the proxy [2001:db8::9]:8080",
                ]
            ),
            ("handshakes (proxied)", [tripwire] + https),
            (
                "handshakes (direct)",
                [
                    tripwire, "come from 192.0.2.7, so only IPv4 addresses are tried",
                    "ask for the certificate of ldap.example.com", "accept TLS 1.3 or later",
                    "warn 30d before a certificate expires",
                ]
            ),
            ("by-url", https),
            ("port", [tripwire]),
        ]
        let meaning = ConfigurationMeaning(configuration)
        #expect(meaning.connections.map(\.probes) == expected.map { [$0.0] })
        #expect(meaning.connections.map(\.notes) == expected.map(\.1))
    }

    @Test func tripwireSparesTheWaitForTheNextProbe() throws {
        let yaml = """
            version: 1
            defaults: { probe: { type: tcp, interval: 5s } }
            endpoints:
              a: { region: r, url: "tcp://h:1", probe: { tripwire: true } }
              b: { region: r, url: "tcp://h:2", probe: { tripwire: true } }
              c: { region: r, url: "tcp://h:3" }
            routes:
              chat: { endpoints: [a, b, c], decision: { preset: instant } }
            """
        let meaning = ConfigurationMeaning(try load(yaml).configuration)
        let leaves = meaning.routes[0].leaves
        #expect(leaves.map(\.endpoints) == [["a", "b"], ["c"]])
        #expect(
            leaves.map { leave in leave.delays.hardDown.map { $0 - .milliseconds(2_500) } } == [
                leaves[0].crashWithTripwire, leaves[0].crashWithTripwire,
            ]
        )
        #expect(leaves.map { $0.crashWithTripwire == nil } == [false, true])
        let lines = meaning.description.split(separator: "\n")
        #expect(lines.contains("    crash that breaks the tripwire: after about 500ms"))
        #expect(lines.contains("probes of a, b"))
    }
}
