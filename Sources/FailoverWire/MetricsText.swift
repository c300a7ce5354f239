import FailoverCore

/// A published state as metrics: the first part of the answer of `GET /metrics`, listed in docs/metrics.md.
///
/// Base units (seconds, shares of one); times are seconds since 1970. What is not known is left out, rather than zero.
package struct MetricsText {
    /// In the order of their declaration; each collects its own lines, so that one look at the endpoints fills them all.
    private var families: [Family] = MetricFamily.allCases.map { Family(declaration: $0) }

    private struct Family {
        let declaration: MetricFamily
        var lines = ""
    }

    /// The metrics of a state.
    package init(_ state: some PublishableState) {
        add(state.head, persisted: state.persisted)
        for (name, route) in state.routes.sorted(by: { $0.key < $1.key }) { add(route, name) }
        state.forEachEndpoint { name, endpoint in add(endpoint, name) }
    }

    /// All lines in the format of Prometheus; families without any are left out.
    package func finish() -> String { parts(.prometheus).joined() }

    /// The same, a family at a time.
    package func parts(_ format: MetricsFormat) -> some Sequence<String> {
        families.lazy.filter { !$0.lines.isEmpty }.map { family in
            let declaration = family.declaration
            return format.head(declaration.rawValue, declaration.type, declaration.help) + family.lines
        }
    }

    // MARK: - The daemon

    private mutating func add(_ state: StateDocument, persisted: Bool) {
        let instance = [("version", state.instance.version), ("config_hash", state.instance.configHash)]
        add(.buildInfo, instance, 1)
        add(.generation, [], Double(state.generation))
        add(.persisted, [], persisted ? 1 : 0)
        add(.written, [], state.writtenAt.secondsSince1970)
        add(.validUntil, [], state.validUntil.secondsSince1970)
        for known in ["clear", "suspect", "stalled"] {
            let labels = [("vantage", state.vantage.name), ("state", known)]
            add(.vantage, labels, state.vantage.state == known ? 1 : 0)
        }
        add(.frozen, [], state.frozen == nil ? 0 : 1)
        add(.finished, [], Double(state.probing.finished))
        add(.skipped, [], Double(state.probing.skipped))
        for (code, count) in state.probing.local.sorted(by: { $0.key < $1.key }) {
            add(.local, [("code", code)], Double(count))
        }
        for (path, output) in (state.outputs ?? [:]).sorted(by: { $0.key < $1.key }) {
            for known in ["current", "pending", "failing"] {
                add(.outputState, [("output", path), ("state", known)], output.state == known ? 1 : 0)
            }
            add(.outputGeneration, [("output", path)], output.generation.map { Double($0) })
            add(.outputWritten, [("output", path)], output.writtenAt?.secondsSince1970)
        }
    }

    // MARK: - Routes

    private mutating func add(_ route: StateDocument.Route, _ name: String) {
        for endpoint in route.endpoints {
            add(.active, [("route", name), ("endpoint", endpoint)], endpoint == route.active ? 1 : 0)
            add(.weight, [("route", name), ("endpoint", endpoint)], Double(route.weights[endpoint] ?? 0))
        }
        for mode in RouteMode.allCases.map(\.rawValue) {
            add(.mode, [("route", name), ("mode", mode)], mode == route.mode ? 1 : 0)
        }
        add(.moved, [("route", name)], route.since.secondsSince1970)
    }

    // MARK: - Endpoints

    private mutating func add(_ endpoint: StateDocument.Endpoint, _ name: String) {
        let place = [("endpoint", name), ("region", endpoint.region)]
        for verdict in Verdict.allCases.map(\.rawValue) {
            add(.verdict, place + [("verdict", verdict)], verdict == endpoint.verdict ? 1 : 0)
        }
        add(.drained, place, endpoint.drained == nil ? 0 : 1)
        for (indicator, figures) in endpoint.indicators.sorted(by: { $0.key < $1.key }) {
            add(figures, [("endpoint", name), ("indicator", indicator)])
        }
        for (probe, connection) in endpoint.connections.sorted(by: { $0.key < $1.key }) {
            guard let certificate = connection.certificate else { continue }
            add(.certificate, [("endpoint", name), ("probe", probe)], certificate.expiresAt.secondsSince1970)
        }
        for (probe, chat) in (endpoint.chat ?? [:]).sorted(by: { $0.key < $1.key }) {
            let labels = [("endpoint", name), ("probe", probe)]
            add(.tokenRate, labels, chat.tokensPerSecond)
            add(.longestGap, labels, chat.longestGap.map { $0 / 1000 })
        }
        if let spend = endpoint.spend { add(spend, name) }
    }

    private mutating func add(_ indicator: StateDocument.Indicator, _ labels: [(String, String)]) {
        let common = indicator.common
        add(.samples, labels, Double(common.samples))
        add(.bad, labels, Double(common.bad))
        add(.void, labels, Double(common.void))
        add(.evidence, labels, common.evidence)
        add(.threshold, labels, common.threshold)
        if case .availability(let figures) = indicator { add(.promise, labels, figures.objective) }
        guard case .latency(let figures) = indicator else { return }
        add(.objective, labels, figures.objective.map { $0 / 1000 })
        for (percentile, value) in [("50", figures.p50), ("90", figures.p90), ("99", figures.p99)] {
            add(.latency, labels + [("percentile", percentile)], value.map { $0 / 1000 })
        }
    }

    private mutating func add(_ spend: StateDocument.Spend, _ name: String) {
        let place = [("endpoint", name)]
        add(.spentTokens, place, Double(spend.tokens))
        add(.tokenCap, place, spend.cap?.tokens.map(Double.init))
        add(.spentMoney, place + [("currency", spend.currency)], spend.cost.money.inUnits)
        add(.moneyCap, place + [("currency", spend.currency)], spend.cap?.cost?.money.inUnits)
        for pace in SpendPace.allCases.map(\.rawValue) {
            add(.pace, place + [("pace", pace)], pace == spend.pace ? 1 : 0)
        }
    }

    // MARK: - Lines

    private mutating func add(_ family: MetricFamily, _ labels: [(String, String)], _ value: Double?) {
        guard let value else { return }
        var line = family.rawValue
        if !labels.isEmpty {
            line += "{"
            for (index, label) in labels.enumerated() {
                line += "\(index == 0 ? "" : ",")\(label.0)=\"\(MetricLines.escaped(label.1))\""
            }
            line += "}"
        }
        families[family.place].lines += "\(line) \(MetricLines.number(value))\n"
    }
}

extension StateDocument.Indicator {
    /// What indicators of every kind have.
    fileprivate var common: (samples: Int, bad: Int, void: Int, evidence: Double, threshold: Double) {
        switch self {
        case .availability(let own): (own.samples, own.bad, own.void, own.evidence, own.threshold)
        case .latency(let own): (own.samples, own.bad, own.void, own.evidence, own.threshold)
        }
    }
}
