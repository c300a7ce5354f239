import FailoverCore

/// What is published as persisted is on disk.
///
/// What a process found when it began is the publisher's to answer for, which asks the disk itself.
struct DurableBeforePublished: InvariantCheck {
    private var found: UInt64 = 0

    init() {}

    mutating func findings(in step: Step) -> [String] {
        if case .restarted = step.cause { found = step.generation }
        guard step.isPublished, step.isPersisted, step.generation > found else { return [] }
        let durable = step.durableGeneration ?? 0
        guard durable < step.generation else { return [] }
        return ["generation \(step.generation) was published as persisted, and generation \(durable) is on disk"]
    }
}

/// A restart keeps what was published: the generation and each route's active endpoint.
struct RestartKeepsDecisions: InvariantCheck {
    private var before: (generation: UInt64, isDurable: Bool, routes: [RouteSnapshot])?

    init() {}

    mutating func findings(in step: Step) -> [String] {
        defer { before = (step.generation, step.isDurable, step.routes) }
        guard case .restarted(let restart) = step.cause, let before, !restart.hadPendingMove,
            before.isDurable || !restart.isReboot
        else { return [] }
        var findings: [String] = []
        // The configuration may have been replaced meanwhile: what it took away or brought is decided anew.
        let isSettled = step.routes.allSatisfy { route in
            before.routes.first { $0.name == route.name }.map { step.allows($0.active, in: route.name) } ?? false
        }
        let isReweighted = step.routes.weightsOfShares != before.routes.weightsOfShares
        if isSettled, !isReweighted, step.generation != before.generation {
            findings.append("generation \(before.generation) became \(step.generation) with the restart")
        }
        for route in step.routes {
            guard let old = before.routes.first(where: { $0.name == route.name }), old.active != route.active,
                step.allows(old.active, in: route.name)
            else { continue }
            findings.append("\(route.name) had \(old.active) active, and \(route.active) after the restart")
        }
        return findings
    }
}

/// Once nothing is wrong any more, the preferred endpoint is active again within ``ReturnBound``.
struct PreferredReturns: InvariantCheck {
    /// For each route, in order; `nil` before it is needed.
    private var limits: [Duration?]?
    /// A route that did not return is told once.
    private var told: [RouteName] = []

    init() {}

    mutating func findings(in step: Step) -> [String] {
        guard let calmSince = step.calmSince else {
            told = []
            return []
        }
        let calm = step.at - calmSince
        // The cheap part of nearly every step.
        guard calm > ReturnBound.least else { return [] }
        switch step.cause {
        case .started, .restarted, .reloaded: limits = nil
        case .tick, .input, .resumed: break
        }
        let configuration = step.configuration
        let limits = self.limits ?? configuration.routes.map { ReturnBound.time(of: $0, in: configuration) }
        self.limits = limits
        var findings: [String] = []
        for (index, route) in step.routes.enumerated() where index < limits.count && route.mode != .preferred {
            guard let limit = limits[index], calm > limit, !told.contains(route.name) else { continue }
            told.append(route.name)
            findings.append(
                "nothing has been wrong for \(calm.inSeconds.formatted(decimals: 0)) s, more than the "
                    + "\(limit.inSeconds.formatted(decimals: 0)) s that \(route.name) may take, and its mode is "
                    + "\(route.mode.rawValue) with \(route.active) active"
            )
        }
        return findings
    }
}

/// A look at the deadlines leaves none of the past.
struct DeadlinesPass: InvariantCheck {
    mutating func findings(in step: Step) -> [String] {
        guard step.cause == .tick, let next = step.nextDeadline, next <= step.at else { return [] }
        return ["a deadline of \(ClockText.text(next)) still waits"]
    }
}
