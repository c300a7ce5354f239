import FailoverCore

/// One probe on its schedule, with what it keeps from attempt to attempt.
///
/// Only for use on the loop of its worker.
final class ScheduledProbe: TimerTarget, AttemptHost {
    let key: ProbeKey
    let prepared: PreparedProbe
    private unowned let worker: ProbeWorker
    private var schedule: ProbeSchedule
    private var random: SplitMix64
    private var timer: TimerToken?
    private var timerDue: MonotonicInstant
    /// At most ``ProbeConfiguration/maximumInFlight``.
    private var attempts: [ProbeAttempt] = []
    /// Where the report of the only attempt under way waits; `nil` once that is no longer all there is to tell.
    private var lonePlace: ReportPlace?
    private lazy var tripwire = Tripwire(probe: self, worker: worker)
    private var isStopped = false

    init(
        _ key: ProbeKey,
        _ configuration: ProbeConfiguration,
        random: SplitMix64,
        worker: ProbeWorker,
        at now: MonotonicInstant
    ) {
        self.key = key
        self.worker = worker
        self.random = random
        prepared = PreparedProbe(configuration)
        schedule = ProbeSchedule(interval: configuration.interval, at: now, using: &self.random)
        timerDue = schedule.nextStart
    }

    // MARK: Schedule

    /// Sets the timer of the next start.
    func arm(at now: MonotonicInstant) {
        if let timer { worker.loop.cancel(timer) }
        timerDue = max(now, worker.grouped(schedule.nextStart, interval: schedule.interval))
        timer = worker.loop.schedule(self, due: timerDue, at: now)
    }

    func setInterval(_ interval: Duration, at now: MonotonicInstant) {
        schedule.setInterval(interval, at: now, using: &random)
        arm(at: now)
    }

    /// Starts an attempt beside the schedule.
    func probeNow(source: ProbeSource, at now: MonotonicInstant) {
        if schedule.startRequested() {
            start(source: source)
        } else {
            worker.report(.skipped(key, count: 1), at: now)
        }
    }

    /// Starts no more attempts and ends those under way as cancelled.
    func stop() {
        isStopped = true
        if let timer { worker.loop.cancel(timer) }
        timer = nil
        for attempt in attempts { attempt.cancel() }
        tripwire.stop()
        prepared.dropKept()
    }

    func timerFired(at now: MonotonicInstant) {
        timer = nil
        let isLate = now - timerDue > ProbeLoop.longestPause
        let due = schedule.timerFired(at: now, using: &random)
        arm(at: now)
        if due.skipped > 0 { worker.report(.skipped(key, count: due.skipped), at: now) }
        if due.starts { start(source: .probe, isLate: isLate) }
    }

    private func start(source: ProbeSource, isLate: Bool = false) {
        // The true start: attempts of one slot start one after the other.
        let now = worker.loop.clock()
        let start = AttemptStart(key: key, attempt: worker.newAttempt(), source: source, start: now)
        let place = worker.reportStart(start, at: now)
        lonePlace = attempts.isEmpty ? place : nil
        let attempt = ProbeAttempt(start, probe: prepared, worker: worker, host: self, isLate: isLate)
        attempts.append(attempt)
        attempt.begin()
    }

    // MARK: Attempts

    func attempt(_ attempt: ProbeAttempt, waits onUs: Bool, at now: MonotonicInstant) {
        lonePlace = nil
        worker.report(.waiting(key, attempt.start.attempt, onUs: onUs), at: now)
    }

    func attempt(_ attempt: ProbeAttempt, ended observation: Observation) {
        attempts.removeAll { $0 === attempt }
        schedule.attemptFinished()
        if let lonePlace {
            worker.reportEnd(observation, at: lonePlace)
        } else {
            worker.report(.finished(observation), at: observation.end)
        }
        lonePlace = nil
        guard !isStopped, prepared.configuration.connection.tripwire else { return }
        tripwire.attemptEnded(observation)
    }
}
