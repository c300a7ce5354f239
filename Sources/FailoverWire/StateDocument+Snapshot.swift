package import FailoverCore

/// Who publishes: the parts of a state document that the engine does not know.
package struct Publisher: Hashable, Sendable {
    package let instance: StateDocument.Instance
    package let vantage: VantageName
    /// When this process began to probe.
    package let startedAt: WallTime
    /// How long readers may trust a document.
    package let validFor: Duration
    /// That of all amounts, as configured.
    package let currency: String

    package init(
        instance: StateDocument.Instance,
        vantage: VantageName,
        startedAt: WallTime,
        validFor: Duration,
        currency: String = SpendConfiguration().currency
    ) {
        self.instance = instance
        self.vantage = vantage
        self.startedAt = startedAt
        self.validFor = validFor
        self.currency = currency
    }
}

extension StateDocument.Route {
    init(_ route: RouteSnapshot, intents: ShownIntents, at clock: ClockReading) {
        let isWeighted = !route.shares.isEmpty
        self.init(
            policy: isWeighted ? "weighted" : route.speed == nil ? "active-standby" : "lowest-latency",
            active: route.active.rawValue,
            weights: Self.byName(route.weights, of: route),
            mode: route.mode.rawValue,
            generation: route.generation,
            since: clock.wallTime(of: route.since),
            reason: ReasonDocument(route.reason),
            order: route.order.map(\.rawValue),
            provisional: route.provisional,
            dryRun: route.dryRun,
            wouldBeActive: route.wouldBeActive.rawValue,
            endpoints: route.endpoints.map(\.rawValue),
            pinned: intents.pin(of: route.name),
            shares: isWeighted ? StateDocument.Share.byOwner(route.shares, at: clock) : nil,
            wouldBeWeights: isWeighted && route.dryRun ? Self.byName(route.wouldBeWeights, of: route) : nil,
            speed: route.speed.map { StateDocument.Speed($0, at: clock) }
        )
    }

    private static func byName(_ weights: [Int], of route: RouteSnapshot) -> [String: Int] {
        Dictionary(uniqueKeysWithValues: zip(route.endpoints.map(\.rawValue), weights))
    }
}

extension StateDocument.Endpoint {
    init(_ endpoint: EndpointSnapshot, intents: ShownIntents, publisher: Publisher, at clock: ClockReading) {
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
            pinned: intents.pin(to: configuration.name),
            drained: intents.drain(of: configuration),
            drainScheduled: intents.scheduledDrain(of: configuration),
            byVantage: [publisher.vantage.rawValue: endpoint.verdict.rawValue],
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
            ),
            chat: endpoint.chats.isEmpty
                ? nil
                : Dictionary(
                    uniqueKeysWithValues: endpoint.chats.map { ($0.probe.rawValue, StateDocument.Chat($0.report)) }
                ),
            spend: endpoint.spend.map { StateDocument.Spend($0, currency: publisher.currency) }
        )
    }

    private static func tier(of endpoint: EndpointSnapshot) -> String {
        switch endpoint.tier {
        case nil: return "none"
        case .shallow: return EvidenceTier.shallow.rawValue
        case .deep:
            let probes = endpoint.configuration.probes
            guard endpoint.verdict != .unknown else {
                // Samples that are too few for a verdict are nothing that it rests on. Of a chat it is told all the same
                // what is fresh: cheaper questions may be, and are less.
                return probes.contains { $0.request.isChat && $0.tier == .deep } ? EvidenceTier.deep.rawValue : "none"
            }
            let isDeep = probes.contains { $0.request.asksTheApplication && $0.tier == .deep }
            return (isDeep ? EvidenceTier.deep : .shallow).rawValue
        }
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
        case .quality(let counts):
            self = .availability(
                Availability(
                    objective: Self.goodAnswers,
                    samples: counts.samples,
                    bad: counts.bad,
                    void: counts.void,
                    errorRate: Ratio(counts.bad, of: counts.samples)?.value.roundedForReaders,
                    evidence: evidence,
                    threshold: threshold
                )
            )
        }
    }

    /// The least share of good answers; the same whatever is promised about availability.
    private static let goodAnswers =
        (1 - IndicatorKind.quality.budget(availability: AvailabilityObjective().ratio)).roundedForReaders
}

extension ProbeRequest {
    fileprivate var isChat: Bool { if case .chat = self { true } else { false } }

    /// A connection that opens proves little; an answer of the application proves more.
    var asksTheApplication: Bool {
        switch self {
        case .http, .chat: true
        case .tls, .tcp: false
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
