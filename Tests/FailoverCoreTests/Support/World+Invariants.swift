@testable import FailoverCore

extension World {
    /// What an invariant compares with.
    struct Picture {
        let generation: UInt64
        /// By route, or by route and owner.
        let actives: [(route: String, active: EndpointName)]
        let weights: [RouteName: [EndpointName: Int]]

        init(_ engine: Engine) {
            generation = engine.generation
            actives = engine.routes.indices.map { index in
                let owner = engine.owner(of: index).map { "/\($0)" } ?? ""
                return ("\(engine.routes[index].configuration.name)\(owner)", engine.name(engine.routes[index].active))
            }
            let groups = engine.groups.map { (engine.routes[$0.lowerBound].configuration.name, engine.weights(of: $0)) }
            weights = Dictionary(groups) { first, _ in first }
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
        if engine.groups.map({ engine.routes[$0.lowerBound].configuration.name }) != names {
            violate("the routes are not those of the configuration")
        }
        for (group, configured) in zip(engine.groups, configuration.routes) {
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
            if snapshot.weights.reduce(0, +) != 100 { violate("weights \(snapshot.weights)") }
            let hasStrayed = group.contains { engine.routes[$0].active != engine.routes[$0].decided }
            if !configured.decision.observe, hasStrayed { violate("decided is not active") }
            if snapshot.generation > engine.generation { violate("a route is ahead of the generation") }
        }
    }

    /// A pin holds until it is lifted or over, as soon as the disk has it.
    private mutating func checkPins() {
        for intent in engine.intents.intents {
            if intent.until < now { violate("\(intent.description) is over, and stands") }
            guard case .pin(let name, let endpoint) = intent.kind else { continue }
            for index in engine.indices(of: name) {
                let route = engine.routes[index]
                if case .persisting = route.phase { continue }
                if engine.persistence.pending == nil, engine.name(route.decided) != endpoint {
                    violate("\(name) is on \(engine.name(route.decided)), and pinned to \(endpoint)")
                }
            }
        }
    }

    private mutating func checkGeneration(since before: Picture) {
        let after = Picture(engine)
        var changed = 0
        for route in configuration.routes {
            let moved = after.actives.count { state, active in
                guard state.split(separator: "/").first.map(String.init) == route.name.rawValue else { return false }
                return before.actives.first { $0.route == state }?.active != active
            }
            let isReweighted = after.weights[route.name] != before.weights[route.name]
            changed += moved == 0 && isReweighted ? 1 : moved
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
        guard event.isAutomaticMove else { return }
        if snapshot.vantage.state != .clear { violate("\(event.kind) while the vantage is \(snapshot.vantage.state)") }
        let states = engine.indices(of: event.route ?? "")
        guard let index = states.first(where: { engine.owner(of: $0) == event.share }), let name = event.to,
            let to = engine.endpointIndex[name]
        else {
            return violate("\(event.kind) to nowhere")
        }
        let target = engine.endpoints[to]
        if !target.isFit { violate("\(event.kind) to \(name), which is \(target.verdict)") }
        if engine.isClosed(to, to: index) { violate("\(event.kind) to \(name), a canary that was stopped") }
        let isReturn = !event.isLeaving
        if isReturn, engine.isHeldDown(to, for: engine.routes[index], at: now) {
            violate("failback to \(name) inside its hold-down")
        }
        if isReturn, event.reason.code != .faster, let name = event.from, let from = engine.endpointIndex[name] {
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
