import FailoverConfig
import FailoverCore
import Foundation
import Testing

/// Chats with LLMs, as `good/chat.yaml` says them.
@Suite struct ChatTests {
    private static let everyKey = ProbeConfiguration(
        request: .chat(
            ChatProbe(
                http: HTTPProbe(
                    address: HostPort(host: "us-east.example.com", port: 443),
                    tls: TLSSettings(minimumVersion: .tls13),
                    target: "/v1/deployments/x/chat/completions?api-version=3&y=1",
                    headers: [HeaderField(name: "x-team", value: "search")],
                    version: .http2
                ),
                cheaperMode: .health,
                modelsTarget: "/v1/deployments?api-version=3",
                healthTarget: "/up?full=1",
                credential: .systemd(name: "own"),
                credentialHeader: .apiKey,
                model: "4o/mini",
                prompt: "Two lines:\nreply with \"OK\".\n",
                tokenParameter: .maxCompletionTokens,
                maximumTokens: 64,
                includesUsage: false,
                bustsCache: false,
                extraBody: .object([
                    .init("reasoning_effort", .string("low")),
                    .init("temperature", .number(0)),
                    .init("seed", .integer(7)),
                    .init("stop", .array([.string("\n"), .null, .bool(true)])),
                    .init(
                        "metadata",
                        .object([
                            .init("null", .null), .init("a b", .number(-1_000)), .init("empty", .object([])),
                            .init("list", .array([])),
                            .init("nested", .object([.init("deep", .array([.string("1")]))])),
                        ])
                    ),
                ]),
                quality: QualityExpectation(
                    text: [.regex("(?i)ok"), .json(pointer: "/a", equals: .number(1))],
                    model: "exact-name",
                    refusesRepetition: false,
                    failsEndpoint: true
                ),
                throttledIsFailure: true,
                sharesTrafficCredential: true
            )
        ),
        interval: .seconds(15),
        timeouts: ProbeTimeouts(
            connect: .seconds(1),
            firstByte: .seconds(4),
            ttft: .seconds(5),
            idle: .seconds(2),
            total: .seconds(20)
        ),
        connection: ConnectionSettings(use: .reuse(freshEvery: 10)),
        latencyObjective: .seconds(3),
        ttftObjective: .milliseconds(300)
    )

    /// A chat with nothing but defaults and what the file says for all.
    private static func chat(
        port: Int,
        base: String = "/v1",
        mode: ChatProbe.Mode = .chat,
        credential: String = "shared",
        prompt: String = ChatProbe.standardPrompt
    ) -> ProbeRequest {
        .chat(
            ChatProbe(
                http: HTTPProbe(
                    address: HostPort(host: "127.0.0.1", port: port),
                    target: "\(base)/chat/completions",
                    headers: [HeaderField(name: "x-team", value: "search")]
                ),
                mode: mode,
                credential: .systemd(name: credential),
                model: "gpt-4o",
                prompt: prompt,
                quality: mode == .chat
                    ? QualityExpectation(text: [.contains("OK")], model: "gpt-4o*") : QualityExpectation()
            )
        )
    }

    private static let minute = ProbeTimeouts(total: .seconds(30))

    @Test func everyKeyArrivesWhereItBelongs() throws {
        let loaded = try load(Fixtures.text("good/chat.yaml"))
        let four = Duration.seconds(4)
        let expected = Configuration(
            vantage: "local",
            endpoints: [
                EndpointConfiguration(
                    name: "every-key",
                    region: "us-east",
                    provider: "acme",
                    publicURL: "https://us-east.example.com/v1",
                    probes: [Self.everyKey],
                    price: Price(
                        input: Money(picos: 2_500_000),
                        output: Money(picos: 10_000_000),
                        asOf: CivilDate(year: 2026, month: 5, day: 1)
                    ),
                    dailyCap: SpendCap(cost: Money(picos: 9_000_000_000_000), tokens: 20_000_000)
                ),
                EndpointConfiguration(
                    name: "profiles",
                    region: "eu-west",
                    provider: "borealis",
                    publicURL: "http://127.0.0.1:8081/v1/",
                    probes: [
                        ProbeConfiguration(
                            name: "short",
                            request: Self.chat(port: 8_081),
                            interval: .seconds(15),
                            timeouts: Self.minute,
                            latencyObjective: .milliseconds(600)
                        ),
                        ProbeConfiguration(
                            name: "long",
                            request: Self.chat(port: 8_081, credential: "long", prompt: "A long story."),
                            interval: .seconds(60),
                            timeouts: Self.minute,
                            latencyObjective: nil,
                            ttftObjective: .milliseconds(1_200)
                        ),
                        ProbeConfiguration(
                            name: "list",
                            request: Self.chat(port: 8_081, mode: .models),
                            interval: .seconds(15),
                            timeouts: ProbeTimeouts(firstByte: four, ttft: four, idle: four, total: four),
                            latencyObjective: nil
                        ),
                    ],
                    price: Price(
                        input: Money(picos: 140_000),
                        output: Money(picos: 280_001),
                        asOf: CivilDate(year: 2_024, month: 2, day: 29)
                    )
                ),
                EndpointConfiguration(
                    name: "health",
                    region: "eu-west",
                    publicURL: "http://127.0.0.1:8082/v1",
                    probes: [
                        ProbeConfiguration(
                            request: Self.chat(port: 8_082, mode: .health),
                            timeouts: Self.minute,
                            latencyObjective: nil
                        )
                    ]
                ),
            ],
            routes: [
                RouteConfiguration(
                    name: "chat",
                    endpoints: ["every-key", "profiles", "health"],
                    ranks: [0, 1, 1],
                    cost: RouteCost(
                        workload: Workload(inputTokens: 3_000, outputTokens: 300),
                        maximumRatio: 5,
                        dailyCap: SpendCap(tokens: 30_000_000)
                    )
                )
            ],
            outputs: OutputConfiguration(),
            spend: SpendConfiguration(
                currency: "EUR",
                daily: SpendCap(cost: Money(picos: 12_500_000_000_000), tokens: 40_000_000)
            )
        )
        #expect(loaded.configuration == expected)
        #expect(
            loaded.warnings.map(\.description) == [
                "config.yaml:68: endpoints.health: is only asked for health: that can prove it down, never up, "
                    + "so no route moves to it by itself",
                "config.yaml:76: routes.chat.max_cost_ratio: has no effect on failovers to health, "
                    + "of which no price is known",
            ]
        )
    }

    // MARK: Bounds

    @Test(arguments: [
        ("max_tokens: 16", true), ("max_tokens: 15", false), ("max_tokens: 4096", true), ("max_tokens: 4097", false),
        ("prompt: x", true), ("prompt: ''", false), ("timeouts: { ttft: 301ms }", true),
        ("timeouts: { ttft: 300ms }", false), ("timeouts: { idle: 30s }", true), ("timeouts: { idle: 31s }", false),
        ("expect: { model: m* }", true), ("expect: { model: '*m' }", false), ("credential: a.b-c_d", true),
        ("credential: ''", false), ("credential: gsk_abc", false), ("credential: a/b", false),
        ("extra_body: {}", true), ("extra_body: { a: \(nest(20)) }", true), ("extra_body: text", false),
        ("extra_body: { \(String(repeating: "k", count: 257)): 1 }", false),
        ("extra_body: { a: [\(String(repeating: "1,", count: 998))] }", true),
        ("extra_body: { a: [\(String(repeating: "1,", count: 999))] }", false),
    ])
    func boundsOfAChatAreInclusive(setting: String, isAccepted: Bool) {
        let told = refusals(file(probe: "type: openai-chat, model: m, slo: { ttft: { p99: 300ms } }, \(setting)"))
        #expect(told.isEmpty == isAccepted, "\(told)")
    }

    private static func nest(_ depth: Int) -> String {
        String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }

    // MARK: Where the secret comes from

    @Test(arguments: [
        ("", "", "", nil), ("credential: d", "", "", "d"), ("credential: d", "credential: e", "", "e"),
        ("credential: d", "credential: e", "credential: p", "p"), ("credential: d", "", "credential: p", "p"),
        ("", "credential: e", "", "e"),
        // The file of a level that is not used is not even looked for.
        ("credential_file: /nonexistent/d", "credential: e", "", nil),
    ])
    func nearestCredentialCounts(defaults: String, endpoint: String, probe: String, name: String?) throws {
        let yaml = """
            version: 1
            defaults: { probe: { type: openai-chat, model: m, slo: { ttft: { p99: 1s } }\(comma(defaults)) } }
            endpoints:
              a: { region: r, url: "http://127.0.0.1:1/v1"\(comma(endpoint)), probe: { \(probe) } }
            routes: { x: { endpoints: [a] } }
            """
        if defaults.contains("nonexistent") {
            // It is told once, as a slip of the defaults.
            #expect(refusals(yaml).map { $0.contains("defaults.probe.credential_file") } == [true])
            return
        }
        guard case .chat(let chat) = try load(yaml).configuration.endpoints[0].probes[0].request else {
            Issue.record("no chat")
            return
        }
        #expect(chat.credential == name.map { .systemd(name: $0) })
    }

    private func comma(_ text: String) -> String { text.isEmpty ? "" : ", \(text)" }

    // MARK: Money

    @Test(arguments: [
        ("2.50", 2_500_000), ("10", 10_000_000), ("0.075", 75_000), ("0.000001", 1), ("0", 0),
        ("10000", 10_000_000_000),
        ("0.1", 100_000), ("10000.000000", 10_000_000_000), ("007.5", 7_500_000),
    ])
    func priceIsExact(text: String, picosPerToken: Int) throws {
        let price = "price: { input: \(text), output: 1, as_of: 2026-05-01 }"
        let yaml = """
            version: 1
            endpoints:
              a: { region: r, url: "tcp://127.0.0.1:9", \(price), probe: { type: tcp } }
            routes: { x: { endpoints: [a] } }
            """
        let loaded = try load(yaml)
        #expect(loaded.configuration.endpoints[0].price?.input == Money(picos: Int128(picosPerToken)))
        #expect(try load(ResolvedConfigurationText(loaded.configuration).text).configuration == loaded.configuration)
    }

    @Test(arguments: [
        "2026-00-01", "2026-13-01", "2026-04-31", "2025-02-29", "2100-02-29", "26-05-01", "2026-5-1",
        "2026-05-01T00:00",
        "1999-01-01", "", "2026/05/01", "٢٠٢٦-٠٥-٠١",
    ])
    func otherTextIsNoDay(text: String) {
        #expect(DateText.parse(text) == nil)
    }

    @Test(arguments: [
        "2026-05-01", "2000-02-29", "2024-02-29", "2999-12-31", "2026-04-30",
    ])
    func dayIsReadAndWrittenBack(text: String) throws {
        #expect(DateText.parse(text)?.description == text)
        #expect(text.wholeMatch(of: try Regex(DateText.pattern)) != nil)
    }
}
