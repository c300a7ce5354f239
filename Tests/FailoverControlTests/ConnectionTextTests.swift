import FailoverCore
import FailoverWire
import Testing

@testable import FailoverControl

@Suite struct ConnectionTextTests {
    private static let day = 86_400.0

    private static func facts(
        failed: AddressFamily? = .ipv6,
        expiresIn seconds: Double? = nil,
        isReused: Bool = false
    ) -> ConnectionFacts {
        ConnectionFacts(
            address: HostPort(host: "192.0.2.1", port: 443),
            family: .ipv4,
            failedFamily: failed,
            http: .http2,
            certificate: seconds.map {
                CertificateFacts(expires: Samples.instant(-$0), lifetime: .seconds(90 * day))
            },
            isReused: isReused
        )
    }

    private static func endpoint(_ connections: [ConnectionSnapshot]) -> EndpointSnapshot {
        let plain = Samples.endpoint("us-east", indicators: Samples.healthyIndicators)
        return EndpointSnapshot(
            configuration: plain.configuration,
            verdict: plain.verdict,
            reason: plain.reason,
            since: plain.since,
            indicators: plain.indicators,
            connections: connections
        )
    }

    @Test func statusSaysWhatDeservesAttentionAboutConnections() {
        let endpoint = Self.endpoint([
            ConnectionSnapshot(probe: .default, facts: Self.facts(expiresIn: 9 * Self.day), expiresSoon: true)
        ])
        let quiet = Samples.endpoint("eu-west", indicators: Samples.healthyIndicators)
        var state = Samples.state(routes: [Samples.route(active: "us-east")], endpoints: [endpoint, quiet])
        let text = "940 of 1,000 probes in the last 10 s could not run: no file descriptor left (local_descriptors)"
        state.probing.trouble = .init(code: "local_descriptors", text: text, since: state.writtenAt)
        #expect(
            StatusText.render(state, routes: ["chat"], in: testStyle(80)) == """
                failoverd 0.1.0 at us-east-a, generation 7, written 2 s ago
                probing is hampered since 13:04:29 (2 s ago): 940 of 1,000 probes in the last 10
                s could not run: no file descriptor left (local_descriptors)

                chat: us-east  preferred  since 13:03:01 (90 s ago)
                  first in order
                     ENDPOINT  VERDICT  P50 / P99               SAMPLES  ERRORS       EVIDENCE
                  *  us-east   healthy  0.91 s / 2.38 s of 3 s      180  0.0 % of 60   1.7/7.0
                       certificate expires soon, in 9 d (2026-12-01)
                       over IPv4; IPv6 did not answer
                     eu-west   healthy  0.91 s / 2.38 s of 3 s      180  0.0 % of 60   1.7/7.0

                """
        )
    }

    @Test func aNoteThatIsNotTrueOfAllProbesNamesThem() {
        let way = { (facts: ConnectionFacts) in
            StateDocument.Connection(facts, expiresSoon: false, at: Samples.clock)
        }
        let both = ["long": way(Self.facts()), "short": way(Self.facts())]
        #expect(ConnectionText.notes(of: both, in: testStyle()) == ["over IPv4; IPv6 did not answer"])
        let one = ["long": way(Self.facts(failed: nil)), "short": way(Self.facts())]
        #expect(ConnectionText.notes(of: one, in: testStyle()) == ["short: over IPv4; IPv6 did not answer"])
        #expect(ConnectionText.notes(of: [:], in: testStyle()) == [])
    }

    @Test func explanationNamesTheNetworkToo() {
        var document = Samples.explanation
        document.lastFailover = nil
        document.endpoints.removeFirst()
        document.endpoints[0].connections = [
            "default": .init(Self.facts(expiresIn: -3 * Self.day), expiresSoon: true, at: Samples.clock)
        ]
        document.trouble = .init(code: "local_ports", text: "no port is left", since: document.since)
        #expect(
            ExplainText.render(document, endpoint: nil, in: testStyle()) == """
                chat: eu-west, failed over since 12:52:16 (12 min ago)
                  availability, "outage" evidence 7.20 >= 6.56
                  limit  : 4 false failovers a year at 1 probe every 5 s => outage at 10^6.56:1
                  probing is hampered since 12:52:16 (12 min ago): no port is left

                eu-west HEALTHY: no evidence against it
                  network: certificate expired 3 d ago (2026-11-19)
                  network: over IPv4; IPv6 did not answer
                  availability: no evidence of 6.56

                """
        )
    }

    private static func observation(_ connection: ConnectionFacts?, outcome: Outcome = .success) -> Observation {
        Observation(
            key: ProbeKey(endpoint: "us-east"),
            attempt: AttemptID(1),
            source: .probe,
            start: Samples.instant(0.25),
            end: Samples.instant(0),
            outcome: outcome,
            latency: .milliseconds(250),
            connection: connection
        )
    }

    private static func probe(tls: TLSSettings? = TLSSettings()) -> ProbeConfiguration {
        ProbeConfiguration(
            request: .http(HTTPProbe(address: HostPort(host: "us-east.example", port: 443), tls: tls)),
            latencyObjective: .seconds(3)
        )
    }

    @Test(
        arguments: [
            (facts(), ["over IPv4 (192.0.2.1:443), HTTP/2; IPv6 did not answer"]),
            (
                facts(failed: nil, expiresIn: 60 * day, isReused: true),
                ["over IPv4 (192.0.2.1:443), HTTP/2, on a kept connection", "certificate expires in 60 d (2027-01-21)"]
            ),
            (
                facts(failed: nil, expiresIn: 9 * day),
                ["over IPv4 (192.0.2.1:443), HTTP/2", "certificate expires soon, in 9 d (2026-12-01)"]
            ),
            (nil, []),
        ] as [(ConnectionFacts?, [String])]
    )
    func aProbeTellsItsWay(facts: ConnectionFacts?, lines: [String]) {
        let endpoint = Samples.endpoint("us-east", indicators: []).configuration
        let text = ProbeText.render(Self.observation(facts), of: Self.probe(), at: endpoint, style: testStyle())
        let expected =
            ["us-east (us-east)  https://us-east.example/v1", ""] + lines + [
                "good after 250 ms (objective 3000 ms)", "",
            ]
        #expect(text == expected.joined(separator: "\n"))
    }

    @Test(
        arguments: [
            (nil, 14 * day, true), (nil, 14 * day + 1, false), (.seconds(day), day, true),
            (.seconds(day), day + 1, false),
        ] as [(Duration?, Double, Bool)]
    )
    func aCertificateExpiresSoonWithinTheTimeThatWasAskedFor(limit: Duration?, left: Double, isSoon: Bool) {
        let document = ProbeDocument(
            Self.observation(Self.facts(expiresIn: left)),
            of: Self.probe(tls: TLSSettings(warnBefore: limit)),
            at: Samples.clock
        )
        #expect(
            document.connection
                == .init(Self.facts(expiresIn: left), expiresSoon: isSoon, at: Samples.clock)
        )
    }

    @Test func aProbeWithoutAConnectionSaysSoInItsDocument() throws {
        let document = ProbeDocument(Self.observation(nil), of: Self.probe(), at: Samples.clock)
        #expect(
            String(decoding: try Wire.encode(document), as: UTF8.self) == #"""
                {"chat":null,"connection":null,"detail":null,"endpoint":"us-east","kind":null,"latency_ms":250,"objective_ms":3000,"outcome":"success","phases":{},"probe":"default","retry_after_seconds":null,"tier":"deep","ttft_ms":null,"ttft_objective_ms":null}
                """#
        )
    }
}
