extension Engine {
    // MARK: - Witnesses

    /// Takes a result for what it says of our own network, and judges what waited for it.
    mutating func noteWitness(
        _ observation: Observation,
        isGood: Bool?,
        source: Int,
        at now: MonotonicInstant,
        _ actions: inout [Action]
    ) {
        guard vantage.bench.isOn else { return }
        let shown = isGood ?? observation.isAnswer
        if let shown {
            noteWitness(isGood: shown, source: source, end: observation.end, at: now, &actions)
        } else if case .inconclusive(let code) = observation.outcome {
            noteBlindness(code, source: source, start: observation.start, at: now, &actions)
        }
        endQuestion(to: source, startedAt: observation.start, isGood: shown == true, at: now, &actions)
    }

    private mutating func noteWitness(
        isGood: Bool,
        source: Int,
        end: MonotonicInstant,
        at now: MonotonicInstant,
        _ actions: inout [Action]
    ) {
        guard vantage.bench.record(isGood: isGood, by: source, end: end) else { return }
        if !vantage.watch.isClear, let news = vantage.watch.witness(sourceName(source), end: end, at: now) {
            tellVantage(news, at: now, &actions)
        }
        settleAllDoubts(at: now, &actions)
    }

    /// A probe of an endpoint has passed an objective: it is no good one, whatever comes later.
    mutating func noteLateness(of endpoint: Int, track: Int, at now: MonotonicInstant, _ actions: inout [Action]) {
        guard vantage.bench.isOn, track == endpoints[endpoint].confirmingTrack,
            endpoints[endpoint].tracks[track].underWay.contains(where: \.isJudged)
        else { return }
        vantage.bench.record(isGood: false, by: endpoint, end: now)
        // Whoever asked it need not wait for its end.
        endQuestion(to: endpoint, startedAt: now, isGood: false, at: now, &actions)
    }

    /// A probe of an anchor ended.
    mutating func observeAnchor(
        _ observation: Observation,
        source: Int,
        at now: MonotonicInstant,
        _ actions: inout [Action]
    ) {
        if let news = probing.finish(observation.outcome, at: now) { tellProbing(news, at: now, &actions) }
        let isGood: Bool?
        switch observation.outcome {
        case .success: isGood = true
        case .failure: isGood = false
        case .throttled, .misconfigured, .inconclusive: isGood = nil
        }
        noteWitness(observation, isGood: isGood, source: source, at: now, &actions)
        if let isGood = isGood ?? observation.isAnswer { watchAnchor(source, isGood: isGood, at: now, &actions) }
    }

    /// Tells once that an anchor is dead while others answer, and that it is back.
    private mutating func watchAnchor(
        _ source: Int,
        isGood: Bool,
        at now: MonotonicInstant,
        _ actions: inout [Action]
    ) {
        guard let anchor = vantage.anchor(source) else { return }
        let index = source - (vantage.bench.count - vantage.anchors.count)
        let other = vantage.watch.isClear ? vantage.bench.newestCleanEnd(for: source) : nil
        let news = vantage.anchorWatches[index].record(isGood: isGood, by: anchor.address, other: other, at: now)
        guard let news else { return }
        actions.append(.emit(Event(kind: .vantage, at: now, reason: news, generation: generation)))
        actions.append(.publish)
    }

    private func sourceName(_ source: Int) -> String {
        vantage.anchor(source).map { "anchor \($0.address)" } ?? endpoints[source].name.rawValue
    }

    // MARK: - Doubts

    /// Judges what waits in one probe, and sees to it that what still waits is looked at again.
    mutating func settleDoubts(of endpoint: Int, track: Int, at now: MonotonicInstant, _ actions: inout [Action]) {
        guard endpoints[endpoint].tracks[track].isInDoubt else { return }
        let place = Vantage.Place(endpoint: endpoint, track: track)
        rule(on: place, at: now, &actions)
        guard endpoints[endpoint].tracks[track].isInDoubt else { return }
        awaitVantage(at: earliestLook(of: place, at: now), now: now)
        askWitness(for: endpoint, at: now, &actions)
    }

    /// Judges all that waits, after a witness has shown something or time has passed.
    mutating func settleAllDoubts(at now: MonotonicInstant, _ actions: inout [Action]) {
        guard !vantage.waits.isEmpty else { return }
        let waits = vantage.waits
        vantage.waits = []
        for wait in waits {
            let place = wait.place
            // Nobody vouches for it, and it has not waited long enough. Thousands are in this place in an outage of ours.
            if now < wait.end, vantage.bench.newestCleanEnd(for: place.endpoint) == nil {
                vantage.waits.append(wait)
                continue
            }
            endpoints[place.endpoint].tracks[place.track].doubt.isListed = false
            if rule(on: place, at: now, &actions) { judge(place.endpoint, at: now, &actions) }
        }
    }

    /// Sees to it that what waits in a probe is looked at when there is a witness, or its time is over.
    mutating func awaitWitness(of place: Vantage.Place, at now: MonotonicInstant) {
        endpoints[place.endpoint].tracks[place.track].doubt.isListed = true
        let since = endpoints[place.endpoint].tracks[place.track].inDoubtSince ?? now
        vantage.waits.append(Vantage.Wait(place: place, end: since + patience(of: place)))
    }

    /// - Returns: Whether there was a ruling on anything.
    @discardableResult
    private mutating func rule(
        on place: Vantage.Place,
        at now: MonotonicInstant,
        _ actions: inout [Action]
    ) -> Bool {
        let (endpoint, track) = (place.endpoint, place.track)
        let view = WitnessView.asked(
            vantage.bench.witnesses(for: endpoint),
            patience: patience(of: place),
            now: now
        )
        let settlement = endpoints[endpoint].tracks[track].settleDoubts(view, at: now)
        if vetoes != nil {
            let key = endpoints[endpoint].tracks[track].key
            for start in settlement.vetoed { vetoes?.append(VetoedSample(key: key, start: start)) }
        }
        // Nobody is asked for one that is unhealthy anyway, so that silence shows nothing.
        if let start = settlement.newestVetoed, !endpoints[endpoint].isTripped {
            noteVeto(of: endpoint, start: start, at: now, &actions)
        }
        if endpoints[endpoint].tracks[track].isInDoubt, !endpoints[endpoint].tracks[track].doubt.isListed {
            awaitWitness(of: place, at: now)
        }
        return settlement.hasRuled
    }

    /// When what has begun to wait has waited long enough, or somebody may be asked again.
    private func earliestLook(of place: Vantage.Place, at now: MonotonicInstant) -> MonotonicInstant {
        let end = now + patience(of: place)
        guard let pause = vantage.noQuestionBefore, pause > now else { return end }
        return min(pause, end)
    }

    private func patience(of place: Vantage.Place) -> Duration {
        vantage.patience(
            of: place.endpoint,
            interval: endpoints[place.endpoint].tracks[place.track].limits.interval
        )
    }

    /// Asks for a look at `next`, if none is awaited that comes in time.
    private mutating func awaitVantage(at next: MonotonicInstant, now: MonotonicInstant) {
        if let awaited = vantage.awaited, awaited <= next, awaited > now { return }
        vantage.awaited = next
        deadlines.insert(.vantage, at: next)
    }

    /// Asks for the next look that anything needs.
    mutating func awaitAll(at now: MonotonicInstant) {
        var next = earlier(vantage.questions.map(\.deadline).min(), vantage.watch.stallEnd)
        if let pause = vantage.noQuestionBefore, pause > now, !vantage.waits.isEmpty { next = earlier(next, pause) }
        for wait in vantage.waits { next = earlier(next, wait.end) }
        if let next { awaitVantage(at: max(next, now + Vantage.lookPause), now: now) }
    }

    /// What waits, was asked, or stood still is looked at.
    mutating func lookAtVantage(at now: MonotonicInstant, _ actions: inout [Action]) {
        if let awaited = vantage.awaited, awaited <= now { vantage.awaited = nil }
        if let news = vantage.watch.advance(to: now) { tellVantage(news, at: now, &actions) }
        if !vantage.bench.isOn, let news = vantage.watch.believe(at: now) { tellVantage(news, at: now, &actions) }
        let hasSilent = vantage.questions.contains { $0.deadline <= now }
        if hasSilent {
            vantage.questions.removeAll { $0.deadline <= now }
            vantage.noQuestionBefore = now + Vantage.questionPause
        }
        settleAllDoubts(at: now, &actions)
        askNextWitness(at: now, &actions)
        awaitAll(at: now)
    }

    // MARK: - Questions

    /// Asks somebody who may witness for the endpoint, unless somebody is being asked.
    ///
    /// Nobody is asked for one that is unhealthy anyway: its bad probes have nothing left to convict.
    private mutating func askWitness(for endpoint: Int, at now: MonotonicInstant, _ actions: inout [Action]) {
        // What is cheap first: in an outage of ours every sample comes here.
        guard vantage.bench.cleanest(for: endpoint) != nil, !vantage.watch.isStalled, vantage.questions.count < 2,
            vantage.noQuestionBefore.map({ $0 <= now }) ?? true,
            !vantage.questions.contains(where: { $0.source != endpoint }),
            !endpoints[endpoint].isTripped, endpoints[endpoint].tracks.contains(where: \.isInDoubt),
            let source = bestWitness(for: endpoint, at: now)
        else { return }
        let key: ProbeKey
        let patience: Duration
        if let anchor = vantage.anchor(source) {
            key = anchor.key
            patience = ProbeLimits(anchor.probe).confirmationPatience
        } else {
            key = endpoints[source].confirming.key
            patience = endpoints[source].confirming.limits.confirmationPatience
        }
        vantage.questions.append(Vantage.Question(source: source, asked: now, deadline: now + patience))
        awaitVantage(at: now + patience, now: now)
        actions.append(.probeNow(key, source: .witness))
    }

    /// Asks on behalf of the first who still waits.
    private mutating func askNextWitness(at now: MonotonicInstant, _ actions: inout [Action]) {
        for wait in vantage.waits where !endpoints[wait.place.endpoint].isTripped {
            return askWitness(for: wait.place.endpoint, at: now, &actions)
        }
    }

    /// The witness to ask: an anchor before a standby, paid chats last.
    ///
    /// None that is not clean: one good answer would not make it so.
    private mutating func bestWitness(for endpoint: Int, at now: MonotonicInstant) -> Int? {
        let first = vantage.bench.count - vantage.anchors.count
        var sources = Array(first..<vantage.bench.count)
        for route in routesOfEndpoint[endpoint] {
            let members = routes[route].members.map(\.endpoint)
            sources += ranked(members, at: now) + members
        }
        if let other = vantage.bench.cleanest(for: endpoint) { sources.append(other) }
        // Where no route helps, as for an endpoint that no route contains.
        sources += endpoints.indices.prefix(2)
        var best: (source: Int, cost: Int)?
        for source in sources where source != endpoint {
            guard let cost = costOfAsking(source, at: now), cost < best?.cost ?? .max else { continue }
            best = (source, cost)
        }
        return best?.source
    }

    /// Lower is better; `nil` for one that cannot help.
    private func costOfAsking(_ source: Int, at now: MonotonicInstant) -> Int? {
        guard vantage.bench.isClean(source) else { return nil }
        guard vantage.anchor(source) == nil else { return 0 }
        let endpoint = endpoints[source]
        guard !endpoint.isTripped, !endpoint.isHeld(at: now) else { return nil }
        let probe = endpoint.configuration.probes[endpoint.confirmingTrack]
        return (probe.isPaidChat ? 2 : 1) + (endpoint.isEligible ? 0 : 2)
    }

    private mutating func endQuestion(
        to source: Int,
        startedAt start: MonotonicInstant,
        isGood: Bool,
        at now: MonotonicInstant,
        _ actions: inout [Action]
    ) {
        guard !vantage.questions.isEmpty,
            let index = vantage.questions.firstIndex(where: { $0.source == source && $0.asked <= start })
        else {
            return
        }
        vantage.questions.remove(at: index)
        guard isGood, vantage.bench.isClean(source) else {
            let pause = now + Vantage.questionPause
            vantage.noQuestionBefore = pause
            if !vantage.waits.isEmpty { awaitVantage(at: pause, now: now) }
            return
        }
        vantage.noQuestionBefore = nil
        askNextWitness(at: now, &actions)
    }
}

extension Observation {
    /// Whatever a server says, be it that it limits our rate or refuses our request, shows that our network works; `nil` if
    /// nothing was said.
    fileprivate var isAnswer: Bool? {
        switch outcome {
        case .success, .throttled, .misconfigured, .inconclusive(.filtered): true
        case .failure, .inconclusive: nil
        }
    }
}

extension ProbeConfiguration {
    /// Each of its attempts costs tokens.
    fileprivate var isPaidChat: Bool {
        guard case .chat(let chat) = request else { return false }
        return chat.mode == .chat
    }
}
