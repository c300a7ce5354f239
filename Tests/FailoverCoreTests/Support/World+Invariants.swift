@testable import FailoverCore

extension World {
    /// What an invariant compares with.
    struct Picture {
        let generation: UInt64
        let actives: [(route: RouteName, active: EndpointName)]

        init(_ engine: Engine) {
            generation = engine.generation
            actives = engine.routes.map { ($0.configuration.name, engine.name($0.active)) }
        }
    }

    /// Checks what must hold after every step.
    mutating func check(_ ordered: [Action], before: Picture? = nil, input: Input? = nil) {
        checkRoutes()
        if let before { checkGeneration(since: before) }
        checkDurability(ordered)
        for case .emit(let event) in ordered { checkMove(event) }
        checkPins()
        // Attempts under way and a few looks: nothing that grows with time.
        if engine.deadlines.count > 2000 { violate("\(engine.deadlines.count) deadlines are waiting") }
        if case .tick = input, let next = engine.nextDeadline, next <= now {
            violate("a deadline of the past is waiting")
        }
    }

    private mutating func checkRoutes() {
        let names = configuration.routes.map(\.name)
        if engine.routes.map(\.configuration.name) != names { violate("the routes are not those of the configuration") }
        for (route, configured) in zip(engine.routes, configuration.routes) {
            let snapshot = engine.route(named: configured.name, at: now)
            guard let snapshot else {
                violate("\(configured.name) is not published")
                continue
            }
            if !configured.endpoints.contains(snapshot.active) { violate("\(snapshot.active) is not in its route") }
            if !configured.endpoints.contains(snapshot.wouldBeActive) { violate("the wish is not in its route") }
            if snapshot.order.first != snapshot.active || Set(snapshot.order).count != snapshot.order.count {
                violate("the order \(snapshot.order) does not begin with \(snapshot.active)")
            }
            if !configured.decision.observe, route.active != route.decided { violate("decided is not active") }
            if snapshot.generation > engine.generation { violate("a route is ahead of the generation") }
        }
    }

    /// A pin holds until it is lifted or over, as soon as the disk has it.
    private mutating func checkPins() {
        for intent in engine.intents.intents {
            if intent.until < now { violate("\(intent.description) is over, and stands") }
            guard case .pin(let name, let endpoint) = intent.kind, let index = engine.index(of: name) else { continue }
            let route = engine.routes[index]
            if case .persisting = route.phase { continue }
            if engine.persistence.pending == nil, engine.name(route.decided) != endpoint {
                violate("\(name) is on \(engine.name(route.decided)), and pinned to \(endpoint)")
            }
        }
    }

    private mutating func checkGeneration(since before: Picture) {
        let changed = Picture(engine).actives.count { route, active in
            before.actives.first { $0.route == route }?.active != active
        }
        if engine.generation != before.generation + UInt64(changed) {
            violate("generation \(before.generation) -> \(engine.generation) with \(changed) changes")
        }
    }

    /// A published decision is on disk, or says that it is not.
    private mutating func checkDurability(_ ordered: [Action]) {
        guard ordered.contains(.publish), engine.isPersisted else { return }
        guard let durable, durable.generation >= engine.generation else {
            return violate("generation \(engine.generation) was published before it was durable")
        }
    }

    private mutating func checkMove(_ event: Event) {
        guard event.kind == .failover || event.kind == .failback else { return }
        if snapshot.vantage.state != .clear { violate("\(event.kind) while the vantage is \(snapshot.vantage.state)") }
        guard let index = engine.index(of: event.route ?? ""), let name = event.to, let to = engine.endpointIndex[name]
        else {
            return violate("\(event.kind) to nowhere")
        }
        let target = engine.endpoints[to]
        if !target.isFit { violate("\(event.kind) to \(name), which is \(target.verdict)") }
        if event.kind == .failback, engine.isHeldDown(to, for: engine.routes[index], at: now) {
            violate("failback to \(name) inside its hold-down")
        }
        if event.kind == .failback, let name = event.from, let from = engine.endpointIndex[name] {
            let route = engine.routes[index]
            if route.rank(of: to) >= route.rank(of: from) {
                violate("failback to \(event.to ?? ""), which is no better")
            }
        }
        if event.dryRun != engine.routes[index].configuration.decision.observe { violate("dry run is wrong") }
        checkIntents(event, to: to)
    }

    /// Nothing automatic goes against what operators want.
    private mutating func checkIntents(_ event: Event, to: Int) {
        if engine.endpoints[to].isDrained { violate("\(event.kind) to \(event.to ?? ""), which is drained") }
        if engine.intents.freeze != nil { violate("\(event.kind) while frozen") }
        if engine.intents.pin(of: event.route ?? "") != nil { violate("\(event.kind) of a pinned route") }
    }

    private mutating func violate(_ text: String) {
        if violations.count < 20 { violations.append("at \(now.nanoseconds / 1_000_000) ms: \(text)") }
    }
}
