import FailoverCore

/// A calibration for people: predicted against observed, and what to write into the configuration.
package enum CalibrationText {
    /// Lines that end in a line break.
    package static func render(_ calibration: Calibration, width: Int = 80) -> String {
        var lines: [String] = []
        func wrap(_ text: String, indent: Int = 2) { lines += TextWrap.lines(text, width: width, indent: indent) }
        for group in calibration.groups {
            let routes = group.routes.map(\.rawValue).joined(separator: ", ")
            let preset = group.parameters.preset.rawValue
            wrap("route\(group.routes.count == 1 ? "" : "s") \(routes): rule evidence, preset \(preset)")
            for check in group.checks { lines += text(check, group.parameters, width: width) }
            lines += proposal(group).flatMap { line in
                // A comment goes on as one.
                guard line.hasPrefix("  # ") else { return TextWrap.lines(line, width: width, indent: 2) }
                return TextWrap.lines(String(line.dropFirst(4)), width: width - 4, indent: 0).map { "  # " + $0 }
            }
            lines.append("")
        }
        if !calibration.plain.isEmpty {
            let names = calibration.plain.map(\.rawValue).joined(separator: ", ")
            wrap("not checked, because a plain rule predicts nothing: \(names)")
        }
        if lines.last == "" { lines.removeLast() }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func text(_ check: Calibration.Check, _ parameters: EvidenceParameters, width: Int) -> [String] {
        var lines = [""] + TextWrap.lines("\(check.indicator): \(counts(check))", width: width, indent: 2)
        guard check.samples > 0 else { return lines + ["  nothing was recorded of it"] }
        var rows = [["  predicted", "probes", "bad", "predicted", "observed", "95 % interval", ""]]
        for bin in check.bins {
            guard let predicted = bin.predicted, let observed = bin.observed, let interval = bin.interval else {
                continue
            }
            let to = bin.to > 1 ? "100 %" : percent(bin.to)
            rows.append([
                "  \(percent(bin.from)) to \(to)", "\(bin.count)", "\(bin.bad)", percent(predicted),
                percent(observed), "\(percent(interval.low)) to \(percent(interval.high))",
                // Than predicted.
                bin.agrees ? "" : predicted < interval.low ? "more" : "less",
            ])
        }
        lines += TextWrap.table(rows, width: width, endsLeft: true)
        lines += repeats(check).flatMap { TextWrap.lines($0, width: width, indent: 4) }
        return lines
    }

    private static func counts(_ check: Calibration.Check) -> String {
        let outages =
            check.outages > 0
            ? "; left out: \(check.outages.counted("outage")) with \(check.outageProbes.counted("probe"))" : ""
        let vetoed =
            check.vetoed > 0 ? "; left out: \(check.vetoed.counted("bad probe")) that no witness vouched for" : ""
        return "\(check.samples.counted("probe")) of \(check.endpoints.count.counted("endpoint")) in "
            + "\(time(check.observed)) of probing, \(check.bad) bad in \(check.hiccups.counted("hiccup"))\(outages)\(vetoed)"
    }

    private static func time(_ duration: Duration) -> String {
        let seconds = duration.inSeconds
        guard seconds < 3600 else { return "\((seconds / 3600).formatted(decimals: 1)) h" }
        return seconds < 120 ? "\(seconds.formatted(decimals: 0)) s" : "\((seconds / 60).formatted(decimals: 0)) min"
    }

    private static func repeats(_ check: Calibration.Check) -> [String] {
        let repeats = check.repeats
        guard repeats.count >= Calibration.leastRepeats, let predicted = repeats.predicted,
            let observed = repeats.observed, let interval = repeats.interval
        else {
            return [
                "  too little data for the blip: \(repeats.count.counted("probe")) soon after a bad one, "
                    + "at least \(Calibration.leastRepeats) are needed"
            ]
        }
        let verdict =
            repeats.agrees ? "as predicted" : predicted < interval.low ? "more than predicted" : "less than predicted"
        let better =
            [check.likelierBlip.map { "a length of \(text($0))" }]
            + [check.likelierBlipsPerDay.map { "\($0.trimmed) a day" }]
        let likelier = better.compactMap(\.self).joined(separator: ", ")
        return [
            "  after a bad probe: bad again predicted \(percent(predicted)), observed \(percent(observed)) "
                + "(\(percent(interval.low)) to \(percent(interval.high)), \(repeats.count.counted("probe"))): \(verdict)",
            "  blip is \(text(check.blip)): \(likelier.isEmpty ? "nothing else is clearly likelier" : "likelier is \(likelier)")",
        ]
    }

    // MARK: - What to do

    private static func proposal(_ group: Calibration.Group) -> [String] {
        let hasData = group.checks.contains { $0.repeats.count >= Calibration.leastRepeats }
        guard hasData else { return ["", "proposal: none, there is too little data"] }
        func blip(_ isErrors: Bool) -> Duration? {
            let kinds: [IndicatorKind] = isErrors ? [.availability] : [.latency, .ttft]
            return group.checks.filter { kinds.contains($0.indicator) }.compactMap(\.likelierBlip).max()
        }
        var lines: [String] = []
        if blip(true) != nil || blip(false) != nil {
            let errors = text(blip(true) ?? group.parameters.availabilityBlip)
            let slow = text(blip(false) ?? group.parameters.latencyBlip)
            lines.append("  blip: { errors: \(errors), slow: \(slow) }")
        }
        let rate = group.checks.compactMap(\.likelierBlipsPerDay).first
        if let rate { lines.append("  blips_per_day: \(rate.trimmed)") }
        let budget = group.checks.compactMap(\.budget).min()
        if let budget { lines.append("  false_failovers: \(budget.trimmed)") }
        let nearest = group.checks.min { $0.threshold - $0.highestEvidence < $1.threshold - $1.highestEvidence }
        let reached =
            nearest.map { check in
                "hiccups reached at most \(check.highestEvidence.formatted(decimals: 2)) of "
                    + "\(check.threshold.formatted(decimals: 2)) (\(check.indicator))"
            } ?? ""
        let isBeyond = nearest.map { $0.highestEvidence >= $0.threshold } ?? false
        let budgetText =
            budget != nil
            ? "the smaller budget keeps them from moving traffic"
            : isBeyond ? "no budget would have kept them from moving traffic" : "the budget can stay"
        guard !lines.isEmpty else { return ["", "proposal: none needed; \(reached): \(budgetText)"] }
        return ["", "proposal for `decision`:"] + lines + ["  # with these, \(reached): \(budgetText)"]
    }

    // MARK: - Numbers

    private static func text(_ duration: Duration) -> String {
        let seconds = duration.inSeconds
        return seconds < 1 ? "\(Int((seconds * 1000).rounded()))ms" : "\(seconds.trimmed)s"
    }

    private static func percent(_ share: Double) -> String {
        let percent = share * 100
        return percent == percent.rounded()
            ? "\(Int(percent)) %" : "\(percent.formatted(decimals: percent < 1 ? 2 : 1)) %"
    }
}
