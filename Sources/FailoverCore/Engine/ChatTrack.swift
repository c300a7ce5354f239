/// What the track of a chat keeps beyond that of any other probe.
struct ChatTrack: Sendable {
    let throttledIsFailure: Bool
    let sharesTrafficCredential: Bool
    /// `nil` where the first token is not judged.
    let ttftObjective: Duration?
    private var ttfts: LatencyWindow
    var ttftOrder = StartOrder<JudgedSample?>()
    /// The whole probe, bad as soon as one indicator is.
    var wholeOrder = StartOrder<JudgedSample?>()
    /// `nil` for what gets no answer that could be poor.
    private(set) var quality: QualityWatch?
    private var models = IdentityWatch()
    private var fingerprints = IdentityWatch()
    private var filtered = FilterWatch()
    /// What the last answered chat found.
    private(set) var report: ChatReport?
    /// When something cheaper was last asked, and answered or not.
    var lastShallow: MonotonicInstant?
    /// The cheaper questions in its place.
    var standIn = StandInWatch()
    /// The last chat that was judged was bad: only a good one makes up for that, and shallow successes prove nothing till
    /// then.
    private var owesDeep = false
    /// The last good answer without a first token.
    private var lastWithoutToken: MonotonicInstant?

    /// After a good answer without a first token, none is judged late before its end for so long: the answer may have none
    /// again.
    private static let tokenDoubt = Duration.seconds(3600)

    init(_ probe: ChatProbe, _ configuration: ProbeConfiguration, quality: QualityWatch?) {
        throttledIsFailure = probe.throttledIsFailure
        sharesTrafficCredential = probe.sharesTrafficCredential
        ttftObjective = configuration.judgedTTFT
        ttfts = LatencyWindow(interval: configuration.judgedTTFT == nil ? nil : configuration.interval)
        self.quality = quality
    }

    // MARK: - Attempts

    mutating func begin(_ attempt: AttemptID) {
        if ttftObjective != nil { ttftOrder.begin(attempt) }
        wholeOrder.begin(attempt)
    }

    /// - Returns: Whether that was news.
    mutating func completeLate(_ attempt: AttemptID, _ start: MonotonicInstant, at now: MonotonicInstant) -> Bool {
        guard ttftOrder.isPending(attempt) else { return false }
        if let lastWithoutToken, now - lastWithoutToken < Self.tokenDoubt { return false }
        ttftOrder.complete(attempt, with: .slow(start))
        return true
    }

    mutating func completeWhole(_ attempt: AttemptID, _ sample: JudgedSample) {
        wholeOrder.complete(attempt, with: sample)
    }

    mutating func abandon(_ attempt: AttemptID) {
        ttftOrder.complete(attempt, with: nil)
        wholeOrder.complete(attempt, with: nil)
    }

    /// Judges what is in order now, by what the witnesses say; bad samples that count are appended to `bad`.
    mutating func judgeReady(
        _ detector: inout any ProbeDetector,
        _ view: WitnessView,
        _ settlement: inout DoubtSettlement,
        _ bad: inout [JudgedSample]
    ) {
        while let (sample, isVoid) = ttftOrder.popRuled(view) {
            settlement.hasRuled = true
            guard !isVoid else {
                settlement.veto(sample.start)
                continue
            }
            if sample.isBad { bad.append(sample) }
            detector.recordTTFT(sample)
        }
        while let (sample, isVoid) = wholeOrder.popRuled(view) {
            settlement.hasRuled = true
            guard !isVoid else {
                settlement.veto(sample.start)
                continue
            }
            if !sample.isShallow { owesDeep = sample.isBad }
            if sample.isShallow, !sample.isBad, owesDeep { continue }
            detector.recordWhole(sample)
        }
    }

    mutating func takeBackLateness(
        of attempt: AttemptID,
        _ start: MonotonicInstant,
        _ detector: inout any ProbeDetector
    ) -> Bool {
        ttftOrder.replace(attempt, with: nil) || detector.retractSlow(.ttft, start: start)
    }

    mutating func takeBackWhole(
        of attempt: AttemptID,
        _ start: MonotonicInstant,
        _ detector: inout any ProbeDetector
    ) -> Bool {
        wholeOrder.replace(attempt, with: nil) || detector.retractWhole(start: start)
    }

    /// A probe that was judged late turned out to be good.
    mutating func acceptWhole(of attempt: AttemptID, _ start: MonotonicInstant, _ detector: inout any ProbeDetector) {
        let good = JudgedSample(start: start, isBad: false, finding: .ok)
        guard !wholeOrder.replace(attempt, with: good) else { return }
        _ = detector.retractWhole(start: start)
        owesDeep = false
        detector.recordWhole(good)
    }

    // MARK: - Results

    /// - Returns: Whether a filter must be told of.
    mutating func filter() -> Bool { filtered.filter() }

    /// Takes a judged deep result.
    ///
    /// - Returns: Whether its first token was late; one that never came and was never due is not.
    mutating func take(
        _ observation: Observation,
        _ outcome: Outcome,
        _ key: ProbeKey,
        at now: MonotonicInstant,
        _ news: inout [EndpointNews]
    ) -> Bool {
        if let report = observation.chat { take(report, of: observation, outcome, key, at: now, &news) }
        if outcome == .success {
            filtered.pass()
            if observation.ttft == nil { lastWithoutToken = now }
        }
        guard let ttftObjective else { return false }
        var isLate = false
        if let ttft = observation.ttft {
            // The time waited for a first token in vain is a sample at its limit.
            let isCensored = outcome.reason == .ttftTimeout
            isLate = isCensored || ttft > ttftObjective
            ttfts.record(ttft, isCensored: isCensored, isSlow: isLate, at: now)
        }
        let sample: JudgedSample?
        if let code = outcome.reason {
            sample = JudgedSample(start: observation.start, isBad: true, finding: code)
        } else if observation.ttft == nil {
            sample = nil
        } else {
            sample = JudgedSample(start: observation.start, isBad: isLate, finding: isLate ? .slow : .ok)
        }
        ttftOrder.complete(observation.attempt, with: sample)
        return isLate
    }

    private mutating func take(
        _ report: ChatReport,
        of observation: Observation,
        _ outcome: Outcome,
        _ key: ProbeKey,
        at now: MonotonicInstant,
        _ news: inout [EndpointNews]
    ) {
        self.report = report
        if outcome == .success || report.poorQuality != nil,
            let said = quality?.record(report.poorQuality, start: observation.start, at: now)
        {
            news.append(EndpointNews(.quality, said.code, key.prefix + said.text))
        }
        if let model = report.model, let before = models.see(model, at: now) {
            news.append(EndpointNews(.quality, .modelChanged, "\(key.prefix)\(model) answers, before it was \(before)"))
        }
        if let fingerprint = report.fingerprint, let before = fingerprints.see(fingerprint, at: now) {
            let text = "\(key.prefix)another build answers: \(fingerprint), before it was \(before)"
            news.append(EndpointNews(.quality, .fingerprintChanged, text))
        }
    }

    // MARK: - Publishing

    mutating func appendSnapshots(
        to list: inout [IndicatorSnapshot],
        of probe: ProbeName,
        _ detector: any ProbeDetector,
        void: Int,
        at now: MonotonicInstant
    ) {
        if let ttftObjective {
            let (evidence, threshold) = detector.evidence(for: .ttft)
            list.append(
                IndicatorSnapshot(
                    name: IndicatorName(probe: probe, kind: .ttft),
                    window: ttfts.snapshot(objective: ttftObjective, void: void, at: now),
                    evidence: evidence,
                    threshold: threshold,
                    totals: ttfts.totals
                )
            )
        }
        if let snapshot = quality?.snapshot(of: probe, at: now) { list.append(snapshot) }
    }
}
