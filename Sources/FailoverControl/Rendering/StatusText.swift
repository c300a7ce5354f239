import FailoverCore
package import FailoverWire
import FoundationEssentials

/// What `failoverctl status` prints.
package enum StatusText {
    /// The routes of those names, in that order; those that do not exist are left out.
    package static func render(_ state: StateDocument, routes: [String], in style: TextStyle) -> String {
        var lines = heading(of: state, in: style)
        for name in routes {
            guard let route = state.routes[name] else { continue }
            lines.append("")
            lines += self.lines(of: route, name: name, state: state, in: style)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func heading(of state: StateDocument, in style: TextStyle) -> [String] {
        let facts =
            "failoverd \(state.instance.version) at \(state.vantage.name), generation \(state.generation), "
            + "written \(Wording.ago(state.writtenAt, in: style))"
        var lines = Wording.wrap(facts, width: style.width, indent: 0).map { Paint.dim.apply(to: $0, in: style) }
        func warn(_ text: String) {
            lines += Wording.wrap(text, width: style.width, indent: 0).map { Paint.red.apply(to: $0, in: style) }
        }
        if state.validUntil < style.now {
            warn("stale: not to be trusted since \(Wording.time(state.validUntil, in: style))")
        }
        if !state.persisted { warn("not persisted: the decision is not on disk") }
        if state.vantage.state != "clear" {
            warn("vantage \(state.vantage.state): \(state.vantage.reason?.text ?? "decisions are held")")
        }
        if let trouble = state.probing.trouble { warn(ConnectionText.trouble(trouble, in: style)) }
        if let frozen = state.frozen { warn("frozen by \(frozen.by): \(frozen.reason)") }
        return lines
    }

    // MARK: Routes

    private static func lines(
        of route: StateDocument.Route,
        name: String,
        state: StateDocument,
        in style: TextStyle
    ) -> [String] {
        let region = state.endpoints[route.active]?.region
        let place = region.map { $0 == route.active ? "" : " (\($0))" } ?? ""
        let since = "since \(Wording.time(route.since, in: style)) (\(Wording.ago(route.since, in: style)))"
        let mode = Wording.mode(route.mode)
        let first =
            Paint.bold.apply(to: "\(name): \(route.active)", in: style) + place + "  "
            + Paint.mode(route.mode).apply(to: mode, in: style)
        let width = "\(name): \(route.active)\(place)  \(mode)  \(since)".count
        var lines = width <= style.width ? ["\(first)  \(since)"] : [first, "  " + since]
        lines += Wording.wrap(route.reason.text, width: style.width, indent: 2)
        for flag in flags(of: route) {
            lines += Wording.wrap(flag, width: style.width, indent: 2).map { Paint.yellow.apply(to: $0, in: style) }
        }
        lines += endpoints(of: route, state: state, in: style).lines(in: style, indent: 2, noteIndent: 7)
        return lines
    }

    private static func flags(of route: StateDocument.Route) -> [String] {
        var flags: [String] = []
        if route.dryRun {
            let would = route.wouldBeActive == route.active ? "would stay" : "would be \(route.wouldBeActive)"
            flags.append("observe mode: decides but does not move; \(would)")
        }
        if route.provisional {
            flags.append("provisional: \(route.active) has not been judged since the daemon started")
        }
        return flags
    }

    // MARK: Endpoints

    private static func endpoints(
        of route: StateDocument.Route,
        state: StateDocument,
        in style: TextStyle
    ) -> TextTable {
        let members = route.endpoints.compactMap { name in state.endpoints[name].map { (name, $0) } }
        let isRegionTold = members.allSatisfy { $0.0 == $0.1.region }
        var table = TextTable(columns: [
            .init(""), .init("ENDPOINT"), .init("REGION", dropOrder: isRegionTold ? 3 : 1), .init("VERDICT"),
            .init("P50 / P99"), .init("SAMPLES", isRightAligned: true, dropOrder: 2), .init("ERRORS"),
            .init("EVIDENCE", isRightAligned: true, dropOrder: 0),
        ])
        for (name, endpoint) in members {
            let probes = ProbeFigures.all(of: endpoint)
            let isActive = name == route.active
            table.add(
                [
                    .init(isActive ? "*" : "", .bold), .init(name, isActive ? .bold : .plain), .init(endpoint.region),
                    .init(endpoint.verdict, .verdict(endpoint.verdict)),
                ] + (probes.count == 1 ? probes[0].cells : ["", "", "", ""]),
                notes: (endpoint.verdict == "healthy" ? [] : [endpoint.reason.text])
                    + ConnectionText.notes(of: endpoint.connections, in: style)
            )
            // Several profiles have a row each, beneath their endpoint.
            for probe in probes where probes.count > 1 {
                table.add(["", .init("  \(probe.name)"), "", ""] + probe.cells)
            }
        }
        return table
    }
}

/// The indicators of one probe of an endpoint, side by side.
struct ProbeFigures {
    /// Empty for the only probe of an endpoint.
    var name = ""
    var availability: StateDocument.Indicator.Availability?
    var latency: StateDocument.Indicator.Latency?

    /// Sorted by name.
    static func all(of endpoint: StateDocument.Endpoint) -> [ProbeFigures] {
        var probes: [String: ProbeFigures] = [:]
        for (name, indicator) in endpoint.indicators {
            let probe = name.split(separator: ".").dropLast().joined(separator: ".")
            var figures = probes[probe] ?? ProbeFigures(name: probe)
            switch indicator {
            case .availability(let value): figures.availability = value
            case .latency(let value): figures.latency = value
            }
            probes[probe] = figures
        }
        return probes.values.sorted { $0.name < $1.name }
    }

    /// In the order of the table's columns.
    var cells: [TextTable.Cell] {
        [.init(latencyText), .init(samplesText), .init(errorsText), .init(evidenceText)]
    }

    /// `0.91 s / 2.38 s of 3 s`: the median and the 99th percentile against its objective.
    var latencyText: String {
        guard let latency else { return "-" }
        let limit = latency.objective.map { " of " + Wording.limit(milliseconds: $0) } ?? ""
        guard let p50 = latency.p50, let p99 = latency.p99 else { return "-" + limit }
        let inSeconds = max(p99, latency.objective ?? 0) >= 1000
        // A probe that timed out counts at its limit: the true figure may be higher.
        let atLeast = latency.censored ? ">" : ""
        return "\(Wording.milliseconds(p50, inSeconds: inSeconds)) / "
            + "\(atLeast)\(Wording.milliseconds(p99, inSeconds: inSeconds))\(limit)"
    }

    var samplesText: String { latency.map { "\($0.samples)" } ?? "-" }

    /// `0.0 % of 60`.
    var errorsText: String {
        guard let availability, let rate = availability.errorRate else { return "-" }
        return "\(Wording.percent(rate)) of \(availability.samples)"
    }

    /// `1.7/7.0`: the indicator that is nearest to its threshold.
    var evidenceText: String {
        let sums = [
            availability.map { ($0.evidence, $0.threshold) }, latency.map { ($0.evidence, $0.threshold) },
        ].compactMap { $0 }.filter { $0.1 > 0 }
        guard let leading = sums.max(by: { $0.0 / $0.1 < $1.0 / $1.1 }) else { return "-" }
        return "\(leading.0.formatted(decimals: 1))/\(leading.1.formatted(decimals: 1))"
    }
}
