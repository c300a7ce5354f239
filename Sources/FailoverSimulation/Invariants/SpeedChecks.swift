import FailoverCore

/// Only a lowest-latency route moves for speed: to a healthy endpoint that is faster, and no sooner than its dwell after whatever
/// moved it last, after a start, and after anything that stood above speed.
struct SpeedIsPatient: InvariantCheck {
    /// What a route waits for since when.
    private struct Wait: Sendable {
        let route: RouteName
        var since: MonotonicInstant
    }

    /// Who is seen to be faster than the active endpoint since when.
    private struct Lead: Sendable {
        let route: RouteName
        let active: EndpointName
        let endpoint: EndpointName
        let since: MonotonicInstant
        /// The engine looks with each sample, and may not see what lasts for less than that.
        var lastSeen: MonotonicInstant
    }

    private var waits: [Wait] = []
    private var leads: [Lead] = []
    /// What is not ordered to be published is seen with the next rewrite of the state file, which waits for an input.
    private static func grain(_ configuration: Configuration) -> Duration {
        let intervals = configuration.endpoints.flatMap(\.probes).map(\.interval)
        return .seconds(10) + (intervals.max() ?? .zero) * 2
    }

    init() {}

    mutating func findings(in step: Step) -> [String] {
        notice(step)
        defer { follow(step) }
        guard !step.events.isEmpty else { return [] }
        var findings: [String] = []
        for event in step.events where event.from != nil && event.to != nil {
            if event.reason.code == .faster, event.kind == .failback { findings += check(event, in: step) }
            if let index = waits.firstIndex(where: { $0.route == event.route }) { waits[index].since = step.at }
        }
        return findings
    }

    private mutating func follow(_ step: Step) {
        let grain = Self.grain(step.configuration)
        leads.removeAll { lead in
            step.at - lead.lastSeen > grain || step.route(lead.route)?.wouldBeActive != lead.active
        }
        for route in step.routes {
            guard let speed = route.speed,
                let time = speed.paces.first(where: { $0.endpoint == route.wouldBeActive })?.median
            else { continue }
            for pace in speed.paces where pace.median.map({ speed.configuration.isFaster($0, than: time) }) ?? false {
                let index = leads.firstIndex { $0.route == route.name && $0.endpoint == pace.endpoint }
                if let index {
                    leads[index].lastSeen = step.at
                    continue
                }
                leads.append(
                    Lead(
                        route: route.name,
                        active: route.wouldBeActive,
                        endpoint: pace.endpoint,
                        since: step.at,
                        lastSeen: step.at
                    )
                )
            }
        }
    }

    private mutating func notice(_ step: Step) {
        switch step.cause {
        case .started, .restarted: waits = []
        case .reloaded: waits.removeAll { wait in !step.configuration.routes.contains { $0.name == wait.route } }
        case .tick, .input, .resumed: break
        }
        if waits.count != step.configuration.routes.count {
            for route in step.configuration.routes where !waits.contains(where: { $0.route == route.name }) {
                waits.append(Wait(route: route.name, since: step.at))
            }
        }
        let isFrozen = step.intents.contains { if case .freeze = $0.kind { true } else { false } }
        guard step.vantage != .clear || isFrozen || step.intents.contains(where: \.isPin) else { return }
        for index in waits.indices {
            let isPinned = step.intents.contains { $0.subject == .route(waits[index].route) }
            if step.vantage != .clear || isFrozen || isPinned { waits[index].since = step.at }
        }
    }

    private func check(_ event: Event, in step: Step) -> [String] {
        let (name, to) = (event.route ?? "", event.to ?? "")
        guard let speed = step.configuration.routes.first(where: { $0.name == name })?.speed else {
            return ["\(name) moved to \(to) for speed, and has no such policy"]
        }
        var findings: [String] = []
        let verdict = step.judged(to)?.verdict
        if verdict != .healthy {
            findings.append("\(name) moved for speed to \(to), which is \(verdict?.rawValue ?? "nowhere")")
        }
        if let since = waits.first(where: { $0.route == name })?.since, step.at - since < speed.dwell {
            let (waited, dwell) = ((step.at - since).inSeconds, speed.dwell.inSeconds)
            findings.append(
                "\(name) moved to \(to) for speed after \(waited.formatted(decimals: 0)) s of the "
                    + "\(dwell.formatted(decimals: 0)) s that it has to wait"
            )
        }
        let lead = leads.first { $0.route == name && $0.active == event.from && $0.endpoint == to }
        let ahead = lead.map { step.at - $0.since } ?? .zero
        if ahead + Self.grain(step.configuration) < speed.dwell, findings.isEmpty {
            findings.append(
                "\(name) moved for speed to \(to), seen to be faster for \(ahead.inSeconds.formatted(decimals: 0)) s of the "
                    + "\(speed.dwell.inSeconds.formatted(decimals: 0)) s that it has to be"
            )
        }
        let paces = step.route(name)?.speed?.paces ?? []
        func median(_ endpoint: EndpointName?) -> Duration? { paces.first { $0.endpoint == endpoint }?.median }
        guard let time = median(event.to), let other = median(event.from), time < other else {
            return findings + ["\(name) moved for speed to \(to), which is not faster"]
        }
        return findings
    }
}

extension OperatorIntent {
    fileprivate var isPin: Bool { if case .pin = kind { true } else { false } }
}
