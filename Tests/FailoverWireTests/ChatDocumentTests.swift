import FailoverCore
import FailoverWire
import Foundation
import Testing

/// What documents say about chats with an LLM, and about money.
@Suite("Documents of chats")
struct ChatDocumentTests {
    private func fields(_ document: some Encodable) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Wire.encode(document)) as? [String: Any])
    }

    @Test func theStateOfAnLLMIsTheGoldenOne() throws {
        let url = Bundle.module.url(forResource: "state-llm", withExtension: "json", subdirectory: "Fixtures")
        let golden = try String(decoding: Data(contentsOf: #require(url)), as: UTF8.self)
        #expect(try String(decoding: Wire.encodePretty(ChatSamples.full), as: UTF8.self) + "\n" == golden)
    }

    @Test func whatIsWrittenByHandIsWhatTheCoderWrites() throws {
        let encoder = JSONEncoder()
        for document in [ChatSamples.full, ChatSamples.state(of: ChatSamples.endpoint(spend: Self.uncapped))] {
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            #expect(try Wire.encode(document) == encoder.encode(document))
            encoder.outputFormatting.insert(.prettyPrinted)
            #expect(try Wire.encodePretty(document) == encoder.encode(document))
            #expect(try Wire.decode(StateDocument.self, from: Wire.encode(document)) == document)
        }
    }

    private static let uncapped = SpendReport(
        endpoint: "us-east",
        day: 20_779,
        cost: .zero,
        tokens: 41,
        cap: nil,
        pace: .full
    )

    @Test func aServiceWithoutChatsHasNoFieldForThem() throws {
        let plain = Samples.state.endpoints["us-east"]
        #expect(plain?.chat == nil)
        #expect(plain?.spend == nil)
        let fields = try #require(try self.fields(Samples.state)["endpoints"] as? [String: [String: Any]])
        for endpoint in fields.values { #expect(Set(endpoint.keys).isDisjoint(with: ["chat", "spend"])) }
    }

    @Test func whatAServerDoesNotSayIsNull() throws {
        let chat = try fields(StateDocument.Chat(ChatReport()))
        let unknown = ["model", "fingerprint", "finish", "tokens_per_second", "gap_max_ms", "ttfc_ms", "usage"]
        for field in unknown + ["poor_quality"] { #expect(chat[field] is NSNull, "\(field)") }
        #expect(chat["anomalies"] as? [String] == [])
        #expect(chat["keepalives"] as? Int == 0)
        let usage = StateDocument.Chat(ChatReport(usage: TokenUsage(prompt: 1, completion: 2))).usage
        #expect(usage?.reasoning == nil)
        let spend = try fields(StateDocument.Spend(Self.uncapped, currency: "USD"))
        #expect(spend["cap"] is NSNull)
        #expect(spend["cost"] as? Int == 0)
    }

    /// All tokens in one event, or a clock that did not move: there is no speed to tell.
    @Test(arguments: [nil, .zero] as [Duration?])
    func tokensThatTookNoTimeHaveNoSpeed(timePerToken: Duration?) {
        var figures = ChatReport.Figures()
        figures.timePerToken = timePerToken
        #expect(StateDocument.Chat(ChatReport(figures: figures)).tokensPerSecond == nil)
    }

    @Test func aDayIsToldAsADate() {
        for (day, date) in [(0, "1970-01-01"), (20_513, "2026-03-01"), (20_779, "2026-11-22"), (20_818, "2026-12-31")] {
            let report = SpendReport(endpoint: "e", day: day, cost: .zero, tokens: 1, cap: nil, pace: .full)
            #expect(StateDocument.Spend(report, currency: "USD").day == date)
        }
    }

    // MARK: Tiers

    private static let tcp = ProbeConfiguration(
        request: .tcp(TCPProbe(address: HostPort(host: "h", port: 1))),
        latencyObjective: nil
    )
    private static let http = ProbeConfiguration(
        request: .http(HTTPProbe(address: HostPort(host: "h", port: 1))),
        latencyObjective: nil
    )

    static let tiers: [(probes: [ProbeConfiguration], verdict: Verdict, tier: EvidenceTier?, told: String)] = [
        ([http], .healthy, .deep, "deep"),
        ([http], .unknown, .deep, "none"),
        ([http], .unknown, nil, "none"),
        ([http], .unhealthy, nil, "none"),
        ([tcp], .healthy, .deep, "shallow"),
        ([tcp], .unknown, .deep, "none"),
        ([tcp, http], .healthy, .deep, "deep"),
        ([ChatSamples.probe("short")], .healthy, .deep, "deep"),
        ([ChatSamples.probe("short")], .healthy, .shallow, "shallow"),
        // Too few samples for a verdict: what is fresh is told all the same.
        ([ChatSamples.probe("short")], .unknown, .deep, "deep"),
        ([ChatSamples.probe("short")], .unknown, .shallow, "shallow"),
        ([ChatSamples.probe("short")], .unknown, nil, "none"),
        ([ChatSamples.probe("short", mode: .models), tcp], .unknown, .deep, "none"),
        ([ChatSamples.probe("short", mode: .models), tcp], .healthy, .deep, "shallow"),
        // Asked only for less than users ask: known to be alive, and no more.
        ([ChatSamples.probe("short", mode: .models)], .unknown, .shallow, "shallow"),
    ]

    @Test(arguments: tiers)
    func theTierSaysWhatAVerdictRestsOn(
        probes: [ProbeConfiguration],
        verdict: Verdict,
        tier: EvidenceTier?,
        told: String
    ) {
        let state = ChatSamples.state(of: ChatSamples.endpoint(probes: probes, verdict: verdict, tier: tier))
        #expect(state.endpoints["us-east"]?.tier == told)
    }

    // MARK: Money

    static let amounts: [(picos: Int128, text: String)] = [
        (0, "0"), (1, "0.000000000001"), (2_500_000, "0.0000025"), (100_000_000_000, "0.1"),
        (1_000_000_000_000, "1"), (1_500_000_000_000, "1.5"), (70_000_000_000_000, "70"),
        (123_456_789_012_345_678, "123456.789012345678"), (-2_500_000, "-0.0000025"),
        (9_007_199_254_740_993_000_000_000_001, "9007199254740993.000000000001"),
    ]

    @Test(arguments: amounts)
    func anAmountIsWrittenAndReadExactly(picos: Int128, text: String) throws {
        let amount = StateDocument.Amount(Money(picos: picos))
        #expect(try String(decoding: Wire.encode([amount]), as: UTF8.self) == "[\(text)]")
        #expect(try String(decoding: JSONEncoder().encode([amount]), as: UTF8.self) == "[\(text)]")
        #expect(try Wire.decode([StateDocument.Amount].self, from: Data("[\(text)]".utf8)) == [amount])
    }

    @Test(arguments: ["0.0000000000001", "1e30", "\"1\"", "null", "{}"])
    func anAmountThatCannotBeExactIsRefused(json: String) {
        #expect(throws: DecodingError.self) {
            try Wire.decode([StateDocument.Amount].self, from: Data("[\(json)]".utf8))
        }
    }

    @Test func anAmountInAnotherSpellingIsRead() throws {
        let data = Data("[1.50, 2.5e-6]".utf8)
        let expected = [1_500_000_000_000, 2_500_000].map { StateDocument.Amount(Money(picos: $0)) }
        #expect(try Wire.decode([StateDocument.Amount].self, from: data) == expected)
    }

    // MARK: Probes

    @Test func aProbeOfAChatTellsItsTimesAndItsAnswer() throws {
        let observation = Observation(
            key: ProbeKey(endpoint: "us-east", probe: "short"),
            attempt: AttemptID(1),
            start: .seconds(999),
            end: .seconds(1000),
            outcome: .success,
            latency: .milliseconds(812),
            ttft: .milliseconds(212),
            chat: ChatReport(model: "gpt-4o")
        )
        let document = ProbeDocument(observation, of: ChatSamples.probe("short"), at: Samples.clock)
        #expect(document.isGood)
        #expect(document.chat == StateDocument.Chat(ChatReport(model: "gpt-4o")))
        let fields = try fields(document)
        #expect(fields["ttft_ms"] as? Double == 212)
        #expect(fields["ttft_objective_ms"] as? Double == 300)
        #expect(fields["retry_after_seconds"] is NSNull)
        #expect(fields["tier"] as? String == "deep")
    }

    static let goodness: [(outcome: Outcome, latency: Double, ttft: Double?, isPoor: Bool, isGood: Bool)] = [
        (.success, 3000, 300, false, true), (.success, 3000, nil, false, true), (.success, 3001, 300, false, false),
        (.success, 3000, 301, false, false), (.success, 3000, 300, true, false),
        (.throttled("http_429"), 10, nil, false, false), (.misconfigured(.auth), 10, nil, false, false),
    ]

    @Test(arguments: goodness)
    func aProbeIsGoodWithinItsObjectivesAndWithAGoodAnswer(
        outcome: Outcome,
        latency: Double,
        ttft: Double?,
        isPoor: Bool,
        isGood: Bool
    ) {
        let observation = Observation(
            key: ProbeKey(endpoint: "us-east", probe: "short"),
            attempt: AttemptID(1),
            start: .seconds(990),
            end: .seconds(1000),
            outcome: outcome,
            latency: .milliseconds(latency),
            ttft: ttft.map { .milliseconds($0) },
            chat: ChatReport(poorQuality: isPoor ? Reason(.repetition, "it repeats itself") : nil),
            retryAfter: .seconds(20)
        )
        let document = ProbeDocument(observation, of: ChatSamples.probe("short"), at: Samples.clock)
        #expect(document.isGood == isGood)
        #expect(document.retryAfter == 20)
    }

    // MARK: Events and explanations

    @Test(arguments: [
        EventKind.throttled, .misconfigured, .quality, .spend,
    ])
    func newEventsAreToldWithTheirReasonUnchanged(kind: EventKind) {
        let event = Event(
            kind: kind,
            at: .seconds(990),
            endpoint: "us-east",
            reason: Reason(.reasoningLeak, "977 tokens instead of 16"),
            generation: 7
        )
        let document = EventDocument(event, sequence: 1, at: Samples.clock, publisher: Samples.publisher)
        #expect([document.event, document.endpoint] == [kind.rawValue, "us-east"])
        #expect(document.reason == ReasonDocument(code: "reasoning_leak", text: "977 tokens instead of 16"))
    }

    @Test func anExplanationShowsWhatTheStateFileShows() {
        let document = ExplainDocument(
            route: Samples.snapshot.routes[0],
            endpoints: [Samples.grounds],
            lastFailover: Samples.event,
            published: ChatSamples.full.endpoints,
            at: Samples.clock
        )
        let shown = ChatSamples.full.endpoints["us-east"]
        #expect(document.endpoints.map(\.tier) == ["deep"])
        #expect(document.endpoints.map(\.chat) == [shown?.chat])
        #expect(document.endpoints.map(\.connections) == [shown?.connections])
        #expect(document.lastFailover?.grounds?.tier == nil)
    }
}
