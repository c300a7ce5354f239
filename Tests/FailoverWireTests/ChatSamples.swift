import FailoverCore
import FailoverWire

/// An LLM behind one endpoint, asked in two ways and paid for.
enum ChatSamples {
    static func probe(_ name: ProbeName, mode: ChatProbe.Mode = .chat) -> ProbeConfiguration {
        ProbeConfiguration(
            name: name,
            request: .chat(
                ChatProbe(
                    http: HTTPProbe(address: HostPort(host: "llm.example", port: 443), target: "/v1/chat/completions"),
                    mode: mode,
                    model: "gpt-4o"
                )
            ),
            latencyObjective: .seconds(3),
            ttftObjective: .milliseconds(300)
        )
    }

    static let report: ChatReport = {
        var figures = ChatReport.Figures()
        figures.firstContent = .microseconds(260_250)
        figures.longestGap = .milliseconds(31)
        figures.timePerToken = .milliseconds(24)
        figures.tokenEvents = 9
        figures.keepalives = 3
        return ChatReport(
            figures: figures,
            finish: "stop",
            usage: TokenUsage(prompt: 25, completion: 16, reasoning: 10, cached: 0),
            model: "gpt-4o-2024-08-06",
            fingerprint: "fp_44709d6fcb",
            anomalies: [.noTerminator, .cached],
            poorQuality: Reason(.quality, #"the answer does not contain "OK""#)
        )
    }()

    static let spend = SpendReport(
        endpoint: "us-east",
        day: 20_779,
        cost: Money(picos: 12_345_000_000),
        tokens: 4920,
        cap: SpendCap(cost: Money(picos: 100_000_000_000)),
        pace: .slower
    )

    static let indicators = [
        IndicatorSnapshot(
            name: IndicatorName(probe: "short", kind: .availability),
            window: .availability(objective: Ratio(0.999), counts: SampleCounts(samples: 12, bad: 0, void: 1)),
            evidence: 0,
            threshold: 6.976_225_222_3
        ),
        IndicatorSnapshot(
            name: IndicatorName(probe: "short", kind: .ttft),
            window: .latency(
                objective: .milliseconds(300),
                counts: SampleCounts(samples: 180, bad: 2, void: 1),
                percentiles: Percentiles(
                    p50: .milliseconds(210),
                    p90: .milliseconds(250),
                    p99: .seconds(10),
                    count: 180,
                    censored: true
                )
            ),
            evidence: 1.25,
            threshold: 6.976_225_222_3
        ),
        IndicatorSnapshot(
            name: IndicatorName(probe: "short", kind: .quality),
            window: .quality(counts: SampleCounts(samples: 180, bad: 9, void: 0)),
            evidence: 0.5,
            threshold: 6.976_225_222_3
        ),
    ]

    static func endpoint(
        probes: [ProbeConfiguration] = [probe("short"), probe("long")],
        verdict: Verdict = .healthy,
        indicators: [IndicatorSnapshot] = [],
        tier: EvidenceTier? = .deep,
        chats: [ChatSnapshot] = [],
        spend: SpendReport? = nil
    ) -> EndpointSnapshot {
        EndpointSnapshot(
            configuration: EndpointConfiguration(
                name: "us-east",
                region: "us-east",
                publicURL: "https://llm.example/v1",
                probes: probes
            ),
            verdict: verdict,
            reason: Reason(.withinObjectives, "no evidence against it"),
            since: .seconds(990.25),
            indicators: indicators,
            tier: tier,
            chats: chats,
            spend: spend
        )
    }

    /// A state of one endpoint and no route.
    static func state(of endpoint: EndpointSnapshot, currency: String = "EUR") -> StateDocument {
        let publisher = Publisher(
            instance: Samples.publisher.instance,
            vantage: "us-east-a",
            startedAt: Samples.publisher.startedAt,
            validFor: .seconds(30),
            currency: currency
        )
        return StateDocument(
            snapshot: Snapshot(generation: 7, persisted: true, routes: [], endpoints: [endpoint]),
            sequence: 42,
            at: Samples.clock,
            publisher: publisher
        )
    }

    static let full = state(
        of: endpoint(
            indicators: indicators,
            chats: [
                ChatSnapshot(probe: "short", report: report), ChatSnapshot(probe: "long", report: ChatReport()),
            ],
            spend: spend
        )
    )
}
