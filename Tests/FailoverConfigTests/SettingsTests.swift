import FailoverConfig
import FailoverCore
import Testing

@Suite struct SettingsTests {
    private func request(_ yaml: String) throws -> HTTPProbe? {
        guard case .http(let request) = try load(yaml).configuration.endpoints[0].probes[0].request else { return nil }
        return request
    }

    // MARK: URLs

    struct URLCase: Sendable {
        let url: String
        let address: HostPort
        let publicURL: String
    }

    @Test(arguments: [
        URLCase(
            url: "http://example.com",
            address: HostPort(host: "example.com", port: 80),
            publicURL: "http://example.com"
        ),
        URLCase(
            url: "HTTPS://Example.COM:443/v1?key=s3cret",
            address: HostPort(host: "example.com", port: 443),
            publicURL: "https://example.com/v1"
        ),
        URLCase(
            url: "http://[::1]:8080/a/",
            address: HostPort(host: "::1", port: 8080),
            publicURL: "http://[::1]:8080/a/"
        ),
        URLCase(
            url: "https://[2001:db8::1]",
            address: HostPort(host: "2001:db8::1", port: 443),
            publicURL: "https://[2001:db8::1]"
        ),
        URLCase(
            url: "http://10.0.0.1:1/%41@b",
            address: HostPort(host: "10.0.0.1", port: 1),
            publicURL: "http://10.0.0.1:1/%41@b"
        ),
        URLCase(
            url: "http://a_b.x-1.internal:65535",
            address: HostPort(host: "a_b.x-1.internal", port: 65_535),
            publicURL: "http://a_b.x-1.internal:65535"
        ),
    ])
    func urlIsTakenApart(test: URLCase) throws {
        let endpoint = try load(file(url: test.url)).configuration.endpoints[0]
        #expect(endpoint.publicURL == test.publicURL)
        #expect(try request(file(url: test.url))?.address == test.address)
    }

    @Test(arguments: [
        "http://", "http:///x", "http://:80", "http://a:", "http://a:0", "http://a:65536", "http://a:8x", "http://-a",
        "http://a-", "http://a..b", "http://ä.example", "http://1.2.3", "http://256.1.1.1", "http://[::1",
        "http://[1.2.3.4]",
        "http://a/%4", "http://a/ä", "http://a/b|c", "http://a b", "//a", "a", "", "file:///etc/passwd",
        "http://\(String(repeating: "a", count: 64)).x",
    ])
    func badURLIsRefused(url: String) {
        #expect(refusals(file(url: url)).count == 1)
    }

    @Test(arguments: [
        ("https://me:pa55word@127.0.0.1", "(hidden)@127.0.0.1"), ("https://me:pa55/word@h/x", "(hidden)@h/x"),
        ("https://me:pa55?word@h/x", "(hidden)@h/x"), ("https://me:pa55#word@h/x", "(hidden)@h/x"),
        ("https://pa55word@h/x?key=pa55word", "(hidden)@h/x?(hidden)"),
    ])
    func passwordIsNeverRepeated(url: String, shown: String) {
        let told = refusals(file(url: url))
        #expect(told.count == 1)
        #expect(told.allSatisfy { $0.contains("found \"\(shown)\", allowed: ") && !$0.contains("pa55") }, "\(told)")
    }

    @Test(
        arguments: [
            ("http://h", nil, "/"), ("http://h/", nil, "/"), ("http://h/v1", nil, "/v1"), ("http://h/v1/", nil, "/v1/"),
            ("http://h?a=1", nil, "/?a=1"), ("http://h/v1", "/", "/v1/"), ("http://h/v1/", "/x", "/v1/x"),
            ("http://h/v1?a=1", "/x", "/v1/x?a=1"), ("http://h/v1?a=1", "/x?b=2", "/v1/x?a=1&b=2"),
            ("http://h", "/x?b=2", "/x?b=2"),
        ] as [(String, String?, String)]
    )
    func pathIsAppendedToTheURL(url: String, path: String?, target: String) throws {
        let probe = "slo: { latency: { p99: 3s } }" + (path.map { ", path: \"\($0)\"" } ?? "")
        #expect(try request(file(url: url, probe: probe))?.target == target)
    }

    // MARK: Merging

    @Test func ownKeysOverrideDefaultsInDepth() throws {
        let defaults = """
            { probe: { interval: 2s, slo: { latency: { p99: 4s } }, timeouts: { connect: 1s, total: 9s }, \
            headers: { Accept: a, X-Key: b }, expect: { status: 204, body: { contains: x } } } }
            """
        let probe = "timeouts: { total: 20s }, headers: { x-key: c, new: d }, expect: { body: { regex: y } }"
        let configuration = try load(file(probe: probe, defaults: defaults)).configuration
        #expect(
            configuration.endpoints[0].probes == [
                ProbeConfiguration(
                    request: .http(
                        HTTPProbe(
                            address: HostPort(host: "127.0.0.1", port: 8080),
                            target: "/v1",
                            headers: [
                                HeaderField(name: "Accept", value: "a"), HeaderField(name: "x-key", value: "c"),
                                HeaderField(name: "new", value: "d"),
                            ],
                            expect: HTTPExpectation(statuses: [204...204], body: [.regex("y")])
                        )
                    ),
                    interval: .seconds(2),
                    timeouts: ProbeTimeouts(connect: .seconds(1), total: .seconds(20)),
                    latencyObjective: .seconds(4)
                )
            ]
        )
    }

    @Test func limitsThatAreNotSetShrinkWithTheTotal() throws {
        let probe = "slo: { latency: { p99: 1s } }, timeouts: { total: 2s }"
        let two = Duration.seconds(2)
        #expect(
            try load(file(probe: probe)).configuration.endpoints[0].probes[0].timeouts
                == ProbeTimeouts(resolve: two, connect: two, tls: two, firstByte: two, total: two)
        )
    }

    @Test func errorOfADefaultIsToldOnceAtItsPlace() {
        #expect(
            refusals(file(defaults: "{ probe: { interval: 5, expect: { body: { regex: '(' } } } }")) == [
                "config.yaml:2: defaults.probe.interval: found 5, allowed: a duration from 100ms to 1h (add a unit: 5s)",
                "config.yaml:2: defaults.probe.expect.body.regex: found \"(\", allowed: a regular expression",
            ]
        )
    }

    // MARK: Warnings

    @Test func whatIsProbablyNotMeantIsToldAndAccepted() throws {
        let yaml = """
            version: 1
            endpoints:
              a: { region: r, url: "http://h/", probe: { interval: 500ms, slo: { latency: { p99: 3s } } } }
              b: { region: r, url: "http://h", probe: { interval: 500ms, slo: { latency: { p99: 3s } } } }
              c: { region: r, url: "http://i", probe: { slo: { latency: { p99: 3s } } } }
            routes:
              chat:
                endpoints: [a]
                decision: { confirm_interval: 1s }
            """
        #expect(
            try load(yaml).warnings.map(\.description) == [
                "config.yaml:3: endpoints.a.probe.interval: timeouts.total (15s) is more than 20 times the interval (500ms): "
                    + "a silent endpoint uses up both attempts that may be under way, and starts are skipped",
                "config.yaml:4: endpoints.b.probe.interval: timeouts.total (15s) is more than 20 times the interval (500ms): "
                    + "a silent endpoint uses up both attempts that may be under way, and starts are skipped",
                "config.yaml:8: routes.chat.endpoints: only one endpoint: there is nowhere to go",
                "config.yaml:4: endpoints.b: no route contains this endpoint: it is probed and nothing else",
                "config.yaml:5: endpoints.c: no route contains this endpoint: it is probed and nothing else",
                "config.yaml:4: endpoints.b: same URL and probe as endpoint \"a\": they will fail together",
                "config.yaml:9: routes.chat.decision.confirm_interval: longer than an interval of 500ms, and has no effect "
                    + "there: confirming never probes less often",
            ]
        )
    }

    // MARK: Bounds

    @Test func numberOfEndpointsIsBounded() {
        func yaml(_ count: Int) -> String {
            let endpoints = (0..<count).map { "  e\($0): {region: r,url: \"tcp://h:\($0 % 60_000 + 1)\"}\n" }.joined()
            return
                "version: 1\ndefaults: {probe: {type: tcp}}\nendpoints:\n\(endpoints)routes: {x: {endpoints: [e0]}}\n"
        }
        #expect(refusals(yaml(16_384)) == [])
        #expect(
            refusals(yaml(16_385)).first == "config.yaml:3: endpoints: found 16,385 endpoints, allowed: at most 16,384"
        )
    }

    @Test func numberOfRoutesIsBounded() {
        func yaml(_ count: Int) -> String {
            let routes = (0..<count).map { "  r\($0): { endpoints: [a] }\n" }.joined()
            return
                "version: 1\nendpoints: { a: { region: r, url: \"tcp://h:1\", probe: { type: tcp } } }\nroutes:\n\(routes)"
        }
        #expect(refusals(yaml(1_024)) == [])
        #expect(refusals(yaml(1_025)) == ["config.yaml:3: routes: found 1,025 routes, allowed: at most 1,024"])
    }

    @Test(arguments: [
        ("interval: 100ms", true), ("interval: 99ms", false), ("interval: 1h", true), ("interval: 3601s", false),
        ("timeouts: { connect: 1ms }", true), ("timeouts: { connect: 999us }", false),
        ("timeouts: { total: 10m }", true), ("timeouts: { total: 601s }", false),
    ])
    func boundsOfAProbeAreInclusive(setting: String, isAccepted: Bool) {
        #expect(refusals(file(probe: "slo: { latency: { p99: 3s } }, \(setting)")).isEmpty == isAccepted)
    }

    @Test(arguments: [
        ("hold_down: 0s", true), ("hold_down: 1h", true), ("hold_down: 3601s", false),
        ("max_moves_per_hour: 1000", true), ("max_moves_per_hour: 1001", false), ("max_moves_per_hour: 0", false),
        ("false_failovers: 0.01", true), ("false_failovers: 10001", false), ("degraded_at: 1.01%", true),
        ("degraded_at: 1%", false), ("degraded_at: 39.99%", true), ("blip: 1ms", true), ("blip: 0s", false),
        ("blips_per_day: 10000", true), ("blips_per_day: .inf", false), ("confirm_interval: 99ms", false),
    ])
    func boundsOfADecisionAreInclusive(setting: String, isAccepted: Bool) {
        #expect(refusals(file(decision: "{ \(setting) }")).isEmpty == isAccepted)
    }
}
