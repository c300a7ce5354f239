import FailoverCore
import FailoverWire
import Foundation

/// One day in the life of a route, as documents: the numbers of a ranking service in three regions.
enum Samples {
    /// Four minutes past noon in Greenwich, 2026-11-22T12:04:31Z.
    static let now = WallTime(secondsSince1970: 1_795_349_071)
    static let clock = ClockReading(monotonic: .seconds(10_000), wall: now)

    static func instant(_ secondsAgo: Double) -> MonotonicInstant { .seconds(10_000 - secondsAgo) }

    static let publisher = Publisher(
        instance: .init(id: "9f1c", version: "0.1.0", configHash: "c0ffee0123456789"),
        vantage: "us-east-a",
        startedAt: WallTime(secondsSince1970: 1_795_340_000),
        validFor: .seconds(30)
    )

    static func availability(bad: Int, of samples: Int, evidence: Double) -> IndicatorSnapshot {
        IndicatorSnapshot(
            name: IndicatorName(probe: .default, kind: .availability),
            window: .availability(
                objective: Ratio(0.999),
                counts: SampleCounts(samples: samples, bad: bad, void: 0)
            ),
            evidence: evidence,
            threshold: 6.979
        )
    }

    static func latency(
        p50: Double,
        p99: Double,
        samples: Int,
        evidence: Double,
        censored: Bool = false
    ) -> IndicatorSnapshot {
        IndicatorSnapshot(
            name: IndicatorName(probe: .default, kind: .latency),
            window: .latency(
                objective: .seconds(3),
                counts: SampleCounts(samples: samples, bad: 0, void: 0),
                percentiles: samples == 0
                    ? nil
                    : Percentiles(
                        p50: .milliseconds(p50),
                        p90: .milliseconds(p99),
                        p99: .milliseconds(p99),
                        count: samples,
                        censored: censored
                    )
            ),
            evidence: evidence,
            threshold: 6.979
        )
    }

    static func endpoint(
        _ name: EndpointName,
        region: RegionName? = nil,
        verdict: Verdict = .healthy,
        reason: Reason = Reason(.withinObjectives, "no evidence against it"),
        indicators: [IndicatorSnapshot]
    ) -> EndpointSnapshot {
        let probe = ProbeConfiguration(
            request: .http(HTTPProbe(address: HostPort(host: "192.0.2.1", port: 443))),
            latencyObjective: .seconds(3)
        )
        return EndpointSnapshot(
            configuration: EndpointConfiguration(
                name: name,
                region: region ?? RegionName(rawValue: name.rawValue),
                publicURL: "https://\(name).example/v1",
                probes: [probe]
            ),
            verdict: verdict,
            reason: reason,
            since: instant(720),
            indicators: indicators
        )
    }

    static let healthyIndicators = [
        availability(bad: 0, of: 60, evidence: 0),
        latency(p50: 910, p99: 2380, samples: 180, evidence: 1.7),
    ]

    static let outage = Reason(.availability, "availability, \"outage\" evidence 7.20 >= 6.56")

    /// us-east is down, eu-west carries the traffic, ap-southeast is still unknown.
    static let failedOver = failedOver(with: [])

    private static func failedOverRoute(_ endpoints: [EndpointName]) -> RouteSnapshot {
        RouteSnapshot(
            name: "chat",
            active: "eu-west",
            mode: .failover,
            generation: 7,
            since: instant(735),
            reason: outage,
            order: ["eu-west"],
            provisional: false,
            dryRun: false,
            wouldBeActive: "eu-west",
            endpoints: endpoints
        )
    }

    static func failedOver(with intents: [OperatorIntent]) -> StateDocument {
        state(
            routes: [
                failedOverRoute(["us-east", "eu-west", "ap-southeast"])
            ],
            endpoints: [
                endpoint(
                    "us-east",
                    verdict: .unhealthy,
                    reason: outage,
                    indicators: [
                        availability(bad: 19, of: 60, evidence: 7.2),
                        latency(p50: 940, p99: 15_000, samples: 180, evidence: 5.1, censored: true),
                    ]
                ),
                endpoint("eu-west", indicators: healthyIndicators),
                endpoint(
                    "ap-southeast",
                    verdict: .unknown,
                    reason: Reason(.tooFewSamples, "3 samples of 10 needed"),
                    indicators: [
                        availability(bad: 0, of: 3, evidence: 0), latency(p50: 0, p99: 0, samples: 0, evidence: 0),
                    ]
                ),
            ],
            intents: intents
        )
    }

    static let preferred = state(
        routes: [route(active: "us-east")],
        endpoints: [
            endpoint("us-east", indicators: healthyIndicators), endpoint("eu-west", indicators: healthyIndicators),
        ]
    )

    static func route(
        active: EndpointName,
        mode: RouteMode = .preferred,
        generation: UInt64 = 1,
        provisional: Bool = false,
        dryRun: Bool = false,
        wouldBeActive: EndpointName? = nil
    ) -> RouteSnapshot {
        RouteSnapshot(
            name: "chat",
            active: active,
            mode: mode,
            generation: generation,
            since: instant(90),
            reason: Reason(.initial, "first in order"),
            order: ["us-east", "eu-west"],
            provisional: provisional,
            dryRun: dryRun,
            wouldBeActive: wouldBeActive ?? active,
            endpoints: ["us-east", "eu-west"]
        )
    }

    static func state(
        generation: UInt64 = 7,
        persisted: Bool = true,
        routes: [RouteSnapshot],
        endpoints: [EndpointSnapshot],
        intents: [OperatorIntent] = []
    ) -> StateDocument {
        StateDocument(
            snapshot: Snapshot(
                generation: generation,
                persisted: persisted,
                routes: routes,
                endpoints: endpoints,
                intents: intents
            ),
            sequence: 42,
            at: ClockReading(monotonic: .seconds(9_998), wall: WallTime(secondsSince1970: 1_795_349_069)),
            publisher: publisher
        )
    }

    // MARK: Arithmetic

    private static func step(
        _ secondsAgo: Double,
        _ finding: ReasonCode,
        healthy: Double,
        increment: Double,
        score: Double,
        bad: Bool = true
    ) -> EvidenceStep {
        EvidenceStep(
            start: instant(secondsAgo),
            isBad: bad,
            situation: .clear,
            finding: finding,
            healthyProbability: healthy,
            modelProbability: healthy,
            increments: [increment, increment / 2, increment / 10],
            scores: [score, score / 2, score / 10]
        )
    }

    /// Five timeouts in a row, as in the description of the rule.
    static let grounds = EndpointExplanation(
        endpoint: "us-east",
        verdict: .unhealthy,
        reason: outage,
        rule: .evidence(.balanced),
        interval: .seconds(5),
        indicators: [
            IndicatorExplanation(
                name: IndicatorName(probe: .default, kind: .availability),
                threshold: 6.556,
                thresholds: [6.556, 6.955, 5.9146],
                scores: [7.2, 3.6, 0.72],
                steps: [
                    step(755, .connectTimeout, healthy: 0.001058, increment: 2.966721, score: 2.966721),
                    step(750, .connectTimeout, healthy: 0.010488, increment: 1.970501, score: 4.937222),
                    step(745, .connectTimeout, healthy: 0.163, increment: 0.779038, score: 5.71626),
                    step(740, .connectTimeout, healthy: 0.178, increment: 0.740806, score: 6.457066),
                    step(735, .connectTimeout, healthy: 0.178, increment: 0.740806, score: 7.197872),
                ]
            ),
            IndicatorExplanation(
                name: IndicatorName(probe: .default, kind: .latency),
                threshold: 6.847,
                thresholds: [6.847, 6.897, 6.077],
                scores: [0, 0, 0],
                steps: []
            ),
        ],
        recovery: RecoveryExplanation(
            proof: 0,
            proofNeeded: 2,
            cleanProbesLeft: 22,
            holdDown: .seconds(60),
            holdDownEnds: nil,
            penalty: 1.9
        )
    )

    static let failover = EventDocument(
        Event(
            kind: .failover,
            at: instant(735),
            route: "chat",
            from: "us-east",
            to: "eu-west",
            regionFrom: "us-east",
            regionTo: "eu-west",
            reason: outage,
            generation: 7,
            grounds: grounds
        ),
        sequence: 12,
        at: clock,
        publisher: publisher
    )

    /// An event of its own for each number.
    static func event(_ number: UInt64, route: RouteName? = "chat") -> EventDocument {
        EventDocument(
            Event(
                kind: .verdict,
                at: instant(600),
                route: route,
                endpoint: "us-east",
                reason: Reason(.availability, "verdict \(number)"),
                generation: 7
            ),
            sequence: number,
            at: clock,
            publisher: publisher
        )
    }

    static let explanation = ExplainDocument(
        route: failedOverRoute(["us-east", "eu-west"]),
        endpoints: [
            EndpointExplanation(
                endpoint: "us-east",
                verdict: .unhealthy,
                reason: Reason(.recovering, "recovering"),
                rule: .evidence(.balanced),
                interval: .seconds(5),
                indicators: [
                    IndicatorExplanation(
                        name: IndicatorName(probe: .default, kind: .availability),
                        threshold: 6.556,
                        thresholds: [6.556, 6.955, 5.9146],
                        scores: [5.497, 3.4, 0.7],
                        steps: [
                            step(10, .connectRefused, healthy: 0.178, increment: 0.740806, score: 7.197872),
                            step(5, "ok", healthy: 0.001, increment: -1.698536, score: 5.499336, bad: false),
                        ]
                    )
                ],
                recovery: RecoveryExplanation(
                    proof: 2.1,
                    proofNeeded: 2,
                    cleanProbesLeft: 0,
                    holdDown: .seconds(60),
                    holdDownEnds: instant(-20),
                    penalty: 0.2
                )
            ),
            EndpointExplanation(
                endpoint: "eu-west",
                verdict: .healthy,
                reason: Reason(.withinObjectives, "no evidence against it"),
                rule: .evidence(.balanced),
                interval: .seconds(5),
                indicators: [
                    IndicatorExplanation(
                        name: IndicatorName(probe: .default, kind: .availability),
                        threshold: 6.556,
                        thresholds: [6.556, 6.955, 5.9146],
                        scores: [0, 0, 0],
                        steps: []
                    )
                ],
                recovery: nil
            ),
        ],
        lastFailover: failover,
        at: clock
    )
}
