import RealModule

/// Weighs samples for one indicator: the constants of its charts and the arithmetic of one step.
struct EvidenceScale: Sendable {
    /// Everything that the next sample is weighed with.
    struct State: Sendable {
        /// Sums so far; never below zero.
        var scores = EvidenceScores.zero
        /// Probability of being inside a blip, if the endpoint is healthy.
        var blip = 0.0
        /// Probability of a busy hour, in which it is as slow as its objective allows.
        var busy = 0.0
        /// `nil` before the first sample.
        var lastStart: MonotonicInstant?
        var counts = SituationCounts()
        /// The first bad sample after the last four good ones in a row; `nil` while nothing bad came since.
        var troubleSince: MonotonicInstant?
    }

    /// Whether bad samples are about, and since when.
    enum Trouble: Sendable {
        case none, begins, goesOn
        /// For longer than any hiccup: what an endpoint usually shows is no excuse for it, and it is no part of that.
        case tooLong
    }

    /// What one sample did.
    struct Weight: Sendable {
        /// Probability of a bad probe if the endpoint is healthy, given what came before.
        let healthyProbability: Double
        /// The same without what the endpoint has shown.
        let modelProbability: Double
        let situation: Situation
        let trouble: Trouble
        /// Zero also for a good probe that found all scores at zero, where it changes nothing.
        let increments: EvidenceScores
        /// The sums after it.
        let scores: EvidenceScores
        /// All scores were zero before.
        let wasQuiet: Bool
    }

    private let budget: Double
    private let blipRate: Double
    private let blipMean: Double
    private let interval: Double
    /// Between probes while there is evidence.
    private let confirmGap: Double
    /// The longest trouble that may be a hiccup, in seconds.
    private let longestTrouble: Double
    /// Latency, first tokens and quality: what has an allowance that can be undercut.
    let isTimed: Bool
    /// Bad share under each alternative.
    private let alternatives: EvidenceScores
    /// What each score has to reach.
    let thresholds: EvidenceScores

    /// All `probes` of the endpoint share the budget of false failovers.
    init(
        _ kind: IndicatorKind,
        parameters: EvidenceParameters,
        probe: ProbeConfiguration,
        availability: Ratio,
        probes: Int
    ) {
        budget = kind.budget(availability: availability)
        blipRate = EvidenceModel.blipRate(
            of: kind,
            budget: budget,
            interval: probe.interval,
            parameters: parameters
        )
        isTimed = kind != .availability
        blipMean = (isTimed ? parameters.latencyBlip : parameters.availabilityBlip).inSeconds
        interval = probe.interval.inSeconds
        confirmGap = min(interval, parameters.confirmInterval.inSeconds)
        longestTrouble = max(
            EvidenceModel.troubleBlips * blipMean,
            EvidenceModel.troubleIntervals * interval
        )
        alternatives = EvidenceModel.badProbabilities(degradedAt: parameters.degradedAt)
        let share = EvidenceModel.shares(of: kind, probe: probe, probes: probes)
        let often = budget + blipRate * blipMean * EvidenceModel.blipBadProbability
        let starts = EvidenceScores(
            outage: alternatives.outage,
            partial: alternatives.partial,
            degraded: min(1, alternatives.degraded + EvidenceModel.degradedOdds * often)
        )
        thresholds = EvidenceModel.thresholds(
            starts: starts,
            shares: share,
            interval: probe.interval,
            falseFailoversPerYear: parameters.falseFailoversPerYear
        )
    }

    /// Weighs one sample with what the endpoint has shown; with `isShown`, also works out increments that change nothing.
    func weigh(
        isBad: Bool,
        start: MonotonicInstant,
        factors: PerSituation<Double>,
        on state: inout State,
        isShown: Bool = false
    ) -> Weight {
        let gap = state.lastStart.map { Self.seconds(from: $0, to: start) } ?? interval
        state.lastStart = start
        fade(&state.scores, after: gap)
        let situation = state.counts.situation
        let trouble = trouble(isBad: isBad, in: situation, start: start, on: &state)

        let inBlip = predictedBlip(state.blip, after: max(gap, 0))
        let model = inBlip * EvidenceModel.blipBadProbability + (1 - inBlip) * budget
        state.blip =
            isBad
            ? inBlip * EvidenceModel.blipBadProbability / model
            : inBlip * (1 - EvidenceModel.blipBadProbability) / (1 - model)
        let factor = trouble == .tooLong ? min(factors[situation], 1) : factors[situation]
        let most = situation.isGoodBetween ? alternatives.degraded : EvidenceModel.mostLearned
        let healthy = corrected(model, by: factor, most: most, isBad: isBad, after: max(gap, 0), on: &state)
        let wasQuiet = state.scores.highest == 0
        // A good probe never adds: what is zero stays zero.
        let increments =
            isBad || isShown || !wasQuiet ? increments(isBad: isBad, healthy: healthy) : EvidenceScores.zero
        if isBad || !wasQuiet { state.scores.add(increments) }
        return Weight(
            healthyProbability: healthy,
            modelProbability: model,
            situation: situation,
            trouble: trouble,
            increments: increments,
            scores: state.scores,
            wasQuiet: wasQuiet
        )
    }

    private func increments(isBad: Bool, healthy: Double) -> EvidenceScores {
        // Spells that come twice as often as they should are worth leaving for, also where the share of bad ones is small.
        let twice = EvidenceModel.degradedOdds * healthy / (1 + (EvidenceModel.degradedOdds - 1) * healthy)
        let degraded = max(alternatives.degraded, min(EvidenceModel.outageBadProbability, twice))
        let shares = EvidenceScores(outage: alternatives.outage, partial: alternatives.partial, degraded: degraded)
        return shares.map { alternative in
            // At least the healthy chance, so that a bad probe is never good news.
            let probability = max(alternative, healthy)
            return Double.log10(isBad ? probability / healthy : (1 - probability) / (1 - healthy))
        }
    }

    /// The model's chance, corrected by what the endpoint has shown, to `most` at most.
    ///
    /// Where it is better than its objective, it may become as slow as that for an hour now and then.
    private func corrected(
        _ model: Double,
        by factor: Double,
        most: Double,
        isBad: Bool,
        after gap: Double,
        on state: inout State
    ) -> Double {
        guard factor != 1 else { return model }
        let learned = min(max(most, model), model * factor)
        guard factor < 1 else { return learned }
        let busy =
            state.busy * Double.exp(-gap / EvidenceModel.busyLength)
            + (1 - state.busy) * min(gap / EvidenceModel.busyEvery, 1)
        let healthy = busy * model + (1 - busy) * learned
        state.busy = busy * (isBad ? model / healthy : (1 - model) / (1 - healthy))
        return healthy
    }

    private func trouble(
        isBad: Bool,
        in situation: Situation,
        start: MonotonicInstant,
        on state: inout State
    ) -> Trouble {
        state.counts.take(isBad: isBad)
        if situation == .clear || situation == .good4 {
            state.troubleSince = isBad ? start : nil
            return isBad ? .begins : .none
        }
        guard let since = state.troubleSince else { return .none }
        if Self.seconds(from: since, to: start) > longestTrouble { return .tooLong }
        return .goesOn
    }

    /// The probability of being in a blip when the next probe starts.
    private func predictedBlip(_ blip: Double, after gap: Double) -> Double {
        blip * Double.exp(-gap / blipMean)
            + (1 - blip) * min(blipRate * gap, EvidenceModel.maximumBlipStart)
    }

    /// A long silence only ever lowers a score.
    private func fade(_ scores: inout EvidenceScores, after gap: Double) {
        let excess = gap - EvidenceModel.normalGapIntervals * interval
        guard excess > 0, scores.highest > 0 else { return }
        let factor = Double.exp2(-excess / EvidenceModel.gapHalfLife.inSeconds)
        scores = scores.map { $0 * factor }
    }

    /// Whole seconds and the rest apart, rounded as `Duration.inSeconds` rounds.
    private static func seconds(from earlier: MonotonicInstant, to later: MonotonicInstant) -> Double {
        let (seconds, rest) = (later.nanoseconds &- earlier.nanoseconds).quotientAndRemainder(dividingBy: 1_000_000_000)
        return Double(seconds) + Double(rest * 1_000_000_000) * 1e-18
    }
}

// MARK: - For what is learned

extension EvidenceScale {
    /// How many bad probes the model's own expectation counts for in each situation, before anything was seen.
    ///
    /// In rows as much as fourteen hiccups would show, so that a clean outage is found as early as configured until
    /// hiccups have been seen to be longer.
    var priorWeights: PerSituation<Double> {
        let stay = Double.exp(-confirmGap / blipMean)
        let begins = min(blipRate * interval, EvidenceModel.maximumBlipStart)
        let bad = EvidenceModel.blipBadProbability
        let first = bad * begins / (bad * begins + budget * (1 - begins))
        let then = first * stay + (1 - first) * min(blipRate * confirmGap, EvidenceModel.maximumBlipStart)
        let afterOne = bad * then + budget * (1 - then)
        let inRow = bad * stay + budget * (1 - stay)
        var weights = PerSituation(repeating: EvidenceModel.priorHiccups * inRow / (1 - inRow))
        weights[.clear] = 1
        for situation in [Situation.good4, .good2, .good1] { weights[situation] = 3 }
        weights[.lapse] = 0.3
        weights[.bad1] = min(3, 300 * afterOne)
        return weights
    }

    /// Of the numbers that counts depend on (FNV-1a), and of this very rule: another one begins with another seed.
    var digest: UInt64 {
        let numbers: [Double] = [
            budget, blipRate, blipMean, interval, confirmGap, isTimed ? 1 : 0, EvidenceModel.blipBadProbability,
            EvidenceModel.maximumBlipStart,
        ]
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for number in numbers {
            for byte in 0..<8 {
                hash ^= (number.bitPattern >> UInt64(8 * byte)) & 0xFF
                hash &*= 0x100_0000_01b3
            }
        }
        return hash
    }
}
