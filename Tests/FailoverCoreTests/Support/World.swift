@testable import FailoverCore

/// A deterministic world around one engine: endpoints with scripted behaviour, a schedule, and a disk, on virtual time.
///
/// Every step is checked against the engine's invariants; what broke one is in `violations`.
struct World {
    /// What a probe of an endpoint meets.
    enum Behaviour: Hashable {
        case answers(Duration)
        case fails
        /// No answer until the probe's timeout.
        case hangs
        case throttled, misconfigured, inconclusive
        /// The end is never told.
        case isForgotten
        /// A chat with its first token after `ttft` and its end after the other; `nil` for no token to be seen.
        case streams(ttft: Duration?, Duration)
        /// A complete answer that is a poor one.
        case answersPoorly
        /// Something cheaper is asked, and is answered or fails.
        case isAskedCheaply(isUp: Bool)
        /// Something cheaper is asked, and the server does not know it.
        case isRefusedCheaply
        /// Throttled, and asked to ask nothing for so long.
        case isHeld(Duration)
        /// At once.
        case ends(Outcome)

        static let good = Behaviour.answers(.milliseconds(50))
    }

    /// How the state directory answers.
    enum Disk: Hashable {
        case answers(Duration)
        case fails
        case isSilent

        static let good = Disk.answers(.milliseconds(5))
    }

    /// What the engine ordered, in words that tests compare.
    enum Told: Hashable {
        /// The actives of all routes and the generation that went to disk.
        case persist([EndpointName], UInt64)
        case publish([EndpointName], UInt64, isPersisted: Bool)
        case event(EventKind, from: EndpointName?, to: EndpointName?, UInt64)
        case probeNow(EndpointName)
        case interval(EndpointName, Duration)
    }

    private enum Happening {
        case start(ProbeKey, turn: Int)
        case finish(Observation)
        case overdue(ProbeKey, AttemptID, IndicatorKind)
        case answer(Memory, ticket: UInt64, succeeded: Bool)
    }

    private struct Schedule {
        var interval: Duration
        /// Outdated starts have an older turn.
        var turn = 0
        var inFlight = 0
        /// Nothing is asked before; as the prober does it.
        var heldUntil: MonotonicInstant?

        func isHeld(at now: MonotonicInstant) -> Bool { heldUntil.map { now < $0 } ?? false }
    }

    var engine: Engine
    private(set) var now: MonotonicInstant
    private(set) var configuration: Configuration
    private(set) var told: [Told] = []
    private(set) var events: [Event] = []
    /// All actions, for comparing two runs.
    private(set) var actions: [Action] = []
    private(set) var starts: [EndpointName: Int] = [:]
    /// Who was asked whether our own network works.
    private(set) var questions: [EndpointName] = []
    private(set) var durable: Memory?
    var violations: [String] = []
    /// Whether questions about our own network become probes.
    var answersQuestions = true
    var disk = Disk.good
    /// What single probes of an endpoint meet, before its behaviour goes on.
    var scripts: [EndpointName: [Behaviour]] = [:]
    /// What probes that confirm a candidate meet, if not what its others do.
    var confirmations: [EndpointName: Behaviour] = [:]
    private var behaviours: [EndpointName: Behaviour] = [:]
    private var agenda = DeadlineQueue<Happening>()
    private var schedules: [ProbeKey: Schedule] = [:]
    private var attempts: UInt64 = 0

    init(
        _ configuration: Configuration,
        memory: Memory? = nil,
        disk: Disk = .good,
        at now: MonotonicInstant = .seconds(0)
    ) {
        self.configuration = configuration
        self.now = now
        self.disk = disk
        durable = memory
        engine = Engine(configuration: configuration, memory: memory, at: now)
        let first = engine.start(at: now)
        perform(first)
        check(first)
        schedule(configuration)
    }

    // MARK: - What a test does

    mutating func set(_ endpoints: EndpointName..., to behaviour: Behaviour) {
        for endpoint in endpoints { behaviours[endpoint] = behaviour }
    }

    mutating func run(for duration: Duration) {
        let end = now + duration
        while step(until: end) {}
        now = end
    }

    /// Runs until something is so, at most for `limit`.
    ///
    /// - Returns: Whether it came to be so.
    mutating func run(limit: Duration = .seconds(3600), until isSo: (World) -> Bool) -> Bool {
        let end = now + limit
        repeat { if isSo(self) { return true } } while step(until: end)
        now = end
        return isSo(self)
    }

    mutating func reload(_ configuration: Configuration) {
        let old = self.configuration
        self.configuration = configuration
        handle(.reconfigured(configuration))
        let kept = configuration.probed.filter { endpoint in
            old.probed.contains { $0.name == endpoint.name && $0.probes == endpoint.probes }
        }
        schedule(configuration, except: Set(kept.map(\.name)))
    }

    /// Tells enough bad probes of an endpoint for any preset at once, beside the schedule.
    mutating func convict(_ endpoint: EndpointName, probe: ProbeName = .default) {
        for index in 0..<10 {
            attempts += 1
            // In the past, where witnesses are clean.
            let start = now - .seconds(50 - 5 * index)
            let observation = Observation(
                key: ProbeKey(endpoint: endpoint, probe: probe),
                attempt: AttemptID(attempts),
                start: start,
                end: now,
                outcome: .failure(.connectRefused, isTimeout: false)
            )
            handle(.observed(observation))
        }
    }

    /// Another process on the same state directory.
    func restarted(with configuration: Configuration? = nil, after pause: Duration = .seconds(3)) -> World {
        var next = World(configuration ?? self.configuration, memory: durable, at: now + pause)
        next.behaviours = behaviours
        return next
    }

    mutating func forgetTold() {
        told = []
        events = []
        questions = []
    }

    /// The daemon stands still: nothing is seen or asked, and what was under way meanwhile ends afterwards.
    mutating func stall(for pause: Duration) {
        let since = now
        now = now + pause
        handle(.stalled(since: since))
    }

    mutating func handle(_ input: Input) {
        let before = Picture(engine)
        let ordered = engine.handle(input, at: now)
        perform(ordered)
        check(ordered, before: before, input: input)
    }

    // MARK: - What tests look at

    var snapshot: Snapshot {
        var engine = engine
        return engine.snapshot(at: now)
    }

    var routes: [RouteSnapshot] { configuration.routes.compactMap { engine.route(named: $0.name, at: now) } }
    /// The first one.
    var route: RouteSnapshot { routes[0] }
    var active: EndpointName { engine.name(engine.routes[0].active) }
    var actives: [EndpointName] { engine.routes.map { engine.name($0.active) } }

    func verdict(of endpoint: EndpointName) -> Verdict? {
        engine.endpointIndex[endpoint].map { engine.endpoints[$0].verdict }
    }

    /// Evidence of one indicator of the endpoint's first probe.
    func evidence(of endpoint: EndpointName, _ kind: IndicatorKind) -> Double? {
        engine.endpointIndex[endpoint].map { engine.endpoints[$0].tracks[0].detector.evidence(for: kind).evidence }
    }

    func explanation(of endpoint: EndpointName) -> EndpointExplanation? {
        engine.explanation(of: configuration.routes[0].name, at: now)?.first { $0.endpoint == endpoint }
    }

    func count(_ kind: EventKind) -> Int { events.count { $0.kind == kind } }

    // MARK: - The world's turn

    /// - Returns: Whether anything was due by `end`.
    private mutating func step(until end: MonotonicInstant) -> Bool {
        let deadline = engine.nextDeadline
        guard let next = [agenda.next, deadline].compactMap(\.self).min(), next <= end else { return false }
        now = max(now, next)
        if let happening = agenda.pop(dueAt: now) { happen(happening) } else { handle(.tick) }
        return true
    }

    private mutating func happen(_ happening: Happening) {
        switch happening {
        case .start(let key, let turn):
            guard var schedule = schedules[key], schedule.turn == turn else { return }
            agenda.insert(.start(key, turn: turn), at: now + schedule.interval)
            guard schedule.inFlight < ProbeConfiguration.maximumInFlight, !schedule.isHeld(at: now) else { return }
            schedule.inFlight += 1
            schedules[key] = schedule
            begin(key, source: .probe)
        case .finish(let observation):
            schedules[observation.key]?.inFlight -= 1
            if let wait = observation.retryAfter { schedules[observation.key]?.heldUntil = now + wait }
            handle(.observed(observation))
        case .overdue(let key, let attempt, let kind): handle(.overdue(key, attempt, kind))
        case .answer(let memory, let ticket, let succeeded):
            if succeeded { durable = memory }
            handle(.persisted(ticket: ticket, succeeded: succeeded))
        }
    }

    private mutating func begin(_ key: ProbeKey, source: ProbeSource) {
        guard
            let probe = configuration.probed.first(where: { $0.name == key.endpoint })?.probes.first(where: {
                $0.name == key.probe
            })
        else { return }
        attempts += 1
        starts[key.endpoint, default: 0] += 1
        let attempt = AttemptID(attempts)
        handle(.attemptStarted(AttemptStart(key: key, attempt: attempt, source: source, start: now)))
        let behaviour: Behaviour
        if source == .confirm, let answer = confirmations[key.endpoint] {
            behaviour = answer
        } else if let scripted = scripts[key.endpoint]?.first {
            scripts[key.endpoint]?.removeFirst()
            behaviour = scripted
        } else {
            behaviour = behaviours[key.endpoint] ?? .good
        }
        guard let met = behaviour.meets(probe) else {
            schedules[key]?.inFlight -= 1
            return
        }
        let observation = Observation(
            key: key,
            attempt: attempt,
            source: source,
            start: now,
            end: now + met.length,
            outcome: met.outcome,
            latency: met.latency,
            ttft: met.ttft,
            chat: met.chat,
            tier: met.tier,
            retryAfter: met.retryAfter
        )
        agenda.insert(.finish(observation), at: now + met.length)
        guard case .chat = probe.request, met.tier == .deep else { return }
        // As the prober tells it.
        if let objective = probe.latencyObjective, met.length > objective {
            agenda.insert(.overdue(key, attempt, .latency), at: now + objective)
        }
        if let objective = probe.ttftObjective, met.length > objective, met.ttft.map({ $0 > objective }) ?? true {
            agenda.insert(.overdue(key, attempt, .ttft), at: now + objective)
        }
    }

    private mutating func schedule(_ configuration: Configuration, except kept: Set<EndpointName> = []) {
        for (index, endpoint) in configuration.probed.enumerated() where !kept.contains(endpoint.name) {
            for probe in endpoint.probes {
                let key = ProbeKey(endpoint: endpoint.name, probe: probe.name)
                let turn = (schedules[key]?.turn ?? 0) + 1
                schedules[key] = Schedule(interval: probe.interval, turn: turn)
                agenda.insert(.start(key, turn: turn), at: now + .milliseconds(100 + index * 1700))
            }
        }
        for key in Array(schedules.keys) where !configuration.probed.contains(where: { $0.name == key.endpoint }) {
            schedules[key] = nil
        }
    }

    private mutating func perform(_ ordered: [Action]) {
        actions += ordered
        for action in ordered {
            switch action {
            case .persist(let memory, let ticket):
                told.append(.persist(memory.routes.map(\.active), memory.generation))
                switch disk {
                case .answers(let after):
                    agenda.insert(.answer(memory, ticket: ticket, succeeded: true), at: now + after)
                case .fails:
                    agenda.insert(.answer(memory, ticket: ticket, succeeded: false), at: now + .milliseconds(5))
                case .isSilent: break
                }
            case .publish:
                told.append(.publish(actives, engine.generation, isPersisted: engine.isPersisted))
            case .emit(let event):
                events.append(event)
                told.append(.event(event.kind, from: event.from, to: event.to, event.generation))
            case .setInterval(let key, let interval):
                told.append(.interval(key.endpoint, interval))
                guard var schedule = schedules[key] else { continue }
                schedule.interval = interval
                schedule.turn += 1
                schedules[key] = schedule
                agenda.insert(.start(key, turn: schedule.turn), at: now + interval)
            case .probeNow(let key, let source):
                if source == .witness {
                    questions.append(key.endpoint)
                    if !answersQuestions { continue }
                    if schedules[key]?.inFlight ?? 0 >= ProbeConfiguration.maximumInFlight { continue }
                } else {
                    told.append(.probeNow(key.endpoint))
                }
                if schedules[key]?.isHeld(at: now) == true { continue }
                schedules[key]?.inFlight += 1
                begin(key, source: source)
            case .answer: break
            }
        }
    }
}
