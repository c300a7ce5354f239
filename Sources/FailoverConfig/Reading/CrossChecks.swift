import FailoverCore

/// Checks what no single endpoint or route can know.
struct CrossChecks {
    let configuration: Configuration
    let findings: Findings

    /// - Parameters:
    ///   - defaults: `defaults.probe`.
    ///   - endpoints: The nodes of the endpoints by name.
    ///   - routes: The nodes of `configuration.routes`, in the same order.
    func run(defaults: SettingNode?, endpoints: [String: SettingNode], routes: [SettingNode]) {
        if let expect = defaults?[ProbeKeys.expect] { warnOfUnusedExpectations(expect) }
        checkSharedEndpoints(routes)
        warnOfUnusedEndpoints(endpoints)
        warnOfTwins(endpoints)
        warnOfLongConfirmIntervals(routes)
    }

    /// An endpoint has one verdict, so the routes that share it must judge alike.
    private func checkSharedEndpoints(_ nodes: [SettingNode]) {
        var firstRoute: [EndpointName: Int] = [:]
        for (index, route) in configuration.routes.enumerated() {
            var compared: Set<Int> = []
            for endpoint in route.endpoints {
                guard let first = firstRoute[endpoint] else {
                    firstRoute[endpoint] = index
                    continue
                }
                guard compared.insert(first).inserted else { continue }
                compare(route, with: configuration.routes[first], sharing: endpoint, at: nodes[index])
            }
        }
    }

    private func compare(
        _ route: RouteConfiguration,
        with other: RouteConfiguration,
        sharing endpoint: EndpointName,
        at node: SettingNode
    ) {
        let because = "of route \"\(other.name)\", since both contain \"\(endpoint)\", which has one verdict"
        if route.decision.rule != other.decision.rule {
            findings.refuse(
                node[RouteKeys.decision] ?? node,
                found: RuleText.describe(route.decision.rule),
                allowed: "\(RuleText.describe(other.decision.rule)), the rule \(because)"
            )
        }
        if route.availability.ratio != other.availability.ratio {
            let place = node[RouteKeys.slo]?[RouteKeys.availability.name] ?? node[RouteKeys.slo] ?? node
            findings.refuse(
                place,
                found: "availability \(PercentageText.format(route.availability.ratio))",
                allowed: "\(PercentageText.format(other.availability.ratio)), the objective \(because)"
            )
        }
    }

    /// Defaults may serve probes of several types, but not of none.
    private func warnOfUnusedExpectations(_ expect: SettingNode) {
        let types = Set(configuration.endpoints.flatMap(\.probes).map { ProbeType($0.request) })
        for entry in expect.entries ?? [] {
            let owners = ProbeKeys.Expect.types(of: entry.key)
            guard !types.isEmpty, types.isDisjoint(with: owners) else { continue }
            let names = owners.map(\.rawValue).joined(separator: ", ")
            findings.warn(entry.value, "has no effect: no probe is of type \(names)")
        }
    }

    private func warnOfUnusedEndpoints(_ nodes: [String: SettingNode]) {
        let used = Set(configuration.routes.flatMap(\.endpoints))
        for endpoint in configuration.endpoints where !used.contains(endpoint.name) {
            guard let node = nodes[endpoint.name.rawValue] else { continue }
            findings.warn(node, "no route contains this endpoint: it is probed and nothing else")
        }
    }

    private func warnOfTwins(_ nodes: [String: SettingNode]) {
        var seen: [[ProbeConfiguration]: EndpointName] = [:]
        for endpoint in configuration.endpoints {
            guard let twin = seen[endpoint.probes] else {
                seen[endpoint.probes] = endpoint.name
                continue
            }
            guard let node = nodes[endpoint.name.rawValue] else { continue }
            findings.warn(node, "same URL and probe as endpoint \"\(twin)\": they will fail together")
        }
    }

    private func warnOfLongConfirmIntervals(_ nodes: [SettingNode]) {
        let intervals = Dictionary(configuration.endpoints.map { ($0.name, $0.probes.map(\.interval)) }) { $1 }
        for (route, node) in zip(configuration.routes, nodes) {
            guard case .evidence(let parameters) = route.decision.rule,
                let place = node[RouteKeys.decision]?[DecisionKeys.confirmInterval.name],
                let shortest = route.endpoints.flatMap({ intervals[$0] ?? [] }).min(),
                parameters.confirmInterval > shortest
            else { continue }
            findings.warn(
                place,
                "longer than an interval of \(DurationText.format(shortest)), and has no effect there: "
                    + "confirming never probes less often"
            )
        }
    }
}
