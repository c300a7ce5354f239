import FailoverConfig
import FailoverCore
import Foundation
import Testing

@Suite struct FixtureTests {
    @Test(arguments: Fixtures.names(in: "bad"))
    func badFileIsRefusedWithTheExpectedWords(name: String) throws {
        let expected = try Fixtures.text("bad/\(name).txt")
        let yaml = try Fixtures.text("bad/\(name).yaml")
        do {
            _ = try ConfigurationLoader.load(yaml: yaml, file: "\(name).yaml")
            Issue.record("accepted")
        } catch {
            #expect(error.description + "\n" == expected)
        }
    }

    @Test func everyBadFileHasItsWordsAndTheOtherWayRound() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Fixtures.folder.appending(path: "bad").path)
        let names = Set(files.map { $0.split(separator: ".").dropLast().joined(separator: ".") })
        #expect(names.count >= 235)
        #expect(Set(files) == Set(names.flatMap { ["\($0).yaml", "\($0).txt"] }))
    }

    @Test func noMessageRepeatsASecret() throws {
        for name in Fixtures.names(in: "bad") {
            #expect(try !Fixtures.text("bad/\(name).txt").contains("s3cret"), "\(name)")
        }
    }

    @Test func minimalFileGetsEveryDefault() throws {
        let loaded = try load(Fixtures.text("good/minimal.yaml"))
        let probe = ProbeConfiguration(
            request: .http(HTTPProbe(address: HostPort(host: "127.0.0.1", port: 8080))),
            latencyObjective: .seconds(3)
        )
        #expect(
            loaded.configuration
                == Configuration(
                    vantage: "local",
                    endpoints: [
                        EndpointConfiguration(
                            name: "a",
                            region: "us-east",
                            publicURL: "http://127.0.0.1:8080",
                            probes: [probe]
                        )
                    ],
                    routes: [RouteConfiguration(name: "chat", endpoints: ["a"])],
                    outputs: OutputConfiguration()
                )
        )
        #expect(
            loaded.warnings.map(\.description) == [
                "config.yaml:9: routes.chat.endpoints: only one endpoint: there is nowhere to go"
            ]
        )
    }

    @Test func everyKeyArrivesWhereItBelongs() throws {
        let loaded = try load(Fixtures.text("good/every-key.yaml"))
        #expect(loaded.configuration == EveryKey.configuration)
        #expect(loaded.warnings == [])
    }

    @Test func tcpProbeTakesWhatItCanUseFromTheDefaults() throws {
        let configuration = try load(Fixtures.text("good/tcp.yaml")).configuration
        let total5 = ProbeTimeouts(firstByte: .seconds(5), total: .seconds(5))
        let total3 = ProbeTimeouts(connect: .seconds(1), firstByte: .seconds(3), total: .seconds(3))
        func probe(_ host: String, _ port: Int, interval: Duration, _ timeouts: ProbeTimeouts) -> [ProbeConfiguration] {
            [
                ProbeConfiguration(
                    request: .tcp(TCPProbe(address: HostPort(host: host, port: port))),
                    interval: interval,
                    timeouts: timeouts,
                    latencyObjective: .milliseconds(800)
                )
            ]
        }
        #expect(
            configuration.endpoints.map(\.probes) == [
                probe("127.0.0.1", 5432, interval: .seconds(5), total5),
                probe("db.example.com", 443, interval: .seconds(2), total3),
                probe("::1", 80, interval: .seconds(5), total5),
            ]
        )
        #expect(
            configuration.routes.map(\.decision) == [
                DecisionConfiguration(rule: .consecutive(fall: 3, rise: 2), holdDown: .zero)
            ]
        )
        #expect(configuration.record == RecordConfiguration(keep: .zero))
    }

    @Test func parametersOfOtherRulesAreIgnoredIfInherited() throws {
        let configuration = try load(Fixtures.text("good/rules.yaml")).configuration
        let weighed = RuleConfiguration.evidence(
            EvidenceParameters(
                preset: .fast,
                falseFailoversPerYear: 12,
                availabilityBlip: .seconds(2),
                latencyBlip: .seconds(2)
            )
        )
        #expect(
            configuration.routes.map(\.decision) == [
                DecisionConfiguration(rule: weighed, holdDown: .seconds(60)),
                DecisionConfiguration(rule: weighed, failback: .manual, holdDown: .seconds(60), observe: true),
                DecisionConfiguration(rule: .consecutive(fall: 4, rise: 2), holdDown: .seconds(60)),
                DecisionConfiguration(rule: .window(bad: 3, of: 10, rise: 10), holdDown: .seconds(60)),
            ]
        )
    }
}

/// What `good/every-key.yaml` means.
private enum EveryKey {
    static let configuration = Configuration(
        vantage: "office-1",
        endpoints: [usEast, euWest],
        routes: [
            RouteConfiguration(
                name: "chat",
                endpoints: ["eu-west", "us-east"],
                availability: AvailabilityObjective(ratio: Ratio(0.9995), period: .seconds(7 * 86_400)),
                decision: DecisionConfiguration(
                    rule: .evidence(
                        EvidenceParameters(
                            preset: .cautious,
                            falseFailoversPerYear: 2.5,
                            availabilityBlip: .seconds(4),
                            latencyBlip: .seconds(6),
                            blipsPerDay: 2,
                            degradedAt: Ratio(0.075),
                            confirmInterval: .milliseconds(500)
                        )
                    ),
                    failback: .manual,
                    holdDown: .seconds(90),
                    maximumMovesPerHour: nil,
                    observe: false
                )
            )
        ],
        outputs: OutputConfiguration(
            stateFile: "/tmp/failoverd/state.json",
            socket: "/tmp/failoverd/control.sock",
            stateDirectory: "/tmp/failoverd/memory",
            journal: false,
            writeInterval: .seconds(1),
            validFor: .seconds(3)
        ),
        record: RecordConfiguration(keep: .seconds(7200), maximumBytes: 256 * 1_048_576),
        history: HistoryConfiguration(
            keep: .seconds(100 * 86_400),
            keepMinutes: .seconds(86_400),
            maximumBytes: 1_073_741_824
        ),
        anchors: [
            anchor("tcp://192.0.2.1:443", .tcp(TCPProbe(address: HostPort(host: "192.0.2.1", port: 443)))),
            anchor("tls://[2001:db8::1]:853", .tls(TLSProbe(address: HostPort(host: "2001:db8::1", port: 853)))),
            anchor(
                "https://example.com/up",
                .http(
                    HTTPProbe(
                        address: HostPort(host: "example.com", port: 443),
                        tls: TLSSettings(),
                        target: "/up?key=1"
                    )
                )
            ),
            anchor("http://192.0.2.7", .http(HTTPProbe(address: HostPort(host: "192.0.2.7", port: 80)))),
        ]
    )

    private static func anchor(_ address: String, _ request: ProbeRequest) -> AnchorConfiguration {
        let limits = ProbeTimeouts(connect: .seconds(3), firstByte: .seconds(3), total: .seconds(3))
        let probe = ProbeConfiguration(request: request, timeouts: limits, latencyObjective: nil)
        return AnchorConfiguration(address: address, probe: probe)
    }

    private static let timeouts = ProbeTimeouts(
        resolve: .seconds(1),
        connect: .seconds(2),
        tls: .milliseconds(2500),
        firstByte: .seconds(8),
        total: .seconds(12)
    )
    private static let otherHeaders = [
        HeaderField(name: "x-number", value: "1"),
        HeaderField(name: "x-flag", value: "true"),
        HeaderField(name: "x-empty", value: ""),
        HeaderField(name: "Host", value: "api.example.com"),
    ]
    private static let expect = HTTPExpectation(
        statuses: [200...200, 201...204],
        body: [
            .contains("finish_reason"),
            .regex("st(op|art)"),
            .json(pointer: "", equals: .null),
            .json(pointer: "/a~1b/~0/0", equals: .number(1.5)),
            .json(pointer: "/ok", equals: .bool(true)),
            .json(pointer: "/text", equals: .string("1.5")),
        ]
    )

    private static let usEast = EndpointConfiguration(
        name: "us-east",
        region: "us-east-1",
        provider: "acme",
        publicURL: "https://us-east.example.com/v1/",
        attributes: [
            EndpointAttribute(name: "canary", value: .bool(false)),
            EndpointAttribute(name: "note", value: .null),
            EndpointAttribute(name: "quoted", value: .string("70")),
            EndpointAttribute(name: "tier", value: .string("premium")),
            EndpointAttribute(name: "weight_hint", value: .number(70)),
        ],
        probes: [
            ProbeConfiguration(
                request: .http(
                    HTTPProbe(
                        address: HostPort(host: "us-east.example.com", port: 443),
                        tls: TLSSettings(),
                        target: "/v1/chat/completions?trace=0",
                        method: "POST",
                        headers: [HeaderField(name: "Content-Type", value: "application/json")] + otherHeaders,
                        body: "{\"model\": \"demo\"}\n",
                        expect: expect
                    )
                ),
                interval: .seconds(10),
                timeouts: timeouts,
                latencyObjective: .milliseconds(2400)
            )
        ]
    )

    private static let euWest = EndpointConfiguration(
        name: "eu-west",
        region: "eu-west-1",
        publicURL: "https://[2001:db8::1]:8443/openai",
        probes: [
            profile(
                "short",
                interval: .seconds(30),
                objective: .milliseconds(2400),
                headers: [HeaderField(name: "Content-Type", value: "application/json")] + otherHeaders,
                body: "{\"model\": \"demo\"}\n",
                expect: expect
            ),
            profile(
                "long",
                interval: .seconds(60),
                objective: .seconds(6),
                headers: otherHeaders + [HeaderField(name: "content-type", value: "text/plain")],
                body: "other",
                expect: HTTPExpectation(statuses: expect.statuses, body: [.contains("ok")])
            ),
        ]
    )

    private static func profile(
        _ name: ProbeName,
        interval: Duration,
        objective: Duration,
        headers: [HeaderField],
        body: String,
        expect: HTTPExpectation
    ) -> ProbeConfiguration {
        ProbeConfiguration(
            name: name,
            request: .http(
                HTTPProbe(
                    address: HostPort(host: "2001:db8::1", port: 8443),
                    tls: TLSSettings(),
                    target: "/openai/chat/completions?api-version=1&trace=0",
                    method: "POST",
                    headers: headers,
                    body: body,
                    expect: expect
                )
            ),
            interval: interval,
            timeouts: timeouts,
            latencyObjective: objective
        )
    }
}
