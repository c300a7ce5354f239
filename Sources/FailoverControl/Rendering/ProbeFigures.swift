import FailoverCore
import FailoverWire

/// The indicators of one probe of an endpoint, side by side.
struct ProbeFigures {
    /// Empty for the only probe of an endpoint.
    var name = ""
    var availability: StateDocument.Indicator.Availability?
    var latency: StateDocument.Indicator.Latency?
    var ttft: StateDocument.Indicator.Latency?
    var quality: StateDocument.Indicator.Availability?

    /// Sorted by name.
    static func all(of endpoint: StateDocument.Endpoint) -> [ProbeFigures] {
        var probes: [String: ProbeFigures] = [:]
        for (name, indicator) in endpoint.indicators {
            let parts = name.split(separator: ".")
            let probe = parts.dropLast().joined(separator: ".")
            probes[probe, default: ProbeFigures(name: probe)].take(indicator, named: String(parts.last ?? ""))
        }
        return probes.values.sorted { $0.name < $1.name }
    }

    private mutating func take(_ indicator: StateDocument.Indicator, named kind: String) {
        switch (IndicatorKind(rawValue: kind), indicator) {
        case (.availability, .availability(let value)): availability = value
        case (.latency, .latency(let value)): latency = value
        case (.ttft, .latency(let value)): ttft = value
        case (.quality, .availability(let value)): quality = value
        // An indicator of a later version, or one in a shape of its own.
        default: break
        }
    }

    /// In the order of the table's columns: times, samples, errors, evidence.
    var cells: [TextTable.Cell] {
        let evidence = [
            availability.map { ($0.evidence, $0.threshold) }, latency.map { ($0.evidence, $0.threshold) },
        ]
        return [
            Self.times(of: latency), .init(latency.map { "\($0.samples)" } ?? "-"),
            .init(Self.errors(of: availability)), .init(Self.leading(evidence)),
        ]
    }

    /// Rows beneath that of the probe: the first token, and poor answers if there are any.
    var furtherRows: [(name: String, cells: [TextTable.Cell])] {
        var rows: [(name: String, cells: [TextTable.Cell])] = []
        if let ttft {
            let evidence = Self.leading([(ttft.evidence, ttft.threshold)])
            rows.append(("ttft", [Self.times(of: ttft), .init("\(ttft.samples)"), "", .init(evidence)]))
        }
        if let quality, quality.bad > 0 {
            let evidence = Self.leading([(quality.evidence, quality.threshold)])
            rows.append(("quality", ["", "", .init(Self.errors(of: quality)), .init(evidence)]))
        }
        return rows
    }

    /// `0.91 s / 2.38 s of 3 s`, or `0.91/2.38 of 3 s`: the median and the 99th percentile against its objective.
    private static func times(of latency: StateDocument.Indicator.Latency?) -> TextTable.Cell {
        guard let latency else { return "-" }
        let limit = latency.objective.map { " of " + Wording.limit(milliseconds: $0) } ?? ""
        guard let p50 = latency.p50, let p99 = latency.p99 else { return .init("-" + limit) }
        let inSeconds = max(p99, latency.objective ?? 0) >= 1000
        // A probe that timed out counts at its limit: the true figure may be higher.
        let atLeast = latency.censored ? ">" : ""
        let (median, last) = (
            Wording.milliseconds(p50, inSeconds: inSeconds), Wording.milliseconds(p99, inSeconds: inSeconds)
        )
        let isSameUnit = limit.hasSuffix(inSeconds ? " s" : " ms")
        let bare = [median, last].map { $0.prefix { $0 != " " } }
        return .init(
            "\(median) / \(atLeast)\(last)\(limit)",
            short: isSameUnit ? "\(bare[0])/\(atLeast)\(bare[1])\(limit)" : nil
        )
    }

    /// `0.0 % of 60`; `12 void` or `0.0 % of 3, 12 void` where as many or more were not judged.
    private static func errors(of indicator: StateDocument.Indicator.Availability?) -> String {
        guard let indicator else { return "-" }
        let rate = indicator.errorRate.map { "\(Wording.percent($0)) of \(indicator.samples)" }
        let void = indicator.void > 0 && indicator.void >= indicator.samples ? "\(indicator.void) void" : nil
        let parts = [rate, void].compactMap { $0 }
        return parts.isEmpty ? "-" : parts.joined(separator: ", ")
    }

    /// `1.7/7.0`: the sum that is nearest to its threshold.
    private static func leading(_ sums: [(evidence: Double, threshold: Double)?]) -> String {
        let sums = sums.compactMap { $0 }.filter { $0.threshold > 0 }
        guard let leading = sums.max(by: { $0.evidence / $0.threshold < $1.evidence / $1.threshold }) else {
            return "-"
        }
        return "\(leading.evidence.formatted(decimals: 1))/\(leading.threshold.formatted(decimals: 1))"
    }
}
