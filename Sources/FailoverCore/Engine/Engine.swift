/// Decides: observations in, orders out.
///
/// It reads no clock, starts no task and does no I/O.
///
/// One loop owns it as a local variable and carries out its actions; see docs/architecture.md.
package struct Engine: Sendable {
    package private(set) var configuration: Configuration
    package internal(set) var generation: UInt64
    /// Whether the published decision is also on disk.
    package internal(set) var isPersisted = true

    /// In configuration order.
    var endpoints: [EndpointState] = []
    var endpointIndex: [EndpointName: Int] = [:]
    /// In configuration order.
    var routes: [RouteState] = []
    /// For each endpoint, the routes that use it.
    var routesOfEndpoint: [[Int]] = []

    var deadlines = DeadlineQueue<Wake>()
    var persistence = Persistence()

    /// Why the engine wants to be called again.
    enum Wake: Sendable {
        case overdue(ProbeKey, AttemptID, start: MonotonicInstant)
        case abandoned(ProbeKey, AttemptID)
        /// It may have become stale; asks for the next look itself.
        case endpoint(EndpointName)
        case holdDownEnd(EndpointName)
        case route(RouteName)
        case persistence(ticket: UInt64)
        case persistAgain
    }

    /// Beyond its total timeout an attempt gets this long to be reported before it counts nowhere.
    static let reportingGrace = Duration.seconds(5)
    /// An answer within the objective may still be on its way from the probe to the engine.
    static let overdueGrace = Duration.milliseconds(20)

    /// An engine with what an earlier process remembered; `nil` on a first start.
    package init(configuration: Configuration, memory: Memory?, at now: MonotonicInstant) {
        self.configuration = configuration
        generation = memory?.generation ?? 0
        build(from: configuration, at: now)
        restore(memory, at: now)
    }

    /// What to do first: remember, publish, tell.
    package mutating func start(at now: MonotonicInstant) -> [Action] {
        var actions: [Action] = [persist()]
        for index in endpoints.indices { wakeForEndpoint(index, at: now) }
        let text = "watching \(endpoints.count.counted("endpoint")) for \(routes.count.counted("route"))"
        actions.append(.emit(Event(kind: .started, at: now, reason: Reason(.initial, text), generation: generation)))
        actions.append(.publish)
        return actions
    }

    /// When to send `tick` at the latest; `nil` if nothing is due.
    package var nextDeadline: MonotonicInstant? { deadlines.next }

    /// Takes one input and says what to do about it.
    package mutating func handle(_ input: Input, at now: MonotonicInstant) -> [Action] {
        var actions: [Action] = []
        switch input {
        case .attemptStarted(let start): begin(start)
        case .attemptWaits(let key, let attempt, let onUs):
            if let (endpoint, track) = locate(key) { endpoints[endpoint].tracks[track].wait(attempt, onUs: onUs) }
        case .observed(let observation): observe(observation, at: now, &actions)
        case .tick: advance(to: now, &actions)
        case .reconfigured(let configuration): reconfigure(configuration, at: now, &actions)
        case .persisted(let ticket, let succeeded): persisted(ticket, succeeded: succeeded, at: now, &actions)
        }
        return actions
    }

    mutating func replaceConfiguration(_ configuration: Configuration) { self.configuration = configuration }

    func index(of route: RouteName) -> Int? { routes.firstIndex { $0.configuration.name == route } }

    // MARK: - Probes

    private mutating func begin(_ start: AttemptStart) {
        guard let (endpoint, track) = locate(start.key) else { return }
        endpoints[endpoint].tracks[track].begin(start)
        let probe = endpoints[endpoint].tracks[track].configuration
        if let objective = probe.latencyObjective {
            deadlines.insert(
                .overdue(start.key, start.attempt, start: start.start),
                at: start.start + objective + Self.overdueGrace
            )
        }
        deadlines.insert(
            .abandoned(start.key, start.attempt),
            at: start.start + probe.timeouts.total + Self.reportingGrace
        )
    }

    private mutating func observe(_ observation: Observation, at now: MonotonicInstant, _ actions: inout [Action]) {
        guard let (endpoint, track) = locate(observation.key) else { return }
        let isGood = endpoints[endpoint].tracks[track].observe(observation, at: now)
        judge(endpoint, at: now, &actions)
        if let isGood { answerConfirmations(of: endpoint, observation, isGood: isGood, at: now, &actions) }
    }

    private func locate(_ key: ProbeKey) -> (endpoint: Int, track: Int)? {
        guard let endpoint = endpointIndex[key.endpoint],
            let track = endpoints[endpoint].tracks.firstIndex(where: { $0.key == key })
        else { return nil }
        return (endpoint, track)
    }

    /// Judges an endpoint after a new sample or a deadline, and then every route that uses it.
    mutating func judge(_ index: Int, at now: MonotonicInstant, _ actions: inout [Action]) {
        let before = endpoints[index]
        endpoints[index].judge(at: now)
        let after = endpoints[index]
        for track in after.tracks.indices {
            let changed = endpoints[index].tracks[track].changedInterval(rule: after.rule, isTripped: after.isTripped)
            if let changed { actions.append(.setInterval(after.tracks[track].key, changed)) }
        }
        if before.verdict != after.verdict {
            actions.append(.emit(verdictEvent(of: after, before: before.verdict, at: now)))
            actions.append(.publish)
        }
        if before.mustProve != after.mustProve { actions.append(persist()) }
        if before.standing != after.standing { wakeForHoldDown(index) }
        for route in routesOfEndpoint[index] { evaluate(route, at: now, &actions) }
    }

    private func verdictEvent(of endpoint: EndpointState, before: Verdict, at now: MonotonicInstant) -> Event {
        Event(
            kind: .verdict,
            at: now,
            endpoint: endpoint.name,
            reason: Reason(
                endpoint.reason.code,
                "\(before.rawValue) -> \(endpoint.verdict.rawValue): \(endpoint.reason.text)"
            ),
            generation: generation
        )
    }

    // MARK: - Time

    private mutating func advance(to now: MonotonicInstant, _ actions: inout [Action]) {
        while let wake = deadlines.pop(dueAt: now) {
            switch wake {
            case .overdue(let key, let attempt, let start):
                guard let (endpoint, track) = locate(key) else { continue }
                if endpoints[endpoint].tracks[track].becomeOverdue(attempt, start: start, at: now) {
                    judge(endpoint, at: now, &actions)
                }
            case .abandoned(let key, let attempt):
                guard let (endpoint, track) = locate(key) else { continue }
                endpoints[endpoint].tracks[track].abandon(attempt)
                judge(endpoint, at: now, &actions)
            case .endpoint(let name):
                guard let index = endpointIndex[name] else { continue }
                judge(index, at: now, &actions)
                wakeForEndpoint(index, at: now)
            case .holdDownEnd(let name):
                if let index = endpointIndex[name] { judge(index, at: now, &actions) }
            case .route(let name):
                if let index = index(of: name) { evaluate(index, at: now, &actions) }
            case .persistence(let ticket):
                persistenceTimedOut(ticket, at: now, &actions)
            case .persistAgain:
                persistAgain(at: now, &actions)
            }
        }
    }

    /// One look at each endpoint whenever it might have become stale.
    ///
    /// Call once for each endpoint: every look asks for the next one.
    mutating func wakeForEndpoint(_ index: Int, at now: MonotonicInstant) {
        let endpoint = endpoints[index]
        let next = endpoint.tracks.map { track in
            max((track.lastJudged ?? now) + track.staleAfter, now + .seconds(1)) + .milliseconds(1)
        }
        if let next = next.min() { deadlines.insert(.endpoint(endpoint.name), at: next) }
    }

    mutating func wakeForHoldDown(_ index: Int) {
        let endpoint = endpoints[index]
        guard let end = endpoint.holdDownEnd(base: endpoint.holdDown) else { return }
        deadlines.insert(.holdDownEnd(endpoint.name), at: end)
        for route in routesOfEndpoint[index] {
            let configuration = routes[route].configuration
            if let end = endpoint.holdDownEnd(base: configuration.decision.holdDown) {
                deadlines.insert(.route(configuration.name), at: end)
            }
        }
    }
}
