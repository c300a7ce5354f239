import FailoverConfig
import FailoverCore
import FailoverReplay
import FailoverWire

/// An engine that lives through random weeks in a few moments, as a daemon feeds it, while everything is recorded.
struct LiveRun {
    /// What probes of an endpoint meet for a while.
    private enum Mood: CaseIterable {
        case good, fine, well, failing, hanging, slow, throttled, refused, ours, late
    }

    private enum Happening {
        case start(ProbeKey)
        case input(Input)
        case answer(UInt64, Bool)
    }

    private(set) var engine: Engine
    private(set) var transitions: [ReplayTransition] = []
    private(set) var bytes: [UInt8] = []
    private(set) var now: MonotonicInstant
    let clock: ClockReading
    private let instance: String
    private var random: SplitMix64
    private var configuration: LoadedConfiguration
    private var agenda: [(at: MonotonicInstant, order: Int, what: Happening)] = []
    private var order = 0
    private var attempts: UInt64 = 0
    private var moods: [EndpointName: Mood] = [:]
    private var tape: [RecordedEntry] = []
    private var segment: UInt64 = 1
    private var writer: RecordingWriter
    private let origin: MonotonicInstant

    /// Starts a daemon at an odd moment of its clocks, with what an earlier one remembered.
    init(
        seed: UInt64,
        configuration: LoadedConfiguration,
        memory: Memory? = nil,
        at start: MonotonicInstant = MonotonicInstant(nanoseconds: 123_456_789_012_345),
        wall: Double = 1_795_000_000.123_456,
        toldFrom origin: MonotonicInstant? = nil
    ) throws {
        random = SplitMix64(seed: seed)
        self.configuration = configuration
        instance = "i\(seed)"
        let beginning = RecordingBeginning(
            memory,
            at: ClockReading(monotonic: start, wall: WallTime(secondsSince1970: wall)),
            configuration: configuration.configuration,
            configHash: configuration.hash,
            isComplete: true
        )
        clock = beginning.clock
        self.origin = origin ?? clock.monotonic
        engine = Engine(configuration: configuration.configuration, memory: beginning.memory, at: clock.monotonic)
        now = clock.monotonic
        writer = RecordingWriter(origin: now)
        try begin(beginning)
        now = (now + .nanoseconds(1_234_567)).inMicroseconds
        tape.append(RecordedEntry(at: now, .started))
        perform(engine.start(at: now))
        scheduleAll()
    }

    // MARK: - Recording

    private mutating func begin(_ beginning: RecordingBeginning, continues: UInt64? = nil) throws {
        var header = beginning.header(vantage: "here", seed: 1, instance: instance, segment: segment)
        header.continues = continues
        writer = RecordingWriter(origin: beginning.clock.monotonic)
        let text = ResolvedConfigurationText(beginning.configuration).text
        let recorded = RecordedConfiguration(hash: beginning.configHash, yaml: text, isReload: false)
        bytes += try RecordingWriter.line(of: header)
        bytes += try writer.lines(of: [RecordedEntry(at: beginning.clock.monotonic, .configuration(recorded))])
    }

    /// Writes what is on the tape.
    mutating func flush() throws {
        bytes += try writer.lines(of: tape)
        tape = []
    }

    /// Begins the next file of the ring.
    mutating func rotate() throws {
        try flush()
        let wall = WallTime(secondsSince1970: 1_795_000_000 + (now - clock.monotonic).inSeconds)
        let beginning = RecordingBeginning(
            engine.remembered,
            at: ClockReading(monotonic: now, wall: wall),
            configuration: configuration.configuration,
            configHash: configuration.hash,
            isComplete: false
        )
        segment += 1
        try begin(beginning, continues: segment - 1)
    }

    // MARK: - Living

    private mutating func feed(_ input: Input) {
        let input = input.inMicroseconds
        if engine.mustRecord(input, at: now) {
            if case .reconfigured(let new) = input {
                tape.append(RecordedEntry(at: now, .configuration(told(new))))
            } else {
                tape.append(RecordedEntry(at: now, .input(input)))
            }
        }
        perform(engine.handle(input, at: now))
    }

    private func told(_ new: Configuration) -> RecordedConfiguration {
        let old = configuration.configuration.endpoints
        let changed = new.endpoints.filter { endpoint in
            old.contains { $0.name == endpoint.name && $0.probes != endpoint.probes }
        }
        let text = ResolvedConfigurationText(new).text
        return RecordedConfiguration(yaml: text, isReload: true, changed: changed.map(\.name))
    }

    mutating func reload(_ new: LoadedConfiguration) {
        now = (now + .milliseconds(3)).inMicroseconds
        feed(.reconfigured(new.configuration))
        configuration = new
        agenda.removeAll { if case .start = $0.what { true } else { false } }
        scheduleAll()
    }

    /// What operators ask for now and then.
    mutating func order(_ order: OperatorCommand.Order, expiry: OperatorCommand.Expiry = .usual, force: Bool = false) {
        attempts += 1
        let command = OperatorCommand(
            ticket: attempts,
            order: order,
            by: "ada",
            reason: "for a test",
            expiry: expiry,
            force: force
        )
        feed(.command(command))
    }

    /// The process stands still; what came meanwhile is heard at once.
    mutating func stall(_ duration: Duration) {
        let since = now
        now = (now + duration).inMicroseconds
        feed(.stalled(since: since))
    }

    mutating func run(for duration: Duration) {
        let end = now + duration
        while now < end {
            agenda.sort { ($0.at, $0.order) < ($1.at, $1.order) }
            let first = agenda.first?.at ?? end
            // Sometimes the loop comes late.
            let lag = Duration.nanoseconds(Int64.random(in: 0...120_000_000, using: &random))
            let due = engine.nextDeadline.map { $0 + lag } ?? end
            now = max(now, min(first, due)).inMicroseconds
            while let next = agenda.first, next.at <= now { happen(agenda.removeFirst().what, plannedAt: next.at) }
            feed(.tick)
            now = now + .microseconds(Int64.random(in: 1...400, using: &random))
            if Int.random(in: 0..<200, using: &random) == 0 { changeMood() }
        }
    }

    private mutating func changeMood() {
        let endpoints = configuration.configuration.endpoints
        let endpoint = endpoints[Int.random(in: 0..<endpoints.count, using: &random)].name
        moods[endpoint] = Mood.allCases[Int.random(in: 0..<Mood.allCases.count, using: &random)]
    }

    private mutating func plan(_ what: Happening, at time: MonotonicInstant) {
        order += 1
        agenda.append((time, order, what))
    }

    private mutating func scheduleAll() {
        for endpoint in configuration.configuration.endpoints {
            for probe in endpoint.probes {
                let delay = Duration.nanoseconds(Int64.random(in: 0...900_000_000, using: &random))
                plan(.start(ProbeKey(endpoint: endpoint.name, probe: probe.name)), at: now + delay)
            }
        }
    }

    private mutating func happen(_ happening: Happening, plannedAt time: MonotonicInstant) {
        switch happening {
        case .input(let input): feed(input)
        case .answer(let ticket, let succeeded): feed(.persisted(ticket: ticket, succeeded: succeeded))
        case .start(let key):
            guard let probe = probe(of: key) else { return }
            begin(key, probe, .probe, at: time)
            let jitter = Duration.nanoseconds(Int64.random(in: -99_999_999...99_999_999, using: &random))
            plan(.start(key), at: time + probe.interval + jitter)
        }
    }

    private func probe(of key: ProbeKey) -> ProbeConfiguration? {
        configuration.configuration.endpoints.first { $0.name == key.endpoint }?.probes.first { $0.name == key.probe }
    }

    /// An attempt that began at an odd nanosecond and is told a little later.
    private mutating func begin(
        _ key: ProbeKey,
        _ probe: ProbeConfiguration,
        _ source: ProbeSource,
        at start: MonotonicInstant
    ) {
        attempts += 1
        let attempt = AttemptID(attempts)
        feed(.attemptStarted(AttemptStart(key: key, attempt: attempt, source: source, start: start)))
        if Int.random(in: 0..<8, using: &random) == 0 {
            feed(.attemptWaits(key, attempt, onUs: true))
            plan(.input(.attemptWaits(key, attempt, onUs: false)), at: start + .milliseconds(40))
        }
        let isChat = if case .chat = probe.request { true } else { false }
        let (outcome, length) = meets(probe)
        guard let length else { return }
        let isTimed = outcome == .success || outcome.reason == .totalTimeout
        let observation = Observation(
            key: key,
            attempt: attempt,
            source: source,
            start: start,
            end: start + length,
            outcome: outcome,
            latency: isTimed ? length : nil,
            ttft: isChat && isTimed ? length / 3 : nil,
            phases: PhaseTimings(connected: .microseconds(7)),
            connection: certificate(of: key),
            chat: isChat ? ChatReport(model: "m\(attempts / 400)") : nil,
            retryAfter: outcome.reason == .rateLimited ? .milliseconds(1500) : nil,
            detail: outcome.reason == .auth ? "HTTP 401 \"wrong key\"" : nil
        )
        let delay = Duration.nanoseconds(Int64.random(in: 0...100_000_000, using: &random))
        plan(.input(.observed(observation)), at: start + length + delay)
        if isChat, let objective = probe.ttftObjective, length / 3 > objective {
            plan(.input(.overdue(key, attempt, .ttft)), at: start + objective)
        }
        if Int.random(in: 0..<50, using: &random) == 0 { feed(.skipped(key, count: 2)) }
    }

    /// `nil` for an end that is never told.
    private mutating func meets(_ probe: ProbeConfiguration) -> (Outcome, Duration?) {
        let mood = random.next().isMultiple(of: 60) ? Mood.failing : moods[currentEndpoint(of: probe)] ?? .good
        let length = Duration.nanoseconds(Int64.random(in: 1_000_000...300_000_000, using: &random))
        switch mood {
        case .good, .fine, .well: return (.success, length)
        case .failing: return (.failure(.connectRefused, isTimeout: false), length)
        case .hanging: return (.failure(.totalTimeout, isTimeout: true), probe.timeouts.total)
        case .slow: return (.success, .milliseconds(1500) + length)
        case .throttled: return (.throttled(.rateLimited), length)
        case .refused: return (.misconfigured(.auth), length)
        case .ours: return (.inconclusive(.localNetwork), length)
        case .late: return (.success, random.next().isMultiple(of: 9) ? nil : length)
        }
    }

    private func currentEndpoint(of probe: ProbeConfiguration) -> EndpointName {
        configuration.configuration.endpoints.first { $0.probes.contains(probe) }?.name ?? ""
    }

    private func certificate(of key: ProbeKey) -> ConnectionFacts? {
        guard key.endpoint == "us" else { return nil }
        let facts = CertificateFacts(expires: clock.monotonic + .seconds(86_400), lifetime: .seconds(90 * 86_400))
        return ConnectionFacts(address: HostPort(host: "192.0.2.1", port: 443), family: .ipv4, certificate: facts)
    }

    private mutating func perform(_ ordered: [Action]) {
        for action in ordered {
            switch action {
            case .emit(let event):
                if let transition = ReplayTransition(event, origin: origin) { transitions.append(transition) }
            case .persist(_, let ticket):
                let roll = Int.random(in: 0..<20, using: &random)
                guard roll > 0 else { continue }
                let delay = Duration.nanoseconds(Int64.random(in: 100_000...80_000_000, using: &random))
                plan(.answer(ticket, roll > 2), at: now + delay)
            case .probeNow(let key, let source):
                if let probe = probe(of: key) { begin(key, probe, source, at: now + .nanoseconds(777)) }
            case .publish, .setInterval, .answer: continue
            }
        }
    }
}
