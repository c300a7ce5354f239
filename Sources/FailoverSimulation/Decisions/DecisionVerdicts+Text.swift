import FailoverCore

extension DecisionResults {
    package var verdicts: DecisionVerdicts { DecisionVerdicts(self) }
}

extension DecisionVerdicts {
    /// False failovers as multiples of the budgets.
    package var budgetTable: DecisionTable {
        let noises = (NoiseModel.all + NoiseModel.heldOut).map(\.name).filter { noise in
            budgets.contains { $0.noise == noise }
        }
        func text(_ preset: String, _ noise: String) -> String {
            budgets.first { $0.preset == preset && $0.noise == noise }?.text ?? "-"
        }
        let presets = Preset.allCases.map(\.rawValue).filter { preset in budgets.contains { $0.preset == preset } }
        let rows = presets.map { preset in [preset] + noises.map { text(preset, $0) } }
        return DecisionTable(
            title: "False failovers as a multiple of each preset's budget, with 95 % bounds",
            header: ["preset"] + noises,
            rows: rows
        )
    }

    /// What follows from the figures, one statement a line.
    package var lines: [String] { budgetLines + standings.map(\.line) + changeLines }

    private var budgetLines: [String] {
        guard !budgets.isEmpty else { return [] }
        func named(_ some: [BudgetShare]) -> String {
            some.isEmpty ? "none" : some.map { "\($0.preset) in \($0.noise) \($0.text)" }.joined(separator: ", ")
        }
        let limit = BudgetShare.tolerated.trimmed
        return [
            "budgets: \(budgets.count { !$0.isAbove }) of \(budgets.count) are within \(limit) times; "
                + "above: \(named(budgets.filter(\.isAbove)))",
            "budgets certainly above \(limit) times: \(named(budgets.filter(\.isCertainlyAbove)))",
        ]
    }

    private var changeLines: [String] {
        Preset.allCases.compactMap { preset in
            let some = changes.filter { $0.preset == preset.rawValue }
            guard !some.isEmpty else { return nil }
            let worse = some.filter { $0.errors > 2 }
            let better = some.filter { $0.errors < -2 }
            let certainlyWorse = worse.count { $0.errors > 3 }
            let certainlyBetter = better.count { $0.errors < -3 }
            let names = worse.map { "\($0.column) \($0.before) -> \($0.now), \($0.errorText)" }
            let head = "\(preset.rawValue) against \(Contestant.first(preset)): of \(some.count) columns"
            let gains = "\(better.count) better by more than 2 standard errors (\(certainlyBetter) by more than 3)"
            let losses = "\(worse.count) worse (\(certainlyWorse) by more than 3)"
            return "\(head) \(gains), \(losses)" + (names.isEmpty ? "" : ": \(names.joined(separator: "; "))")
        }
    }
}

extension DecisionVerdicts.BudgetShare {
    var text: String {
        let decimals = times < 9.95 ? 1 : 0
        let (low, high) = (bounds.lowerBound, bounds.upperBound)
        return "\(times.formatted(decimals: decimals)) "
            + "[\(low.formatted(decimals: decimals))-\(high.formatted(decimals: decimals))]"
    }
}

extension DecisionVerdicts.Standing {
    fileprivate var line: String {
        let names = rivals.isEmpty ? "" : " (\(rivals.joined(separator: ", ")))"
        let losses = behind.map {
            "\($0.fault) \($0.own.formatted(decimals: 1)) to \($0.theirs.formatted(decimals: 1)) of \($0.rival)"
        }
        return "\(contestant) \(when), against \(rivals.count.counted("rule")) with no more false failovers\(names): "
            + "leads or ties in \(held) of \(faults) faults"
            + (losses.isEmpty ? "" : "; behind in \(losses.joined(separator: ", "))")
    }
}

extension DecisionVerdicts.Change {
    fileprivate var errorText: String {
        errors.isFinite ? "\(errors.formatted(decimals: 1)) standard errors" : "in every run"
    }
}
