import FailoverCore
package import FailoverWire

/// Answers what people ask about the past.
package struct HistoryAnswers {
    private let reader: HistoryReader
    private let facts: HistoryFacts
    private let at: WallTime
    private let trouble: String?

    private var now: Int { Int(at.secondsSince1970) }

    package init(_ reader: HistoryReader, facts: HistoryFacts, at time: WallTime, trouble: String? = nil) {
        self.reader = reader
        self.facts = facts
        at = time
        self.trouble = trouble
    }

    package func answer(_ question: HistoryQuestion) throws(HistoryError) -> Result<HistoryAnswer, HistoryRefusal> {
        switch question {
        case .series(let endpoint, let probe, let step, let count):
            guard let known = facts.endpoints.first(where: { $0.name == endpoint }) else {
                let names = facts.endpoints.map(\.name)
                return .failure(.unknown(kind: "endpoint", name: endpoint, allowed: names))
            }
            if let probe, !known.probes.contains(where: { $0.name == probe }) {
                let names = known.probes.map(\.name)
                return .failure(.unknown(kind: "probe", name: probe, allowed: names))
            }
            return .success(.series(try series(known, probe, step, count)))
        case .budgets(let days): return .success(.budgets(try budgets(days: days)))
        case .report(let days, let route):
            if let route, !facts.routes.contains(where: { $0.name == route }) {
                return .failure(.unknown(kind: "route", name: route, allowed: facts.routes.map(\.name)))
            }
            return .success(.report(try report(days: days, route: route)))
        }
    }

    // MARK: - Series

    private func series(
        _ endpoint: HistoryFacts.Endpoint,
        _ probe: String?,
        _ step: HistoryStep,
        _ count: Int
    ) throws(HistoryError) -> SeriesDocument {
        let asked = endpoint.probes.first { probe == nil || $0.name == probe }
        var points: [SeriesDocument.Point] = []
        try reader.steps(
            of: EndpointName(rawValue: endpoint.name),
            probe: probe.map { ProbeName(rawValue: $0) },
            step,
            count: count,
            now: now
        ) { points.append(SeriesDocument.Point($0)) }
        return SeriesDocument(
            endpoint: endpoint.name,
            probe: probe,
            stepSeconds: step.rawValue,
            objectives: SeriesDocument.Objectives(
                availability: endpoint.objective,
                latencyP99Milliseconds: asked?.latencyMilliseconds,
                ttftP99Milliseconds: asked?.ttftMilliseconds
            ),
            points: points,
            trouble: trouble
        )
    }

    // MARK: - Budgets

    private func budgets(days: Int) throws(HistoryError) -> BudgetsDocument {
        let routes = try routeBudgets(days: days)
        let endpoints = try endpointBudgets(days: days)
        return BudgetsDocument(
            at: at,
            days: days,
            routes: Dictionary(zip(facts.routes.map(\.name), routes)) { first, _ in first },
            endpoints: Dictionary(zip(facts.endpoints.map(\.name), endpoints)) { first, _ in first },
            trouble: trouble
        )
    }

    private func start(_ length: Duration) -> Int { now / 60 * 60 - Int(length.inSeconds) }

    /// In the order of the facts.
    func routeBudgets(days: Int) throws(HistoryError) -> [BudgetsDocument.Route] {
        let period = Duration.seconds(days * 86_400)
        let total = try reader.routes(since: start(period), now: now)
        let recent = try byWindow { start throws(HistoryError) in try reader.routes(since: start, now: now) }
        return facts.routes.map { route in
            let name = RouteName(rawValue: route.name)
            func document(_ side: (RouteSums) -> RouteSums.Side) -> BudgetDocument {
                ErrorBudget(
                    objective: route.objective,
                    period: period,
                    sums: total[name].map { BudgetSums(side($0)) } ?? BudgetSums(),
                    recent: recent.compactMapValues { $0[name].map { BudgetSums(side($0)) } }
                )
                .document(at: at)
            }
            return BudgetsDocument.Route(
                objective: route.objective,
                asRouted: document { $0.asRouted },
                withoutFailover: document { $0.withoutFailover }
            )
        }
    }

    /// In the order of the facts.
    private func endpointBudgets(days: Int) throws(HistoryError) -> [BudgetsDocument.Endpoint] {
        let period = Duration.seconds(days * 86_400)
        let total = try reader.probes(since: start(period), now: now)
        let recent = try byWindow { start throws(HistoryError) in try reader.probes(since: start, now: now) }
        return facts.endpoints.map { endpoint in
            func sums(_ probes: [ProbeKey: ProbeSums], _ side: (ProbeSums) -> BudgetSums) -> BudgetSums? {
                let found = endpoint.probes.compactMap { probe in
                    probes[
                        ProbeKey(
                            endpoint: EndpointName(rawValue: endpoint.name),
                            probe: ProbeName(rawValue: probe.name)
                        )
                    ]
                }
                return BudgetSums(mean: found.map(side))
            }
            func document(_ objective: Double, _ side: (ProbeSums) -> BudgetSums) -> BudgetDocument {
                ErrorBudget(
                    objective: objective,
                    period: period,
                    sums: sums(total, side) ?? BudgetSums(),
                    recent: recent.compactMapValues { sums($0, side) }
                )
                .document(at: at)
            }
            // A p99 allows one in a hundred.
            let share = 1 - IndicatorKind.latency.budget(availability: Ratio(endpoint.objective))
            let hasLatency = endpoint.probes.contains { $0.latencyMilliseconds != nil }
            let hasTTFT = endpoint.probes.contains { $0.ttftMilliseconds != nil }
            return BudgetsDocument.Endpoint(
                availability: document(endpoint.objective) { BudgetSums($0) },
                latency: hasLatency ? document(share) { BudgetSums(latencyOf: $0) } : nil,
                ttft: hasTTFT ? document(share) { BudgetSums(ttftOf: $0) } : nil
            )
        }
    }

    private func byWindow<Sums>(
        _ read: (Int) throws(HistoryError) -> Sums
    ) throws(HistoryError) -> [BurnWindow: Sums] {
        var recent: [BurnWindow: Sums] = [:]
        for window in BurnWindow.allCases { recent[window] = try read(start(window.length)) }
        return recent
    }

    // MARK: - Report

    private func report(days: Int, route: String?) throws(HistoryError) -> ReportDocument {
        let from = start(.seconds(days * 86_400))
        let routes = zip(facts.routes, try routeBudgets(days: days)).filter { route == nil || $0.0.name == route }
        let members = Set(routes.flatMap { $0.0.members.map(\.endpoint) })
        let endpoints = zip(facts.endpoints, try endpointBudgets(days: days))
            .filter { route == nil || members.contains($0.0.name) }
        let moves = try reader.moves(since: from)
        let spend = try reader.spend(sinceDay: from / 86_400)
        let costs = endpoints.map { spend[EndpointName(rawValue: $0.0.name)] }
        let total = costs.compactMap(\.self).reduce(Money.zero, +)
        return ReportDocument(
            from: WallTime(secondsSince1970: Double(from)),
            at: at,
            days: days,
            currency: facts.currency,
            routes: routes.map { facts, budgets in
                ReportDocument.Route(
                    route: facts.name,
                    objective: facts.objective,
                    periodDays: facts.periodDays,
                    asRouted: budgets.asRouted,
                    withoutFailover: budgets.withoutFailover,
                    failovers: FailoverList(of: facts, moves: moves, until: at).failovers,
                    requestsPerMonth: facts.requestsPerMonth
                )
            },
            endpoints: zip(endpoints, costs).map { pair, cost in
                ReportDocument.Endpoint(
                    endpoint: pair.0.name,
                    region: pair.0.region,
                    budgets: pair.1,
                    probing: cost?.inUnits
                )
            },
            probing: total > .zero ? total.inUnits : nil,
            trouble: trouble
        )
    }
}

extension SeriesDocument.Point {
    fileprivate init(_ step: borrowing HistoryReader.Step) {
        self.init(
            at: WallTime(secondsSince1970: Double(step.start)),
            samples: step.sums.samples,
            bad: step.sums.bad,
            slow: step.sums.slow,
            void: step.sums.void,
            p50Milliseconds: step.latency.percentile(50),
            p99Milliseconds: step.latency.percentile(99),
            ttftP50Milliseconds: step.ttft.percentile(50),
            ttftP99Milliseconds: step.ttft.percentile(99)
        )
    }
}

extension BudgetSums {
    init(_ side: RouteSums.Side) {
        self.init(samples: side.samples, bad: side.bad, known: side.known, badTime: side.badTime)
    }

    fileprivate init(_ sums: ProbeSums) {
        self.init(samples: Double(sums.samples), bad: Double(sums.bad), known: sums.known, badTime: sums.badTime)
    }

    fileprivate init(latencyOf sums: ProbeSums) {
        let answers = Double(sums.samples - sums.bad)
        self.init(samples: answers, bad: Double(sums.slow), known: sums.answered, badTime: sums.slowTime)
    }

    fileprivate init(ttftOf sums: ProbeSums) {
        let answers = Double(sums.samples - sums.bad)
        self.init(samples: answers, bad: Double(sums.late), known: sums.tokens, badTime: sums.lateTime)
    }

    /// Several probes of one endpoint: all their samples, and the mean of their times; `nil` for none.
    fileprivate init?(mean parts: [BudgetSums]) {
        guard !parts.isEmpty else { return nil }
        self = parts.reduce(into: BudgetSums()) { $0 += $1 }
        known = known / parts.count
        badTime = badTime / parts.count
    }
}
