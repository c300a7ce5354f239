import FailoverCore

extension World {
    /// Gives the engine one input, and shows the invariants what it did.
    mutating func feed(_ input: Input, cause: Step.Cause, _ actions: inout [Action]) {
        let first = actions.count
        engine.handle(input, at: now, &actions)
        tally.inputs += 1
        digest.add(now.nanoseconds)
        digest.add(input.fingerprint)
        // What is not ordered to be published shows with the next rewrite of the state file.
        let isQuiet =
            actions.count == first && engine.generation == step.generation && !isResuming && cause != .reloaded
            && now - looked < Self.rewriteInterval
        guard isQuiet else { return look(cause, actions[first...]) }
        tally.quiet += 1
        if cause == .tick, let next = engine.nextDeadline, next <= now { look(cause, actions[first...]) }
    }

    /// Shows the invariants what one step did.
    mutating func look(_ cause: Step.Cause, _ ordered: ArraySlice<Action>) {
        step.at = now
        step.cause = isResuming && (cause == .input || cause == .tick) ? .resumed : cause
        if isResuming, cause == .tick { isResuming = false }
        if !step.events.isEmpty { step.events.removeAll() }
        step.isPublished = false
        for action in ordered {
            switch action {
            case .publish: step.isPublished = true
            case .emit(let event): step.events.append(event)
            case .persist, .setInterval, .probeNow, .answer: break
            }
        }
        step.generation = engine.generation
        step.isPersisted = engine.isPersisted
        step.nextDeadline = engine.nextDeadline
        step.calmSince = calmSince
        step.durableGeneration = disk.file?.memory.generation
        lookAtRoutes()
        looked = now
        if step.isPublished || !step.events.isEmpty { lookAtEndpoints() }
        // What operators want is no trouble, but the preferred endpoint may not be what they want.
        if !step.intents.isEmpty {
            calmSince = nil
            step.calmSince = nil
        } else if calmSince == nil {
            markCalm()
        }
        invariants.check(step)
        watch?(step)
    }

    private mutating func lookAtRoutes() {
        if step.cause == .reloaded || step.routes.count != configuration.routes.count { step.routes = [] }
        for (index, route) in configuration.routes.enumerated() {
            guard let snapshot = engine.route(named: route.name, at: now) else { continue }
            if index < step.routes.count { step.routes[index] = snapshot } else { step.routes.append(snapshot) }
        }
    }

    private mutating func lookAtEndpoints() {
        let snapshot = engine.snapshot(at: now)
        step.intents = snapshot.intents
        step.vantage = snapshot.vantage.state
        step.endpoints = snapshot.endpoints.map { Step.Judged($0.configuration.name, $0.verdict, $0.reason.code) }
    }
}

extension Input {
    /// A word that differs where inputs do.
    fileprivate var fingerprint: UInt64 {
        switch self {
        case .attemptStarted(let start): start.attempt.rawValue &* 16
        case .attemptWaits(_, let attempt, let onUs): attempt.rawValue &* 16 &+ (onUs ? 1 : 2)
        case .overdue(_, let attempt, _): attempt.rawValue &* 16 &+ 3
        case .observed(let observation):
            (observation.attempt.rawValue &* 16 &+ 4) ^ UInt64(bitPattern: observation.end.nanoseconds) &* 31
        case .persisted(let ticket, let succeeded): ticket &* 16 &+ (succeeded ? 5 : 6)
        case .skipped(_, let count): UInt64(clamping: count) &* 16 &+ 7
        case .tick: 8
        case .command(let command): command.ticket &* 16 &+ 11
        case .stalled(let since): UInt64(bitPattern: since.nanoseconds) &* 16 &+ 12
        case .reconfigured: 9
        case .spent: 10
        }
    }
}
