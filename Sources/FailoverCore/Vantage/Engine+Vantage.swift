extension Engine {
    // MARK: - State

    /// A bad sample is void; if nothing was good since it began, it is probably us.
    mutating func noteVeto(
        of endpoint: Int,
        start: MonotonicInstant,
        at now: MonotonicInstant,
        _ actions: inout [Action]
    ) {
        if let good = vantage.bench.newestGood, good >= start { return }
        let anchors = vantage.anchors.isEmpty ? "there is no anchor" : "no anchor can vouch either"
        let text = "\(name(endpoint)) fails, nothing else has been good since, and \(anchors): probably our own network"
        suspect(Reason(.noCleanWitness, text), start: start, at: now, &actions)
    }

    /// A probe could not leave our own machine, and nothing has been good lately.
    mutating func noteBlindness(
        _ code: ReasonCode,
        source: Int,
        start: MonotonicInstant,
        at now: MonotonicInstant,
        _ actions: inout [Action]
    ) {
        guard Self.blindness.contains(code) else { return }
        // As long as somebody else would have needed to be good.
        let round = vantage.patience(of: source, interval: .zero)
        guard vantage.bench.newestGood ?? vantage.began < start - round else { return }
        suspect(Reason(code, "no probe can leave our own machine (\(code))"), start: start, at: now, &actions)
    }

    /// Faults of our own that stop every probe alike.
    private static let blindness: [ReasonCode] = [
        .localNetwork, .localResolver, .localProxy, .localPorts, .localDescriptors, .localMemory,
    ]

    private mutating func suspect(
        _ reason: Reason,
        start: MonotonicInstant,
        at now: MonotonicInstant,
        _ actions: inout [Action]
    ) {
        if let news = vantage.watch.suspect(reason, start: start, at: now) { tellVantage(news, at: now, &actions) }
    }

    /// The daemon stood still from `since` until now.
    mutating func stall(since: MonotonicInstant, at now: MonotonicInstant, _ actions: inout [Action]) {
        let pause = now - since
        var trusted: MonotonicInstant?
        for endpoint in endpoints.indices {
            for track in endpoints[endpoint].tracks.indices {
                guard let end = endpoints[endpoint].tracks[track].distrust(after: pause, at: now) else { continue }
                trusted = max(trusted ?? end, end)
            }
        }
        guard let trusted else { return }
        vantage.questions = []
        vantage.lastStall = now
        tellVantage(vantage.watch.stall(for: pause, until: trusted, at: now), at: now, &actions)
        settleAllDoubts(at: now, &actions)
        awaitAll(at: now)
    }

    /// What changes the vantage changes what every route may do.
    mutating func tellVantage(_ reason: Reason, at now: MonotonicInstant, _ actions: inout [Action]) {
        actions.append(.emit(Event(kind: .vantage, at: now, reason: reason, generation: generation)))
        actions.append(.publish)
        for index in routes.indices { evaluate(index, at: now, &actions) }
    }

    // MARK: - Reload

    /// Lays the witnesses out anew; `kept` are the endpoints that are probed as before, with their old places.
    mutating func layOutVantage(
        after old: Vantage?,
        kept: [(endpoint: Int, old: Int)],
        at now: MonotonicInstant
    ) {
        vantage = Vantage(configuration, at: now)
        if let old { vantage.adopt(old, kept: kept) }
        let needsWitness = vantage.bench.isOn
        for endpoint in endpoints.indices {
            for track in endpoints[endpoint].tracks.indices {
                endpoints[endpoint].tracks[track].doubt.isListed = false
                // Where there is no witness any more, what waited counts; elsewhere it is looked at again.
                if !needsWitness { _ = endpoints[endpoint].tracks[track].judgeReady(.unneeded, at: now) }
                endpoints[endpoint].tracks[track].doubt.needsWitness = needsWitness
                endpoints[endpoint].tracks[track].judgeReady()
                guard endpoints[endpoint].tracks[track].isInDoubt else { continue }
                awaitWitness(of: Vantage.Place(endpoint: endpoint, track: track), at: now)
            }
        }
    }
}
