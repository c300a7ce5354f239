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
    /// In configuration order; a weighted route has one for each share, side by side.
    var routes: [RouteState] = []
    /// The first state of each route.
    var routeIndex: [RouteName: Int] = [:]
    /// For each endpoint, the routes that use it.
    var routesOfEndpoint: [[Int]] = []

    var deadlines = DeadlineQueue<Wake>()
    var persistence = Persistence()
    var probing = ProbingHealth()
    var intents = IntentBook()
    /// Oldest first; at most ``WaitingOrder/maximum``.
    var orders: [WaitingOrder] = []
    /// What became of intents before the start.
    var intentNews: [Event] = []
    var vantage: Vantage
    /// Filled only for those who ask for it, and as long as a recording is.
    var vetoes: [VetoedSample]?
    private var isProbingAwaited = false

    /// Why the engine wants to be called again.
    enum Wake: Sendable {
        /// An attempt of this probe becomes overdue or is given up; one look is awaited at a time.
        case attempts(endpoint: Int, track: Int)
        /// It may have become stale; asks for the next look itself.
        case endpoint(EndpointName)
        case holdDownEnd(EndpointName)
        case route(RouteName)
        case persistence(ticket: UInt64)
        case persistAgain
        /// What hampered the probing may be over.
        case probing
        /// An intent of an operator begins or ends.
        case intents
        /// A witness has not answered, what waited for one has waited long enough, or a standstill is over.
        case vantage
    }

    /// An engine with what an earlier process remembered; `nil` on a first start.
    package init(configuration: Configuration, memory: Memory?, at now: MonotonicInstant) {
        self.configuration = configuration
        generation = memory?.generation ?? 0
        vantage = Vantage(configuration, at: now)
        build(from: configuration, at: now)
        layOutVantage(after: nil, kept: [], at: now)
        restore(memory, at: now)
    }

    /// What to do first: remember, publish, tell.
    package mutating func start(at now: MonotonicInstant) -> [Action] {
        var actions: [Action] = [persist()]
        for index in endpoints.indices { wakeForEndpoint(index, at: now) }
        var text = "watching \(endpoints.count.counted("endpoint")) for \(configuration.routes.count.counted("route"))"
        if !vantage.bench.isOn { text += "; \(Configuration.noWitnessText)" }
        actions.append(.emit(Event(kind: .started, at: now, reason: Reason(.initial, text), generation: generation)))
        actions.append(.publish)
        resumeIntents(at: now, &actions)
        return actions
    }

    /// When to send `tick` at the latest; `nil` if nothing is due.
    package var nextDeadline: MonotonicInstant? { deadlines.next }

    /// Takes one input and says what to do about it.
    package mutating func handle(_ input: Input, at now: MonotonicInstant) -> [Action] {
        var actions: [Action] = []
        handle(input, at: now, &actions)
        return actions
    }

    /// Takes one input and appends what to do about it: for a loop that takes many at a time.
    package mutating func handle(_ input: Input, at now: MonotonicInstant, _ actions: inout [Action]) {
        switch input {
        case .attemptStarted(let start): begin(start)
        case .attemptWaits(let key, let attempt, let onUs):
            guard let (endpoint, track) = locate(key) else { return }
            endpoints[endpoint].tracks[track].wait(attempt, onUs: onUs, at: now)
            awaitAttempts(of: endpoint, track: track)
        case .overdue(let key, let attempt, let kind):
            guard let (endpoint, track) = locate(key),
                endpoints[endpoint].tracks[track].overdue(attempt, kind, at: now)
            else { return }
            noteLateness(of: endpoint, track: track, at: now, &actions)
            settleDoubts(of: endpoint, track: track, at: now, &actions)
            judge(endpoint, at: now, &actions)
        case .spent(let report): note(report, at: now, &actions)
        case .observed(let observation): observe(observation, at: now, &actions)
        case .skipped(_, let count): probing.skip(max(0, count), at: now)
        case .stalled(let since): stall(since: since, at: now, &actions)
        case .tick: advance(to: now, &actions)
        case .reconfigured(let configuration): reconfigure(configuration, at: now, &actions)
        case .persisted(let ticket, let succeeded): persisted(ticket, succeeded: succeeded, at: now, &actions)
        case .command(let command): execute(command, at: now, &actions)
        }
    }

    mutating func replaceConfiguration(_ configuration: Configuration) { self.configuration = configuration }

    func index(of route: RouteName) -> Int? { routeIndex[route] }

    // MARK: - Probes

    private mutating func begin(_ start: AttemptStart) {
        guard let (endpoint, track) = locate(start.key) else { return }
        endpoints[endpoint].tracks[track].begin(start)
        awaitAttempts(of: endpoint, track: track)
    }

    private mutating func observe(_ observation: Observation, at now: MonotonicInstant, _ actions: inout [Action]) {
        if let source = vantage.anchorSource(observation.key) {
            return observeAnchor(observation, source: source, at: now, &actions)
        }
        guard let (endpoint, track) = locate(observation.key) else { return }
        if let news = probing.finish(observation.outcome, at: now) { tellProbing(news, at: now, &actions) }
        if let news = endpoints[endpoint].tracks[track].noteConnection(of: observation, at: now) {
            let said = EndpointNews(.certificate, news.code, news.text(observation.key))
            tell(said, of: endpoint, at: now, &actions)
        }
        var news: [EndpointNews] = []
        let isGood = endpoints[endpoint].observe(observation, track: track, at: now, &news)
        for said in news { tell(said, of: endpoint, at: now, &actions) }
        settleDoubts(of: endpoint, track: track, at: now, &actions)
        if isGood != nil, track == endpoints[endpoint].confirmingTrack {
            noteSpeed(observation, of: endpoint, at: now)
        }
        judge(endpoint, at: now, &actions)
        if track == endpoints[endpoint].confirmingTrack {
            noteWitness(observation, isGood: isGood, source: endpoint, at: now, &actions)
        }
        if let answer = isGood.map({ $0 ? .good : .bad }) ?? observation.confirmsForWantOfBetter {
            answerConfirmations(of: endpoint, observation, with: answer, at: now, &actions)
        }
    }

    private mutating func note(_ report: SpendReport, at now: MonotonicInstant, _ actions: inout [Action]) {
        guard let endpoint = endpointIndex[report.endpoint] else { return }
        endpoints[endpoint].note(report)
        guard let news = report.news else { return }
        tell(EndpointNews(.spend, news.code, news.text), of: endpoint, at: now, &actions)
    }

    private func tell(
        _ news: EndpointNews,
        of endpoint: Int,
        at now: MonotonicInstant,
        _ actions: inout [Action]
    ) {
        let name = endpoints[endpoint].name
        let event = Event(kind: news.kind, at: now, endpoint: name, reason: news.reason, generation: generation)
        actions.append(.emit(event))
        actions.append(.publish)
    }

    private func locate(_ key: ProbeKey) -> (endpoint: Int, track: Int)? {
        guard let endpoint = endpointIndex[key.endpoint] else { return nil }
        for track in endpoints[endpoint].tracks.indices where endpoints[endpoint].tracks[track].key.probe == key.probe {
            return (endpoint, track)
        }
        return nil
    }

    /// Judges an endpoint after a new sample or a deadline, and then every route that uses it.
    mutating func judge(_ index: Int, at now: MonotonicInstant, _ actions: inout [Action]) {
        let change = endpoints[index].judge(at: now)
        endpoints[index].adjustIntervals(&actions)
        if change.verdictBefore != endpoints[index].verdict {
            actions.append(.emit(verdictEvent(of: endpoints[index], before: change.verdictBefore, at: now)))
            actions.append(.publish)
        }
        if change.hasNewDuty { actions.append(persist()) }
        if change.isNewlyProven { wakeForHoldDown(index) }
        for route in routesOfEndpoint[index] { evaluate(route, at: now, &actions) }
    }

    mutating func tellProbing(_ reason: Reason, at now: MonotonicInstant, _ actions: inout [Action]) {
        if vantage.mustTell(reason, at: now) {
            actions.append(.emit(Event(kind: .vantage, at: now, reason: reason, generation: generation)))
        }
        actions.append(.publish)
        awaitProbing()
    }

    private mutating func awaitProbing() {
        guard !isProbingAwaited, let next = probing.nextDeadline else { return }
        isProbingAwaited = true
        deadlines.insert(.probing, at: next)
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
            case .attempts(let endpoint, let track): lookAtAttempts(of: endpoint, track: track, at: now, &actions)
            case .endpoint(let name):
                guard let index = endpointIndex[name] else { continue }
                judge(index, at: now, &actions)
                wakeForEndpoint(index, at: now)
            case .holdDownEnd(let name):
                if let index = endpointIndex[name] { judge(index, at: now, &actions) }
            case .route(let name):
                for index in indices(of: name) { evaluate(index, at: now, &actions) }
            case .persistence(let ticket):
                persistenceTimedOut(ticket, at: now, &actions)
            case .persistAgain:
                persistAgain(at: now, &actions)
            case .probing:
                isProbingAwaited = false
                if let news = probing.advance(to: now) { tellProbing(news, at: now, &actions) }
                awaitProbing()
            case .intents: changeIntents(at: now, &actions)
            case .vantage: lookAtVantage(at: now, &actions)
            }
        }
    }

    private mutating func lookAtAttempts(
        of endpoint: Int,
        track: Int,
        at now: MonotonicInstant,
        _ actions: inout [Action]
    ) {
        if endpoints[endpoint].tracks[track].look(at: now) {
            noteLateness(of: endpoint, track: track, at: now, &actions)
            settleDoubts(of: endpoint, track: track, at: now, &actions)
            judge(endpoint, at: now, &actions)
        }
        awaitAttempts(of: endpoint, track: track)
    }

    /// Asks for the next look at a probe's attempts, if none is awaited that comes in time.
    mutating func awaitAttempts(of endpoint: Int, track: Int) {
        if let next = endpoints[endpoint].tracks[track].takeNextLook() {
            deadlines.insert(.attempts(endpoint: endpoint, track: track), at: next)
        }
    }

    /// One look at each endpoint whenever it might have become stale.
    ///
    /// Call once for each endpoint: every look asks for the next one.
    mutating func wakeForEndpoint(_ index: Int, at now: MonotonicInstant) {
        var next: MonotonicInstant?
        for position in endpoints[index].tracks.indices {
            let last = endpoints[index].tracks[position].lastAlive ?? now
            let stale = last + endpoints[index].tracks[position].limits.staleAfter
            let look = max(stale, now + .seconds(1)) + .milliseconds(1)
            next = min(next ?? look, look)
        }
        if let next { deadlines.insert(.endpoint(endpoints[index].name), at: next) }
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

extension Observation {
    /// What a probe that says nothing of users tells of a candidate: what it is asked for is worse.
    ///
    /// That it lives confirms it where no tokens could be spent on the question. If it limits our rate, or never knew the
    /// cheaper question, others are asked first. `nil` for anything else.
    fileprivate var confirmsForWantOfBetter: Engine.Confirmation? {
        switch outcome {
        case .success: source == .confirm && tier == .shallow ? .good : nil
        case .throttled: .alive
        case .misconfigured: tier == .shallow ? .alive : nil
        case .failure, .inconclusive: nil
        }
    }
}
