import FailoverCore
import FailoverWire

/// What one line of an endpoint shows in figures: a probe's times, errors and evidence, or the times of its first tokens.
struct WatchFigures {
    /// `nil` on the endpoint's own line.
    let label: String?
    /// The indicator that the sparkline shows.
    let indicator: String?
    let objective: Double?
    /// `0.91/2.38 of 3 s`.
    let times: String
    let isSlow: Bool
    /// `32 %`, and with the number of samples `32 % of 60`.
    let errors: String
    let errorsOfSamples: String
    /// The sum that is nearest to its threshold; `nil` where there is none.
    let evidence: Double?
    let threshold: Double

    /// The lines of an endpoint, the first of which is its own.
    ///
    /// If `isCompact` all of it is told in that one, with the evidence that is nearest to its threshold.
    static func all(of endpoint: StateDocument.Endpoint, isCompact: Bool) -> [WatchFigures] {
        let probes = ProbeFigures.all(of: endpoint)
        guard let first = probes.first else { return [WatchFigures(label: nil, nil, named: nil, [])] }
        if isCompact {
            let worst = probes.max { $0.leading < $1.leading } ?? first
            return [worst.own(label: nil, with: [worst.ttft.map { ($0.evidence, $0.threshold) }])]
        }
        guard probes.count > 1 else { return [first.own(label: nil)] + first.further(indent: "") }
        return [WatchFigures(label: nil, nil, named: nil, [])]
            + probes.flatMap { [$0.own(label: $0.name)] + $0.further(indent: "  ") }
    }

    fileprivate init(
        label: String?,
        _ latency: StateDocument.Indicator.Latency?,
        named indicator: String?,
        errors: StateDocument.Indicator.Availability? = nil,
        _ sums: [(evidence: Double, threshold: Double)?]
    ) {
        self.label = label
        self.indicator = latency == nil ? nil : indicator
        objective = latency?.objective
        times = latency.map(Self.times) ?? ""
        isSlow = latency.flatMap { latency in latency.objective.map { (latency.p99 ?? 0) > $0 } } ?? false
        let rate = errors?.errorRate.map(Wording.percent)
        let isVoid = errors.map { $0.void > 0 && $0.void >= $0.samples } ?? false
        self.errors = isVoid ? "void" : rate ?? ""
        errorsOfSamples = isVoid ? "\(errors?.void ?? 0) void" : rate.map { "\($0) of \(errors?.samples ?? 0)" } ?? ""
        let leading = sums.compactMap { $0 }.filter { $0.threshold > 0 }
            .max { $0.evidence / $0.threshold < $1.evidence / $1.threshold }
        evidence = leading?.evidence
        threshold = leading?.threshold ?? 1
    }

    /// All in the unit of the objective, which stands once.
    private static func times(of latency: StateDocument.Indicator.Latency) -> String {
        let inSeconds = (latency.objective ?? latency.p99 ?? 0) >= 1000
        let limit = latency.objective.map { " of " + Wording.limit(milliseconds: $0) }
        guard let p50 = latency.p50, let p99 = latency.p99 else { return limit.map { "-" + $0 } ?? "-" }
        let figures = [p50, p99].map { String(Wording.milliseconds($0, inSeconds: inSeconds).prefix { $0 != " " }) }
        // One that timed out counts at its limit.
        let atLeast = latency.censored ? ">" : ""
        return "\(figures[0])/\(atLeast)\(figures[1])\(limit ?? (inSeconds ? " s" : " ms"))"
    }
}

extension ProbeFigures {
    fileprivate var leading: Double {
        let sums =
            [availability.map { ($0.evidence, $0.threshold) }, latency.map { ($0.evidence, $0.threshold) }]
            + [ttft.map { ($0.evidence, $0.threshold) }]
        return sums.compactMap { $0 }.reduce(0) { max($0, $1.1 > 0 ? $1.0 / $1.1 : 0) }
    }

    private func indicator(_ kind: IndicatorKind) -> String {
        name.isEmpty ? kind.rawValue : "\(name).\(kind.rawValue)"
    }

    fileprivate func own(label: String?, with more: [(evidence: Double, threshold: Double)?] = []) -> WatchFigures {
        // Of a chat that has an objective for its first token only, that is what counts.
        let isFirstTokenAll = latency?.objective == nil && ttft?.objective != nil && !more.isEmpty
        return WatchFigures(
            label: label,
            isFirstTokenAll ? ttft : latency,
            named: indicator(isFirstTokenAll ? .ttft : .latency),
            errors: availability,
            [availability.map { ($0.evidence, $0.threshold) }, latency.map { ($0.evidence, $0.threshold) }] + more
        )
    }

    fileprivate func further(indent: String) -> [WatchFigures] {
        var rows: [WatchFigures] = []
        if let ttft {
            let sum = (ttft.evidence, ttft.threshold)
            rows.append(WatchFigures(label: indent + "ttft", ttft, named: indicator(.ttft), [sum]))
        }
        if let quality, quality.bad > 0 {
            let sum = (quality.evidence, quality.threshold)
            rows.append(WatchFigures(label: indent + "quality", nil, named: nil, errors: quality, [sum]))
        }
        return rows
    }
}
