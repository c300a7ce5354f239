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
        let warnings = warnings(of: state, in: style).flatMap { text in
            Wording.wrap(text, width: style.width, indent: 0).map { Paint.red.apply(to: $0, in: style) }
        }
        return Wording.wrap(facts, width: style.width, indent: 0).map { Paint.dim.apply(to: $0, in: style) } + warnings
    }

    /// What makes all of it doubtful, a sentence each, the most important first.
    static func warnings(of state: StateDocument, in style: TextStyle) -> [String] {
        var warnings: [String] = []
        if state.validUntil < style.now {
            warnings.append("stale: not to be trusted since \(Wording.time(state.validUntil, in: style))")
        }
        if !state.persisted { warnings.append("not persisted: the decision is not on disk") }
        if state.vantage.state != "clear" {
            warnings.append("vantage \(state.vantage.state): \(state.vantage.reason?.text ?? "decisions are held")")
        }
        for (address, anchor) in (state.vantage.anchors ?? [:]).sorted(by: { $0.key < $1.key })
        where anchor.verdict == Verdict.unhealthy.rawValue {
            let since = anchor.since.map { " since \(Wording.time($0, in: style))" } ?? ""
            warnings.append("anchor \(address) fails\(since) while others answer: it cannot witness")
        }
        if let trouble = state.probing.trouble { warnings.append(ConnectionText.trouble(trouble, in: style)) }
        warnings += OutputText.failures(of: state.outputs ?? [:], in: style)
        warnings += NotifyText.failures(of: state.notifications ?? [:], in: style)
        if let frozen = state.frozen { warnings.append(OrderText.frozen(frozen, in: style)) }
        return warnings
    }

    // MARK: Routes

    private static func lines(
        of route: StateDocument.Route,
        name: String,
        state: StateDocument,
        in style: TextStyle
    ) -> [String] {
        let region = state.endpoints[route.active]?.region
        let isWeighted = route.shares != nil
        let place = isWeighted ? "" : region.map { $0 == route.active ? "" : " (\($0))" } ?? ""
        let heading = "\(name): \(isWeighted ? ShareText.weights(of: route) : route.active)"
        let what = Wording.beganWithMove(route.mode) ? "" : isWeighted ? "weights " : "on \(route.active) "
        let since = "\(what)since \(Wording.time(route.since, in: style)) (\(Wording.ago(route.since, in: style)))"
        let mode = Wording.mode(route.mode)
        let isRefused = state.endpoints[route.active]?.isRefused ?? false
        let paint = isRefused && route.mode == "preferred" ? Paint.yellow : Paint.mode(route.mode)
        let first =
            Paint.bold.apply(to: heading, in: style) + place + "  "
            + paint.apply(to: mode, in: style)
        let width = "\(heading)\(place)  \(mode)  \(since)".count
        var lines = width <= style.width ? ["\(first)  \(since)"] : [first, "  " + since]
        // A pin is told below, with its end.
        let notes = ShareText.notes(on: route, named: name, in: style)
        if notes.isEmpty || ShareText.isHeldAsOne(route),
            route.mode != RouteMode.pinned.rawValue || route.pinned == nil
        {
            lines += Wording.wrap(route.reason.text, width: style.width, indent: 2)
        }
        for note in notes + SpeedText.notes(on: route, in: style) {
            lines += Wording.wrap(note, width: style.width, indent: 2)
        }
        for flag in flags(of: route, in: style) {
            lines += Wording.wrap(flag, width: style.width, indent: 2).map { Paint.yellow.apply(to: $0, in: style) }
        }
        lines += endpoints(of: route, state: state, in: style).lines(in: style, indent: 2, noteIndent: 7)
        return lines
    }

    static func flags(of route: StateDocument.Route, in style: TextStyle) -> [String] {
        var flags: [String] = []
        if let pinned = route.pinned { flags.append(OrderText.pinned(pinned, in: style)) }
        if route.dryRun {
            let isAway = route.wouldBeWeights.map { $0 != route.weights } ?? (route.wouldBeActive != route.active)
            flags.append(Wording.observing(wish: isAway ? route.wish : nil))
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
            .init(ShareText.title(of: route)), .init("ENDPOINT"),
            .init("REGION", dropOrder: isRegionTold ? 3 : 1), .init("VERDICT"),
            .init("P50 / P99"), .init("SAMPLES", isRightAligned: true, dropOrder: 2), .init("ERRORS"),
            .init("EVIDENCE", isRightAligned: true, dropOrder: 0),
        ])
        for (name, endpoint) in members {
            let probes = ProbeFigures.all(of: endpoint)
            let isActive = route.shares == nil ? name == route.active : route.weights[name] ?? 0 > 0
            let mark = route.shares == nil ? (isActive ? "*" : "") : ShareText.percent(of: name, in: route)
            let place: [TextTable.Cell] = [
                .init(mark, .bold), .init(name, isActive ? .bold : .plain), .init(endpoint.region),
                endpoint.isRefused ? .init("refused", .yellow) : .init(endpoint.verdict, .verdict(endpoint.verdict)),
            ]
            let notes = notes(on: endpoint, in: style)
            if probes.count == 1 {
                let further = probes[0].furtherRows
                table.add(place + probes[0].cells, notes: further.isEmpty ? notes : [])
                for (index, row) in further.enumerated() {
                    table.add(Self.row(row, indent: 2), notes: index == further.indices.last ? notes : [])
                }
                continue
            }
            table.add(place + ["", "", "", ""], notes: notes)
            // Several profiles have a row each, beneath their endpoint.
            for probe in probes {
                table.add(Self.row((probe.name, probe.cells), indent: 2))
                for row in probe.furtherRows { table.add(Self.row(row, indent: 4)) }
            }
        }
        return table
    }

    private static func row(_ figures: (name: String, cells: [TextTable.Cell]), indent: Int) -> [TextTable.Cell] {
        ["", .init(String(repeating: " ", count: indent) + figures.name), "", ""] + figures.cells
    }

    /// What deserves attention about an endpoint, most important first.
    private static func notes(on endpoint: StateDocument.Endpoint, in style: TextStyle) -> [String] {
        var notes = OrderText.notes(on: endpoint, in: style)
        if endpoint.isRefused {
            notes.append("verdict \(endpoint.verdict), \(endpoint.reason.text)")
        } else if endpoint.verdict != "healthy" || !usualReasons.contains(endpoint.reason.code) {
            notes.append(endpoint.reason.text)
        }
        if endpoint.tier == EvidenceTier.shallow.rawValue, !endpoint.speaksNoHTTP {
            notes.append("shallow evidence: it was not asked lately what users ask")
        }
        notes += ChatText.notes(of: endpoint.chat ?? [:])
        notes += ConnectionText.notes(of: endpoint.connections, in: style)
        if let reported = endpoint.reported { notes.append(ReportedText.note(on: reported, in: style)) }
        if let spend = endpoint.spend.flatMap({ SpendText.note(on: $0, in: style) }) { notes.append(spend) }
        return notes
    }

    /// Why a healthy endpoint mostly is: there is nothing to add.
    private static let usualReasons: Set<String> = [
        ReasonCode.withinObjectives.rawValue, ReasonCode.holdDown.rawValue,
    ]
}

extension StateDocument.Route {
    /// Where traffic would be if the route did not only observe.
    fileprivate var wish: String {
        guard let wouldBeWeights else { return wouldBeActive }
        return ShareText.list(wouldBeWeights, in: endpoints)
    }
}

extension StateDocument.Endpoint {
    /// Our own request or account is refused: the verdict is that of before, and an outage would not be noticed.
    var isRefused: Bool { reason.isRefusal }

    /// A connection is all that was ever asked for.
    fileprivate var speaksNoHTTP: Bool { connections.speakNoHTTP }
}

extension ReasonDocument {
    var isRefusal: Bool { code == ReasonCode.misconfigured.rawValue }
}

extension [String: StateDocument.Connection] {
    /// There are some, and all of them were only opened.
    var speakNoHTTP: Bool { !isEmpty && values.allSatisfy { $0.http == nil } }
}
