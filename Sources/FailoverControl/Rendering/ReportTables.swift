import FailoverCore
package import FailoverWire

/// `failoverctl report` for a page of notes, or for a spreadsheet.
package enum ReportTables {
    // MARK: Markdown

    package static func markdown(_ report: ReportDocument) -> String {
        var lines = [
            "# Report of \(Wording.count(report.days, "day"))", "", "From \(report.from) to \(report.at).", "",
        ]
        if let trouble = report.trouble { lines += ["The history is not complete: \(escaped(trouble))", ""] }
        for route in report.routes {
            lines += ["## Route \(route.route)", "", "\(ReportFigures.verdict(route)).", ""]
            lines += table(
                ["", "good", "bad time", "budget left", "known", "bad probes"],
                [("as routed", route.asRouted), ("without failover", route.withoutFailover)].map { name, budget in
                    [
                        name, ReportFigures.good(budget), ReportFigures.badTime(budget), ReportFigures.left(budget),
                        ReportFigures.known(budget), "\(budget.bad.grouped) of \(budget.samples.grouped)",
                    ]
                }
            )
            guard !route.failovers.isEmpty else {
                lines += ["No failover.", ""]
                continue
            }
            lines += table(
                ["failover", "from", "to", "away for", "bad before", "extra \(report.currency)", "why"],
                route.failovers.map { failover in
                    [
                        "\(failover.at)", failover.from, failover.to, ReportFigures.length(failover),
                        ReportFigures.before(failover), ReportFigures.extra(failover) ?? "-", failover.reason.text,
                    ]
                }
            )
        }
        lines += ["## Endpoints", ""]
        lines += table(
            ["endpoint", "region", "good", "budget left", "in time", "token in time", "known"],
            report.endpoints.map { endpoint in
                let budgets = endpoint.budgets
                return [
                    endpoint.endpoint, endpoint.region, ReportFigures.good(budgets.availability),
                    ReportFigures.left(budgets.availability), budgets.latency.map(ReportFigures.good) ?? "",
                    budgets.ttft.map(ReportFigures.good) ?? "", ReportFigures.known(budgets.availability),
                ]
            }
        )
        return lines.dropLast().joined(separator: "\n") + "\n"
    }

    private static func table(_ head: [String], _ rows: [[String]]) -> [String] {
        let lines = [head, head.map { _ in "---" }] + rows
        return lines.map { "| " + $0.map(escaped).joined(separator: " | ") + " |" } + [""]
    }

    private static func escaped(_ text: String) -> String {
        text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }

    // MARK: CSV

    /// One line for each budget and one for each failover; fields that do not apply are empty.
    package static func csv(_ report: ReportDocument) -> String {
        var rows = [columns]
        for route in report.routes {
            rows.append(row("route", route.route, "as_routed", route.asRouted))
            rows.append(row("route", route.route, "without_failover", route.withoutFailover))
        }
        for endpoint in report.endpoints {
            rows.append(row("endpoint", endpoint.endpoint, "availability", endpoint.budgets.availability))
            if let latency = endpoint.budgets.latency {
                rows.append(row("endpoint", endpoint.endpoint, "latency", latency))
            }
            if let ttft = endpoint.budgets.ttft { rows.append(row("endpoint", endpoint.endpoint, "ttft", ttft)) }
        }
        for route in report.routes {
            for failover in route.failovers { rows.append(row(route.route, failover)) }
        }
        return rows.map { $0.map(quoted).joined(separator: ",") + "\r\n" }.joined()
    }

    private static let columns = [
        "kind", "name", "side", "objective", "samples", "bad", "ratio", "budget_left", "covered_seconds", "at", "from",
        "to", "seconds", "bad_before", "seconds_before", "extra_cost", "reason",
    ]

    private static func row(_ kind: String, _ name: String, _ side: String, _ budget: BudgetDocument) -> [String] {
        [
            kind, name, side, "\(budget.objective)", "\(budget.samples)", "\(budget.bad)",
            budget.ratio.map { "\($0)" } ?? "", budget.budgetLeft.map { "\($0)" } ?? "", "\(budget.coveredSeconds)",
        ] + Array(repeating: "", count: 8)
    }

    private static func row(_ route: String, _ failover: ReportDocument.Failover) -> [String] {
        ["failover", route, failover.share ?? ""] + Array(repeating: "", count: 6) + [
            "\(failover.at)", failover.from, failover.to, "\(failover.seconds)",
            failover.badBefore.map { "\($0)" } ?? "",
            failover.secondsBefore.map { "\($0)" } ?? "", failover.extraCost.map { "\($0)" } ?? "",
            failover.reason.text,
        ]
    }

    /// RFC 4180; what a spreadsheet would take for a formula is made text.
    private static func quoted(_ field: String) -> String {
        let isFormula = field.first.map { "=+@".contains($0) } ?? false
        let text = isFormula ? "'" + field : field
        guard text.contains(where: { ",\"\r\n".contains($0) }) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
