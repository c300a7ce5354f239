import FailoverCore

extension World {
    /// Carries the orders of one turn out, as the daemon's loop does: the state is published once, before any event.
    mutating func perform(_ actions: [Action]) {
        var isPublished = false
        var hasMoved = false
        for action in actions {
            switch action {
            case .persist(let memory, let ticket):
                digest.add(memory.generation)
                if let length = disk.save(memory, ticket: ticket, wallOffset: wallOffset) {
                    agenda.insert(.disk(turn: disk.turn), at: now + length)
                }
            case .publish: isPublished = true
            case .emit(let event):
                if event.isAutomaticMove, !event.dryRun { hasMoved = true }
                record(TimelineLine(event))
            case .setInterval(let key, let interval):
                digest.add(interval.nanoseconds)
                setInterval(key, interval)
            case .probeNow(let key, let source): probeNow(key, source: source)
            case .answer(let ticket, _): digest.add(ticket)
            }
        }
        if isPublished { publish() }
        if hasMoved {
            tally.moves += 1
            rehearseRestart()
        }
        if isStruck(actions.count) || (hasMoved && scenario.killsAfterMoves) {
            change(ScenarioEntry(at: .zero, change: .kill(downFor: .seconds(Int.random(in: 1...20, using: &random)))))
        }
    }

    /// Whether one of so many actions is the last of its process.
    private mutating func isStruck(_ count: Int) -> Bool {
        guard let every = scenario.killEvery else { return false }
        var isStruck = false
        for _ in 0..<count where Int.random(in: 0..<max(1, every), using: &random) == 0 { isStruck = true }
        return isStruck
    }

    private mutating func publish() {
        stateFile = StateFile(generation: step.generation, routes: step.routes, wallOffset: wallOffset)
        digest.add(step.generation)
        for route in step.routes {
            let before = shown.first { $0.name == route.name }
            let isNews =
                before?.active != route.active || before?.mode != route.mode
                || before?.wouldBeActive != route.wouldBeActive || before?.weights != route.weights
                || before?.wouldBeWeights != route.wouldBeWeights
            if isNews { record(TimelineLine(route, generation: step.generation, at: now)) }
        }
        shown = step.routes
    }

    mutating func finishWriting() {
        let (tickets, succeeded, next) = disk.finish()
        if let next { agenda.insert(.disk(turn: disk.turn), at: now + next) }
        turn(tickets.map { .persisted(ticket: $0, succeeded: succeeded) })
    }

    // MARK: - Processes

    /// What a new process goes on from: the memory, and above it what readers have seen already.
    private func recollection() -> (memory: Memory?, isPublished: Bool) {
        let remembered = disk.file?.memory(wallOffset: wallOffset, at: now)
        guard let file = stateFile else { return (remembered, false) }
        let routes = file.routes.map { route in
            RouteMemory(seen: route) { min(now, $0 - (wallOffset - file.wallOffset)) }
        }
        let seen = SeenDecision(generation: file.generation, routes: routes)
        return seen.isNews(to: remembered) ? (seen.memory(after: remembered), true) : (remembered, false)
    }

    /// Starts a process; without a cause it is one after another.
    mutating func boot(cause: Step.Cause?) {
        let found = recollection()
        let cause = cause ?? .restarted(restart(found.isPublished))
        engine = Decision(configuration: configuration, memory: found.memory, at: now)
        let actions = engine.start(at: now)
        isRunning = true
        lastTurn = now
        schedule()
        markCalm()
        step.configuration = configuration
        look(cause, actions[...])
        perform(actions)
    }

    private func restart(_ isFromStateFile: Bool) -> Step.Restart {
        let file = disk.file
        return Step.Restart(
            isReboot: stateFile == nil,
            hadPendingMove: (file?.memory.generation ?? 0) > step.generation,
            isMemoryComplete: wasSettled && !isFromStateFile && file?.wallOffset == wallOffset
        )
    }

    /// Ends the process at once; what it had in memory is lost.
    mutating func kill(downFor pause: Duration, isReboot: Bool) {
        guard isRunning else { return }
        tally.restarts += 1
        wasSettled = disk.isSettled
        isRunning = false
        reports = []
        reportsDue = nil
        batch += 1
        stalledUntil = nil
        stoodStillSince = nil
        isResuming = false
        tracks = []
        disk.lose(isWholeIf: Bool.random(using: &random))
        if isReboot { stateFile = nil }
        calmSince = nil
        turns += 1
        agenda.insert(.boot(turn: turns), at: now + pause)
    }

    /// What a restart at this moment would keep, without one: the decision that has just been published.
    private mutating func rehearseRestart() {
        tally.rehearsals += 1
        let found = recollection()
        var next = Decision(configuration: configuration, memory: found.memory, at: now)
        _ = next.start(at: now)
        var findings: [String] = []
        if next.generation != step.generation {
            findings.append("a restart now would make generation \(next.generation) of \(step.generation)")
        }
        for route in step.routes {
            let again = next.route(named: route.name, at: now)
            let active = again?.active
            if again?.weights != route.weights || again?.shares.map(\.stopped) != route.shares.map(\.stopped) {
                findings.append("a restart now would give \(route.name) other weights, or forget what was stopped")
            }
            guard active != route.active else { continue }
            findings.append(
                "a restart now would put \(route.name) on \(active ?? "nothing") instead of \(route.active)"
            )
        }
        invariants.note(.restartKeepsDecisions, findings, at: now)
    }

    // MARK: - The script

    mutating func change(_ entry: ScenarioEntry) {
        record(entry.change.line(at: now, text: entry.text))
        switch entry.change {
        case .fault(let name, let fault):
            if let place = names.firstIndex(of: name) { network.set(place, to: fault, at: now) }
        case .heal(let name):
            if let place = names.firstIndex(of: name) { network.set(place, to: nil, at: now) }
        case .observer(let fault): network.observer = fault
        case .noise(let isOn): network.isNoisy = isOn
        case .pace(let name, let pace): if let index = names.firstIndex(of: name) { network.set(index, to: pace) }
        case .disk(let state):
            if let length = disk.become(state) { agenda.insert(.disk(turn: disk.turn), at: now + length) }
        case .stall(let time): stall(time)
        case .kill(let pause): kill(downFor: pause, isReboot: false)
        case .reboot(let pause): kill(downFor: pause, isReboot: true)
        case .stepWallClock(let by): wallOffset += by
        case .order(let order, let length): command(order, for: length)
        case .reload(let index): reload(scenario.configurations[index])
        }
        markCalm()
    }

    /// Nobody answers where there is no process.
    private mutating func command(_ order: OperatorCommand.Order, for length: Duration) {
        guard isRunning else { return }
        turns += 1
        let command = OperatorCommand(
            ticket: turns,
            order: order,
            by: "operator",
            reason: "as the scenario says",
            expiry: .after(length),
            force: turns.isMultiple(of: 2)
        )
        turn([.command(command)])
    }

    private mutating func stall(_ time: Duration) {
        guard isRunning else { return }
        stalledUntil = max(stalledUntil ?? now, now + time)
        guard time > Self.longestPause else { return }
        stoodStillSince = stoodStillSince ?? now
        for track in tracks.indices {
            for index in tracks[track].attempts.indices { tracks[track].attempts[index].isVoid = true }
        }
    }

    mutating func resume() {
        stalledUntil = nil
        isResuming = true
        markCalm()
    }

    private mutating func reload(_ configuration: Configuration) {
        tally.reloads += 1
        self.configuration = configuration
        // A process that is started later reads it.
        guard isRunning else { return }
        step.configuration = configuration
        lastTurn = now
        var actions: [Action] = []
        feed(.reconfigured(configuration), cause: .reloaded, &actions)
        schedule(keeping: tracks)
        perform(actions)
    }

    /// Notes since when nothing is wrong, if so.
    mutating func markCalm() {
        let isCalm =
            isRunning && stalledUntil == nil && network.isWell && !network.isNoisy && disk.state.isWell
        calmSince = isCalm ? now : nil
    }
}

extension RouteMemory {
    /// What readers have seen of a route, as the daemon takes it from its state file.
    fileprivate init(seen route: RouteSnapshot, _ time: (MonotonicInstant) -> MonotonicInstant) {
        self.init(
            name: route.name,
            active: route.active,
            generation: route.generation,
            since: time(route.since),
            reason: route.reason,
            moves: [],
            shares: route.shares.map { share in
                let isWish = route.dryRun && share.active == share.owner
                return ShareMemory(
                    owner: share.owner,
                    weight: share.weight,
                    active: share.active,
                    generation: share.generation,
                    since: time(share.since),
                    reason: share.reason,
                    moves: [],
                    stopped: isWish
                        ? nil : share.stopped.map { StoppedCanary(since: time($0.since), reason: $0.reason) }
                )
            }
        )
    }
}
