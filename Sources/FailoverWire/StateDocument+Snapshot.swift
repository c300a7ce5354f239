package import FailoverCore

/// Who publishes: the parts of a state document that the engine does not know.
package struct Publisher: Hashable, Sendable {
    package let instance: StateDocument.Instance
    package let vantage: VantageName
    /// When this process began to probe.
    package let startedAt: WallTime
    /// How long readers may trust a document.
    package let validFor: Duration

    package init(instance: StateDocument.Instance, vantage: VantageName, startedAt: WallTime, validFor: Duration) {
        self.instance = instance
        self.vantage = vantage
        self.startedAt = startedAt
        self.validFor = validFor
    }
}

extension StateDocument.Route {
    init(_ route: RouteSnapshot, at clock: ClockReading) {
        self.init(
            active: route.active.rawValue,
            weights: Dictionary(
                uniqueKeysWithValues: route.endpoints.map { ($0.rawValue, $0 == route.active ? 100 : 0) }
            ),
            mode: route.mode.rawValue,
            generation: route.generation,
            since: clock.wallTime(of: route.since),
            reason: ReasonDocument(route.reason),
            order: route.order.map(\.rawValue),
            provisional: route.provisional,
            dryRun: route.dryRun,
            wouldBeActive: route.wouldBeActive.rawValue,
            endpoints: route.endpoints.map(\.rawValue)
        )
    }
}

extension StateDocument.Endpoint {
    init(_ endpoint: EndpointSnapshot, vantage: String, at clock: ClockReading) {
        let configuration = endpoint.configuration
        self.init(
            region: configuration.region.rawValue,
            provider: configuration.provider?.rawValue,
            url: configuration.publicURL,
            attributes: Dictionary(
                uniqueKeysWithValues: configuration.attributes.map { ($0.name, ScalarDocument($0.value)) }
            ),
            verdict: endpoint.verdict.rawValue,
            reason: ReasonDocument(endpoint.reason),
            since: clock.wallTime(of: endpoint.since),
            tier: Self.tier(of: endpoint),
            byVantage: [vantage: endpoint.verdict.rawValue],
            indicators: Dictionary(
                uniqueKeysWithValues: endpoint.indicators.map { ($0.name.description, StateDocument.Indicator($0)) }
            ),
            connections: Dictionary(
                uniqueKeysWithValues: endpoint.connections.map { connection in
                    let expiresSoon = connection.expiresSoon
                    return (
                        connection.probe.rawValue,
                        StateDocument.Connection(connection.facts, expiresSoon: expiresSoon, at: clock)
                    )
                }
            )
        )
    }

    /// A connection that opens proves little; an answer of the application proves more.
    private static func tier(of endpoint: EndpointSnapshot) -> String {
        guard endpoint.verdict != .unknown else { return "none" }
        let isDeep = endpoint.configuration.probes.contains { if case .http = $0.request { true } else { false } }
        return isDeep ? "deep" : "shallow"
    }
}

extension StateDocument.Indicator {
    package init(_ indicator: IndicatorSnapshot) {
        let evidence = indicator.evidence.roundedForReaders
        let threshold = indicator.threshold.roundedForReaders
        switch indicator.window {
        case .availability(let objective, let counts):
            self = .availability(
                Availability(
                    objective: objective.value,
                    samples: counts.samples,
                    bad: counts.bad,
                    void: counts.void,
                    errorRate: Ratio(counts.bad, of: counts.samples)?.value.roundedForReaders,
                    evidence: evidence,
                    threshold: threshold
                )
            )
        case .latency(let objective, let counts, let percentiles):
            self = .latency(
                Latency(
                    objective: objective?.inMilliseconds.roundedForReaders,
                    samples: counts.samples,
                    bad: counts.bad,
                    void: counts.void,
                    p50: percentiles?.p50.inMilliseconds.roundedForReaders,
                    p90: percentiles?.p90.inMilliseconds.roundedForReaders,
                    p99: percentiles?.p99.inMilliseconds.roundedForReaders,
                    censored: percentiles?.censored ?? false,
                    evidence: evidence,
                    threshold: threshold
                )
            )
        }
    }
}

extension ReasonDocument {
    package init(_ reason: Reason) { self.init(code: reason.code.rawValue, text: reason.text) }
}

extension ScalarDocument {
    package init(_ scalar: JSONScalar) {
        switch scalar {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .number(let value): self = .number(value)
        case .string(let value): self = .string(value)
        }
    }
}

extension Double {
    /// Six decimals: enough for evidence and microseconds, and the same digits on every machine.
    package var roundedForReaders: Double { (self * 1e6).rounded() / 1e6 }
}
