import FailoverCore

/// Where the report of a start waits to be handed over.
struct ReportPlace {
    fileprivate let batch: UInt64
    fileprivate let index: Int
}

/// The probes of one loop: starts their attempts on schedule and reports what they find, many reports at a time.
///
/// Only for use on that loop.
final class ProbeWorker {
    /// Reports wait at most this long for others, a failure not at all: waking another thread for each costs more than the
    /// report.
    ///
    /// Less than the time that the engine grants an answer to arrive, 150 ms.
    private static let longestReportDelay = Duration.milliseconds(100)
    /// Reports go out when the loop is awake anyway and the first of them is this old.
    private static let shortestReportDelay = Duration.milliseconds(50)
    /// Reports beyond this go out at once: a tenth of a second of 10,000 probes a second on one loop.
    private static let reportBatch = 1024

    let loop: ProbeLoop
    let resources: ProbeResources
    private let seed: UInt64
    private let nextAttempt: @Sendable () -> AttemptID
    private let sink: @Sendable ([ProbeEvent]) -> Void
    private var probes: [ProbeKey: ScheduledProbe] = [:]
    /// Attempts that await an answer of another thread.
    private var awaiting: [AttemptID: ProbeAttempt] = [:]
    /// Attempts that belong to no schedule.
    private var singles: [AttemptID: SingleAttempt] = [:]
    private var isCancelled = false
    private var reports: [ProbeEvent] = []
    private var reportsDue: MonotonicInstant?
    /// The number of the batch that is being filled.
    private var batch: UInt64 = 0

    init(
        loop: ProbeLoop,
        resources: ProbeResources,
        seed: UInt64,
        nextAttempt: @escaping @Sendable () -> AttemptID,
        sink: @escaping @Sendable ([ProbeEvent]) -> Void
    ) {
        self.loop = loop
        self.resources = resources
        self.seed = seed
        self.nextAttempt = nextAttempt
        self.sink = sink
        reports.reserveCapacity(Self.reportBatch)
        loop.turnEnded = { [unowned self] now in sendReports(at: now) }
    }

    // MARK: Groups

    /// Starts that share a wake-up: more would make answers wait for each other, and so measure the checker.
    private static let startsTogether = 8.0
    /// How far a start may be moved for that, as a part of the interval; half of what jitter moves it.
    private static let groupDivisor: Int64 = 20

    /// Which instants starts are moved to, as a step; 0 for none.
    private var group: Int64 = 0

    private static func group(of probes: some Sequence<ProbeConfiguration>) -> Int64 {
        let starts = probes.reduce(0) { $0 + 1 / $1.interval.inSeconds }
        return starts > 0 ? Int64(startsTogether / starts * 1e9) : 0
    }

    /// The instant at which a start that is planned for `planned` happens, together with others: never earlier.
    ///
    /// Waking up is most of what a single check costs.
    func grouped(_ planned: MonotonicInstant, interval: Duration) -> MonotonicInstant {
        let step = min(group, interval.nanoseconds / Self.groupDivisor)
        guard step > 0 else { return planned }
        let rest = planned.nanoseconds % step
        return rest > 0 ? planned + .nanoseconds(step - rest) : planned
    }

    // MARK: What the service asks for

    /// Makes the probes of this loop the `wanted` ones.
    ///
    /// An unchanged one goes on, on its grid and with its interval.
    func apply(_ wanted: [ProbeKey: ProbeConfiguration]) {
        let now = loop.clock()
        let changed = probes.filter { wanted[$0.key] != $0.value.prepared.configuration }
        for (key, probe) in changed {
            probe.stop()
            probes[key] = nil
        }
        group = Self.group(of: wanted.values)
        for (key, configuration) in wanted where probes[key] == nil {
            let random = SplitMix64(seed: seed, key: key)
            let probe = ScheduledProbe(key, configuration, random: random, worker: self, at: now)
            probes[key] = probe
            probe.arm(at: now)
        }
    }

    func setInterval(_ key: ProbeKey, _ interval: Duration) { probes[key]?.setInterval(interval, at: loop.clock()) }

    func probeNow(_ key: ProbeKey, source: ProbeSource) { probes[key]?.probeNow(source: source, at: loop.clock()) }

    /// Ends all probes and attempts.
    func shutdown() {
        for probe in probes.values { probe.stop() }
        probes = [:]
        cancelOnce()
        sendReports(at: nil)
    }

    /// Runs one attempt that belongs to no schedule.
    func runOnce(_ probe: PreparedProbe, _ key: ProbeKey, completion: @escaping (Observation) -> Void) {
        let start = AttemptStart(key: key, attempt: nextAttempt(), start: loop.clock())
        let single = SingleAttempt { [unowned self] observation in
            singles[start.attempt] = nil
            completion(observation)
        }
        singles[start.attempt] = single
        single.run(start, probe: probe, worker: self)
        // It may have been cancelled before it began.
        if isCancelled { single.cancel() }
    }

    /// Ends the attempts that belong to no schedule, those to come as well.
    func cancelOnce() {
        isCancelled = true
        for single in singles.values { single.cancel() }
    }

    // MARK: What probes report

    func newAttempt() -> AttemptID { nextAttempt() }

    /// Reports the start of an attempt.
    ///
    /// - Returns: Where the report waits, so that the end can take its place.
    func reportStart(_ start: AttemptStart, at now: MonotonicInstant) -> ReportPlace {
        report(.started(start), at: now)
        return ReportPlace(batch: batch, index: reports.count - 1)
    }

    /// Reports the end of an attempt in the place of its start, if that still waits: a result tells of both.
    ///
    /// Only for an attempt that was alone from start to end, so that results stay in the order of the starts.
    func reportEnd(_ observation: Observation, at place: ReportPlace) {
        guard place.batch == batch, place.index < reports.count else {
            return report(.finished(observation), at: observation.end)
        }
        let event = ProbeEvent.finished(observation)
        reports[place.index] = event
        setDue(for: event, at: observation.end)
    }

    func report(_ event: ProbeEvent, at now: MonotonicInstant) {
        reports.append(event)
        setDue(for: event, at: now)
    }

    private func setDue(for event: ProbeEvent, at now: MonotonicInstant) {
        if event.isUrgent || reports.count >= Self.reportBatch {
            reportsDue = now
        } else if reportsDue == nil {
            reportsDue = now + Self.longestReportDelay
        }
        loop.latestTurn = reportsDue
    }

    /// Hands over what waits; `nil` for all of it now.
    private func sendReports(at now: MonotonicInstant?) {
        guard let due = reportsDue else { return }
        if let now, now < due - (Self.longestReportDelay - Self.shortestReportDelay) { return }
        reportsDue = nil
        loop.latestTurn = nil
        batch += 1
        let batch = reports
        reports.removeAll(keepingCapacity: false)
        reports.reserveCapacity(Self.reportBatch)
        sink(batch)
    }

    // MARK: Limits

    /// Why no further connection may be opened now; `nil` if one may.
    ///
    /// Descriptors are left for publishing: a decision that cannot be written helps nobody.
    var shortage: ProbeFailure? {
        let limit = resources.socketsPerLoop
        guard loop.socketCount >= limit else { return nil }
        return .local(
            .localDescriptors,
            "all \(limit) connections that the limit of open files leaves to probes are in use"
        )
    }

    /// Whether a connection may be kept open that is not needed now: half of the room stays for those that are.
    var mayIdle: Bool { loop.socketCount < resources.socketsPerLoop / 2 }

    // MARK: Answers of other threads

    func matchingEnded(of key: ProbeKey) { probes[key]?.prepared.isMatching = false }

    func expectAnswer(for attempt: ProbeAttempt) { awaiting[attempt.start.attempt] = attempt }

    func expectNoAnswer(for attempt: ProbeAttempt) { awaiting[attempt.start.attempt] = nil }

    /// The attempt that an answer is for; `nil` if it has ended.
    func attempt(_ id: AttemptID) -> ProbeAttempt? { awaiting[id] }
}

extension ProbeEvent {
    /// A failure or an objective that has passed may move traffic, and a candidate that was asked is waited for: all are
    /// told at once.
    fileprivate var isUrgent: Bool {
        switch self {
        case .finished(let observation): observation.outcome != .success || observation.source != .probe
        case .overdue: true
        case .started, .waiting, .spent, .skipped: false
        }
    }
}
