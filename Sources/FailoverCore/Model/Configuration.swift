/// The validated configuration.
///
/// Immutable: a reload makes a new one, and counters live elsewhere.
package struct Configuration: Hashable, Sendable {
    package let vantage: VantageName
    /// In file order; names are unique.
    package internal(set) var endpoints: [EndpointConfiguration]
    /// In file order; names are unique; at least one.
    package internal(set) var routes: [RouteConfiguration]
    package let outputs: OutputConfiguration
    package let spend: SpendConfiguration
    package let record: RecordConfiguration
    package let history: HistoryConfiguration
    /// In file order; unique.
    package let anchors: [AnchorConfiguration]
    /// In file order; names are unique.
    package let notifications: [NotificationConfiguration]

    package init(
        vantage: VantageName,
        endpoints: [EndpointConfiguration],
        routes: [RouteConfiguration],
        outputs: OutputConfiguration,
        spend: SpendConfiguration = SpendConfiguration(),
        record: RecordConfiguration = RecordConfiguration(),
        history: HistoryConfiguration = HistoryConfiguration(),
        anchors: [AnchorConfiguration] = [],
        notifications: [NotificationConfiguration] = []
    ) {
        self.vantage = vantage
        self.endpoints = endpoints
        self.routes = routes
        self.outputs = outputs
        self.spend = spend
        self.record = record
        self.history = history
        self.anchors = anchors
        self.notifications = notifications
    }
}

/// The name of the place that probes.
package struct VantageName: Name {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// One probed address.
package struct EndpointConfiguration: Hashable, Sendable {
    package let name: EndpointName
    package let region: RegionName
    package let provider: ProviderName?
    /// For readers of the state file: without user info, query and fragment.
    package let publicURL: String
    /// Free-form facts for readers of the state file, such as a weight hint; sorted by name.
    package let attributes: [EndpointAttribute]
    /// At least one; in file order.
    package internal(set) var probes: [ProbeConfiguration]
    /// `nil` if nobody said.
    package let price: Price?
    /// `nil` for none.
    package let dailyCap: SpendCap?

    package init(
        name: EndpointName,
        region: RegionName,
        provider: ProviderName? = nil,
        publicURL: String,
        attributes: [EndpointAttribute] = [],
        probes: [ProbeConfiguration],
        price: Price? = nil,
        dailyCap: SpendCap? = nil
    ) {
        self.name = name
        self.region = region
        self.provider = provider
        self.publicURL = publicURL
        self.attributes = attributes
        self.probes = probes
        self.price = price
        self.dailyCap = dailyCap
    }
}

/// One free-form fact about an endpoint.
package struct EndpointAttribute: Hashable, Sendable {
    package let name: String
    package let value: JSONScalar

    package init(name: String, value: JSONScalar) {
        self.name = name
        self.value = value
    }
}

/// One probe profile of an endpoint.
package struct ProbeConfiguration: Hashable, Sendable {
    package let name: ProbeName
    package let request: ProbeRequest
    /// Time between starts, before jitter.
    ///
    /// 100 ms ... 1 h.
    package let interval: Duration
    package let timeouts: ProbeTimeouts
    package internal(set) var connection: ConnectionSettings
    /// The p99 objective: a probe slower than this is slow.
    ///
    /// `nil` where slowness does not count.
    package let latencyObjective: Duration?
    /// The p99 objective for the first token of a chat.
    ///
    /// `nil` where it does not count.
    package let ttftObjective: Duration?

    package init(
        name: ProbeName = .default,
        request: ProbeRequest,
        interval: Duration = .seconds(5),
        timeouts: ProbeTimeouts = ProbeTimeouts(),
        connection: ConnectionSettings = ConnectionSettings(),
        latencyObjective: Duration?,
        ttftObjective: Duration? = nil
    ) {
        self.name = name
        self.request = request
        self.interval = interval
        self.timeouts = timeouts
        self.connection = connection
        self.latencyObjective = latencyObjective
        self.ttftObjective = ttftObjective
    }

    /// How much its attempts can prove at best.
    package var tier: EvidenceTier {
        if case .chat(let chat) = request, chat.mode != .chat { .shallow } else { .deep }
    }

    /// Attempts of one probe that may be under way at once.
    ///
    /// More would hide how long an answer takes.
    package static let maximumInFlight = 2
}

/// Limits of each phase and of the whole attempt.
///
/// A timeout may exceed the interval; the objective is the lower limit.
package struct ProbeTimeouts: Hashable, Sendable {
    package let resolve: Duration
    package let connect: Duration
    package let tls: Duration
    /// From the request fully written to the first byte of the answer.
    package let firstByte: Duration
    /// From the request of a chat fully written to its first token, whatever else arrives.
    package let ttft: Duration
    /// Between two tokens of a chat.
    package let idle: Duration
    /// From the attempt's start to the last byte.
    package let total: Duration

    /// Defaults: 2 s connect limits convict distant LLM endpoints, and a short total hides how long an answer takes.
    package init(
        resolve: Duration = .seconds(3),
        connect: Duration = .seconds(3),
        tls: Duration = .seconds(3),
        firstByte: Duration = .seconds(10),
        ttft: Duration = .seconds(10),
        idle: Duration = .seconds(5),
        total: Duration = .seconds(15)
    ) {
        self.resolve = resolve
        self.connect = connect
        self.tls = tls
        self.firstByte = firstByte
        self.ttft = ttft
        self.idle = idle
        self.total = total
    }
}

/// A named thing that prefers one of its endpoints, or splits over them.
package struct RouteConfiguration: Hashable, Sendable {
    package let name: RouteName
    /// In order of preference; at least one; unique.
    package let endpoints: [EndpointName]
    /// For each of `endpoints` its rank, from 0; equals share one, and among them the cheaper healthy one wins.
    package let ranks: [Int]
    package let availability: AvailabilityObjective
    package internal(set) var decision: DecisionConfiguration
    package let cost: RouteCost
    /// Of a weighted route, in file order; empty for an active-standby one.
    ///
    /// Their owners and chains are among `endpoints`.
    package let shares: [ShareConfiguration]
    /// Of a lowest-latency route; `nil` for any other.
    ///
    /// Its endpoints are equals.
    package let speed: SpeedConfiguration?

    /// Without `ranks` each endpoint has its own.
    package init(
        name: RouteName,
        endpoints: [EndpointName],
        ranks: [Int]? = nil,
        availability: AvailabilityObjective = AvailabilityObjective(),
        decision: DecisionConfiguration = DecisionConfiguration(),
        cost: RouteCost = RouteCost(),
        shares: [ShareConfiguration] = [],
        speed: SpeedConfiguration? = nil
    ) {
        self.name = name
        self.endpoints = endpoints
        self.ranks = ranks ?? (speed == nil ? Array(endpoints.indices) : endpoints.map { _ in 0 })
        self.availability = availability
        self.decision = decision
        self.cost = cost
        self.shares = shares
        self.speed = speed
    }
}

/// The share of good answers that a route promises, and over how long.
package struct AvailabilityObjective: Hashable, Sendable {
    package let ratio: Ratio
    package let period: Duration

    package init(ratio: Ratio = Ratio(0.999), period: Duration = .seconds(30 * 86_400)) {
        self.ratio = ratio
        self.period = period
    }
}

/// How a route decides.
package struct DecisionConfiguration: Hashable, Sendable {
    package internal(set) var rule: RuleConfiguration
    package let failback: FailbackPolicy
    /// Time that an endpoint must stay proven before traffic returns to it, doubled per flap.
    ///
    /// `zero` switches it off.
    package let holdDown: Duration
    /// Moves of this route in any hour; `nil` for no limit.
    ///
    /// A tripped active endpoint is left all the same.
    package let maximumMovesPerHour: Int?
    /// Decide and say so, but never move.
    package let observe: Bool

    package init(
        rule: RuleConfiguration = .evidence(.balanced),
        failback: FailbackPolicy = .automatic,
        holdDown: Duration = .seconds(30),
        maximumMovesPerHour: Int? = 6,
        observe: Bool = false
    ) {
        self.rule = rule
        self.failback = failback
        self.holdDown = holdDown
        self.maximumMovesPerHour = maximumMovesPerHour
        self.observe = observe
    }
}

/// Whether traffic returns by itself to an endpoint that has recovered.
package enum FailbackPolicy: String, Hashable, Sendable, CaseIterable {
    case automatic = "auto"
    case manual
}

/// What judges an endpoint.
package enum RuleConfiguration: Hashable, Sendable {
    case evidence(EvidenceParameters)
    /// Unhealthy after `fall` bad probes in a row, healthy after `rise` good ones.
    case consecutive(fall: Int, rise: Int)
    /// Unhealthy when `bad` of the last `of` probes were bad, healthy after `rise` good ones in a row.
    case window(bad: Int, of: Int, rise: Int)
}

/// The numbers of the evidence rule that an operator can set.
///
/// See docs/decision-rule.md.
package struct EvidenceParameters: Hashable, Sendable {
    package let preset: Preset
    /// Budget of false failovers a year for each endpoint; sets the threshold.
    package let falseFailoversPerYear: Double
    /// Usual length of error hiccups that are not worth a move.
    package let availabilityBlip: Duration
    /// Usual length of slow spells that are not worth a move.
    package let latencyBlip: Duration
    /// How often such hiccups start.
    package let blipsPerDay: Double
    /// Lowest bad rate that is worth leaving for.
    package let degradedAt: Ratio
    /// Interval while evidence is above 0.5; never longer than the probe's own.
    package let confirmInterval: Duration

    package init(
        preset: Preset,
        falseFailoversPerYear: Double,
        availabilityBlip: Duration,
        latencyBlip: Duration,
        blipsPerDay: Double = 1,
        degradedAt: Ratio = Ratio(0.05),
        confirmInterval: Duration = .seconds(2)
    ) {
        self.preset = preset
        self.falseFailoversPerYear = falseFailoversPerYear
        self.availabilityBlip = availabilityBlip
        self.latencyBlip = latencyBlip
        self.blipsPerDay = blipsPerDay
        self.degradedAt = degradedAt
        self.confirmInterval = confirmInterval
    }
}

/// A point on the curve between leaving early and leaving for nothing.
package enum Preset: String, Hashable, Sendable, CaseIterable {
    case instant, fast, balanced, cautious
}

extension EvidenceParameters {
    /// Any hiccup of about 0.7 s moves traffic.
    package static let instant = EvidenceParameters(
        preset: .instant,
        falseFailoversPerYear: 52,
        availabilityBlip: .milliseconds(100),
        latencyBlip: .milliseconds(100),
        confirmInterval: .milliseconds(500)
    )
    /// Leaves a hard-down endpoint about as early as three failures in a row would.
    package static let fast = EvidenceParameters(
        preset: .fast,
        falseFailoversPerYear: 12,
        availabilityBlip: .seconds(1),
        latencyBlip: .seconds(3)
    )
    /// The default.
    package static let balanced = EvidenceParameters(
        preset: .balanced,
        falseFailoversPerYear: 4,
        availabilityBlip: .seconds(3),
        latencyBlip: .seconds(3)
    )
    /// For services where a move is costly.
    package static let cautious = EvidenceParameters(
        preset: .cautious,
        falseFailoversPerYear: 1,
        availabilityBlip: .seconds(5),
        latencyBlip: .seconds(5)
    )

    package static func preset(_ preset: Preset) -> EvidenceParameters {
        switch preset {
        case .instant: .instant
        case .fast: .fast
        case .balanced: .balanced
        case .cautious: .cautious
        }
    }
}

/// Where decisions are published.
package struct OutputConfiguration: Hashable, Sendable {
    package let stateFile: String
    package let socket: String
    /// Memory that decides after a restart lives here.
    package let stateDirectory: String
    package let journal: Bool
    /// The state file is rewritten at least this often.
    package let writeInterval: Duration
    /// Readers stop trusting a state file this long after it was written; at least three write intervals.
    package let validFor: Duration
    /// `nil` where HAProxy does not ask.
    package let haproxyAgent: HAProxyAgentConfiguration?
    /// In file order; no two have one destination.
    package let templates: [OutputTemplate]
    /// `nil` where nothing is served over TCP.
    package let http: HTTPOutputConfiguration?

    package init(
        stateFile: String = "/run/failoverd/state.json",
        socket: String = "/run/failoverd/failoverd.sock",
        stateDirectory: String = "/var/lib/failoverd",
        journal: Bool = true,
        writeInterval: Duration = .seconds(5),
        validFor: Duration = .seconds(30),
        haproxyAgent: HAProxyAgentConfiguration? = nil,
        templates: [OutputTemplate] = [],
        http: HTTPOutputConfiguration? = nil
    ) {
        self.stateFile = stateFile
        self.socket = socket
        self.stateDirectory = stateDirectory
        self.journal = journal
        self.writeInterval = writeInterval
        self.validFor = validFor
        self.haproxyAgent = haproxyAgent
        self.templates = templates
        self.http = http
    }
}
