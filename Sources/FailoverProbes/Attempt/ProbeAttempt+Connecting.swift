import FailoverCore

/// From the name to a connection that stands.
extension ProbeAttempt {
    /// Finds the addresses.
    func locate(at now: MonotonicInstant) {
        if let literal = probe.literal { return connect(to: [literal], at: now) }
        enter(.resolving(nil), limit: timeouts.resolve, at: now)
        let id = start.attempt
        let mailbox = worker.loop.mailbox
        let answer = worker.resources.resolver.lookUp(probe.target.host, at: now) { result in
            mailbox.post { $0.worker?.attempt(id)?.resolved(result) }
        }
        switch answer {
        case .known(let name): resolved(name, at: now)
        case .failed(let failure): end(lookupFailure(failure), at: now)
        case .pending(let ticket):
            phase = .resolving(ticket)
            waitedSince = now
            worker.expectAnswer(for: self)
            waits(onUs: true, at: now)
        case .refused: end(ProbeFailure(lookup: .overflow, host: probe.target.host), at: now)
        }
    }

    private func resolved(_ result: Result<ResolvedName, LookupFailure>) {
        guard case .resolving = phase else { return }
        let now = worker.loop.clock()
        worker.expectNoAnswer(for: self)
        waits(onUs: false, at: now)
        ownTime = now - waitedSince
        switch result {
        case .failure(let failure): end(lookupFailure(failure), at: now)
        case .success(let name): resolved(name, at: now)
        }
    }

    private func resolved(_ name: ResolvedName, at now: MonotonicInstant) {
        timings.resolved = now - start.start
        connect(to: name.addresses, at: now)
    }

    func resolveTimedOut(at now: MonotonicInstant) {
        end(.local(.localResolver, "the resolver did not answer for \(probe.target.host)"), at: now)
    }

    /// The name of a proxy is ours, whatever is wrong with it.
    private func lookupFailure(_ failure: LookupFailure) -> ProbeFailure {
        let failure = ProbeFailure(lookup: failure, host: probe.target.host)
        return probe.usesProxy && !failure.isLocal ? .local(.localProxy, failure.detail) : failure
    }

    private func connect(to addresses: [IPAddress], at now: MonotonicInstant) {
        if let shortage = worker.shortage { return end(shortage, at: now) }
        let plan: ConnectPlan
        do throws(ProbeDefect) {
            plan = try probe.plan(for: addresses, resources: worker.resources, at: now)
        } catch {
            return end(.local(.localConfiguration, error.detail), at: now)
        }
        enter(.connecting, limit: timeouts.connect, at: now)
        let connection = Connection(plan, loop: worker.loop, user: self)
        self.connection = connection
        connection.start(at: now)
    }
}
