extension ProbeTrack {
    /// Takes the result of an attempt.
    ///
    /// - Returns: Whether the probe was good, `nil` if it counts nowhere.
    @discardableResult
    mutating func observe(
        _ observation: Observation,
        at now: MonotonicInstant,
        _ news: inout [EndpointNews]
    ) -> Bool? {
        guard isExpected(observation) else { return nil }
        let attempt = observation.attempt
        // A recording tells results only.
        if !isUnderWay(attempt) {
            begin(AttemptStart(key: key, attempt: attempt, source: observation.source, start: observation.start))
        }
        noteDefect(observation, at: now, &news)
        guard !isDistrusted(observation.start) else {
            last = .void
            if observation.outcome == .success { noteAlive(now) }
            recordVoid(attempt, at: now)
            return nil
        }
        let outcome = judgedOutcome(of: observation, at: now, &news)
        switch outcome {
        case .success where observation.tier == .shallow && !chat.isEmpty:
            // It lives, and proves no more.
            last = .good
            takeBackSlowness(of: attempt)
            recordShallow(observation, nil, at: now)
            return nil
        case .success:
            return record(observation, outcome, at: now, &news)
        case .failure(let code, _):
            last = code == .loading ? .loading : .bad
            guard observation.tier == .deep || chat.isEmpty else {
                recordShallow(observation, code, at: now)
                return false
            }
            return record(observation, outcome, at: now, &news)
        case .throttled:
            last = .throttled
            // It was asked to be left alone: the silence until then is no other.
            noteAlive(now + Self.wait(of: observation))
        case .misconfigured:
            last = .void
            noteAlive(now)
        case .inconclusive(let code):
            last = .void
            if code == .filtered { noteAlive(now) }
        }
        recordVoid(attempt, at: now)
        return nil
    }

    /// No endpoint is waited for any longer, whatever it asks for.
    static let longestRetryAfter = Duration.seconds(300)

    /// How long it is not asked now.
    static func wait(of observation: Observation) -> Duration {
        min(max(observation.retryAfter ?? .zero, .zero), longestRetryAfter)
    }

    /// Notes the way that an attempt took.
    ///
    /// - Returns: What there is to tell about its certificate.
    mutating func noteConnection(of observation: Observation, at now: MonotonicInstant) -> CertificateWatch.News? {
        guard let facts = observation.connection else { return nil }
        if let notBefore, observation.start < notBefore { return nil }
        if facts !== connection { connection = facts }
        return facts.certificate.flatMap { certificates.see($0, at: now) }
    }

    func isSlow(_ latency: Duration?) -> Bool {
        guard let latency, let objective = limits.objective else { return false }
        return latency > objective
    }

    /// One attempt is one sample.
    ///
    /// Neither a second result of it counts, nor the one of an attempt that was given up or belongs to an old
    /// configuration.
    func isExpected(_ observation: Observation) -> Bool {
        if let notBefore, observation.start < notBefore { return false }
        if isUnderWay(observation.attempt) { return true }
        guard let latestAttempt else { return true }
        return observation.attempt > latestAttempt
    }

    // MARK: - Whose fault it is

    /// The outcome as it counts: what is refused or throttled may be the endpoint's failure.
    private mutating func judgedOutcome(
        of observation: Observation,
        at now: MonotonicInstant,
        _ news: inout [EndpointNews]
    ) -> Outcome {
        switch observation.outcome {
        case .success:
            passRefusals(observation.tier, at: now, &news)
        case .failure: interruptRefusals()
        case .throttled(let code):
            guard chat.read(\.throttledIsFailure) == true else { break }
            interruptRefusals()
            return .failure(code, isTimeout: false)
        case .misconfigured(let code):
            if refuse(observation, code, at: now, &news) { return .failure(code, isTimeout: false) }
        case .inconclusive(let code):
            guard code == .filtered, chat.change({ $0.filter() }) == true else { break }
            let text = "\(key.prefix)a filter refuses the probe again and again: change the prompt"
            news.append(EndpointNews(.misconfigured, .filtered, text))
        }
        return observation.outcome
    }

    /// - Returns: Whether the refusal counts as a failure of the endpoint.
    private mutating func refuse(
        _ observation: Observation,
        _ code: ReasonCode,
        at now: MonotonicInstant,
        _ news: inout [EndpointNews]
    ) -> Bool {
        let sharesTrafficCredential = chat.read(\.sharesTrafficCredential) ?? false
        if isStandIn(observation) {
            let (key, said) = (key, (code, observation.detail))
            return chat.change {
                $0.standIn.refuse(said, sharesTrafficCredential: sharesTrafficCredential, key, at: now, &news)
            } ?? false
        }
        if refusals.isEmpty {
            let said = observation.detail.map { ": \($0)" } ?? ""
            let text =
                "\(key.prefix)our own request or account is refused, so that nothing is concluded (\(code)\(said))"
            news.append(EndpointNews(.misconfigured, code, text))
            refusals = Rare(
                MisconfigurationWatch(
                    reason: Reason(.misconfigured, text),
                    hasWorked: hasWorked,
                    sharesTrafficCredential: sharesTrafficCredential,
                    at: now
                )
            )
        }
        return refusals.change { $0.refuse(at: now) } ?? false
    }

    /// Something cheaper was asked than the probe asks by itself.
    func isStandIn(_ observation: Observation) -> Bool { isDeep && observation.tier == .shallow && !chat.isEmpty }

    /// What failed in another way is no refusal in a row.
    private mutating func interruptRefusals() {
        if !refusals.isEmpty { refusals.change { $0.interrupt() } }
        if !chat.isEmpty { chat.change { $0.standIn.interrupt() } }
    }

    /// Each of the two questions has refusals and successes of its own: neither clears the other's.
    private mutating func passRefusals(
        _ tier: EvidenceTier,
        at now: MonotonicInstant,
        _ news: inout [EndpointNews]
    ) {
        if !chat.isEmpty, isDeep {
            let (key, streak) = (key, detector.readyStreak)
            chat.change { chat in
                guard tier == .shallow else { return chat.standIn.passDeep(streak: streak, at: now) }
                chat.standIn.succeed(streak: streak, key, at: now, &news)
            }
        }
        guard tier == .deep || !isDeep else { return }
        hasWorked = true
        if !refusals.isEmpty { endRefusals(at: now, &news) }
    }

    private mutating func endRefusals(at now: MonotonicInstant, _ news: inout [EndpointNews]) {
        guard refusals.change({ $0.succeed(at: now) }) == true else { return }
        refusals = Rare()
        let text = "\(key.prefix)our request has been accepted for a minute"
        news.append(EndpointNews(.misconfigured, .clear, text))
    }

    // MARK: - Samples

    /// Shown, and judged nowhere.
    private mutating func recordVoid(_ attempt: AttemptID, at now: MonotonicInstant) {
        errors.record(.void, at: now)
        takeBackSlowness(of: attempt)
        abandon(attempt)
    }

    /// Something that asks less than users do was answered, or failed: then users fail too, and nothing is known of how
    /// long they wait.
    ///
    /// The good chats in a row stay as they are: what makes up for a shallow failure is counted apart.
    private mutating func recordShallow(_ observation: Observation, _ code: ReasonCode?, at now: MonotonicInstant) {
        // What waits for a witness is noted once it counts.
        if code == nil || !doubt.needsWitness {
            noteAlive(now)
            errors.record(code == nil ? .good : .bad, at: now)
        }
        let sample = JudgedSample(
            start: observation.start,
            isBad: code != nil,
            isShallow: isStandIn(observation),
            finding: code ?? .ok
        )
        availabilityOrder.complete(observation.attempt, with: sample)
        chat.change { chat in
            chat.lastShallow = now
            if sample.isShallow, sample.isBad { chat.standIn.fail() }
            chat.completeWhole(observation.attempt, sample)
        }
        abandon(observation.attempt)
    }

    /// - Returns: Whether it was good.
    private mutating func record(
        _ observation: Observation,
        _ outcome: Outcome,
        at now: MonotonicInstant,
        _ news: inout [EndpointNews]
    ) -> Bool {
        let isError: Bool
        let isSlow: Bool
        switch outcome {
        case .failure(_, let isTimeout):
            isError = true
            isSlow = true
            if isTimeout, let waited = observation.latency {
                latencies.record(waited, isCensored: true, isSlow: limits.objective != nil, at: now)
            }
        case .success, .throttled, .misconfigured, .inconclusive:
            isError = false
            isSlow = self.isSlow(observation.latency)
            if let latency = observation.latency {
                latencies.record(latency, isCensored: false, isSlow: isSlow, at: now)
            }
        }
        var isGood = !isSlow
        let code = isError ? outcome.reason : nil
        if !chat.isEmpty {
            let key = key
            let isLate = chat.change { $0.take(observation, outcome, key, at: now, &news) } ?? false
            isGood = isGood && !isLate
        }
        if !isError { last = isGood ? .good : .bad }
        isOverloaded = isError && code == .overloaded
        let wasJudged = endJudged(observation.attempt)
        // What waits for a witness is noted once it counts; an answer is one, however slow.
        let waits = doubt.needsWitness && !isGood
        if !waits {
            if !wasJudged {
                judged += 1
                recent.record(isBad: !isGood)
            }
            lastJudged = now
        }
        if !waits || !isError { noteAlive(now) }
        if !wasJudged { goodInARow = isGood ? goodInARow + 1 : 0 }
        if !waits || !isError { errors.record(isError ? .bad : .good, at: now) }
        let finding = code ?? (isSlow ? .slow : .ok)
        availabilityOrder.complete(
            observation.attempt,
            with: JudgedSample(start: observation.start, isBad: isError, finding: isError ? finding : .ok)
        )
        latencyOrder.complete(
            observation.attempt,
            with: JudgedSample(start: observation.start, isBad: isSlow, finding: finding)
        )
        if !chat.isEmpty {
            let whole = JudgedSample(start: observation.start, isBad: !isGood, finding: code ?? (isGood ? .ok : .slow))
            chat.change { $0.completeWhole(observation.attempt, whole) }
        }
        judgeReady()
        return isGood
    }

    /// The attempt is no longer under way.
    ///
    /// - Returns: Whether it was judged before its end.
    private mutating func endJudged(_ attempt: AttemptID) -> Bool {
        guard let index = underWay.firstIndex(where: { $0.attempt == attempt }) else { return false }
        let wasJudged = underWay[index].isJudged
        underWay.remove(at: index)
        return wasJudged
    }
}
