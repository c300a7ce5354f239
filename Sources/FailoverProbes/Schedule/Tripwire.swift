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
        case broken(at: MonotonicInstant, lived: Duration)
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
        learn(from: observation)
        if case .armed(let connection, _) = state, isDoubtful(connection, after: observation) {
            connection.close()
            state = .waiting(until: now)
        }
        guard observation.outcome == .success, case .waiting(let until) = state, until <= now else { return }
        guard worker.mayIdle, let plan = probe.prepared.lastPlan else { return }
        let connection = Connection(plan, loop: worker.loop, user: self)
        state = .armed(connection, since: now)
        connection.start(at: now)
    }

    func stop() {
        if case .armed(let connection, _) = state { connection.close() }
        state = .stopped
    }

    /// What the attempt after a break says about the break.
    private func learn(from observation: Observation) {
        guard case .broken(let instant, let lived) = state, observation.start >= instant else { return }
        let now = observation.end
        if case .failure = observation.outcome {
            state = .waiting(until: now)
        } else {
            pause = lived >= Self.longLife ? Self.shortestPause : min(pause * 2, Self.longestPause)
            state = .waiting(until: now + pause)
        }
    }

    /// It may watch a connection that died without a word, or an address that is no longer the endpoint's.
    private func isDoubtful(_ connection: Connection, after observation: Observation) -> Bool {
        if case .failure = observation.outcome { return true }
        return observation.outcome == .success && connection.plan.addresses != probe.prepared.lastPlan?.addresses
    }

    private func broke(at now: MonotonicInstant) {
        guard case .armed(_, let since) = state else { return }
        state = .broken(at: now, lived: now - since)
        probe.probeNow(source: .probe, at: now)
    }

    // MARK: ConnectionUser

    func connectionTunnels(_ connection: Connection, at now: MonotonicInstant) {}
    func connectionOpened(_ connection: Connection, at now: MonotonicInstant) { connection.keepAlive() }
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
