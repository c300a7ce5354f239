import FailoverCore

/// The network between one vantage and its endpoints: says what an attempt meets.
struct Network: Sendable {
    /// What becomes of one attempt.
    struct Meeting: Sendable {
        let outcome: Outcome
        /// From the start to the end, names aside.
        let length: Duration
        var latency: Duration?
        var ttft: Duration?
        var retryAfter: Duration?
        /// The time until the name was there, which is nobody's slowness but ours.
        var waits: Duration = .zero
        /// A server was asked, so that the times of a chat are running.
        var isAsked = true
    }

    /// The condition of one endpoint.
    private struct Condition: Sendable {
        var fault: EndpointFault?
        var since = MonotonicInstant(nanoseconds: 0)
        /// A hiccup of an endpoint that is well otherwise.
        var blipUntil: MonotonicInstant?
        var nextBlip: MonotonicInstant
        /// `nil` for what all take.
        var pace: LatencyPace?
        /// Of the last answer, from the median.
        var deviation = 0.0
    }

    var observer: ObserverFault?
    /// Whether well endpoints have stray errors, slow answers and blips.
    var isNoisy: Bool
    private var conditions: [Condition]
    private var random: SplitMix64

    /// Share of stray errors of a well endpoint; half of what an objective of 99.9 % allows.
    private static let strayErrors = 0.0005
    /// Share of slow answers of a well endpoint; the rule's source assumes 0.3 % where 1 % are allowed.
    private static let straySlow = 0.003
    /// Share of bad probes within a blip.
    private static let blipBad = 0.95
    /// Mean time between blips: a day.
    private static let blipGap = Duration.seconds(86_400)
    /// The longest blip; they are three seconds long on average.
    private static let longestBlip = Duration.seconds(6)
    /// An answer without an objective is measured against this.
    private static let usualObjective = Duration.seconds(1)

    init(endpoints: Int, isNoisy: Bool, seed: UInt64) {
        random = SplitMix64(seed: seed)
        self.isNoisy = isNoisy
        conditions = []
        for _ in 0..<endpoints {
            conditions.append(Condition(nextBlip: Self.nextBlip(after: MonotonicInstant(nanoseconds: 0), &random)))
        }
    }

    /// Whether nothing is wrong, blips aside, which end by themselves.
    var isWell: Bool { observer == nil && conditions.allSatisfy { $0.fault == nil } }

    mutating func set(_ endpoint: Int, to fault: EndpointFault?, at now: MonotonicInstant) {
        conditions[endpoint].fault = fault
        conditions[endpoint].since = now
    }

    mutating func set(_ endpoint: Int, to pace: LatencyPace?) { conditions[endpoint].pace = pace }

    /// New endpoints are well.
    mutating func grow(to count: Int, at now: MonotonicInstant) {
        while conditions.count < count { conditions.append(Condition(nextBlip: Self.nextBlip(after: now, &random))) }
    }

    /// What an attempt meets that begins now.
    mutating func meet(_ probe: ProbeConfiguration, of endpoint: Int, at now: MonotonicInstant) -> Meeting {
        var meeting: Meeting
        switch observer {
        case .offline: return Meeting(outcome: .inconclusive(.localNetwork), length: .milliseconds(1), isAsked: false)
        case .loss(let share) where isHit(share): meeting = silence(probe, isConnected: false)
        case .slowResolver(let time):
            meeting = answer(probe, of: endpoint, at: now)
            meeting.waits = time
        case .loss, nil: meeting = answer(probe, of: endpoint, at: now)
        }
        return meeting
    }

    private mutating func answer(
        _ probe: ProbeConfiguration,
        of endpoint: Int,
        at now: MonotonicInstant
    ) -> Meeting {
        switch conditions[endpoint].fault {
        case .crash: return refusal()
        case .blackhole: return silence(probe, isConnected: false)
        case .errors(let share): return isHit(share) ? error() : good(probe, of: endpoint, at: now)
        case .slow(let time, let share): return isHit(share) ? late(probe, time) : good(probe, of: endpoint, at: now)
        case .throttled(let retryAfter):
            return Meeting(outcome: .throttled(.http(429)), length: quick(), retryAfter: retryAfter)
        case .misconfigured: return Meeting(outcome: .misconfigured(.http(401)), length: quick())
        case .flaps(let bad, let good):
            let turn = (now - conditions[endpoint].since).nanoseconds % max(1, (bad + good).nanoseconds)
            return turn < bad.nanoseconds ? refusal() : self.good(probe, of: endpoint, at: now)
        case nil: return isNoisy ? usual(probe, of: endpoint, at: now) : good(probe, of: endpoint, at: now)
        }
    }

    /// An endpoint that is well, as such are.
    private mutating func usual(
        _ probe: ProbeConfiguration,
        of endpoint: Int,
        at now: MonotonicInstant
    ) -> Meeting {
        if now >= conditions[endpoint].nextBlip {
            let length = Int64.random(in: 0...Self.longestBlip.nanoseconds, using: &random)
            conditions[endpoint].blipUntil = conditions[endpoint].nextBlip + .nanoseconds(length)
            conditions[endpoint].nextBlip = Self.nextBlip(after: now, &random)
        }
        if let end = conditions[endpoint].blipUntil, now < end, isHit(Ratio(Self.blipBad)) { return error() }
        let chance = Double.random(in: 0..<1, using: &random)
        if chance < Self.strayErrors { return error() }
        guard chance < Self.strayErrors + Self.straySlow else { return good(probe, of: endpoint, at: now) }
        return late(probe, (probe.latencyObjective ?? Self.usualObjective) * 2)
    }

    /// Uniform, with the right mean.
    private static func nextBlip(after now: MonotonicInstant, _ random: inout SplitMix64) -> MonotonicInstant {
        now + .nanoseconds(Int64.random(in: 0...(2 * blipGap.nanoseconds), using: &random))
    }

    // MARK: - What attempts meet

    /// Well within every objective: mostly a third of it, never nine tenths.
    private mutating func good(_ probe: ProbeConfiguration, of endpoint: Int, at now: MonotonicInstant) -> Meeting {
        if let pace = conditions[endpoint].pace {
            let most = 0.9 * min(probe.latencyObjective ?? Self.usualObjective, probe.timeouts.total).inSeconds
            return answered(probe, min(pace.seconds(at: now, &conditions[endpoint].deviation, &random), most))
        }
        let share = 0.2 + 0.6 * Double.random(in: 0..<1, using: &random) * Double.random(in: 0..<1, using: &random)
        return answered(
            probe,
            share * min(probe.latencyObjective ?? Self.usualObjective, probe.timeouts.total).inSeconds
        )
    }

    /// A chat's first token comes late too.
    private mutating func late(_ probe: ProbeConfiguration, _ time: Duration) -> Meeting {
        let seconds = time.inSeconds * (1 + 0.2 * Double.random(in: 0..<1, using: &random))
        guard seconds < probe.timeouts.total.inSeconds else { return silence(probe, isConnected: true) }
        return answered(probe, seconds)
    }

    private func answered(_ probe: ProbeConfiguration, _ seconds: Double) -> Meeting {
        let length = Duration.nanoseconds(Int64(seconds * 1e9))
        guard case .chat(let chat) = probe.request, chat.mode == .chat else {
            return Meeting(outcome: .success, length: length, latency: length)
        }
        let objective = probe.latencyObjective ?? Self.usualObjective
        let scale = length.inSeconds / objective.inSeconds
        let ttft = probe.ttftObjective.map { Duration.nanoseconds(Int64($0.inSeconds * scale * 1e9)) } ?? length / 4
        return Meeting(
            outcome: .success,
            length: length,
            latency: length,
            ttft: min(max(ttft, .microseconds(1)), length)
        )
    }

    private mutating func refusal() -> Meeting {
        Meeting(outcome: .failure(.connectRefused, isTimeout: false), length: quick(), isAsked: false)
    }

    private mutating func error() -> Meeting {
        Meeting(outcome: .failure(.http(503), isTimeout: false), length: quick())
    }

    private func silence(_ probe: ProbeConfiguration, isConnected: Bool) -> Meeting {
        guard isConnected else {
            let limit = min(probe.timeouts.connect, probe.timeouts.total)
            var meeting = Meeting(outcome: .failure(.connectTimeout, isTimeout: true), length: limit, isAsked: false)
            if !probe.isChat { meeting.latency = limit }
            return meeting
        }
        let limit = probe.isChat ? min(probe.timeouts.ttft, probe.timeouts.total) : probe.timeouts.total
        let code: ReasonCode = probe.isChat ? .ttftTimeout : .totalTimeout
        var meeting = Meeting(outcome: .failure(code, isTimeout: true), length: limit, latency: limit)
        if probe.isChat { meeting.ttft = limit }
        return meeting
    }

    private mutating func quick() -> Duration {
        .microseconds(Int64.random(in: 500...20_000, using: &random))
    }

    private mutating func isHit(_ share: Ratio) -> Bool { Double.random(in: 0..<1, using: &random) < share.value }
}

extension ProbeConfiguration {
    var isChat: Bool { if case .chat = request { true } else { false } }
}
