/// Everything that is published about the engine at one instant.
package struct Snapshot: Hashable, Sendable {
    /// Rises by one with each published change of any route's active endpoint; never falls.
    package let generation: UInt64
    /// Whether the decision is also on disk.
    package let persisted: Bool
    /// In configuration order.
    package let routes: [RouteSnapshot]
    /// In configuration order.
    package let endpoints: [EndpointSnapshot]
    package let probing: ProbingSnapshot
    /// What operators want, in the order of the subjects.
    package let intents: [OperatorIntent]
    package let vantage: VantageSnapshot

    package init(
        generation: UInt64,
        persisted: Bool,
        routes: [RouteSnapshot],
        endpoints: [EndpointSnapshot],
        probing: ProbingSnapshot = ProbingSnapshot(),
        intents: [OperatorIntent] = [],
        vantage: VantageSnapshot = VantageSnapshot()
    ) {
        self.generation = generation
        self.persisted = persisted
        self.routes = routes
        self.endpoints = endpoints
        self.probing = probing
        self.intents = intents
        self.vantage = vantage
    }
}

/// One route as published.
package struct RouteSnapshot: Hashable, Sendable {
    package let name: RouteName
    /// Of a weighted route the one with the largest weight.
    package let active: EndpointName
    package let mode: RouteMode
    /// The generation at which this route last changed.
    package let generation: UInt64
    package let since: MonotonicInstant
    package let reason: Reason
    /// Endpoints that may carry traffic, best first.
    package let order: [EndpointName]
    /// The active endpoint has not been judged since the daemon started.
    package let provisional: Bool
    /// Observe mode: decides, publishes `wouldBeActive`, never moves.
    package let dryRun: Bool
    /// What would be active; equal to `active` outside observe mode.
    package let wouldBeActive: EndpointName
    /// In order of preference.
    package let endpoints: [EndpointName]
    package let policy: Policy

    package init(
        name: RouteName,
        active: EndpointName,
        mode: RouteMode,
        generation: UInt64,
        since: MonotonicInstant,
        reason: Reason,
        order: [EndpointName],
        provisional: Bool,
        dryRun: Bool,
        wouldBeActive: EndpointName,
        endpoints: [EndpointName],
        policy: Policy = .activeStandby
    ) {
        self.name = name
        self.active = active
        self.mode = mode
        self.generation = generation
        self.since = since
        self.reason = reason
        self.order = order
        self.provisional = provisional
        self.dryRun = dryRun
        self.wouldBeActive = wouldBeActive
        self.endpoints = endpoints
        self.policy = policy
    }
}

/// One endpoint as published.
package struct EndpointSnapshot: Hashable, Sendable {
    package let configuration: EndpointConfiguration
    package let verdict: Verdict
    package let reason: Reason
    package let since: MonotonicInstant
    /// In the order of the endpoint's probes; availability before latency.
    package let indicators: [IndicatorSnapshot]
    /// The way that the last attempt with a connection took, for each probe that has one, in the order of the probes.
    package let connections: [ConnectionSnapshot]
    /// What the verdict rests on; `nil` while nothing is fresh.
    package let tier: EvidenceTier?
    /// What the last answered chat of each probe found, in the order of the probes.
    package let chats: [ChatSnapshot]
    /// `nil` where nothing is spent.
    package var spend: SpendReport? { rareSpend.value }
    private let rareSpend: Rare<SpendReport>

    package init(
        configuration: EndpointConfiguration,
        verdict: Verdict,
        reason: Reason,
        since: MonotonicInstant,
        indicators: [IndicatorSnapshot],
        connections: [ConnectionSnapshot] = [],
        tier: EvidenceTier? = .deep,
        chats: [ChatSnapshot] = [],
        spend: SpendReport? = nil
    ) {
        self.configuration = configuration
        self.verdict = verdict
        self.reason = reason
        self.since = since
        self.indicators = indicators
        self.connections = connections
        self.tier = tier
        self.chats = chats
        rareSpend = Rare(spend)
    }
}

/// What the last answered chat of one probe found.
package struct ChatSnapshot: Hashable, Sendable {
    package let probe: ProbeName
    package let report: ChatReport

    package init(probe: ProbeName, report: ChatReport) {
        self.probe = probe
        self.report = report
    }
}

/// The way that the attempts of one probe take.
package struct ConnectionSnapshot: Hashable, Sendable {
    package let probe: ProbeName
    package let facts: ConnectionFacts
    /// The certificate expires within the time that was asked to be warned about.
    package let expiresSoon: Bool

    package init(probe: ProbeName, facts: ConnectionFacts, expiresSoon: Bool = false) {
        self.probe = probe
        self.facts = facts
        self.expiresSoon = expiresSoon
    }
}

/// How the probing itself fares, over the last minute.
package struct ProbingSnapshot: Hashable, Sendable {
    /// Attempts that ended.
    package let finished: Int
    /// Starts that the schedule planned and that did not happen, because earlier attempts were still under way or the
    /// probing stood still.
    package let skipped: Int
    /// Attempts that said nothing because of our own machine or network, by reason, most frequent first.
    package let local: [LocalCount]
    /// What hampers it, since when; `nil` while nothing does.
    package let trouble: Trouble?

    package struct LocalCount: Hashable, Sendable {
        package let code: ReasonCode
        package let count: Int

        package init(code: ReasonCode, count: Int) {
            self.code = code
            self.count = count
        }
    }

    package struct Trouble: Hashable, Sendable {
        package let reason: Reason
        package let since: MonotonicInstant

        package init(reason: Reason, since: MonotonicInstant) {
            self.reason = reason
            self.since = since
        }
    }

    package init(finished: Int = 0, skipped: Int = 0, local: [LocalCount] = [], trouble: Trouble? = nil) {
        self.finished = finished
        self.skipped = skipped
        self.local = local
        self.trouble = trouble
    }
}

/// One indicator as published: its window and its evidence.
package struct IndicatorSnapshot: Hashable, Sendable {
    package let name: IndicatorName
    package let window: IndicatorWindow
    /// The sum that is compared with `threshold`; in the rule's own unit (powers of ten, or a count of probes).
    package let evidence: Double
    package let threshold: Double
    /// Since the probe was configured or the daemon started; zero for quality.
    ///
    /// Of availability all that were judged, and void ones; of latency and first tokens the answers, `bad` the slow ones.
    package let totals: SampleCounts

    package init(
        name: IndicatorName,
        window: IndicatorWindow,
        evidence: Double,
        threshold: Double,
        totals: SampleCounts = SampleCounts(samples: 0, bad: 0, void: 0)
    ) {
        self.name = name
        self.window = window
        self.evidence = evidence
        self.threshold = threshold
        self.totals = totals
    }
}

/// What a window holds, by kind of indicator.
package enum IndicatorWindow: Hashable, Sendable {
    /// `objective` is the least share of good probes.
    case availability(objective: Ratio, counts: SampleCounts)
    /// Of whole answers or of first tokens; `objective` is the p99 limit, `percentiles` are `nil` only without a sample.
    case latency(objective: Duration?, counts: SampleCounts, percentiles: Percentiles?)
    /// Of complete answers.
    case quality(counts: SampleCounts)
}

/// How many samples a window holds.
package struct SampleCounts: Hashable, Sendable {
    /// Samples that count, good and bad; void ones are not among them.
    package internal(set) var samples: Int
    package internal(set) var bad: Int
    /// Samples that were shown but not judged: throttled, misconfigured, inconclusive.
    package internal(set) var void: Int

    package init(samples: Int, bad: Int, void: Int) {
        self.samples = samples
        self.bad = bad
        self.void = void
    }
}

/// Exact nearest-rank percentiles of a latency window.
package struct Percentiles: Hashable, Sendable {
    package let p50: Duration
    package let p90: Duration
    /// Under 100 samples this is the maximum: publish it with `count`, never compare it.
    package let p99: Duration
    package let count: Int
    /// A timed-out probe is among the samples, counted at its limit: the true percentile may be higher.
    package let censored: Bool

    package init(p50: Duration, p90: Duration, p99: Duration, count: Int, censored: Bool) {
        self.p50 = p50
        self.p90 = p90
        self.p99 = p99
        self.count = count
        self.censored = censored
    }
}
