import FailoverCore
import FailoverProbes
import FailoverWire
import NIOCore
import Synchronization

/// The one loop that owns the engine: takes inputs, carries out actions, and waits for nothing but the next input.
struct EngineLoop: Sendable {
    let inbox: Inbox
    let probes: ProbeService
    let disk: DiskWriter
    let publish: PublishWriter
    let heartbeat: Heartbeat
    /// Where the alarm for the next deadline is set.
    let timers: any EventLoop

    /// The state file is rewritten a little earlier than promised, because writing takes time too.
    private static let writeMargin = Duration.milliseconds(100)
    /// Figures on the socket are at most this old.
    private static let refreshInterval = Duration.seconds(1)

    /// Runs until the inbox is closed.
    func run(_ engine: consuming Engine) async {
        var engine = engine
        var alarm = Alarm(loop: timers, inbox: inbox)
        var written = SystemClock.now
        var refreshed = written
        perform(engine.start(at: written), of: &engine, &written)
        while true {
            let now = SystemClock.now
            let due = min(refreshed + Self.refreshInterval, written + writeInterval(of: engine))
            let wake = min(engine.nextDeadline ?? due, due)
            alarm.set(for: wake, at: now)
            let batch = await inbox.next()
            var actions: [Action] = []
            for message in batch.messages { actions += handle(message, &engine) }
            actions += engine.handle(.tick, at: SystemClock.now)
            if batch.dropped > 0 { actions.append(.emit(loss(of: batch.dropped, generation: engine.generation))) }
            perform(actions, of: &engine, &written)
            refresh(&engine, &written, &refreshed)
            heartbeat.beat(at: SystemClock.now)
            if batch.isClosed, batch.messages.isEmpty { break }
        }
        alarm.cancel()
    }

    private func handle(_ message: LoopMessage, _ engine: inout Engine) -> [Action] {
        switch message {
        case .input(let input):
            return engine.handle(input, at: SystemClock.now)
        case .reconfigured(let configuration, let publisher):
            publish.update(publisher)
            return engine.handle(.reconfigured(configuration), at: SystemClock.now)
        case .explain(let name, let reply):
            let now = SystemClock.now
            if let route = engine.route(named: name, at: now), let endpoints = engine.explanation(of: name, at: now) {
                reply((route, endpoints))
            } else {
                reply(nil)
            }
            return []
        }
    }

    /// Carries out actions in order.
    ///
    /// However many of them ask for it, the state is published once, and before any event.
    private func perform(_ actions: [Action], of engine: inout Engine, _ written: inout MonotonicInstant) {
        var events: [Event] = []
        var mustPublish = false
        for action in actions {
            switch action {
            case .persist(let memory, let ticket): disk.save(memory, ticket: ticket)
            case .publish: mustPublish = true
            case .emit(let event): events.append(event)
            case .setInterval(let key, let interval): probes.setInterval(key, interval)
            case .probeNow(let key, let source): probes.probeNow(key, source: source)
            }
        }
        if mustPublish {
            let clock = SystemClock.reading
            publish.publish(engine.snapshot(at: clock.monotonic), at: clock, mustWrite: true)
            written = clock.monotonic
        }
        for event in events { publish.tell(event) }
    }

    /// Rewrites the state file when it is due, and the socket's figures more often.
    private func refresh(
        _ engine: inout Engine,
        _ written: inout MonotonicInstant,
        _ refreshed: inout MonotonicInstant
    ) {
        let clock = SystemClock.reading
        let isDue = clock.monotonic - written >= writeInterval(of: engine)
        guard isDue || clock.monotonic - refreshed >= Self.refreshInterval else { return }
        publish.publish(engine.snapshot(at: clock.monotonic), at: clock, mustWrite: isDue)
        refreshed = clock.monotonic
        if isDue { written = clock.monotonic }
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

/// Wakes the loop at the next deadline; one at a time.
private struct Alarm {
    let loop: any EventLoop
    let inbox: Inbox
    private var scheduled: Scheduled<Void>?
    private var instant: MonotonicInstant?

    init(loop: any EventLoop, inbox: Inbox) {
        self.loop = loop
        self.inbox = inbox
    }

    mutating func set(for instant: MonotonicInstant, at now: MonotonicInstant) {
        // One that rings earlier than needed is harmless; one that is set anew at each turn costs more.
        if let set = self.instant, set > now, set <= instant { return }
        scheduled?.cancel()
        self.instant = instant
        scheduled = loop.scheduleTask(in: .nanoseconds(max(0, (instant - now).nanoseconds))) { [inbox] in inbox.wake() }
    }

    mutating func cancel() {
        scheduled?.cancel()
        scheduled = nil
    }
}
