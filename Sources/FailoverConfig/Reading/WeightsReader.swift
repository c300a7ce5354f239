import FailoverCore

/// Reads how a weighted route splits its traffic.
struct WeightsReader {
    let reader: MappingReader
    /// Names of the file's endpoints in file order.
    let endpoints: [String]
    private var findings: Findings { reader.findings }

    /// What a weighted route has instead of a list of endpoints.
    struct Plan {
        /// Those with a share as written, then those that only take over.
        var endpoints: [EndpointName] = []
        var shares: [ShareConfiguration] = []
    }

    private struct Weight {
        let owner: String
        let percent: Int
    }

    func read() -> Plan {
        guard let node = reader[WeightKeys.weights] else {
            reader.refuseMissing(WeightKeys.weights, allowed: Self.allowed)
            return Plan()
        }
        let weights = weights(node)
        guard !weights.isEmpty else { return Plan() }
        let owners = weights.map(\.owner)
        let canaries = reader[WeightKeys.canary].map { self.canaries($0, owners: owners) } ?? []
        let chains = reader[WeightKeys.fallback].map { self.chains($0, owners: owners) } ?? [:]
        var plan = Plan(endpoints: owners.map { EndpointName(rawValue: $0) })
        for weight in weights {
            // Nobody asked for a canary to carry more than its own.
            let usual = owners.filter { $0 != weight.owner && !canaries.contains($0) }
            let chain = ([weight.owner] + (chains[weight.owner] ?? usual)).map { EndpointName(rawValue: $0) }
            if chain.count == 1 {
                findings.warn(node[weight.owner] ?? node, "nobody takes over: there is nowhere to go")
            }
            for name in chain where !plan.endpoints.contains(name) { plan.endpoints.append(name) }
            let isCanary = canaries.contains(weight.owner)
            plan.shares.append(ShareConfiguration(weight: weight.percent, chain: chain, isCanary: isCanary))
        }
        return plan
    }

    private static let allowed = "a mapping of endpoints to whole percents that sum to 100"

    // MARK: - Weights

    /// Empty after a refusal that makes the rest pointless.
    private func weights(_ node: SettingNode) -> [Weight] {
        guard let entries = node.entries, !entries.isEmpty else {
            findings.refuse(
                node,
                found: node.entries == nil ? node.foundKind : "an empty mapping",
                allowed: Self.allowed
            )
            return []
        }
        guard entries.count <= WeightKeys.maximumShares else {
            let allowed = "at most \(WeightKeys.maximumShares), of 1 % each"
            findings.refuse(node, found: "\(entries.count) weights", allowed: allowed)
            return []
        }
        // Without any endpoint, that is what has to be put right first.
        guard !endpoints.isEmpty else { return [] }
        var weights: [Weight] = []
        for entry in entries where isKnown(entry.key, at: entry.value) {
            guard let percent = percent(entry.value) else { continue }
            weights.append(Weight(owner: entry.key, percent: percent))
        }
        guard weights.count == entries.count else { return [] }
        let sum = weights.reduce(0) { $0 + $1.percent }
        if sum != 100 { findings.refuse(node, found: "a sum of \(sum)", allowed: "weights that sum to 100") }
        return weights
    }

    private func percent(_ node: SettingNode) -> Int? {
        if case .scalar(let scalar) = node.content, scalar.text == "0" {
            let hint = "leave it out, and name it under \(WeightKeys.fallback) if it is to take over"
            let range = WeightKeys.percent.range
            let allowed = "a whole number from \(range.lowerBound) to \(range.upperBound)"
            findings.refuse(node, allowed: allowed, hint: hint)
            return nil
        }
        return findings.read(node, as: WeightKeys.percent)
    }

    private func isKnown(_ name: String, at node: SettingNode) -> Bool {
        if endpoints.contains(name) { return true }
        findings.refuse(
            node,
            found: "the endpoint \(ShownText.quoted(name))",
            allowed: ShownText.list(endpoints),
            hint: Suggestion.hint(for: name, among: endpoints)
        )
        return false
    }

    // MARK: - Chains

    private func chains(_ node: SettingNode, owners: [String]) -> [String: [String]] {
        guard let entries = node.entries, !entries.isEmpty else {
            let allowed = "a mapping of endpoints to lists of those who take over"
            findings.refuse(node, found: node.entries == nil ? node.foundKind : "an empty mapping", allowed: allowed)
            return [:]
        }
        var chains: [String: [String]] = [:]
        for entry in entries {
            guard owners.contains(entry.key) else {
                findings.refuse(
                    entry.value,
                    found: "a chain of \(ShownText.quoted(entry.key)), which has no weight",
                    allowed: ShownText.list(owners),
                    hint: Suggestion.hint(for: entry.key, among: owners)
                )
                continue
            }
            let chain = names(entry.value, among: endpoints, what: "those who take over, best first")
            for (name, place) in chain where name == entry.key {
                findings.refuse(place, found: "\(ShownText.quoted(name)) in its own chain", allowed: "other endpoints")
            }
            chains[entry.key] = chain.map(\.name).filter { $0 != entry.key }
        }
        return chains
    }

    private func canaries(_ node: SettingNode, owners: [String]) -> Set<String> {
        let names = names(node, among: owners, what: "endpoints with a weight").map(\.name)
        if !names.isEmpty, owners.allSatisfy(names.contains) {
            let allowed = "at least one endpoint that is no canary"
            findings.refuse(node, found: "every endpoint of \(WeightKeys.weights)", allowed: allowed)
        }
        return Set(names)
    }

    /// Each name once.
    private func names(
        _ node: SettingNode,
        among known: [String],
        what: String
    ) -> [(name: String, place: SettingNode)] {
        let allowed = "a list of \(what): \(ShownText.list(known))"
        guard case .list(let items) = node.content, !items.isEmpty else {
            let isText = if case .scalar(let scalar) = node.content { scalar.kind == .text } else { false }
            let found = if case .list = node.content { "an empty list" } else { node.foundKind }
            findings.refuse(node, found: found, allowed: allowed, hint: isText ? "write it in brackets: [a, b]" : nil)
            return []
        }
        var names: [(name: String, place: SettingNode)] = []
        for item in items {
            guard case .scalar(let scalar) = item.content, known.contains(scalar.text) else {
                let text = if case .scalar(let scalar) = item.content { scalar.text } else { "" }
                let hint = Suggestion.hint(for: text, among: known)
                findings.refuse(item, allowed: ShownText.list(known), hint: hint)
                continue
            }
            guard !names.contains(where: { $0.name == scalar.text }) else {
                findings.refuse(item, found: "\(scalar.found) twice", allowed: "each endpoint once")
                continue
            }
            names.append((scalar.text, item))
        }
        return names
    }
}
