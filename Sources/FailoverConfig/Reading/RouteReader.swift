import FailoverCore

/// Reads one route.
struct RouteReader {
    let findings: Findings
    /// `defaults.decision`.
    let defaults: SettingNode?
    /// Names of the file's endpoints in file order, also of those that were refused.
    let endpoints: [String]
    private let known: Set<String>

    init(findings: Findings, defaults: SettingNode?, endpoints: [String]) {
        self.findings = findings
        self.defaults = defaults
        self.endpoints = endpoints
        self.known = Set(endpoints)
    }

    /// The route at `node`, or `nil` after a refusal.
    func read(_ node: SettingNode, name: RouteName) -> RouteConfiguration? {
        guard let reader = MappingReader(node, table: RouteKeys.table, findings: findings) else { return nil }
        let policy = reader.value(RouteKeys.policy)
        checkKeys(reader, for: policy)
        checkEquality(reader, for: policy)
        let availability = availability(reader)
        let isWeighted = policy == .weighted
        let plan = isWeighted ? WeightsReader(reader: reader, endpoints: endpoints).read() : nil
        let members = isWeighted ? [] : reader[RouteKeys.endpoints].map(members) ?? []
        if members.count == 1, let place = reader[RouteKeys.endpoints] {
            findings.warn(place, "only one endpoint: there is nowhere to go")
        }
        let path = SettingNode.path(node.path, RouteKeys.decision)
        let decision = DecisionReader.read(
            own: reader[RouteKeys.decision] ?? .emptyMapping(path: path, line: node.line),
            defaults: defaults,
            availability: availability.ratio,
            findings: findings
        )
        return RouteConfiguration(
            name: name,
            endpoints: plan?.endpoints ?? members.map(\.name),
            ranks: policy == .activeStandby ? members.map(\.rank) : nil,
            availability: availability,
            decision: decision,
            cost: SpendReader.routeCost(reader),
            shares: plan?.shares ?? [],
            speed: policy == .lowestLatency ? SpeedReader(findings: findings).read(reader) : nil
        )
    }

    /// Each policy has keys of its own.
    private func checkKeys(_ reader: MappingReader, for policy: RoutePolicy) {
        if policy != .lowestLatency, let node = reader[SpeedKeys.speed] {
            let allowed = "\(SpeedKeys.speed) only with policy: \(RoutePolicy.lowestLatency.rawValue)"
            findings.refuse(node, found: "\(SpeedKeys.speed) with policy: \(policy.rawValue)", allowed: allowed)
        }
        switch policy {
        case .activeStandby, .lowestLatency:
            let names = [WeightKeys.weights, WeightKeys.fallback, WeightKeys.canary]
            for name in names {
                guard let node = reader[name] else { continue }
                let allowed = "\(name) only with policy: \(RoutePolicy.weighted.rawValue)"
                findings.refuse(node, found: "\(name) with policy: \(policy.rawValue)", allowed: allowed)
            }
            if reader[RouteKeys.endpoints] == nil, reader[WeightKeys.weights] == nil {
                reader.refuseMissing(RouteKeys.endpoints, allowed: "a list with at least one item")
            }
        case .weighted:
            guard let node = reader[RouteKeys.endpoints] else { return }
            let allowed = "\(WeightKeys.weights), and \(WeightKeys.fallback) for those that only take over"
            findings.refuse(node, found: "\(RouteKeys.endpoints) with policy: \(policy.rawValue)", allowed: allowed)
        }
    }

    /// Which of the endpoints is preferred is for their times to say.
    private func checkEquality(_ reader: MappingReader, for policy: RoutePolicy) {
        guard policy == .lowestLatency, let node = reader[RouteKeys.endpoints], case .list(let items) = node.content
        else { return }
        let most = SpeedConfiguration.maximumEndpoints
        if items.count > most {
            let allowed = "at most \(most) with policy: \(policy.rawValue)"
            findings.refuse(node, found: "\(items.count) endpoints", allowed: allowed)
        }
        for item in items {
            guard case .list = item.content else { continue }
            let allowed = "names of endpoints: with policy: \(policy.rawValue) all of them are equals"
            findings.refuse(item, found: "a list in the list", allowed: allowed)
        }
    }

    private func availability(_ reader: MappingReader) -> AvailabilityObjective {
        guard let slo = reader.mapping(RouteKeys.slo, table: RouteKeys.objective) else {
            return AvailabilityObjective()
        }
        return AvailabilityObjective(ratio: slo.value(RouteKeys.availability), period: slo.value(RouteKeys.period))
    }

    // MARK: Endpoints

    /// An endpoint with its rank among the others of a route.
    private typealias Member = (name: EndpointName, rank: Int)

    /// The endpoints that `node` lists; equals share a list, and a rank.
    private func members(_ node: SettingNode) -> [Member] {
        let allowed = "a list of names of endpoints: \(ShownText.list(endpoints))"
        guard case .list(let items) = node.content else {
            let hint = node.foundKind == "text" ? "write it in brackets: [a, b]" : nil
            findings.refuse(node, found: node.foundKind, allowed: allowed, hint: hint)
            return []
        }
        guard !items.isEmpty else {
            findings.refuse(node, found: "an empty list", allowed: allowed)
            return []
        }
        // Without any endpoint, that is what has to be put right first.
        guard !endpoints.isEmpty else { return [] }
        var seen: Set<String> = []
        return items.enumerated().flatMap { rank, item -> [Member] in
            guard case .list(let equals) = item.content else {
                return [member(item, &seen)].compactMap(\.self).map { ($0, rank) }
            }
            if equals.isEmpty {
                findings.refuse(item, found: "an empty list", allowed: "names of equally good endpoints")
            }
            return equals.compactMap { member($0, &seen) }.map { ($0, rank) }
        }
    }

    private func member(_ item: SettingNode, _ seen: inout Set<String>) -> EndpointName? {
        guard case .scalar(let scalar) = item.content, known.contains(scalar.text) else {
            let text: String = if case .scalar(let scalar) = item.content { scalar.text } else { "" }
            findings.refuse(
                item,
                allowed: ShownText.list(endpoints),
                hint: Suggestion.hint(for: text, among: endpoints)
            )
            return nil
        }
        guard seen.insert(scalar.text).inserted else {
            findings.refuse(item, found: "\(scalar.found) twice", allowed: "each endpoint once")
            return nil
        }
        return EndpointName(rawValue: scalar.text)
    }
}
