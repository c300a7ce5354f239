import FailoverCore

/// Checks caps and limits against prices and intervals.
struct SpendChecks {
    private let configuration: Configuration
    private let findings: Findings
    private let endpoints: [EndpointName: EndpointConfiguration]

    init(configuration: Configuration, findings: Findings) {
        self.configuration = configuration
        self.findings = findings
        endpoints = Dictionary(configuration.endpoints.map { ($0.name, $0) }) { first, _ in first }
    }

    /// Looks at everything that costs; `root` is the whole file.
    ///
    /// The nodes of the endpoints are given by name, those of the routes in the order of the configuration.
    func run(root: SettingNode, endpoints nodes: [String: SettingNode], routes: [SettingNode]) {
        for endpoint in configuration.endpoints {
            guard let node = nodes[endpoint.name.rawValue] else { continue }
            checkProbes(of: endpoint, node)
            check(endpoint.dailyCap, for: [endpoint], at: node, nodes)
        }
        for (route, node) in zip(configuration.routes, routes) {
            let members = route.endpoints.compactMap { endpoints[$0] }
            check(route.cost.dailyCap, for: members, at: node, nodes)
            checkRatio(of: route, members, node)
        }
        check(configuration.spend.daily, for: configuration.endpoints, at: root, nodes)
    }

    // MARK: Endpoints

    private func checkProbes(of endpoint: EndpointConfiguration, _ node: SettingNode) {
        guard !endpoint.probes.isEmpty else { return }
        let modes = Set(
            endpoint.probes.compactMap { probe in
                if case .chat(let chat) = probe.request { chat.mode } else { nil }
            }
        )
        if modes.isEmpty, let place = CredentialKeys.known.lazy.compactMap({ node[$0.name] }).first {
            findings.warn(place, "has no effect: no probe of this endpoint is of type \(ProbeType.chat.rawValue)")
        }
        if endpoint.probes.allSatisfy({ $0.tier == .shallow }) {
            let words = modes.map(\.rawValue).sorted().joined(separator: ", ")
            findings.warn(
                node,
                "is only asked for \(words): that can prove it down, never up, so no route moves to it by itself"
            )
        }
    }

    // MARK: Caps

    private func check(
        _ cap: SpendCap?,
        for members: [EndpointConfiguration],
        at owner: SettingNode,
        _ nodes: [String: SettingNode]
    ) {
        guard let cap, let node = owner[SpendKeys.spend]?[SpendKeys.daily] else { return }
        let spenders = members.filter { $0.probes.contains { QuestionBound($0) != nil } }
        // A price that was refused is told by itself.
        let unpriced = spenders.map(\.name.rawValue).filter { name in
            endpoints[EndpointName(rawValue: name)]?.price == nil && nodes[name]?[PriceKeys.price] == nil
        }
        if cap.cost != nil, !unpriced.isEmpty {
            findings.refuse(
                node[SpendKeys.cost.name] ?? node,
                found: "a cap on the cost of \(ShownText.list(unpriced)) without a price",
                allowed: "a cap on the cost of endpoints that have a price",
                hint: "add price: { input: 2.50, output: 10.00, as_of: 2026-05-01 }, or cap the tokens"
            )
        } else if spenders.isEmpty {
            findings.warn(node, "has no effect: nothing here spends tokens")
        } else if !warnOfTooSmall(cap, for: spenders, node) {
            warnOfShort(cap, for: spenders, node)
        }
    }

    /// Warns of a cap that has no room for even one question of a probe, and says whether it did.
    private func warnOfTooSmall(_ cap: SpendCap, for members: [EndpointConfiguration], _ node: SettingNode) -> Bool {
        var unknown: [String] = []
        var others: [String] = []
        for endpoint in members {
            let bounds = endpoint.probes.compactMap { probe in QuestionBound(probe).map { (probe.name, $0) } }
            let beyond = bounds.filter { $0.1.isBeyond(cap, price: endpoint.price) }.map(\.0.rawValue)
            let isProved = endpoint.probes.contains { $0.tier == .deep && QuestionBound($0) == nil }
            if beyond.count == bounds.count, !isProved {
                unknown.append(endpoint.name.rawValue)
            } else {
                others += beyond.map { "\(endpoint.name) (\($0))" }
            }
        }
        if !unknown.isEmpty {
            let (verb, it) = unknown.count == 1 ? ("stays", "it") : ("stay", "them")
            findings.warn(
                node,
                "one question may use more than this, so only cheaper ones will be asked: "
                    + "\(ShownText.list(unknown)) \(verb) unknown, and no route moves to \(it)"
            )
        }
        if !others.isEmpty {
            findings.warn(
                node,
                "one question of \(ShownText.list(others)) may use more than this: only cheaper ones will be asked there"
            )
        }
        return !unknown.isEmpty || !others.isEmpty
    }

    private func warnOfShort(_ cap: SpendCap, for members: [EndpointConfiguration], _ node: SettingNode) {
        var use = DailyUse()
        for endpoint in members { use.add(endpoint.probes, price: endpoint.price) }
        guard let seconds = use.secondsUntilSpent(cap) else { return }
        let pace = AboutText.intervals(use.intervals)
        findings.warn(
            node,
            "at \(pace) this cap lasts \(AboutText.duration(seconds)); probes will be slower and cheaper"
        )
    }

    // MARK: Failovers

    /// Warns of a limit that nothing can exceed for want of prices.
    private func checkRatio(of route: RouteConfiguration, _ members: [EndpointConfiguration], _ node: SettingNode) {
        guard route.cost.maximumRatio != nil, let place = node[WorkloadKeys.maximumRatio.name] else { return }
        let preferred = zip(route.ranks, members).filter { $0.0 == 0 }.map(\.1)
        if preferred.allSatisfy({ $0.price == nil }) {
            let names = ShownText.list(preferred.map(\.name.rawValue))
            findings.warn(place, "has no effect: \(names) has no price, and the ratio is to its cost")
        } else if members.count(where: { $0.price != nil }) < 2 {
            findings.warn(place, "has no effect: no other endpoint of this route has a price")
        } else if members.contains(where: { $0.price == nil }) {
            let names = ShownText.list(members.filter { $0.price == nil }.map(\.name.rawValue))
            findings.warn(place, "has no effect on failovers to \(names), of which no price is known")
        }
    }
}
