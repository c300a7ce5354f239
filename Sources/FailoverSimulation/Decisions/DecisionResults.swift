import FailoverCore

/// All that a comparison found, by contestant.
package struct DecisionResults: Sendable, Equatable {
    package let contestants: [String]
    /// Those of them that were played on held-out noise.
    package let others: [String]
    package let probes: Int
    package let runs: Int
    package let seed: UInt64
    /// Healthy probes before the faults of `recordDelays`.
    package let record: Int
    /// In the order of `NoiseModel.all`.
    package private(set) var healthy: [[HealthyCounts]]
    /// In the order of `NoiseModel.heldOut`, for `others`.
    package private(set) var otherNoise: [[HealthyCounts]]
    /// An hour after the start, in the order of `GrayFault.all`.
    package private(set) var delays: [[DelayFigures]]
    /// After a long healthy record, in the same order.
    package let recordDelays: [[DelayFigures]]
    /// In the order of `FlapPattern.allCases`.
    package private(set) var flaps: [[FlapCounts]]
    /// Runs with a needless move, in the order of `DecisionBench.losses`; without a witness, and with one.
    package private(set) var unwitnessed: [[Int]]
    package private(set) var witnessed: [[Int]]

    /// Puts together what the jobs of a bench found; parts are in the order of its jobs.
    package init(_ bench: DecisionBench, parts: [DecisionBench.Part]) {
        contestants = bench.contestants.map(\.name)
        others = bench.others.map(\.name)
        probes = bench.probes
        runs = bench.runs
        seed = bench.seed
        record = bench.record
        healthy = NoiseModel.all.map { _ in [] }
        otherNoise = NoiseModel.heldOut.map { _ in [] }
        delays = []
        flaps = []
        unwitnessed = []
        witnessed = []
        var afterRecords = GrayFault.all.map { _ in bench.contestants.map { _ in [Int?]() } }
        for (job, part) in zip(bench.jobs, parts) {
            switch (job, part) {
            case (.healthy(let noise, _), .healthy(let counts)): healthy[noise] += counts
            case (.otherNoise(let noise, _), .healthy(let counts)): otherNoise[noise] += counts
            case (.record, .record(let found)):
                for (fault, contestants) in found.enumerated() {
                    for (contestant, runs) in contestants.enumerated() { afterRecords[fault][contestant] += runs }
                }
            case (.delay, .delay(let figures)): delays.append(figures)
            case (.flap, .flap(let counts)): flaps.append(counts)
            case (.observer(_, false), .observer(let moved)): unwitnessed.append(moved)
            case (.observer(_, true), .observer(let moved)): witnessed.append(moved)
            default: break
            }
        }
        recordDelays = zip(GrayFault.all, afterRecords).map { fault, contestants in
            contestants.map { DelayFigures($0, horizon: fault.horizon) }
        }
    }

    /// What a contestant did on each noise that it was played on; those of the design first.
    func healthyCounts(of contestant: String) -> [(noise: String, counts: HealthyCounts)] {
        func counts(
            _ models: [NoiseModel],
            _ all: [[HealthyCounts]],
            _ names: [String]
        ) -> [(noise: String, counts: HealthyCounts)] {
            guard let index = names.firstIndex(of: contestant) else { return [] }
            return zip(models, all).map { ($0.name, $1[index]) }
        }
        return counts(NoiseModel.all, healthy, contestants) + counts(NoiseModel.heldOut, otherNoise, others)
    }
}

/// A figure that was written down, measured again.
package struct DecisionCell: Sendable, Equatable {
    package let table: String
    package let contestant: String
    package let column: String
    package let stated: String
    package let measured: String
    /// The largest of the cell's figures, in combined standard errors and beyond the rounding of what was stated.
    package let deviation: Double
    /// Why it need not agree; `nil` for nearly all.
    package let exception: String?

    /// Combined standard errors that chance may explain.
    package static let allowed = 3.0

    package var isWithin: Bool { deviation <= Self.allowed }
    /// Off, and nothing explains it.
    package var isOff: Bool { !isWithin && exception == nil }
}

extension DecisionResults {
    /// Every stated figure beside the measured one.
    package var cells: [DecisionCell] {
        [DesignFigures.defaults, DesignFigures.atFive, DesignFigures.atHalf].flatMap(delayCells)
            + flapCells(DesignFigures.flapping)
            + observerCells(DesignFigures.observer, unwitnessed)
            + observerCells(DesignFigures.witnessed, witnessed)
    }

    private func each(
        _ table: DesignFigures.Table,
        _ compare: (_ column: Int, _ contestant: Int, _ text: String) -> (measured: String, deviation: Double)?
    ) -> [DecisionCell] {
        table.rows.flatMap { row -> [DecisionCell] in
            guard let contestant = contestants.firstIndex(of: row.contestant) else { return [] }
            return zip(table.columns.indices, row.cells).compactMap { column, text in
                guard let text, let found = compare(column, contestant, text) else { return nil }
                return cell(table.name, row.contestant, table.columns[column], text, found)
            }
        }
    }

    private func cell(
        _ table: String,
        _ contestant: String,
        _ column: String,
        _ stated: String,
        _ found: (measured: String, deviation: Double)
    ) -> DecisionCell {
        DecisionCell(
            table: table,
            contestant: contestant,
            column: column,
            stated: stated,
            measured: found.measured,
            deviation: found.deviation,
            exception: DesignException.reason(table: table, contestant: contestant, column: column)
        )
    }

    // MARK: - False failovers and delays

    private func delayCells(_ table: DesignFigures.Table) -> [DecisionCell] {
        let rates = table.rows.compactMap { row -> DecisionCell? in
            guard let rate = row.falseRate, let stated = StatedFigure(rate.text),
                let contestant = contestants.firstIndex(of: row.contestant)
            else { return nil }
            let counts = healthy[0][contestant]
            let error = Combined.rate(counts.trips, of: counts.probes, stated: stated.value, theirs: rate.probes)
            let found = (counts.text, stated.deviation(of: counts.perMillion, standardError: error))
            return cell(table.name, row.contestant, "false per 1e6", rate.text, found)
        }
        return rates
            + each(table) { column, contestant, text in
                let name = table.columns[column]
                guard let fault = GrayFault.all.firstIndex(where: { $0.name == name }), let stated = StatedDelay(text)
                else { return nil }
                let figures = delays[fault][contestant]
                return (figures.text, figures.deviation(from: stated))
            }
    }

    // MARK: - Flapping and the observer

    private func flapCells(_ table: DesignFigures.Table) -> [DecisionCell] {
        each(table) { column, contestant, text in
            let pattern = FlapPattern.allCases[column]
            let counts = flaps[column][contestant]
            if pattern.isBlip {
                guard let stated = ShareText.percent(text) else { return nil }
                return (counts.text(pattern), shareDeviation(stated, counts.runsWithSwitch))
            }
            guard let (head, share) = ShareText.split(text), let stated = StatedFigure(head) else { return nil }
            let hours = Double(pattern.hours)
            func error(_ deviation: Double) -> Double {
                Combined.mean(deviation: deviation, runs: runs, theirs: DesignFigures.flapRuns)
            }
            let switches = stated.deviation(
                of: counts.meanSwitches / hours,
                standardError: error(counts.switchDeviation / hours)
            )
            let hit = share?.deviation(
                of: counts.hitShare,
                standardError: error(counts.hitDeviation)
            )
            return (counts.text(pattern), max(switches, hit ?? 0))
        }
    }

    private func observerCells(_ table: DesignFigures.Table, _ moved: [[Int]]) -> [DecisionCell] {
        each(table) { column, contestant, text in
            guard let stated = ShareText.percent(text) else { return nil }
            let count = moved[column][contestant]
            return (percent(Double(count) / Double(max(1, runs))), shareDeviation(stated, count))
        }
    }

    private func shareDeviation(_ stated: StatedFigure, _ count: Int) -> Double {
        stated.deviation(
            of: Double(count) / Double(max(1, runs)),
            standardError: Combined.share(count, of: runs, stated: stated.value)
        )
    }
}

extension DelayFigures {
    /// The largest of what a stated cell says.
    fileprivate func deviation(from stated: StatedDelay) -> Double {
        let runs = runs
        var all = [0.0]
        if let mean = stated.mean {
            all.append(
                mean.deviation(of: self.mean, standardError: Combined.mean(deviation: deviation, runs: runs))
            )
        }
        if let p95 = stated.p95 { all.append(deviation(fromP95: p95)) }
        if let found = stated.found {
            let error = Combined.share(self.found, of: runs, stated: found.value)
            all.append(found.deviation(of: share, standardError: error))
        }
        if stated.isRarelyFound, share > 0.5 {
            let half = StatedFigure(value: 0.5, rounding: 0)
            all.append(half.deviation(of: share, standardError: Combined.share(self.found, of: runs, stated: 0.5)))
        }
        return all.reduce(0, max)
    }
}

/// Stated figures whose set-up is not known well enough to be repeated.
enum DesignException {
    /// Without a contestant or a column: all of the table.
    private static let all: [(table: String, contestant: String?, column: String?, reason: String)] = [
        (
            "defaults", "haproxy 3/2", "err 30",
            "the stated percentile was low by chance: three in a row at 30 % take 51/150 by calculation"
        ),
        ("flapping", "r4j w10", nil, "how long its circuit stayed open was not written down"),
        ("flapping", nil, "5m then 30%", "how long the errors went on was not written down"),
        ("observer", "burn 14.4", "50 %", "how much history it had before was not written down"),
    ]

    static func reason(table: String, contestant: String, column: String) -> String? {
        all.first { one in
            one.table == table && (one.contestant ?? contestant) == contestant && (one.column ?? column) == column
        }?.reason
    }
}
