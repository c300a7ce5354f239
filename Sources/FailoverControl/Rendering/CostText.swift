package import FailoverCore

/// `failoverctl cost` as text.
package enum CostText {
    package static func render(_ table: CostTable, in style: TextStyle) -> String {
        var blocks = table.routes.map { lines(for: $0, currency: table.currency, in: style) }
        blocks.append(probing(table, in: style))
        return blocks.map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n")
    }

    // MARK: Traffic

    private static func lines(
        for costs: CostTable.RouteCosts,
        currency: String,
        in style: TextStyle
    ) -> [String] {
        let load = costs.load
        let heading =
            "\(costs.route)\(load.name.map { ", workload \($0)" } ?? ""): \(load.requests.grouped) requests a month of "
            + "\(load.request.inputTokens.grouped) tokens in and \(load.request.outputTokens.grouped) out"
        var table = TextTable(columns: [
            .init("ENDPOINT"), .init("IN / OUT", isRightAligned: true, dropOrder: 0),
            .init("PRICE OF", dropOrder: 1), .init("\(currency) A MONTH", isRightAligned: true),
            .init("TIMES", isRightAligned: true, dropOrder: 2), .init("FAILOVER, AN HOUR", isRightAligned: true),
        ])
        for endpoint in costs.endpoints {
            let isPreferred = endpoint.endpoint == costs.preferred
            table.add(
                [
                    .init(endpoint.endpoint.rawValue, isPreferred ? .bold : .plain),
                    .init(endpoint.price.map { "\(perMillion($0.input)) / \(perMillion($0.output))" } ?? "no price"),
                    .init(endpoint.price?.asOf.description ?? ""), .init(endpoint.month?.forPeople ?? "-"),
                    .init(endpoint.ratio.map(times) ?? "-"),
                    .init(isPreferred ? "preferred" : endpoint.failoverHour.map(signed) ?? "-"),
                ],
                notes: endpoint.isPriceOld ? ["its price was looked up more than a year ago: look again"] : []
            )
        }
        return Wording.wrap(heading, width: style.width, indent: 0) + table.lines(in: style, indent: 2, noteIndent: 4)
            + advice(for: costs, in: style)
    }

    private static func advice(for costs: CostTable.RouteCosts, in style: TextStyle) -> [String] {
        let missing = costs.endpoints.filter { $0.price == nil }.map(\.endpoint.rawValue)
        guard !missing.isEmpty else { return [] }
        let text = "no price is configured for \(missing.joined(separator: ", ")); give each a price with its day"
        return Wording.wrap(text, width: style.width, indent: 2)
    }

    /// As prices are quoted: `2.50`, `0.075`.
    private static func perMillion(_ token: Money) -> String { (token * 1_000_000).exact(least: 2) }

    /// `0.038`, `1.39`, `35.7`.
    private static func times(_ ratio: Double) -> String {
        ratio.formatted(decimals: ratio < 0.995 ? 3 : ratio < 10 ? 2 : 1)
    }

    /// With its sign, because cheaper is possible.
    private static func signed(_ difference: Money) -> String {
        (difference > .zero ? "+" : "") + difference.forPeople
    }

    // MARK: Probing

    private static func probing(_ table: CostTable, in style: TextStyle) -> [String] {
        guard !table.probing.isEmpty else { return ["probing: no probe asks a model, so none costs anything"] }
        var lines = ["probing, if each answer is as long as it may be"]
        var rows = TextTable(columns: [
            .init("PROBE"), .init("TOKENS", isRightAligned: true, dropOrder: 1),
            .init("\(table.currency) EACH", isRightAligned: true, dropOrder: 0),
            .init("A MONTH", isRightAligned: true), .init("\(table.currency) A MONTH", isRightAligned: true),
            .init("WITH CAPS", isRightAligned: true),
        ])
        for endpoint in table.probing {
            for (index, probe) in endpoint.probes.enumerated() {
                let isLast = index == endpoint.probes.count - 1
                let name = probe.key.probe == .default ? endpoint.endpoint.rawValue : probe.key.description
                // Caps hold for all probes of an endpoint.
                let capped = endpoint.probes.count == 1 ? endpoint.capped?.forPeople ?? "-" : ""
                rows.add([
                    .init(name), .init(probe.worstTokens.grouped),
                    .init(probe.worstCost?.exact(least: 2) ?? "no price"), .init(probe.attempts.grouped),
                    .init(probe.month?.forPeople ?? "-"), .init(capped),
                ])
                guard isLast, endpoint.probes.count > 1 else { continue }
                rows.add([
                    .init("\(endpoint.endpoint), all"), "", "", "", .init(endpoint.month?.forPeople ?? "-"),
                    .init(endpoint.capped?.forPeople ?? "-"),
                ])
            }
        }
        lines += rows.lines(in: style, indent: 2)
        if let total = table.probingCapped {
            let unknown = table.probing.filter { $0.month == nil }.map(\.endpoint.rawValue)
            let rest = unknown.isEmpty ? "" : ", without \(unknown.joined(separator: ", "))"
            let sentence = "In all with caps: \(total.forPeople) \(table.currency) a month\(rest)."
            lines += Wording.wrap(sentence, width: style.width, indent: 2)
        }
        let note = "Confirmations while an endpoint is under suspicion come on top, within the caps."
        return lines + Wording.wrap(note, width: style.width, indent: 2)
    }
}
