import FailoverCore

/// An idle connection to an endpoint: when it breaks, the next probe runs at once.
///
/// A hint, never evidence: only the probe that follows says anything about the endpoint. Connections that break while the
/// endpoint is well are replaced more and more slowly, so that one which closes idle connections is not probed for it.
final class Tripwire: ConnectionUser {
    enum State {
        /// No connection, and none before the instant. Can transition to: armed.
        case waiting(until: MonotonicInstant)
        /// Watching. Can transition to: broken.
        case armed(Connection, since: MonotonicInstant)
        /// It broke; the probe that follows tells what it meant. Can transition to: waiting.
        case broken(lived: Duration)
        case stopped
    }

    /// Between a break while the endpoint was well and the next connection, doubled each time.
    private static let shortestPause = Duration.seconds(1)
    private static let longestPause = Duration.seconds(600)
    /// A connection that lived this long was not closed for being idle.
    private static let longLife = Duration.seconds(600)

    private unowned let probe: ScheduledProbe
    private unowned let worker: ProbeWorker
    private(set) var state = State.waiting(until: MonotonicInstant(nanoseconds: .min))
    private var pause = Tripwire.shortestPause

    init(probe: ScheduledProbe, worker: ProbeWorker) {
        self.probe = probe
        self.worker = worker
    }

    /// Takes the end of an attempt: after a success it connects, after a break it learns what the break meant.
    func attemptEnded(_ observation: Observation) {
        let now = observation.end
        if case .broken(let lived) = state {
            if observation.outcome == .success {
                pause = lived >= Self.longLife ? Self.shortestPause : min(pause * 2, Self.longestPause)
                state = .waiting(until: now + pause)
            } else {
                state = .waiting(until: now)
            }
        }
        guard observation.outcome == .success, case .waiting(let until) = state, until <= now else { return }
        guard worker.shortage == nil, let plan = probe.prepared.lastPlan else { return }
        let connection = Connection(plan, loop: worker.loop, user: self)
        state = .armed(connection, since: now)
        connection.start(at: now)
    }

    func stop() {
        if case .armed(let connection, _) = state { connection.close() }
        state = .stopped
    }

    private func broke(at now: MonotonicInstant) {
        guard case .armed(_, let since) = state else { return }
        state = .broken(lived: now - since)
        probe.probeNow(source: .probe, at: now)
    }

    // MARK: ConnectionUser

    func connectionOpened(_ connection: Connection, at now: MonotonicInstant) {}
    func connectionSecured(_ connection: Connection, at now: MonotonicInstant) {}
    func connectionFlushed(_ connection: Connection, at now: MonotonicInstant) {}
    /// Some servers greet; that is no break.
    func connection(_ connection: Connection, received bytes: UnsafeRawBufferPointer, at now: MonotonicInstant) {}
    func connectionEnded(_ connection: Connection, at now: MonotonicInstant) { broke(at: now) }
    func connection(_ connection: Connection, failed failure: ConnectionFailure, at now: MonotonicInstant) {
        if case .broken = failure { return broke(at: now) }
        // It never stood: nothing broke.
        if case .armed = state { state = .waiting(until: now + pause) }
    }
}
