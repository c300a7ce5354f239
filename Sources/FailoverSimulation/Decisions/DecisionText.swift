import FailoverCore

/// A share as `6.0 %`.
func percent(_ share: Double) -> String { "\((share * 100).formatted(decimals: 1)) %" }

/// With as many decimals as three digits need.
private func short(_ value: Double) -> String { value.formatted(decimals: value < 99.95 ? 1 : 0) }

extension HealthyCounts {
    package var text: String {
        let decimals = perMillion < 10 ? 2 : perMillion < 99.95 ? 1 : 0
        let (low, high) = (bounds.lowerBound, bounds.upperBound)
        return "\(perMillion.formatted(decimals: decimals)) "
            + "[\(low.formatted(decimals: decimals))-\(high.formatted(decimals: decimals))]"
    }
}

extension DelayFigures {
    /// Mean, its standard error, the 95th percentile, and the share that was found unless it is all.
    package var text: String {
        guard found > 0 else { return "never" }
        let share = found == runs ? "" : " (\((self.share * 100).formatted(decimals: 0)) %)"
        return "\(short(mean))±\(standardError.formatted(decimals: 1))/\(p95.formatted(decimals: 0))\(share)"
    }
}

extension FlapCounts {
    /// Switches an hour and the share of bad probes that hit; for a blip, the chance of a failover.
    package func text(_ pattern: FlapPattern) -> String {
        guard !pattern.isBlip else { return percent(movedShare) }
        return "\((meanSwitches / Double(pattern.hours)).formatted(decimals: 2)) (\(percent(hitShare)))"
    }
}

/// A table of text, for a terminal or a document.
package struct DecisionTable: Sendable, Equatable {
    package let title: String
    /// Headings, the first of them that of the names.
    package let header: [String]
    package let rows: [[String]]

    private static let width = 80

    /// For a terminal: as many columns side by side as fit, the rest below.
    package var text: String {
        let widths = header.indices.map { column in
            ([header[column]] + rows.map { $0[column] }).map(\.count).max() ?? 0
        }
        var groups: [[Int]] = []
        var used = 0
        for column in header.indices.dropFirst() {
            if groups.isEmpty || used + 2 + widths[column] > Self.width {
                groups.append([])
                used = widths[0]
            }
            groups[groups.count - 1].append(column)
            used += 2 + widths[column]
        }
        let blocks = groups.map { columns in
            ([header] + rows).map { row in
                let name = row[0] + String(repeating: " ", count: widths[0] - row[0].count)
                return columns.reduce(name) { line, column in
                    line + "  " + String(repeating: " ", count: widths[column] - row[column].count) + row[column]
                }
            }.joined(separator: "\n")
        }
        return "\(title)\n\n" + blocks.joined(separator: "\n\n") + "\n"
    }

    package var markdown: String {
        let lines = [header, ["---"] + header.dropFirst().map { _ in "---:" }] + rows
        return "\(title).\n\n" + lines.map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n") + "\n"
    }
}

extension DecisionResults {
    /// The tables, with an exclamation mark behind what is off.
    package var tables: [DecisionTable] {
        [healthyTable, delayTable, flapTable, observerTable, otherNoiseTable, recordTable]
    }

    /// With an exclamation mark behind stated figures that are off.
    private func table(
        _ title: String,
        _ columns: [String],
        _ cell: (_ column: Int, _ contestant: Int) -> String
    ) -> DecisionTable {
        let off = cells.filter { !$0.isWithin }
        let rows = contestants.enumerated().map { contestant, name in
            [name]
                + columns.enumerated().map { column, heading in
                    let isOff = off.contains { $0.contestant == name && heading == $0.column }
                    return cell(column, contestant) + (isOff ? "!" : "")
                }
        }
        return DecisionTable(title: title, header: ["rule"] + columns, rows: rows)
    }

    private var otherNoiseTable: DecisionTable {
        DecisionTable(
            title:
                "False failovers per million healthy probes in noise that nothing was fitted to, with\n95 % bounds; that of the last two columns was drawn up when the rule was done",
            header: ["rule"] + NoiseModel.heldOut.map(\.name),
            rows: others.enumerated().map { contestant, name in
                [name] + otherNoise.map { $0[contestant].text }
            }
        )
    }

    private var recordTable: DecisionTable {
        DecisionTable(
            title: "Probes to the verdict after \(record.grouped) probes in bursty noise: mean±standard error/95th\n"
                + "percentile (share of runs that found it, unless all)",
            header: ["rule"] + GrayFault.all.map(\.name),
            rows: contestants.enumerated().map { contestant, name in
                [name] + recordDelays.map { $0[contestant].text }
            }
        )
    }

    private var healthyTable: DecisionTable {
        let names = NoiseModel.all.map(\.name)
        let table = table(
            "False failovers per million healthy probes, with 95 % bounds, and share of time\ndown in bursty noise; one a million is 6.3 a year at 5 s",
            ["false per 1e6"] + names.dropFirst() + ["down"]
        ) { column, contestant in
            guard column < healthy.count else {
                let counts = healthy[0][contestant]
                return "\((Double(counts.down) * 100 / Double(max(1, counts.probes))).formatted(decimals: 3)) %"
            }
            return healthy[column][contestant].text
        }
        // Only there is it compared.
        let header = table.header.map { $0 == "false per 1e6" ? names[0] : $0 }
        return DecisionTable(title: table.title, header: header, rows: table.rows)
    }

    private var delayTable: DecisionTable {
        table(
            "Probes from a fault to the verdict in bursty noise: mean±standard error/95th\npercentile (share of runs that found it, unless all)",
            GrayFault.all.map(\.name)
        ) { delays[$0][$1].text }
    }

    private var flapTable: DecisionTable {
        table(
            "Chance that a blip moves traffic; for the rest switches an hour (share of its\nbad probes that hit users)",
            FlapPattern.allCases.map(\.rawValue)
        ) { flaps[$0][$1].text(FlapPattern.allCases[$0]) }
    }

    private var observerTable: DecisionTable {
        table(
            "Chance of a needless move while the observer loses a share of its own probes for\n60 s; w: where a bad probe counts only with a clean witness",
            DesignFigures.observer.columns + DesignFigures.witnessed.columns
        ) { column, contestant in
            let moved = (unwitnessed + witnessed)[column][contestant]
            return percent(Double(moved) / Double(max(1, runs)))
        }
    }

    /// How many of the stated figures agree, and which do not.
    package var summary: String {
        let cells = cells
        let within = cells.count { $0.isWithin }
        let lines = cells.filter { !$0.isWithin }.map { cell in
            let deviation = cell.deviation.isFinite ? cell.deviation.formatted(decimals: 1) : "infinitely many"
            return "  \(cell.contestant), \(cell.column) (\(cell.table)): off by \(deviation)\n"
                + "    stated \(cell.stated), measured \(cell.measured)\n"
                + "    \(cell.exception.map { "excepted: \($0)" } ?? "NOT EXPLAINED")"
        }
        let head =
            "\(within) of \(cells.count) stated figures are within \(DecisionCell.allowed.trimmed) standard errors"
        return ([head] + lines).joined(separator: "\n")
    }
}
