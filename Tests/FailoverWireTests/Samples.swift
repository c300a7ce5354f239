import FailoverCore
import FailoverWire

/// One of everything, with fixed times.
enum Samples {
    static let clock = ClockReading(monotonic: .seconds(1000), wall: time("2026-11-22T12:04:31.250Z"))
    static let publisher = Publisher(
        instance: StateDocument.Instance(
            id: "0123456789abcdef0123456789abcdef",
            version: "0.1.0",
            configHash: "c0ffee"
        ),
        vantage: "us-east-a",
        startedAt: time("2026-11-22T11:47:51.250Z"),
        validFor: .seconds(30)
    )

    static func time(_ text: String) -> WallTime { WallTime(text) ?? WallTime(secondsSince1970: 0) }

    private static func endpoint(_ name: EndpointName, provider: ProviderName?) -> EndpointConfiguration {
        EndpointConfiguration(
            name: name,
            region: RegionName(rawValue: name.rawValue),
            provider: provider,
            publicURL: "https://\(name).example/v1/chat/completions",
            attributes: [
                EndpointAttribute(name: "canary", value: .bool(false)),
                EndpointAttribute(name: "note", value: .null),
                EndpointAttribute(name: "tier", value: .string("gold")),
                EndpointAttribute(name: "weight_hint", value: .number(70)),
            ],
            probes: [
                ProbeConfiguration(
                    request: .http(HTTPProbe(address: HostPort(host: "\(name).example", port: 443))),
                    latencyObjective: .seconds(3)
                )
            ]
        )
    }

    static let snapshot = Snapshot(
        generation: 7,
        persisted: true,
        routes: [
            RouteSnapshot(
                name: "chat",
                active: "eu-west",
                mode: .failover,
                generation: 7,
                since: .seconds(990.5),
                reason: Reason(.latency, #"latency: "outage" evidence 7.20 >= 6.98"#),
                order: ["eu-west"],
                provisional: false,
                dryRun: false,
                wouldBeActive: "eu-west",
                endpoints: ["us-east", "eu-west"]
            )
        ],
        endpoints: [
            EndpointSnapshot(
                configuration: endpoint("us-east", provider: "p1"),
                verdict: .unhealthy,
                reason: Reason(.latency, #"latency: "outage" evidence 7.20 >= 6.98"#),
                since: .seconds(990.25),
                indicators: [
                    IndicatorSnapshot(
                        name: IndicatorName(probe: .default, kind: .availability),
                        window: .availability(
                            objective: Ratio(0.999),
                            counts: SampleCounts(samples: 12, bad: 1, void: 2)
                        ),
                        evidence: 2.968_006_969_4,
                        threshold: 6.976_225_222_3
                    ),
                    IndicatorSnapshot(
                        name: IndicatorName(probe: .default, kind: .latency),
                        window: .latency(
                            objective: .seconds(3),
                            counts: SampleCounts(samples: 180, bad: 9, void: 2),
                            percentiles: Percentiles(
                                p50: .milliseconds(900),
                                p90: .microseconds(2_100_250),
                                p99: .seconds(15),
                                count: 180,
                                censored: true
                            )
                        ),
                        evidence: 7.2,
                        threshold: 6.976_225_222_3
                    ),
                ],
                connections: [ConnectionSnapshot(probe: .default, facts: facts, expiresSoon: true)]
            ),
            EndpointSnapshot(
                configuration: endpoint("eu-west", provider: nil),
                verdict: .unknown,
                reason: Reason(.tooFewSamples, "0 of 3 samples"),
                since: .seconds(0),
                indicators: [
                    IndicatorSnapshot(
                        name: IndicatorName(probe: "short", kind: .availability),
                        window: .availability(
                            objective: Ratio(0.999),
                            counts: SampleCounts(samples: 0, bad: 0, void: 0)
                        ),
                        evidence: 0,
                        threshold: 6.976_225_222_3
                    ),
                    IndicatorSnapshot(
                        name: IndicatorName(probe: "short", kind: .latency),
                        window: .latency(
                            objective: nil,
                            counts: SampleCounts(samples: 0, bad: 0, void: 0),
                            percentiles: nil
                        ),
                        evidence: 0,
                        threshold: 6.976_225_222_3
                    ),
                ],
                connections: [
                    ConnectionSnapshot(
                        probe: "short",
                        facts: ConnectionFacts(address: HostPort(host: "2001:db8::1", port: 5432), family: .ipv6)
                    )
                ]
            ),
        ],
        probing: ProbingSnapshot(
            finished: 118,
            skipped: 2,
            local: [.init(code: .localPorts, count: 7), .init(code: .localDescriptors, count: 1)]
        )
    )

    static let facts = ConnectionFacts(
        address: HostPort(host: "192.0.2.1", port: 443),
        family: .ipv4,
        failedFamily: .ipv6,
        http: .http2,
        certificate: CertificateFacts(expires: .seconds(1000 + 9 * 86_400), lifetime: .seconds(90 * 86_400)),
        isReused: true
    )

    static let state = StateDocument(snapshot: snapshot, sequence: 42, at: clock, publisher: publisher)

    static let grounds = EndpointExplanation(
        endpoint: "us-east",
        verdict: .unhealthy,
        reason: Reason(.availability, "availability"),
        rule: .evidence(.balanced),
        interval: .seconds(5),
        indicators: [
            IndicatorExplanation(
                name: IndicatorName(probe: .default, kind: .availability),
                threshold: 6.555_831_7,
                thresholds: [6.555_831_7, 6.955_036_1, 5.914_627_8],
                scores: [2.968, 2.578, 1.675],
                steps: [
                    EvidenceStep(
                        start: .seconds(985),
                        isBad: true,
                        situation: .clear,
                        finding: .connectRefused,
                        healthyProbability: 0.001_054_9,
                        modelProbability: 0.001_054_9,
                        increments: [2.968, 2.578, 1.675],
                        scores: [2.968, 2.578, 1.675]
                    )
                ],
                baseline: [
                    LearnedSituation(
                        situation: .bad2,
                        bad: 2,
                        expected: 0.600_000_4,
                        factor: 2.454,
                        since: .seconds(1000 - 71 * 86_400)
                    )
                ]
            )
        ],
        recovery: RecoveryExplanation(
            proof: 0.185,
            proofNeeded: 2,
            cleanProbesLeft: 20,
            holdDown: .seconds(60),
            holdDownEnds: nil,
            penalty: 1.97
        )
    )

    static let event = EventDocument(
        Event(
            kind: .failover,
            at: .seconds(990.5),
            route: "chat",
            from: "us-east",
            to: "eu-west",
            regionFrom: "us-east",
            regionTo: "eu-west",
            reason: Reason(.availability, "availability"),
            generation: 7,
            grounds: grounds
        ),
        sequence: 3,
        at: clock,
        publisher: publisher
    )

    static let explanation = ExplainDocument(
        route: snapshot.routes[0],
        endpoints: [grounds],
        lastFailover: event,
        at: clock
    )

    static let memory = Memory(
        generation: 7,
        routes: [
            RouteMemory(
                name: "chat",
                active: "eu-west",
                generation: 7,
                since: .seconds(990.5),
                reason: Reason(.availability, "availability"),
                moves: [.seconds(-200), .seconds(990.5)]
            )
        ],
        endpoints: [
            EndpointMemory(name: "eu-west", penalty: 0, penaltyAt: .seconds(0), mustProve: false),
            EndpointMemory(name: "us-east", penalty: 1.25, penaltyAt: .seconds(990.5), mustProve: true),
        ]
    )
}
