import FailoverCore
import FailoverProbes
import FailoverPublish
import FailoverWire

/// The one loop that owns the engine: takes inputs, carries out actions, and waits for nothing but the next input.
struct EngineLoop: Sendable {
    let inbox: Inbox
    let probes: ProbeService
    let disk: DiskWriter
    let publish: PublishWriter
    let heartbeat: Heartbeat
    let desk: SpendDesk
    let orders: OrderDesk
    let recorder: Recorder
    /// What the engine is started with.
    let beginning: RecordingBeginning
    /// What keeps figures of each probe beside the engine.
    let listeners: [any ProbeListener]
    let meter: DaemonMeter

    /// What the inputs of one turn of the loop came to.
    private struct Turn {
        let isRecorded: Bool
        var actions: [Action] = []
        /// The inputs themselves, if they are recorded.
        var tape: [RecordedEntry] = []
    }

    /// The state file is rewritten a little earlier than promised, because writing takes time too.
    private static let writeMargin = Duration.milliseconds(100)
    /// Figures on the socket are at most this old while somebody asks for them; otherwise they are those of the file, because a
    /// snapshot of thousands of endpoints each second for nobody is dear.
    private static let refreshInterval = Duration.seconds(1)

    /// Deadlines are looked at in steps of this length: most are over by the time they come, because the answer is there.
    ///
    /// Source: the grace of an answer that is on its way from a probe.
    private static let grain = Duration.milliseconds(100)

    /// A turn that comes later than planned by this much means that the process stood still.
    private static let longestPause = Duration.milliseconds(500)

    /// The loop looks at the clocks at least this often, so that a standstill is noticed soon, and about as long as it was.
    private static let longestWait = Duration.seconds(1)

    /// Runs until the inbox is closed.
    ///
    /// On a thread of its own: being called back by another loop for each batch costs several times what the batch does.
    func run(_ engine: consuming Engine) {
        var engine = engine
        var written = SystemClock.now.inMicroseconds
        var refreshed = written
        var clocks = ClockWatch(SystemClock.reading, suspended: SystemClock.suspended)
        var spending = SpendKeeper(desk: desk, disk: disk, at: written)
        var learning = BaselineKeeper(engine, disk: disk, at: written)
        recorder.begin(beginning)
        record([RecordedEntry(at: written, .started)], of: &engine)
        perform(engine.start(at: written), of: &engine, &written)
        while true {
            let now = SystemClock.now
            let rewrite = written + writeInterval(of: engine)
            let due = publish.hasReaders(at: now) ? min(refreshed + Self.refreshInterval, rewrite) : rewrite
            let wake = min(engine.nextDeadline ?? due, due, now + Self.longestWait)
            var batch = inbox.next(within: max(wake - now, Self.grain))
            let began = SystemClock.now
            let lag = began - (batch.since ?? max(wake, now + Self.grain))
            var turn = Turn(isRecorded: recorder.isOn)
            look(&clocks, planned: max(wake, now + Self.grain), &engine, &turn)
            for message in batch.messages { handle(message, &engine, &turn) }
            if batch.messages.isEmpty, SystemClock.now - max(wake, now + Self.grain) > Self.longestPause {
                // The process stood still, and the probes have not had time to say so: hear them before judging.
                let late = inbox.next(within: Self.grain)
                for message in late.messages { handle(message, &engine, &turn) }
                batch.dropped += late.dropped
                batch.isClosed = late.isClosed
            }
            for report in spending.turn(at: SystemClock.now) {
                feed(.spent(report), at: SystemClock.now.inMicroseconds, &engine, &turn)
            }
            feed(.tick, at: SystemClock.now.inMicroseconds, &engine, &turn)
            if batch.dropped > 0 { turn.actions.append(.emit(loss(of: batch.dropped, generation: engine.generation))) }
            perform(turn.actions, of: &engine, &written)
            record(turn.tape, of: &engine)
            refresh(&engine, &written, &refreshed)
            learning.turn(engine, at: SystemClock.now)
            let ended = SystemClock.now
            heartbeat.beat(at: ended)
            meter.noteTurn(lag: lag, length: ended - began)
            if batch.isClosed, batch.messages.isEmpty { break }
        }
        learning.save(engine)
        orders.close()
    }

    /// Before anything that was found in the queue: what was under way while nobody looked is no measurement.
    private func look(
        _ clocks: inout ClockWatch,
        planned: MonotonicInstant,
        _ engine: inout Engine,
        _ turn: inout Turn
    ) {
        let clock = SystemClock.reading
        let found = clocks.look(clock, suspended: SystemClock.suspended, planned: planned)
        if let since = found.stalledSince {
            feed(.stalled(since: since), at: clock.monotonic.inMicroseconds, &engine, &turn)
        }
        // Readers compare `valid_until` with the clock that was set.
        if found.isWallStepped { turn.actions.append(.publish) }
    }

    private func handle(_ message: LoopMessage, _ engine: inout Engine, _ turn: inout Turn) {
        let now = SystemClock.now.inMicroseconds
        switch message {
        case .input(let input):
            feed(input, at: now, &engine, &turn)
        case .probes(let events):
            for event in events { feed(Input(event), at: now, &engine, &turn) }
            for listener in listeners { listener.hear(events, at: now) }
        case .reconfigured(let configuration, let publisher):
            publish.update(publisher)
            recorder.update(configuration.record)
            feed(.reconfigured(configuration), at: now, &engine, &turn)
        case .explain(let name, let reply):
            if let route = engine.route(named: name, at: now), let endpoints = engine.explanation(of: name, at: now) {
                reply((route, endpoints))
            } else {
                reply(nil)
            }
        }
    }

    /// Gives the engine an input, and the tape the very same one.
    private func feed(_ input: Input, at now: MonotonicInstant, _ engine: inout Engine, _ turn: inout Turn) {
        let input = input.inMicroseconds
        if turn.isRecorded, engine.mustRecord(input, at: now) {
            turn.tape.append(RecordedEntry(at: now, .input(input)))
        }
        engine.handle(input, at: now, &turn.actions)
    }

    /// Hands what the engine was fed to the recorder, and what it remembers if a new file is due.
    private func record(_ tape: [RecordedEntry], of engine: inout Engine) {
        recorder.append(tape) {
            RecordingBeginning(
                engine.remembered,
                at: SystemClock.reading,
                configuration: engine.configuration,
                configHash: publish.publisher.instance.configHash,
                isComplete: false
            )
        }
    }

    /// Carries out actions in order.
    ///
    /// However many of them ask for it, the state is published once, before any event, and answers come last.
    private func perform(_ actions: [Action], of engine: inout Engine, _ written: inout MonotonicInstant) {
        var events: [Event] = []
        var mustPublish = false
        var answers: [(ticket: UInt64, answer: OperatorAnswer)] = []
        for action in actions {
            switch action {
            case .persist(let memory, let ticket): disk.save(memory, ticket: ticket)
            case .publish: mustPublish = true
            case .emit(let event): events.append(event)
            case .setInterval(let key, let interval): probes.setInterval(key, interval)
            case .probeNow(let key, let source): probes.probeNow(key, source: source)
            case .answer(let ticket, let answer): answers.append((ticket, answer))
            }
        }
        if mustPublish {
            let clock = SystemClock.reading
            show(engine.snapshot(at: clock.monotonic), at: clock, mustWrite: true)
            written = clock.monotonic
        }
        for event in events { publish.tell(event) }
        for (ticket, answer) in answers { orders.answer(ticket, answer) }
    }

    /// Rewrites the state file when it is due, and the socket's figures more often.
    private func refresh(
        _ engine: inout Engine,
        _ written: inout MonotonicInstant,
        _ refreshed: inout MonotonicInstant
    ) {
        let clock = SystemClock.reading
        let isDue = clock.monotonic - written >= writeInterval(of: engine)
        let isStale = clock.monotonic - refreshed >= Self.refreshInterval && publish.hasReaders(at: clock.monotonic)
        guard isDue || isStale else { return }
        show(engine.snapshot(at: clock.monotonic), at: clock, mustWrite: isDue)
        refreshed = clock.monotonic
        if isDue { written = clock.monotonic }
    }

    private func show(_ snapshot: Snapshot, at clock: ClockReading, mustWrite: Bool) {
        for listener in listeners { listener.hear(snapshot, at: clock) }
        publish.publish(snapshot, at: clock, mustWrite: mustWrite)
    }

    private func writeInterval(of engine: borrowing Engine) -> Duration {
        let promised = engine.configuration.outputs.writeInterval
        return max(promised - Self.writeMargin, promised / 2)
    }

    private func loss(of count: UInt64, generation: UInt64) -> Event {
        let text = "\(count) observations were lost: the engine could not keep up"
        return Event(
            kind: .dropped,
            at: SystemClock.now,
            reason: Reason("observations_dropped", text),
            generation: generation
        )
    }
}

extension Input {
    fileprivate init(_ event: ProbeEvent) {
        switch event {
        case .started(let start): self = .attemptStarted(start)
        case .waiting(let key, let attempt, let onUs): self = .attemptWaits(key, attempt, onUs: onUs)
        case .finished(let observation): self = .observed(observation)
        case .overdue(let key, let attempt, let indicator): self = .overdue(key, attempt, indicator)
        case .spent(let report): self = .spent(report)
        case .skipped(let key, let count): self = .skipped(key, count: count)
        }
    }
}
