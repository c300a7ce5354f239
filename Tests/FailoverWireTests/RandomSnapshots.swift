import FailoverCore

/// Snapshots of every shape, the same ones for the same seed.
struct RandomSnapshots {
    private var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func snapshot(endpoints count: Int) -> Snapshot {
        let endpoints = (0..<count).map { endpoint($0) }
        let names = endpoints.map(\.configuration.name)
        return Snapshot(
            generation: .random(in: 0...(1 << 53), using: &random),
            persisted: .random(using: &random),
            routes: (0..<Int.random(in: 1...5, using: &random)).compactMap { route($0, among: names) },
            endpoints: endpoints,
            probing: probing(),
            intents: intents(among: names)
        )
    }

    private mutating func intents(among names: [EndpointName]) -> [OperatorIntent] {
        var kinds: [OperatorIntent.Kind] = [.freeze, .drain(.region("e0"))]
        if let name = names.randomElement(using: &random) {
            kinds += [.pin("route-0", to: name), .drain(.endpoint(name))]
        }
        return kinds.filter { _ in .random(using: &random) }.map { kind in
            OperatorIntent(
                kind: kind,
                by: text(),
                reason: text(),
                since: instant(),
                until: instant(),
                isBegun: .random(using: &random)
            )
        }
    }

    private mutating func probing() -> ProbingSnapshot {
        ProbingSnapshot(
            finished: .random(in: 0...600_000, using: &random),
            skipped: .random(in: 0...9, using: &random),
            local: [ReasonCode.localPorts, .localMemory].filter { _ in .random(using: &random) }
                .map { .init(code: $0, count: .random(in: 1...9, using: &random)) },
            trouble: maybe { .init(reason: Reason(.localPorts, $0.text()), since: $0.instant()) }
        )
    }

    private mutating func route(_ number: Int, among names: [EndpointName]) -> RouteSnapshot? {
        guard let active = names.randomElement(using: &random) else { return nil }
        return RouteSnapshot(
            name: RouteName(rawValue: "route-\(number)"),
            active: active,
            mode: [.preferred, .failover, .failOpen].randomElement(using: &random) ?? .preferred,
            generation: .random(in: 0...9, using: &random),
            since: instant(),
            reason: Reason(.initial, text()),
            order: [active],
            provisional: .random(using: &random),
            dryRun: .random(using: &random),
            wouldBeActive: names[0],
            endpoints: names.shuffled(using: &random)
        )
    }

    private mutating func endpoint(_ number: Int) -> EndpointSnapshot {
        let prefix = ["e", "Region-", "é", "a-rather-long-name-of-an-endpoint-"].randomElement(using: &random) ?? ""
        let probes: [ProbeName] = Bool.random(using: &random) ? [.default] : ["short", "long", "x"]
        let isChat = Bool.random(using: &random)
        return EndpointSnapshot(
            configuration: EndpointConfiguration(
                name: EndpointName(rawValue: "\(prefix)\(number)"),
                region: RegionName(rawValue: text()),
                provider: maybe { ProviderName(rawValue: $0.text()) },
                publicURL: "https://host/\(text())",
                attributes: attributes(),
                probes: probes.map { probe in
                    ProbeConfiguration(
                        name: probe,
                        request: .tcp(TCPProbe(address: HostPort(host: "h", port: 1))),
                        latencyObjective: nil
                    )
                }
            ),
            verdict: [.unknown, .healthy, .degraded, .unhealthy].randomElement(using: &random) ?? .unknown,
            reason: Reason(.availability, text()),
            since: instant(),
            indicators: probes.flatMap { probe in
                [availability(of: probe), latency(of: probe)]
                    + (isChat ? [latency(of: probe, .ttft), quality(of: probe)] : [])
            },
            connections: probes.filter { _ in .random(using: &random) }.map { connection(of: $0) },
            tier: [.deep, .shallow, nil].randomElement(using: &random) ?? nil,
            chats: isChat ? probes.map { ChatSnapshot(probe: $0, report: chat()) } : [],
            spend: isChat ? spend() : nil
        )
    }

    private mutating func chat() -> ChatReport {
        var figures = ChatReport.Figures()
        figures.firstContent = maybe { $0.duration() }
        figures.longestGap = maybe { $0.duration() }
        figures.timePerToken = maybe { $0.duration() }
        figures.keepalives = .random(in: 0...9, using: &random)
        return ChatReport(
            figures: figures,
            finish: maybe { $0.text() },
            usage: maybe { random in
                TokenUsage(
                    prompt: 25,
                    completion: 16,
                    reasoning: random.maybe { _ in 3 },
                    cached: random.maybe { _ in 4 }
                )
            },
            model: maybe { $0.text() },
            fingerprint: maybe { $0.text() },
            anomalies: ChatAnomaly.allCases.filter { _ in .random(using: &random) },
            poorQuality: maybe { Reason(.quality, $0.text()) }
        )
    }

    private mutating func spend() -> SpendReport {
        SpendReport(
            endpoint: "e",
            day: .random(in: 0...40_000, using: &random),
            cost: Money(picos: Int128(Int64.random(in: 0 ... .max, using: &random))),
            tokens: .random(in: 0...1_000_000, using: &random),
            cap: maybe { random in
                SpendCap(
                    cost: random.maybe {
                        Money(picos: Int128(Int.random(in: 0...1_000_000, using: &$0.random)) * 1_000_000)
                    },
                    tokens: random.maybe { _ in 50_000 }
                )
            },
            pace: SpendPace.allCases.randomElement(using: &random) ?? .full
        )
    }

    private mutating func attributes() -> [EndpointAttribute] {
        [
            EndpointAttribute(name: "flag", value: .bool(.random(using: &random))),
            EndpointAttribute(name: "note", value: .null),
            EndpointAttribute(name: "number", value: .number(.random(in: -1e9...1e9, using: &random))),
            EndpointAttribute(name: "text", value: .string(text())),
        ].filter { _ in .random(using: &random) }
    }

    private mutating func counts() -> SampleCounts {
        let samples = Int.random(in: 0...900, using: &random)
        return SampleCounts(samples: samples, bad: .random(in: 0...samples, using: &random), void: 0)
    }

    private mutating func availability(of probe: ProbeName) -> IndicatorSnapshot {
        IndicatorSnapshot(
            name: IndicatorName(probe: probe, kind: .availability),
            window: .availability(objective: Ratio(0.999), counts: counts()),
            evidence: .random(in: 0...20, using: &random),
            threshold: 6.976_225_222_3
        )
    }

    private mutating func quality(of probe: ProbeName) -> IndicatorSnapshot {
        IndicatorSnapshot(
            name: IndicatorName(probe: probe, kind: .quality),
            window: .quality(counts: counts()),
            evidence: .random(in: 0...20, using: &random),
            threshold: 6.976_225_222_3
        )
    }

    private mutating func latency(of probe: ProbeName, _ kind: IndicatorKind = .latency) -> IndicatorSnapshot {
        IndicatorSnapshot(
            name: IndicatorName(probe: probe, kind: kind),
            window: .latency(
                objective: maybe { $0.duration() },
                counts: counts(),
                percentiles: maybe { random in
                    Percentiles(
                        p50: random.duration(),
                        p90: random.duration(),
                        p99: random.duration(),
                        count: 10,
                        censored: .random(using: &random.random)
                    )
                }
            ),
            evidence: .random(in: 0...1e-3, using: &random),
            threshold: 3
        )
    }

    private mutating func connection(of probe: ProbeName) -> ConnectionSnapshot {
        let isNew = Bool.random(using: &random)
        return ConnectionSnapshot(
            probe: probe,
            facts: ConnectionFacts(
                address: HostPort(
                    host: isNew ? "2001:db8::1" : "192.0.2.1",
                    port: .random(in: 1...65_535, using: &random)
                ),
                family: isNew ? .ipv6 : .ipv4,
                failedFamily: isNew ? nil : .ipv6,
                http: maybe { _ in .http2 },
                certificate: maybe { CertificateFacts(expires: $0.instant(), lifetime: $0.duration()) },
                isReused: .random(using: &random)
            ),
            expiresSoon: .random(using: &random)
        )
    }

    private mutating func maybe<Value>(_ value: (inout RandomSnapshots) -> Value) -> Value? {
        Bool.random(using: &random) ? value(&self) : nil
    }

    private mutating func text() -> String {
        let parts = ["plain", "\"quoted\"", "back\\slash", "tab\t", "é€😀", "\u{1}", "a/b", " "]
        return (0..<Int.random(in: 0...4, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }
            .joined()
    }

    private mutating func instant() -> MonotonicInstant {
        MonotonicInstant(nanoseconds: .random(in: -1_000_000_000_000...90_000_000_000_000, using: &random))
    }

    private mutating func duration() -> Duration { .nanoseconds(Int64.random(in: 0...15_000_000_000, using: &random)) }
}
