import FailoverCore
import RealModule

/// No automatic move into an endpoint that is unhealthy or unknown.
struct TargetIsWell: InvariantCheck {
    mutating func findings(in step: Step) -> [String] {
        guard !step.events.isEmpty else { return [] }
        var findings: [String] = []
        for event in step.moves {
            let target = event.to.flatMap { step.judged($0) }
            guard target?.isWell != true else { continue }
            let what = target.map { "\($0.name), which is \($0.verdict.rawValue)" } ?? "nowhere"
            findings.append("\(event.kind.rawValue) of \(event.route ?? "no route") to \(what)")
        }
        return findings
    }
}

/// No automatic move into an endpoint in its hold-down, unless the active one has tripped.
///
/// The hold-down is worked out here from what was published alone: when an endpoint that was unhealthy became well, and how
/// often traffic has left it lately. Where the engine waits longer, for reasons that are not seen, that is no finding.
struct HoldDownIsKept: InvariantCheck {
    /// What is known of one endpoint.
    private struct Past: Sendable {
        let name: EndpointName
        var verdict = Verdict.unknown
        /// It was unhealthy, and its hold-down is not known to be over.
        var owes = false
        /// Since when it is well again.
        var wellSince: MonotonicInstant?
        var lastUnhealthy: MonotonicInstant?
        /// Times that traffic left it, forgotten by half every hour.
        var flaps = 0.0
        var flapsAt = MonotonicInstant(nanoseconds: 0)
        /// Traffic has left it since it was last well: one outage is one flap, though it be unknown in between.
        var isCounted = false
        /// The longest hold-down of the routes that use it.
        var base = Duration.zero

        func flaps(at now: MonotonicInstant) -> Double {
            flaps * Double.exp2(-max(0, (now - flapsAt).inSeconds) / HoldDownIsKept.halfLife)
        }

        /// The least that the hold-down of a route lasts; zero if none is running.
        func holdDown(base: Duration) -> Duration {
            guard owes, let wellSince, base > .zero else { return .zero }
            let doublings = max(0, flaps(at: wellSince) - 1)
            // Rounding must not make a finding.
            let seconds = base.inSeconds * Double.exp2(doublings) * 0.999
            return .seconds(min(seconds, max(base.inSeconds, HoldDownIsKept.longest) * 0.999))
        }
    }

    private static let halfLife = 3600.0
    private static let longest = 3600.0
    /// The disk and a candidate may take their time after the active endpoint has tripped.
    private static let patience = Duration.seconds(60)
    /// In configuration order.
    private var pasts: [Past] = []

    init() {}

    mutating func findings(in step: Step) -> [String] {
        prepare(for: step)
        notice(step)
        guard !step.events.isEmpty else { return [] }
        let findings = check(step)
        for event in step.events where event.kind == .failover { countLeaving(event) }
        return findings
    }

    private func check(_ step: Step) -> [String] {
        var findings: [String] = []
        for event in step.moves {
            guard let route = step.configuration.routes.first(where: { $0.name == event.route }),
                let to = pasts.first(where: { $0.name == event.to }), let wellSince = to.wellSince
            else { continue }
            let from = pasts.first { $0.name == event.from }
            let hasTripped = from?.lastUnhealthy.map { step.at - $0 <= Self.patience } ?? false
            if event.kind == .failover, hasTripped { continue }
            let (well, needed) = (step.at - wellSince, to.holdDown(base: route.decision.holdDown))
            guard well < needed else { continue }
            findings.append(
                "\(event.kind.rawValue) of \(route.name) to \(to.name), well for \(well.inSeconds.formatted(decimals: 3)) s"
                    + " of the \(needed.inSeconds.formatted(decimals: 3)) s that it has to be"
            )
        }
        return findings
    }

    private mutating func prepare(for step: Step) {
        switch step.cause {
        case .started: pasts = []
        case .restarted(let restart):
            guard restart.isMemoryComplete else {
                pasts = []
                break
            }
            for index in pasts.indices {
                forgiveIfOver(index, at: step.at)
                // Whoever owes it has to prove it anew.
                pasts[index].wellSince = nil
                pasts[index].verdict = .unknown
            }
        case .reloaded:
            for index in pasts.indices { forgiveIfOver(index, at: step.at) }
        case .tick, .input, .resumed: return
        }
        let known = pasts
        pasts = step.configuration.endpoints.map { endpoint in
            var past = known.first { $0.name == endpoint.name } ?? Past(name: endpoint.name)
            let uses = step.configuration.routes.filter { $0.endpoints.contains(endpoint.name) }
            past.base = uses.map(\.decision.holdDown).max() ?? .zero
            return past
        }
    }

    private mutating func forgiveIfOver(_ index: Int, at now: MonotonicInstant) {
        guard let since = pasts[index].wellSince, now - since >= pasts[index].holdDown(base: pasts[index].base)
        else { return }
        pasts[index].owes = false
    }

    private mutating func notice(_ step: Step) {
        for index in pasts.indices where index < step.endpoints.count {
            let verdict = step.endpoints[index].verdict
            switch verdict {
            case .unhealthy:
                pasts[index].owes = true
                pasts[index].wellSince = nil
                pasts[index].lastUnhealthy = step.at
            case .healthy, .degraded:
                pasts[index].isCounted = false
                if pasts[index].owes, pasts[index].wellSince == nil { pasts[index].wellSince = step.at }
            // A hold-down goes on in silence.
            case .unknown: break
            }
            pasts[index].verdict = verdict
        }
    }

    private mutating func countLeaving(_ event: Event) {
        guard let index = pasts.firstIndex(where: { $0.name == event.from }), !pasts[index].isCounted else { return }
        // Traffic leaves a stopped canary that has not failed, too: that is no flap.
        guard pasts[index].verdict == .unhealthy else { return }
        pasts[index].flaps = pasts[index].flaps(at: event.at) + 1
        pasts[index].flapsAt = event.at
        pasts[index].isCounted = true
    }
}

/// Where nobody is well traffic stays, and readers are told.
struct NobodyWellStays: InvariantCheck {
    /// For each route since when its active endpoint is unhealthy and no other one is well.
    private var since: [(route: RouteName, at: MonotonicInstant)] = []
    private var actives: [(route: RouteName, active: EndpointName)] = []

    init() {}

    mutating func findings(in step: Step) -> [String] {
        var findings: [String] = []
        switch step.cause {
        // What stood still could not say it.
        case .started, .restarted, .resumed, .reloaded: since = []
        case .tick, .input: break
        }
        var lonely: [(route: RouteName, at: MonotonicInstant)] = []
        for route in step.routes where isLonely(route, in: step) {
            if step.cause == .tick || step.cause == .input,
                let before = actives.first(where: { $0.route == route.name })?.active, before != route.active,
                !step.events.contains(where: { [.pinned, .drained].contains($0.kind) && $0.route == route.name })
            {
                findings.append("\(route.name) went from \(before) to \(route.active), and nobody is well")
            }
            let begin = since.first { $0.route == route.name }?.at ?? step.at
            lonely.append((route.name, begin))
            let isFlagged = route.mode == .failOpen || route.mode == .held || route.mode == .pinned
            if !isFlagged, step.at - begin > Self.patience(step.configuration) {
                let time = (step.at - begin).inSeconds.formatted(decimals: 1)
                findings.append(
                    "nobody of \(route.name) has been well for \(time) s, and its mode is \(route.mode.rawValue)"
                )
            }
        }
        since = lonely
        actives = step.routes.map { ($0.name, $0.active) }
        return findings
    }

    private func isLonely(_ route: RouteSnapshot, in step: Step) -> Bool {
        guard !route.dryRun, let active = step.judged(route.active), active.verdict == .unhealthy,
            // A duty from an earlier process moves nothing, and nobody is stuck.
            active.reason != .recovering
        else { return false }
        return route.endpoints.allSatisfy { $0 == route.active || step.judged($0)?.isWell == false }
    }

    /// Candidates that were asked before they turned bad are waited for, one after the other, and so is the disk.
    private static func patience(_ configuration: Configuration) -> Duration {
        let questions = configuration.endpoints.map { endpoint in
            endpoint.probes.map { probe in
                probe.timeouts.connect + max(probe.latencyObjective ?? .zero, probe.timeouts.ttft) + .milliseconds(500)
            }.max() ?? .zero
        }
        return questions.reduce(.seconds(5), +)
    }
}

/// No automatic move of a pinned route, into a drained endpoint, or while all are frozen.
struct OperatorsAreObeyed: InvariantCheck {
    private var before: [OperatorIntent] = []

    init() {}

    mutating func findings(in step: Step) -> [String] {
        // What stood before the step and stands after it.
        let standing = before.filter { intent in
            intent.isBegun && step.intents.contains { $0.isBegun && $0.kind == intent.kind }
        }
        before = step.intents
        guard !standing.isEmpty else { return [] }
        var findings: [String] = []
        for event in step.moves {
            for intent in standing {
                switch intent.kind {
                case .pin(let route, let endpoint) where route == event.route:
                    findings.append("\(event.kind.rawValue) of \(route), which is pinned to \(endpoint)")
                case .drain(.endpoint(let name)) where name == event.to:
                    findings.append("\(event.kind.rawValue) to \(name), which is drained")
                case .drain(.region(let name)) where name == event.regionTo:
                    findings.append("\(event.kind.rawValue) to region \(name), which is drained")
                case .freeze: findings.append("\(event.kind.rawValue) while all is frozen")
                case .pin, .drain: break
                }
            }
        }
        return findings
    }
}

/// No automatic move while the vantage is not clear.
struct VantageMovesNothing: InvariantCheck {
    mutating func findings(in step: Step) -> [String] {
        guard step.vantage != .clear else { return [] }
        return step.moves.map {
            "\($0.kind.rawValue) of \($0.route ?? "no route") to \($0.to ?? "nowhere") while the vantage is \(step.vantage.rawValue)"
        }
    }
}
