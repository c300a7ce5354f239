import FailoverCore
import NIOCore

/// The probes of one event loop: starts their attempts on schedule.
///
/// Only for use on that loop.
final class ProbeScheduler {
    /// One probe on its schedule.
    private final class ScheduledProbe: TimerTarget {
        let key: ProbeKey
        let prepared: PreparedProbe
        var schedule: ProbeSchedule
        var random: SplitMix64
        var timer: TimerToken?
        private unowned let scheduler: ProbeScheduler

        init(_ key: ProbeKey, _ configuration: ProbeConfiguration, of scheduler: ProbeScheduler) {
            self.key = key
            self.scheduler = scheduler
            prepared = PreparedProbe(configuration)
            random = SplitMix64(seed: scheduler.seed, key: key)
            schedule = ProbeSchedule(interval: configuration.interval, at: scheduler.clock(), using: &random)
        }

        func timerFired(at now: MonotonicInstant) { scheduler.timerFired(self, at: now) }
    }

    private let seed: UInt64
    private let clock: @Sendable () -> MonotonicInstant
    private let nextAttempt: @Sendable () -> AttemptID
    private let sink: @Sendable (ProbeEvent) -> Void
    private let runner: ProbeRunner
    private var probes: [ProbeKey: ScheduledProbe] = [:]

    init(
        eventLoop: any EventLoop,
        clock: @escaping @Sendable () -> MonotonicInstant,
        seed: UInt64,
        resources: ProbeResources,
        nextAttempt: @escaping @Sendable () -> AttemptID,
        sink: @escaping @Sendable (ProbeEvent) -> Void
    ) {
        self.seed = seed
        self.clock = clock
        self.nextAttempt = nextAttempt
        self.sink = sink
        runner = ProbeRunner(eventLoop: eventLoop, clock: clock, resources: resources)
    }

    // MARK: Entry points

    /// Makes the probes of this loop the `wanted` ones.
    ///
    /// An unchanged one goes on, on its grid and with its interval.
    func apply(_ wanted: [ProbeKey: ProbeConfiguration]) {
        var removed: Set<ProbeKey> = []
        for (key, probe) in probes where wanted[key] != probe.prepared.configuration {
            if let timer = probe.timer { runner.timers.cancel(timer) }
            removed.insert(key)
        }
        for key in removed { probes[key] = nil }
        if !removed.isEmpty { runner.cancel { removed.contains($0.key) } }
        for (key, configuration) in wanted where probes[key] == nil {
            let probe = ScheduledProbe(key, configuration, of: self)
            probes[key] = probe
            setTimer(probe, at: clock())
        }
    }

    func setInterval(_ key: ProbeKey, _ interval: Duration) {
        guard let probe = probes[key] else { return }
        let now = clock()
        probe.schedule.setInterval(interval, at: now, using: &probe.random)
        setTimer(probe, at: now)
    }

    func probeNow(_ key: ProbeKey, source: ProbeSource) {
        guard let probe = probes[key] else { return }
        if probe.schedule.startRequested() {
            start(probe, source: source, at: clock())
        } else {
            sink(.skipped(key, count: 1))
        }
    }

    func shutdown() {
        runner.shutdown()
        probes = [:]
    }

    // MARK: Transitions

    private func timerFired(_ probe: ScheduledProbe, at now: MonotonicInstant) {
        probe.timer = nil
        let due = probe.schedule.timerFired(at: now, using: &probe.random)
        setTimer(probe, at: now)
        if due.skipped > 0 { sink(.skipped(probe.key, count: due.skipped)) }
        if due.starts { start(probe, source: .probe, at: now) }
    }

    private func start(_ probe: ScheduledProbe, source: ProbeSource, at now: MonotonicInstant) {
        // The true start: attempts of one slot start one after the other.
        let start = AttemptStart(key: probe.key, attempt: nextAttempt(), source: source, start: clock())
        sink(.started(start))
        runner.run(
            start,
            probe: probe.prepared,
            waiting: { [sink] onUs in sink(.waiting(start.key, start.attempt, onUs: onUs)) },
            completion: { [sink] observation in
                probe.schedule.attemptFinished()
                sink(.finished(observation))
            }
        )
    }

    private func setTimer(_ probe: ScheduledProbe, at now: MonotonicInstant) {
        if let timer = probe.timer { runner.timers.cancel(timer) }
        probe.timer = runner.timers.schedule(probe, due: probe.schedule.nextStart, at: now)
    }
}
