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
    private lazy var spending = SpendTeller(worker: worker)
    /// The last deep attempt that says anything failed, or passed an objective.
    private var isDoubtful = false
    /// The last deep attempt that passed an objective while it was under way; `nil` once it has ended.
    private var overdue: AttemptID?

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
    ///
    /// A server that limits our rate is not asked, and that is nobody's fault.
    func probeNow(source: ProbeSource, at now: MonotonicInstant) {
        guard !schedule.isHeld(at: now) else { return }
        guard schedule.startRequested(at: now) else { return worker.report(.skipped(key, count: 1), at: now) }
        let grant = grant(for: source)
        guard case .later = grant else { return start(source: source, grant: grant) }
        // A witness has only to show that our network works: a question that costs nothing does.
        if source == .witness { return start(source: source, grant: .shallow) }
        schedule.attemptFinished()
    }

    /// Starts no more attempts and ends those under way as cancelled.
    func stop() {
        isStopped = true
        if let timer { worker.loop.cancel(timer) }
        timer = nil
        for attempt in attempts { attempt.cancel() }
        tripwire.stop()
        spending.stop(at: worker.loop.clock())
        prepared.dropKept()
    }

    func timerFired(at now: MonotonicInstant) {
        timer = nil
        let isLate = now - timerDue > ProbeLoop.longestPause
        // A chat that begins too late is not asked.
        let grant = schedule.isStartDue(at: now) && !isLate ? grant(for: .probe) : .deep(nil)
        if case .later(let wait) = grant {
            schedule.postpone(until: now + wait, using: &random)
            return arm(at: now)
        }
        let due = schedule.timerFired(at: now, using: &random)
        arm(at: now)
        if due.skipped > 0 { worker.report(.skipped(key, count: due.skipped), at: now) }
        if due.starts { start(source: .probe, grant: grant, isLate: isLate) }
    }

    /// Whether tokens may be spent on the next attempt; always where none are.
    private func grant(for source: ProbeSource) -> SpendGrant {
        guard prepared.chat?.deep != nil, let gate = worker.resources.spendGate else { return .deep(nil) }
        let isHastened = schedule.interval < prepared.configuration.interval
        return gate.request(key, isUrgent: source == .confirm || isHastened || isDoubtful || overdue != nil)
    }

    private func start(source: ProbeSource, grant: SpendGrant, isLate: Bool = false) {
        // The true start: attempts of one slot start one after the other.
        let now = worker.loop.clock()
        let start = AttemptStart(key: key, attempt: worker.newAttempt(), source: source, start: now)
        let place = worker.reportStart(start, at: now)
        lonePlace = attempts.isEmpty ? place : nil
        let chat = prepared.turn(grant, using: &random)
        let attempt = ProbeAttempt(
            start,
            probe: prepared,
            worker: worker,
            host: self,
            isLate: isLate,
            chat: chat
        )
        attempts.append(attempt)
        attempt.begin()
    }

    // MARK: Attempts

    func attempt(_ attempt: ProbeAttempt, waits onUs: Bool, at now: MonotonicInstant) {
        lonePlace = nil
        worker.report(.waiting(key, attempt.start.attempt, onUs: onUs), at: now)
    }

    func attempt(_ attempt: ProbeAttempt, isOverdue indicator: IndicatorKind, at now: MonotonicInstant) {
        lonePlace = nil
        if attempt.chat?.tier == .deep { overdue = attempt.start.attempt }
        worker.report(.overdue(key, attempt.start.attempt, indicator), at: now)
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
        if let chat = attempt.chat {
            learn(from: observation)
            settle(chat, at: observation.end)
        }
        guard !isStopped else { return }
        if let wait = observation.retryAfter, !throttledIsFailure { obey(wait, at: observation.end) }
        guard prepared.configuration.connection.tripwire else { return }
        tripwire.attemptEnded(observation)
    }

    /// What the last deep attempt says about the next one's urgency.
    private func learn(from observation: Observation) {
        if observation.attempt == overdue { overdue = nil }
        guard observation.tier == .deep else { return }
        switch observation.outcome {
        case .success:
            let configuration = prepared.configuration
            isDoubtful =
                Self.isOver(observation.ttft, configuration.ttftObjective)
                || Self.isOver(observation.latency, configuration.latencyObjective)
        case .failure: isDoubtful = true
        case .throttled: isDoubtful = isDoubtful || throttledIsFailure
        case .misconfigured, .inconclusive: break
        }
    }

    private static func isOver(_ time: Duration?, _ objective: Duration?) -> Bool {
        guard let time, let objective else { return false }
        return time > objective
    }

    /// Being throttled counts: only further probes tell whether it goes on.
    private var throttledIsFailure: Bool { prepared.chat?.probe.throttledIsFailure ?? false }

    /// Asks nothing for as long as the server wishes.
    private func obey(_ wait: Duration, at now: MonotonicInstant) {
        schedule.hold(until: now + min(wait, RetryAfter.maximum), using: &random)
        arm(at: now)
    }

    /// Pays for an attempt that has ended.
    private func settle(_ chat: ChatTurn, at now: MonotonicInstant) {
        guard let reservation = chat.reservation, let gate = worker.resources.spendGate else { return }
        spending.settled(gate.settle(reservation, chat.bill), at: now)
    }
}
