import FailoverCore
package import FailoverWire

/// `failoverctl report` as text.
package enum ReportText {
    package static func render(_ report: ReportDocument, in style: TextStyle) -> String {
        var blocks = [heading(report, in: style)]
        blocks += report.routes.map { lines(for: $0, currency: report.currency, in: style) }
        blocks.append(endpoints(report, in: style))
        return blocks.map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n")
    }

    private static func heading(_ report: ReportDocument, in style: TextStyle) -> [String] {
        let days = Wording.count(report.days, "day")
        let first =
            "Report of \(days), \(Wording.dayAndTime(report.from, in: style)) to \(Wording.dayAndTime(report.at, in: style))"
        let trouble = report.trouble.map { "The history is not complete: \($0)" }
        return [first] + (trouble.map { Wording.wrap($0, width: style.width, indent: 0) } ?? [])
    }

    // MARK: Routes

    private static func lines(for route: ReportDocument.Route, currency: String, in style: TextStyle) -> [String] {
        let first = "\(route.route): \(ReportFigures.verdict(route))"
        var table = TextTable(columns: [
            .init(""), .init("GOOD", isRightAligned: true), .init("BAD TIME", isRightAligned: true),
            .init("BUDGET LEFT", isRightAligned: true), .init("KNOWN", isRightAligned: true),
            .init("BAD PROBES", isRightAligned: true, dropOrder: 0),
        ])
        for (name, budget) in [("as routed", route.asRouted), ("without failover", route.withoutFailover)] {
            table.add([
                .init(name), .init(ReportFigures.good(budget)), .init(ReportFigures.badTime(budget)),
                .init(ReportFigures.left(budget), paint(budget)), .init(ReportFigures.known(budget)),
                .init("\(budget.bad.grouped) of \(budget.samples.grouped)"),
            ])
        }
        return Wording.wrap(first, width: style.width, indent: 0) + table.lines(in: style, indent: 2)
            + outlook(of: route, in: style) + failovers(of: route, currency: currency, in: style)
    }

    private static func paint(_ budget: BudgetDocument) -> Paint {
        guard let left = budget.budgetLeft else { return .dim }
        return left < 0 ? .red : left < 0.25 ? .yellow : .plain
    }

    private static func outlook(of route: ReportDocument.Route, in style: TextStyle) -> [String] {
        guard let time = route.asRouted.exhaustedAt, (route.asRouted.budgetLeft ?? 0) > 0 else { return [] }
        let text = "If it goes on like this, the budget is used up at \(Wording.dayAndTime(time, in: style))."
        return Wording.wrap(text, width: style.width, indent: 2)
    }

    private static func failovers(
        of route: ReportDocument.Route,
        currency: String,
        in style: TextStyle
    ) -> [String] {
        guard !route.failovers.isEmpty else { return ["  No failover."] }
        let hasCost = route.failovers.contains { $0.extraCost != nil }
        func lines(isNarrow: Bool, in style: TextStyle) -> [String] {
            failoverTable(of: route, currency: hasCost ? currency : nil, isNarrow: isNarrow, in: style)
                .lines(in: style, indent: 2, noteIndent: 4)
        }
        var plain = style
        plain.colour = false
        let fits = lines(isNarrow: false, in: plain).allSatisfy { $0.count <= style.width }
        var all = lines(isNarrow: !fits, in: style)
        if hasCost, let requests = route.requestsPerMonth {
            let text = "Extra costs are those of \(requests.grouped) requests a month beside the preferred endpoint."
            all += Wording.wrap(text, width: style.width, indent: 2)
        }
        return all
    }

    /// `currency` is `nil` where no cost is known; a narrow one tells its last columns in words.
    private static func failoverTable(
        of route: ReportDocument.Route,
        currency: String?,
        isNarrow: Bool,
        in style: TextStyle
    ) -> TextTable {
        let extra = isNarrow ? "" : currency.map { "EXTRA \($0)" } ?? ""
        var table = TextTable(columns: [
            .init("FAILOVER"), .init("FROM"), .init("TO"), .init("AWAY FOR", isRightAligned: true),
            .init(isNarrow ? "" : "BAD BEFORE", isRightAligned: true), .init(extra, isRightAligned: true),
        ])
        for failover in route.failovers {
            let before = ReportFigures.before(failover)
            let cost = currency == nil ? "" : ReportFigures.extra(failover) ?? "-"
            var note = (failover.share.map { "share of \($0); " } ?? "") + failover.reason.text
            if isNarrow {
                note = "bad before: \(before); " + (currency.map { "extra \($0): \(cost); " } ?? "") + note
            }
            table.add(
                [
                    .init(Wording.dayAndTime(failover.at, in: style)), .init(failover.from), .init(failover.to),
                    .init(ReportFigures.length(failover)), .init(isNarrow ? "" : before), .init(isNarrow ? "" : cost),
                ],
                notes: [note]
            )
        }
        return table
    }

    // MARK: Endpoints

    private static func endpoints(_ report: ReportDocument, in style: TextStyle) -> [String] {
        let hasCost = report.endpoints.contains { $0.probing != nil }
        let hasLatency = report.endpoints.contains { $0.budgets.latency != nil }
        let hasTTFT = report.endpoints.contains { $0.budgets.ttft != nil }
        var columns: [TextTable.Column] = [
            .init("ENDPOINT"), .init("REGION", dropOrder: 1), .init("GOOD", isRightAligned: true),
            .init("BUDGET LEFT", isRightAligned: true),
        ]
        if hasLatency { columns.append(.init("IN TIME", isRightAligned: true)) }
        if hasTTFT { columns.append(.init("TOKEN IN TIME", isRightAligned: true)) }
        columns.append(.init("KNOWN", isRightAligned: true))
        if hasCost { columns.append(.init("PROBING \(report.currency)", isRightAligned: true, dropOrder: 0)) }
        var table = TextTable(columns: columns)
        for endpoint in report.endpoints {
            let budgets = endpoint.budgets
            var cells: [TextTable.Cell] = [
                .init(endpoint.endpoint), .init(endpoint.region), .init(ReportFigures.good(budgets.availability)),
                .init(ReportFigures.left(budgets.availability), paint(budgets.availability)),
            ]
            if hasLatency { cells.append(.init(budgets.latency.map(ReportFigures.good) ?? "")) }
            if hasTTFT { cells.append(.init(budgets.ttft.map(ReportFigures.good) ?? "")) }
            cells.append(.init(ReportFigures.known(budgets.availability)))
            if hasCost { cells.append(.init(endpoint.probing.map { Money(units: $0).forPeople } ?? "")) }
            table.add(cells)
        }
        let shares =
            "Good and bad are shares of the known time: of an hour in which nothing was probed, or our own network was in doubt, nothing "
            + "is known."
        let inTime = " In time are answers within the objective, 99 % of which should be."
        let notes = [shares + (hasLatency || hasTTFT ? inTime : "")]
        return table.lines(in: style) + notes.flatMap { Wording.wrap($0, width: style.width, indent: 0) }
    }
}

extension Wording {
    /// `2026-11-20 12:04`, in the reader's time zone.
    static func dayAndTime(_ time: WallTime, in style: TextStyle) -> String {
        let shifted = WallTime(secondsSince1970: time.secondsSince1970 + Double(style.secondsEast(time))).description
        return "\(shifted.prefix(10)) \(shifted.dropFirst(11).prefix(5))"
    }
}

/// Figures of a report as people read them.
enum ReportFigures {
    /// `99.9 % were asked for and 99.953 % kept`.
    static func verdict(_ route: ReportDocument.Route) -> String {
        let objective = "\((route.objective * 100).trimmed) %"
        guard let ratio = route.asRouted.ratio else {
            return "\(objective) was asked for; nothing is known of these days"
        }
        let isKept = (route.asRouted.budgetLeft ?? 0) >= 0
        let words = isKept ? "kept" : "missed"
        return "\(objective) was asked for and \(words): \(share(1 - ratio)) of the known time was good as routed"
    }

    static func good(_ budget: BudgetDocument) -> String { budget.ratio.map { share(1 - $0) } ?? "-" }

    /// `99.95 %`: as many nines as there are, and two more digits; never rounded up to 100.
    static func share(_ share: Double) -> String {
        guard share < 1 else { return "100 %" }
        var decimals = 2
        var bad = (1 - share) * 100
        while bad < 0.1, decimals < 6 {
            bad *= 10
            decimals += 1
        }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        // Half a billionth makes up for what a fraction of two loses.
        return ((share * 100 * scale + 1e-6).rounded(.down) / scale).formatted(decimals: decimals) + " %"
    }

    static func left(_ budget: BudgetDocument) -> String {
        guard let left = budget.budgetLeft else { return "-" }
        let percent = (left * 100).rounded()
        return abs(percent) >= 10_000 ? "\(Int(percent / 100).grouped) times" : "\(Int(percent)) %"
    }

    static func known(_ budget: BudgetDocument) -> String { span(Double(budget.coveredSeconds)) }

    static func badTime(_ budget: BudgetDocument) -> String {
        budget.ratio.map { span($0 * Double(budget.coveredSeconds)) } ?? "-"
    }

    /// `45 s`, `3.4 min`, `2.0 h`, `29.8 d`.
    static func span(_ seconds: Double) -> String {
        switch seconds {
        case ..<90: "\(Int(seconds.rounded())) s"
        case ..<5400: (seconds / 60).formatted(decimals: 1) + " min"
        case ..<172_800: (seconds / 3600).formatted(decimals: 1) + " h"
        default: (seconds / 86_400).formatted(decimals: 1) + " d"
        }
    }

    static func length(_ failover: ReportDocument.Failover) -> String {
        span(failover.seconds) + (failover.goesOn ? " so far" : "")
    }

    /// `6 in 28 s`.
    static func before(_ failover: ReportDocument.Failover) -> String {
        guard let bad = failover.badBefore else { return "-" }
        return "\(bad) in \(span(failover.secondsBefore ?? 0))"
    }

    static func extra(_ failover: ReportDocument.Failover) -> String? {
        failover.extraCost.map { ($0 > 0 ? "+" : "") + Money(units: $0).forPeople }
    }
}

extension Money {
    /// For people only: what is left of an amount after it was a number of another kind.
    init(units: Double) { self.init(picos: Int128((units * Double(Self.picosPerUnit)).rounded())) }
}
