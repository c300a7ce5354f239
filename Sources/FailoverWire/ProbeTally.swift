package import FailoverCore

/// What came of all probes since they are configured, counted in place: by outcome and reason, and in histograms of times.
///
/// A fixed number of counters for each probe. Counters of 32 bits begin anew after 4,294,967,296, 13 years of ten probes a
/// second, which Prometheus takes for a restart.
package struct ProbeTally: Sendable {
    /// How often one reason was given.
    package struct CodeCount: Hashable, Sendable {
        package let outcome: OutcomeKind
        package let code: ReasonCode
        package internal(set) var count: UInt32
    }

    /// The classes of outcomes, in the order in which they are told.
    package enum OutcomeKind: Int, Hashable, Sendable, CaseIterable {
        case success, failure, throttled, misconfigured, inconclusive
        package var name: String { "\(self)" }
    }

    /// What a probe is, and what is rare about it.
    struct Slot: Sendable {
        let key: ProbeKey
        /// `endpoint="…",probe="…"`.
        let labels: [UInt8]
        var latencyObjective: Duration?
        var ttftObjective: Duration?
        var asksModel: Bool
        /// In the order of their first appearance; at most ``ProbeTally/mostCodes``, and one for all others.
        var codes: [CodeCount] = []
    }

    /// Some probes with their counters, in the order of the configuration.
    package struct Figures: Sendable {
        var slots: [Slot] = []
        var counts: [UInt32] = []
        var sums: [Int64] = []

        package init() {}
    }

    private(set) var figures = Figures()
    private var places: [ProbeKey: Int] = [:]
    package private(set) var routes = RouteTally()
    /// For each slot what a result counts for the routes.
    private var shares: [[RouteTally.Share]] = []
    /// Rises with each configuration.
    package private(set) var version = 0

    /// Different reasons of one probe that are told apart: more than any server gives, fewer than statuses there are.
    static let mostCodes = 16
    static let otherCode: ReasonCode = "other"

    package init() {}

    package var probes: Int { figures.slots.count }

    /// Bytes that the counters of one probe take, without its names and reasons.
    package static var bytesPerProbe: Int {
        Layout.counts * MemoryLayout<UInt32>.stride + Layout.sums * MemoryLayout<Int64>.stride
    }

    // MARK: - Layout

    /// Where the counters of one probe are.
    enum Layout {
        static let answers = TimeBuckets.answers.count
        static let phaseBuckets = TimeBuckets.phases.count
        static let phases = Phase.allCases.count
        static let slowLatency = OutcomeKind.allCases.count
        static let slowTTFT = slowLatency + 1
        static let skipped = slowLatency + 2
        static let latency = slowLatency + 3
        static let ttft = latency + answers
        static let phase = ttft + answers
        static let counts = phase + phases * phaseBuckets
        // Sums, in nanoseconds but for tokens.
        static let latencySum = 0
        static let ttftSum = 1
        static let promptTokens = 2
        static let completionTokens = 3
        static let phaseSum = 4
        static let sums = phaseSum + phases
    }

    /// What a probe does before it has an answer.
    enum Phase: Int, CaseIterable {
        case resolve, connect, tls
        case firstByte
        var name: String { self == .firstByte ? "first_byte" : "\(self)" }
    }

    // MARK: - Configuration

    /// What is to be counted, made ready while the counting goes on.
    package struct Plan: Sendable {
        var slots: [Slot] = []
        var places: [ProbeKey: Int] = [:]
        let routes: [RouteConfiguration]

        package init(_ configuration: Configuration) {
            routes = configuration.routes
            for endpoint in configuration.endpoints {
                for probe in endpoint.probes {
                    let key = ProbeKey(endpoint: endpoint.name, probe: probe.name)
                    places[key] = slots.count
                    slots.append(
                        Slot(
                            key: key,
                            labels: MetricLines.labels([
                                ("endpoint", key.endpoint.rawValue), ("probe", key.probe.rawValue),
                            ]),
                            latencyObjective: probe.latencyObjective,
                            ttftObjective: probe.ttftObjective,
                            asksModel: probe.asksModel
                        )
                    )
                }
            }
        }
    }

    /// Counts what is planned from now on: probes that stay go on, new ones begin at zero, all others are forgotten.
    package mutating func apply(_ plan: Plan) {
        var next = Figures()
        next.slots = plan.slots
        next.counts = Array(repeating: 0, count: plan.slots.count * Layout.counts)
        next.sums = Array(repeating: 0, count: plan.slots.count * Layout.sums)
        for (new, slot) in plan.slots.enumerated() {
            guard let old = places[slot.key] else { continue }
            next.slots[new].codes = figures.slots[old].codes
            for index in 0..<Layout.counts {
                next.counts[new * Layout.counts + index] = figures.counts[old * Layout.counts + index]
            }
            for index in 0..<Layout.sums {
                next.sums[new * Layout.sums + index] = figures.sums[old * Layout.sums + index]
            }
        }
        figures = next
        places = plan.places
        routes.apply(plan.routes)
        updateShares()
        version += 1
    }

    /// Takes what was published, so that results count for the routes that use their endpoint.
    package mutating func follow(_ published: [RouteSnapshot]) {
        if routes.follow(published) { updateShares() }
    }

    private mutating func updateShares() {
        let byEndpoint = routes.shares
        shares = figures.slots.map { byEndpoint[$0.key.endpoint] ?? [] }
    }

    // MARK: - Counting

    /// Takes the result of one attempt; of a probe that is not configured, such as an anchor, nothing is kept.
    package mutating func count(_ observation: borrowing Observation) {
        guard let place = places[observation.key] else { return }
        let counts = place * Layout.counts
        let sums = place * Layout.sums
        let kind = OutcomeKind(observation.outcome)
        figures.counts[counts + kind.rawValue] &+= 1
        if kind == .success || kind == .failure { routes.count(shares[place], isGood: kind == .success) }
        if let code = observation.outcome.reason { figures.slots[place].count(kind, code) }
        if let latency = observation.latency {
            let time = latency.nanoseconds
            figures.counts[counts + Layout.latency + TimeBuckets.answers.bucket(of: time)] &+= 1
            figures.sums[sums + Layout.latencySum] &+= time
            if let limit = figures.slots[place].latencyObjective, latency > limit {
                figures.counts[counts + Layout.slowLatency] &+= 1
            }
        }
        if let ttft = observation.ttft {
            let time = ttft.nanoseconds
            figures.counts[counts + Layout.ttft + TimeBuckets.answers.bucket(of: time)] &+= 1
            figures.sums[sums + Layout.ttftSum] &+= time
            if let limit = figures.slots[place].ttftObjective, ttft > limit {
                figures.counts[counts + Layout.slowTTFT] &+= 1
            }
        }
        let phases = observation.phases
        if let resolved = phases.resolved { count(.resolve, resolved, counts, sums) }
        if let connected = phases.connected {
            count(.connect, connected - (phases.resolved ?? .zero), counts, sums)
            if let secured = phases.secured { count(.tls, secured - connected, counts, sums) }
        }
        if let written = phases.requestWritten, let first = phases.firstByte {
            count(.firstByte, first - written, counts, sums)
        }
        if let usage = observation.chat?.usage {
            figures.sums[sums + Layout.promptTokens] &+= Int64(clamping: max(0, usage.prompt))
            figures.sums[sums + Layout.completionTokens] &+= Int64(clamping: max(0, usage.completion))
        }
    }

    /// Takes starts that were planned and did not happen.
    package mutating func count(skipped: Int, of key: ProbeKey) {
        guard let place = places[key] else { return }
        figures.counts[place * Layout.counts + Layout.skipped] &+= UInt32(clamping: skipped)
    }

    @inline(__always)
    private mutating func count(_ phase: Phase, _ time: Duration, _ counts: Int, _ sums: Int) {
        let nanoseconds = max(0, time.nanoseconds)
        let bucket = TimeBuckets.phases.bucket(of: nanoseconds)
        figures.counts[counts + Layout.phase + phase.rawValue * Layout.phaseBuckets + bucket] &+= 1
        figures.sums[sums + Layout.phaseSum + phase.rawValue] &+= nanoseconds
    }

    // MARK: - Reading

    /// A copy of the figures of some probes, so that whoever counts waits only for so long.
    package func copy(_ range: Range<Int>) -> Figures {
        let range = range.clamped(to: 0..<probes)
        var copy = Figures()
        copy.slots = Array(figures.slots[range])
        copy.counts = Array(figures.counts[range.lowerBound * Layout.counts..<range.upperBound * Layout.counts])
        copy.sums = Array(figures.sums[range.lowerBound * Layout.sums..<range.upperBound * Layout.sums])
        return copy
    }
}

extension ProbeTally.Figures {
    /// Puts the figures of other probes behind these.
    package mutating func append(_ others: ProbeTally.Figures) {
        slots += others.slots
        counts += others.counts
        sums += others.sums
    }
}

extension ProbeTally.Slot {
    mutating func count(_ outcome: ProbeTally.OutcomeKind, _ code: ReasonCode) {
        if let index = codes.firstIndex(where: { $0.outcome == outcome && $0.code == code }) {
            codes[index].count &+= 1
        } else if codes.count < ProbeTally.mostCodes {
            codes.append(ProbeTally.CodeCount(outcome: outcome, code: code, count: 1))
        } else if code != ProbeTally.otherCode, let other = codes.firstIndex(where: { $0.isOther(of: outcome) }) {
            codes[other].count &+= 1
        } else {
            // At most one more for each class.
            codes.append(ProbeTally.CodeCount(outcome: outcome, code: ProbeTally.otherCode, count: 1))
        }
    }
}

extension ProbeTally.CodeCount {
    fileprivate func isOther(of outcome: ProbeTally.OutcomeKind) -> Bool {
        self.outcome == outcome && code == ProbeTally.otherCode
    }
}

extension ProbeTally.OutcomeKind {
    init(_ outcome: borrowing Outcome) {
        self =
            switch outcome {
            case .success: .success
            case .failure: .failure
            case .throttled: .throttled
            case .misconfigured: .misconfigured
            case .inconclusive: .inconclusive
            }
    }
}

extension ProbeConfiguration {
    /// Whether it asks a model for tokens.
    fileprivate var asksModel: Bool { if case .chat(let chat) = request { chat.mode == .chat } else { false } }
}
