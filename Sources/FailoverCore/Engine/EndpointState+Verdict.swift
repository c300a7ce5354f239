extension EndpointState {
    /// Judged lately, and not unhealthy.
    var isFit: Bool { !isTripped && (verdict == .healthy || verdict == .degraded) }

    /// Whether traffic may be moved to it, hold-down aside: judged, fresh, lately good, not drained, and not refusing us.
    var isEligible: Bool {
        guard isFit, !isDrained, throttling.isEmpty || !isLimiting else { return false }
        var isReady: Bool?
        // Stored facts first: a computed one copies the track, and this is asked for each endpoint of each snapshot.
        for index in tracks.indices {
            // A page that was never there says nothing of what users ask for.
            if !tracks[index].refusals.isEmpty, tracks[index].isDeep || tracks[index].hasWorked, tracks[index].isRefused
            {
                return false
            }
            if !tracks[index].chat.isEmpty, tracks[index].chat.read(\.standIn.speaksAgainst) == true { return false }
            if tracks[index].isDeep {
                // One profile has to show the whole streak; the others, which may be rare, nothing bad within it.
                let streak = tracks[index].detector.readyStreak
                if tracks[index].goodInARow < min(streak, tracks[index].judged) { return false }
                isReady = isReady == true || tracks[index].goodInARow >= streak
            } else if tracks[index].last == .bad || tracks[index].last == .loading {
                // What proves nothing good has only not to say that it is bad.
                return false
            }
        }
        return isReady ?? true
    }

    /// It asked not to be asked: a question that is to confirm it would be dropped.
    func isHeld(at now: MonotonicInstant) -> Bool {
        guard let until = throttling.read(\.heldUntil) ?? nil else { return false }
        return now < until
    }

    /// Most of its probes are throttled.
    var isLimiting: Bool { throttling.read(\.isLimiting) ?? false }

    /// The last that was judged of one of its probes is that the provider has no capacity.
    var isOverloaded: Bool {
        for index in tracks.indices where tracks[index].isOverloaded { return true }
        return false
    }

    /// What its verdict rests on; `nil` while nothing is fresh.
    @inline(__always)
    func tier(at now: MonotonicInstant) -> EvidenceTier? {
        for index in tracks.indices {
            if let last = tracks[index].lastJudged, now - last <= tracks[index].limits.staleAfter { return .deep }
        }
        for index in tracks.indices where !tracks[index].chat.isEmpty {
            guard let last = tracks[index].chat.read(\.lastShallow) ?? nil else { continue }
            if now - last <= tracks[index].limits.staleAfter { return .shallow }
        }
        return nil
    }

    /// What the samples so far say.
    func conclusion(at now: MonotonicInstant) -> (Verdict, Reason) {
        for index in tracks.indices where isStale(index, at: now) {
            if let defect = tracks[index].defects.value { return (.unknown, defect.reason) }
            let silence = tracks[index].limits.staleAfter.inSeconds.trimmed
            return (.unknown, Reason(.stale, "no judged probe for \(silence) s"))
        }
        if !isConvictedNow, let lack { return (.unknown, lack) }
        if let trip { return (.unhealthy, trip.reason) }
        if anyTrack({ $0.fullness >= 0.5 }), let suspicion { return (.degraded, suspicion) }
        if let shortcoming { return (.degraded, shortcoming) }
        // Stored facts first: a computed one copies the track, and this is asked with every sample.
        for index in tracks.indices where !tracks[index].refusals.isEmpty {
            guard tracks[index].isRefused, let refused = tracks[index].refusals.value else { continue }
            return (.healthy, Reason(.misconfigured, "as last known: \(refused.reason.text)"))
        }
        for index in tracks.indices where !tracks[index].chat.isEmpty {
            guard tracks[index].chat.read(\.standIn.isRefused) == true,
                let refusal = tracks[index].chat.read(\.standIn.refusal) ?? nil
            else { continue }
            return (.healthy, Reason(.misconfigured, "as last known: \(refusal.text)"))
        }
        for index in tracks.indices where !tracks[index].defects.isEmpty {
            guard let defect = tracks[index].defects.value?.reason else { continue }
            return (.healthy, Reason(defect.code, "as last known: \(defect.text)"))
        }
        if case .proven = standing {
            return (.healthy, Reason(.holdDown, "recovery proven; it has to stay so until its hold-down ends"))
        }
        return (.healthy, Reason(.withinObjectives, "no evidence against it"))
    }

    /// Why nothing can be said yet: no profile has enough samples.
    private var lack: Reason? {
        var isDeep = false
        for index in tracks.indices where tracks[index].isDeep {
            isDeep = true
            if tracks[index].judged >= tracks[index].detector.minimumSamples { return nil }
        }
        for index in tracks.indices where tracks[index].isDeep {
            let (judged, least) = (tracks[index].judged, tracks[index].detector.minimumSamples)
            if tracks[index].isRefused, let refused = tracks[index].refusals.value { return refused.reason }
            if let defect = tracks[index].defects.value { return defect.reason }
            let isShallow = judged == 0 && tracks[index].chat.read(\.lastShallow) ?? nil != nil
            let profile = tracks.count > 1 ? "\(tracks[index].key.probe): " : ""
            let text = "\(profile)\(judged) of \(least) samples"
            return Reason(
                .tooFewSamples,
                isShallow ? "only shallow probes so far, which prove nothing good: \(text)" : text
            )
        }
        return isDeep ? nil : Reason(.tooFewSamples, "only shallow probes, which can prove it down and never up")
    }

    /// What ranks it behind others though there is no evidence that would ever move traffic.
    private var shortcoming: Reason? {
        for index in tracks.indices where !tracks[index].chat.isEmpty {
            if let reason = tracks[index].poorQuality { return reason }
        }
        if !throttling.isEmpty, isLimiting, let counts = throttling.read(\.counts) {
            let share = "\(counts.throttled) of \(counts.all.counted("probe")) in the last 2 min"
            return Reason(.rateLimited, "\(limitText): \(share)")
        }
        for index in tracks.indices where tracks[index].last == .throttled {
            return Reason(.throttled, limitText)
        }
        return nil
    }

    /// That it limits our rate, with the words in which it last said so.
    private var limitText: String {
        guard let demand = throttling.read(\.demand) ?? nil else { return "it limits our rate" }
        return "it limits our rate (\(demand))"
    }

    private func isStale(_ track: Int, at now: MonotonicInstant) -> Bool {
        guard let last = tracks[track].lastAlive else { return false }
        return now - last > tracks[track].limits.staleAfter
    }

    /// Half of the threshold or more, on the fullest indicator.
    private var suspicion: Reason? {
        guard let track = tracks.max(by: { $0.detector.fullness < $1.detector.fullness }),
            track.detector.fullness >= 0.5
        else { return nil }
        func share(_ kind: IndicatorKind) -> Double {
            let (evidence, threshold) = track.detector.evidence(for: kind)
            return evidence / threshold
        }
        // The first of equals: errors before slowness.
        let fullest = track.decidingIndicators.reversed().max { share($0) <= share($1) }
        let kind = fullest ?? .availability
        let (evidence, threshold) = track.detector.evidence(for: kind)
        let name = IndicatorName(probe: track.key.probe, kind: kind)
        return Reason(
            kind.reasonCode,
            "\(name): evidence \(evidence.formatted(decimals: 2)) of \(threshold.formatted(decimals: 2))"
        )
    }
}

// MARK: - What several probes say together

extension EndpointState {
    /// Counts what a probe was told, and tells when the throttling begins and ends.
    mutating func noteThrottling(
        by track: Int,
        _ observation: Observation,
        at now: MonotonicInstant,
        _ news: inout [EndpointNews]
    ) {
        let isThrottled = tracks[track].isThrottled
        // What our own machine did says nothing about it; neither does a refusal.
        guard isThrottled || tracks[track].last != .void else { return }
        if throttling.isEmpty {
            guard isThrottled else { return }
            var others = 0
            for index in tracks.indices { others += tracks[index].errors.counts(at: now).samples }
            throttling = Rare(ThrottleWatch(others: others, at: now))
        }
        if case .throttled(let code) = observation.outcome {
            let wait = ProbeTrack.wait(of: observation)
            let asked = wait > .zero ? ", asks for \(wait.inSeconds.trimmed) s" : ""
            throttling.change { $0.demand = "\(code)\(asked)" }
        }
        if isThrottled, track == confirmingTrack {
            let end = now + ProbeTrack.wait(of: observation)
            throttling.change { $0.hold(until: end) }
        }
        let said = throttling.change { $0.record(isThrottled: isThrottled, at: now) } ?? nil
        let counts = throttling.read(\.counts) ?? (all: 0, throttled: 0)
        switch said {
        case .began: news.append(EndpointNews(.throttled, .throttled, limitText))
        case .ended:
            let share = "\(counts.throttled) of \(counts.all.counted("probe")) in the last 2 min were throttled"
            news.append(EndpointNews(.throttled, .clear, "it no longer limits our rate: \(share)"))
        case nil: break
        }
        if throttling.read({ $0.isForgotten(at: now) }) == true { throttling = Rare() }
    }

    /// Failures that something shallow saw are undone by what users would ask, whichever probe asks it.
    mutating func lightenShallow(_ start: MonotonicInstant) {
        for index in tracks.indices where !tracks[index].isDeep && tracks[index].detector.fullness > 0 {
            tracks[index].detector.recordAvailability(JudgedSample(start: start, isBad: false, finding: .ok))
            tracks[index].detector.recordWhole(JudgedSample(start: start, isBad: false, finding: .ok))
        }
    }
}

extension ProbeTrack {
    var isFailing: Bool { last == .bad || last == .loading }

    /// `nil` unless answers are poor.
    var poorQuality: Reason? {
        guard chat.read({ $0.quality?.isPoor ?? false }) == true else { return nil }
        return chat.read { $0.quality?.reason(of: key.probe) } ?? nil
    }
}
