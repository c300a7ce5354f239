import FailoverCore

/// What a comparison comes to, worked out from its figures.
package struct DecisionVerdicts: Sendable, Equatable {
    /// Whether each preset keeps its budget, by preset and noise.
    package let budgets: [BudgetShare]
    /// How `balanced` stands among rules that cost no more, at its own budget and at the first rule's rate.
    package let standings: [Standing]
    /// What became of each preset of the first rule.
    package let changes: [Change]

    package init(_ results: DecisionResults) {
        budgets = Preset.allCases.flatMap { BudgetShare.all(of: $0, in: results) }
        standings = [Preset.balanced.rawValue, Contestant.nameAtFirstRate].flatMap { name in
            [
                Standing(of: name, in: results, when: "after an hour", results.delays),
                Standing(of: name, in: results, when: "after \(results.record.grouped) probes", results.recordDelays),
            ].compactMap(\.self)
        }
        changes = Preset.allCases.flatMap { Change.all(of: $0, in: results) }
    }

    /// What a preset costs on one noise.
    package struct BudgetShare: Sendable, Equatable {
        package let preset: String
        package let noise: String
        /// False failovers as a multiple of what the preset allows, and its 95 % interval.
        package let times: Double
        package let bounds: ClosedRange<Double>

        /// Above it a budget counts as missed.
        package static let tolerated = 2.0

        package var isAbove: Bool { times > Self.tolerated }
        /// Chance does not explain it.
        package var isCertainlyAbove: Bool { bounds.lowerBound > Self.tolerated }

        static func all(of preset: Preset, in results: DecisionResults) -> [BudgetShare] {
            let probesPerYear = EvidenceModel.secondsPerYear / DecisionBench.interval.inSeconds
            let scale = probesPerYear / 1e6 / EvidenceParameters.preset(preset).falseFailoversPerYear
            return results.healthyCounts(of: preset.rawValue).map { noise, counts in
                let bounds = counts.bounds
                return BudgetShare(
                    preset: preset.rawValue,
                    noise: noise,
                    times: counts.perMillion * scale,
                    bounds: (bounds.lowerBound * scale)...(bounds.upperBound * scale)
                )
            }
        }
    }

    /// How one rule's delays compare with those of all rules that have no more false failovers.
    package struct Standing: Sendable, Equatable {
        package let contestant: String
        package let when: String
        /// Rules of others with no more in bursty and in mild noise, as far as chance allows to say.
        package let rivals: [String]
        package let faults: Int
        /// Where one of them is quicker; in every other fault it leads, or ties within two standard errors.
        package let behind: [Behind]

        package struct Behind: Sendable, Equatable {
            package let fault: String
            package let rival: String
            /// Mean delays in probes.
            package let own: Double
            package let theirs: Double
        }

        /// Standard errors that chance may explain.
        static let tolerated = 2.0
        /// The noises in which rates are compared: of the design, those with and without long hiccups.
        private static let noises = ["bursty", "mild"]

        /// `nil` without the contestant.
        init?(of name: String, in results: DecisionResults, when: String, _ delays: [[DelayFigures]]) {
            guard let own = results.contestants.firstIndex(of: name) else { return nil }
            let counts = zip(NoiseModel.all, results.healthy).filter { Self.noises.contains($0.0.name) }.map { $0.1 }
            let rivals = results.contestants.indices.filter { rival in
                !Contestant.isOurs(results.contestants[rival])
                    && counts.allSatisfy { Difference(from: $0[own], to: $0[rival]).errors <= Self.tolerated }
            }
            contestant = name
            self.when = when
            self.rivals = rivals.map { results.contestants[$0] }
            faults = delays.count
            behind = zip(GrayFault.all, delays).flatMap { fault, figures in
                rivals.filter { Difference(from: figures[$0], to: figures[own]).errors > Self.tolerated }.map { rival in
                    Behind(
                        fault: fault.name,
                        rival: results.contestants[rival],
                        own: figures[own].mean,
                        theirs: figures[rival].mean
                    )
                }
            }
        }

        /// Faults in which no rival is quicker.
        package var held: Int { faults - Set(behind.map(\.fault)).count }
    }

    /// A figure of a preset, now and under the first rule.
    package struct Change: Sendable, Equatable {
        package let preset: String
        /// A fault, an hour after the start in bursty noise, or a healthy noise.
        package let column: String
        package let before: String
        package let now: String
        /// By how many combined standard errors it is worse; below zero it is better.
        package let errors: Double

        static func all(of preset: Preset, in results: DecisionResults) -> [Change] {
            let (name, first) = (preset.rawValue, Contestant.first(preset))
            guard let own = results.contestants.firstIndex(of: name),
                let former = results.contestants.firstIndex(of: first)
            else { return [] }
            let delays = zip(GrayFault.all, results.delays).map { fault, figures in
                Change(
                    preset: name,
                    column: fault.name,
                    before: figures[former].text,
                    now: figures[own].text,
                    errors: Difference(from: figures[former], to: figures[own]).errors
                )
            }
            let rates = zip(results.healthyCounts(of: first), results.healthyCounts(of: name)).map { before, now in
                Change(
                    preset: name,
                    column: "false in \(now.noise)",
                    before: before.counts.text,
                    now: now.counts.text,
                    errors: Difference(from: before.counts, to: now.counts).errors
                )
            }
            return delays + rates
        }
    }
}

/// A difference of two figures in their combined standard errors; above zero the second one is larger.
private struct Difference {
    let errors: Double

    /// Of two counts over equally many probes.
    init(from before: HealthyCounts, to now: HealthyCounts) {
        self.init(Double(now.trips - before.trips), error: Double(max(1, now.trips + before.trips)).squareRoot())
    }

    init(from before: DelayFigures, to now: DelayFigures) {
        let (one, other) = (before.standardError, now.standardError)
        self.init(now.mean - before.mean, error: (one * one + other * other).squareRoot())
    }

    private init(_ difference: Double, error: Double) {
        // Rules that never differ from run to run have no error; sums of them differ in their last digits.
        guard abs(difference) > 1e-9 else {
            errors = 0
            return
        }
        errors = error > 0 ? difference / error : (difference > 0 ? .infinity : -.infinity)
    }
}
