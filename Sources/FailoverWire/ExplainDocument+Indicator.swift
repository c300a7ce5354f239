import FailoverCore

extension ExplainDocument {
    /// The arithmetic of one indicator.
    package struct Indicator: Codable, Hashable, Sendable {
        package var name: String
        /// That of the leading alternative; of the plain rules, a count of bad probes.
        package var threshold: Double
        /// By alternative; absent for the plain rules, and in what earlier versions kept.
        package var thresholds: [String: Double]?
        /// By alternative: `outage`, `partial`, `degraded`; empty for the plain rules.
        package var scores: [String: Double]
        /// Oldest first.
        package var steps: [Step]
        /// What corrects the model's chance, by situation; absent where nothing does.
        package var baseline: [Learned]?
    }

    /// One probe and what it did to the scores.
    package struct Step: Codable, Hashable, Sendable {
        package var at: WallTime
        /// A reason code, `ok` or `slow`.
        package var finding: String
        package var bad: Bool
        /// Where it stood after those before it: the name of a `Situation`; absent in what earlier versions kept.
        package var situation: String?
        /// Probability of a bad probe if the endpoint is healthy, given what came before; 0...1.
        package var healthyProbability: Double
        /// The same without what was learned of this endpoint; absent in what earlier versions kept.
        package var modelProbability: Double?
        /// Added by this probe, by alternative; powers of ten.
        package var increments: [String: Double]
        package var scores: [String: Double]

        private enum CodingKeys: String, CodingKey {
            case at, finding, bad, situation, increments, scores
            case healthyProbability = "healthy_probability"
            case modelProbability = "model_probability"
        }
    }

    /// What the endpoint showed in one situation while it was well.
    package struct Learned: Codable, Hashable, Sendable {
        /// The name of a `Situation`.
        package var situation: String
        /// The same for people.
        package var text: String
        /// Bad probes that were seen in it, and those that the model expected; old ones count for less.
        package var bad: Double
        package var expected: Double
        /// What the model's chance is multiplied with; positive.
        package var factor: Double
        /// The first probe that it knows of.
        package var since: WallTime
    }
}

extension ExplainDocument.Indicator {
    /// The alternative whose score is nearest to its threshold; the graver one of equals, `nil` for the plain rules.
    package var leading: String? { leading(of: scores) }

    /// The alternative that reached its threshold first, among the probes that are told; `nil` if none did, or all of them came
    /// later.
    package var tripped: String? {
        for step in steps {
            guard let name = leading(of: step.scores) else { return nil }
            if isTrip(step, of: name) { return name }
        }
        return nil
    }

    /// Whether a probe made the score of an alternative reach its threshold.
    package func isTrip(_ step: ExplainDocument.Step, of alternative: String) -> Bool {
        let needed = threshold(of: alternative)
        return (step.scores[alternative] ?? 0) >= needed && step.score(before: alternative) < needed
    }

    /// What the score of an alternative has to reach.
    package func threshold(of alternative: String) -> Double { thresholds?[alternative] ?? threshold }

    private func leading(of scores: [String: Double]) -> String? {
        let known = Alternative.allCases.map(\.rawValue).filter { scores[$0] != nil }
        return known.dropFirst().reduce(known.first) { leading, name in
            leading.map { share(of: name, in: scores) > share(of: $0, in: scores) ? name : $0 }
        }
    }

    /// How much of its threshold the score of an alternative has reached; 0 or more.
    private func share(of alternative: String, in scores: [String: Double]) -> Double {
        let needed = threshold(of: alternative)
        return needed > 0 ? (scores[alternative] ?? 0) / needed : 0
    }

    init(_ indicator: IndicatorExplanation, at clock: ClockReading) {
        self.init(
            name: indicator.name.description,
            threshold: indicator.threshold.roundedForReaders,
            thresholds: indicator.thresholds.isEmpty ? nil : byAlternative(indicator.thresholds),
            scores: byAlternative(indicator.scores),
            steps: indicator.steps.map { step in
                ExplainDocument.Step(
                    at: clock.wallTime(of: step.start),
                    finding: step.finding.rawValue,
                    bad: step.isBad,
                    situation: step.situation.name,
                    healthyProbability: step.healthyProbability.roundedForReaders,
                    modelProbability: step.modelProbability.roundedForReaders,
                    increments: byAlternative(step.increments),
                    scores: byAlternative(step.scores)
                )
            },
            baseline: indicator.baseline.isEmpty
                ? nil : indicator.baseline.map { ExplainDocument.Learned($0, at: clock) }
        )
    }
}

extension ExplainDocument.Learned {
    fileprivate init(_ learned: LearnedSituation, at clock: ClockReading) {
        self.init(
            situation: learned.situation.name,
            text: learned.situation.text,
            bad: learned.bad.roundedForReaders,
            expected: learned.expected.roundedForReaders,
            factor: learned.factor.roundedForReaders,
            since: clock.wallTime(of: learned.since)
        )
    }
}

extension ExplainDocument.Learned {
    /// What corrected the steps of an indicator, what changes most first.
    ///
    /// What rests on no probes of its own is left out: the situation before it speaks for it.
    package static func applied(to indicator: ExplainDocument.Indicator) -> [Self] {
        let met = Set(indicator.steps.filter { $0.learnedFactor != nil }.compactMap(\.situation))
        return (indicator.baseline ?? [])
            .filter { met.contains($0.situation) && max($0.bad, $0.expected) >= 0.05 }
            .sorted { max($0.factor, 1 / $0.factor) > max($1.factor, 1 / $1.factor) }
    }
}

extension ExplainDocument.Step {
    /// The score of an alternative without this probe, if that was a bad one.
    package func score(before alternative: String) -> Double {
        (scores[alternative] ?? 0) - (increments[alternative] ?? 0)
    }

    /// How many times the model's chance it was held to be, because of what was learned; `nil` where that says nothing.
    package var learnedFactor: Double? {
        guard let model = modelProbability, model > 0 else { return nil }
        let factor = healthyProbability / model
        return abs(factor - 1) > 0.01 ? factor : nil
    }
}

private func byAlternative(_ values: [Double]) -> [String: Double] {
    Dictionary(uniqueKeysWithValues: zip(Alternative.allCases.map(\.rawValue), values.map(\.roundedForReaders)))
}
