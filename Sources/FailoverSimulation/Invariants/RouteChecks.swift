import FailoverCore

/// Each configured route is published, and has one active endpoint, which is one of its own.
struct OneActive: InvariantCheck {
    mutating func findings(in step: Step) -> [String] {
        let configured = step.configuration.routes
        guard step.routes.count == configured.count else {
            return ["\(step.routes.count.counted("route")) instead of \(configured.count)"]
        }
        var findings: [String] = []
        for index in configured.indices {
            let (route, wanted) = (step.routes[index], configured[index])
            if route.name != wanted.name {
                findings.append("the route \(route.name) in the place of \(wanted.name)")
            } else if !wanted.endpoints.contains(route.active) {
                findings.append("\(route.name) has \(route.active) active, which is none of its endpoints")
            } else if !wanted.endpoints.contains(route.wouldBeActive) {
                findings.append(
                    "\(route.name) would have \(route.wouldBeActive) active, which is none of its endpoints"
                )
            } else if route.order.first != route.active {
                findings.append("the order of \(route.name) does not begin with \(route.active), which is active")
            } else if !wanted.decision.observe, route.wouldBeActive != route.active {
                findings.append("\(route.name) would have \(route.wouldBeActive) active and has \(route.active)")
            }
        }
        return findings
    }
}

/// The generation rises by exactly one for each published change of a route's active endpoint.
struct GenerationCounts: InvariantCheck {
    private var before: (generation: UInt64, routes: [RouteSnapshot])?

    init() {}

    mutating func findings(in step: Step) -> [String] {
        defer { before = (step.generation, step.routes) }
        var findings: [String] = []
        for route in step.routes where route.generation > step.generation {
            findings.append("\(route.name) is at generation \(route.generation), ahead of \(step.generation)")
        }
        guard let before else { return findings }
        // A process that lost everything but the disk may stand before what was seen last; that is another invariant's.
        if case .restarted(let restart) = step.cause, restart.isReboot { return findings }
        var changed: UInt64 = 0
        var moved: Set<Substring> = []
        for (index, route) in step.routes.enumerated() {
            let old =
                index < before.routes.count && before.routes[index].name == route.name
                ? before.routes[index] : before.routes.first { $0.name == route.name }
            if old?.active != route.active {
                changed += 1
                moved.insert(route.group)
            }
        }
        // Other percentages are a change, too, where nothing else is.
        let weights = (before: before.routes.weightsOfShares, after: step.routes.weightsOfShares)
        for (group, now) in weights.after where !moved.contains(group) && weights.before[group] != now { changed += 1 }
        let risen = step.generation &- before.generation
        if risen != changed {
            findings.append(
                "generation \(before.generation) -> \(step.generation), and \(Int(changed).counted("route")) changed"
            )
        }
        return findings
    }
}

/// The generation never falls, over restarts too.
struct GenerationNeverFalls: InvariantCheck {
    /// The highest that was published, and the highest that was published as persisted.
    private var published: UInt64 = 0
    private var persisted: UInt64 = 0

    init() {}

    mutating func findings(in step: Step) -> [String] {
        if case .restarted(let restart) = step.cause, restart.isReboot {
            // What was published as not persisted was said to be at risk.
            published = persisted
        }
        var findings: [String] = []
        if step.generation < published { findings.append("generation \(published) -> \(step.generation)") }
        published = max(published, step.generation)
        if step.isDurable { persisted = max(persisted, step.generation) }
        return findings
    }
}

/// Whatever moves a route is told, with where it came from and where it went.
struct MovesAreTold: InvariantCheck {
    private var before: [RouteSnapshot] = []

    init() {}

    mutating func findings(in step: Step) -> [String] {
        defer { before = step.routes }
        switch step.cause {
        // A process begins without a past of its own.
        case .started, .restarted: return []
        case .reloaded, .tick, .input, .resumed: break
        }
        var findings: [String] = []
        for route in step.routes {
            guard let old = before.first(where: { $0.name == route.name }), old.active != route.active else { continue }
            let isTold = step.events.contains { event in
                [.failover, .failback, .config, .pinned, .drained].contains(event.kind) && event.route == route.name
                    && !event.dryRun
                    && event.to == route.active && event.generation <= step.generation
            }
            if !isTold {
                findings.append("\(route.name) went from \(old.active) to \(route.active), and nobody was told")
            }
        }
        for event in step.moves {
            guard let name = event.route, let route = step.route(name) else { continue }
            let last = step.moves.last(where: { $0.route == name })
            if last == event, route.active != event.to {
                findings.append(
                    "\(event.kind.rawValue) of \(name) to \(event.to ?? "nowhere"), but \(route.active) is active"
                )
            }
        }
        return findings
    }
}

/// A route that only observes keeps its active endpoint.
struct ObservingMovesNothing: InvariantCheck {
    private var before: [RouteSnapshot] = []

    init() {}

    mutating func findings(in step: Step) -> [String] {
        defer { before = step.routes }
        if step.cause == .reloaded { return [] }
        if case .restarted(let restart) = step.cause, restart.isReboot || restart.hadPendingMove { return [] }
        var findings: [String] = []
        for route in step.routes where route.dryRun {
            guard let old = before.first(where: { $0.name == route.name }), old.active != route.active,
                step.allows(old.active, in: route.name)
            else { continue }
            findings.append("\(route.name) only observes, and went from \(old.active) to \(route.active)")
        }
        return findings
    }
}
