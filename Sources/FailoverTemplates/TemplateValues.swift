import FailoverCore
import Mustache

/// Nothing, in a way that keeps the library from looking for the same name further outside.
struct NoValue: MustacheCustomRenderable {
    var renderText: String { "" }
    var isNull: Bool { true }
}

/// Facts as the library takes them: the names of ``TemplateVocabulary``, each with a value.
struct TemplateValues {
    private let facts: TemplateFacts
    private let vocabulary: TemplateVocabulary
    private let byName: [String: [String: Any]]

    init(_ facts: TemplateFacts, _ vocabulary: TemplateVocabulary) {
        self.facts = facts
        self.vocabulary = vocabulary
        byName = Dictionary(facts.endpoints.map { ($0.name, Self.values(of: $0, vocabulary)) }) { first, _ in first }
    }

    /// `nil` where the facts lack a name of the vocabulary: the configuration has changed in between.
    var root: [String: Any]? {
        var routes: [[String: Any]] = []
        for route in facts.routes {
            guard let values = values(of: route) else { return nil }
            routes.append(values)
        }
        let routesByName = Dictionary(zip(facts.routes.map(\.name), routes)) { first, _ in first }
        guard vocabulary.routes.allSatisfy({ routesByName[$0] != nil }),
            vocabulary.endpoints.allSatisfy({ byName[$0] != nil })
        else { return nil }
        return [
            "vantage": facts.vantage,
            "generation": facts.generation,
            "routes": Self.listed(routes),
            "route": routesByName,
            "endpoints": Self.listed(facts.endpoints.compactMap { byName[$0.name] }),
            "endpoint": byName,
        ]
    }

    private static func values(of endpoint: TemplateFacts.Endpoint, _ vocabulary: TemplateVocabulary) -> [String: Any] {
        let url = URLParts(endpoint.url)
        let attributes: [String: Any] = Dictionary(
            uniqueKeysWithValues: vocabulary.attributes.keys.map { name in
                (name, endpoint.attributes[name].map { $0.onOneLine as Any } ?? NoValue())
            }
        )
        return [
            "name": endpoint.name, "variable": endpoint.name.asVariable, "identifier": endpoint.name.asIdentifier,
            "region": endpoint.region, "provider": endpoint.provider.map { $0 as Any } ?? NoValue(),
            "url": endpoint.url, "scheme": url.scheme, "host": url.host, "port": url.port, "path": url.path,
            "authority": url.authority,
            "is_tls": url.scheme == "https" || url.scheme == "tls", "is_address": url.isAddress,
            "is_ipv6": url.isIPv6,
            "verdict": endpoint.verdict, "is_unknown": endpoint.verdict == "unknown",
            "is_healthy": endpoint.verdict == "healthy", "is_degraded": endpoint.verdict == "degraded",
            "is_unhealthy": endpoint.verdict == "unhealthy", "is_drained": endpoint.isDrained,
            "attributes": attributes,
        ]
    }

    private func values(of route: TemplateFacts.Route) -> [String: Any]? {
        var members: [String: [String: Any]] = [:]
        for (name, weight) in zip(route.endpoints, route.weights) {
            guard var member = byName[name] else { return nil }
            member["weight"] = weight
            member["is_active"] = name == route.active
            member["is_serving"] = weight > 0
            member["is_eligible"] = route.order.contains(name)
            member["route_name"] = route.name
            member["route_variable"] = route.name.asVariable
            member["route_identifier"] = route.name.asIdentifier
            members[name] = member
        }
        let alone = members
        for name in route.endpoints {
            members[name]?[TemplateOwnOrder.name] = TemplateOwnOrder(of: name, names: route.endpoints, members: alone)
        }
        guard let active = members[route.active] else { return nil }
        let backups = route.order.filter { $0 != route.active }.compactMap { members[$0] }
        let serving = zip(route.endpoints, route.weights).filter { $1 > 0 }.compactMap { members[$0.0] }
        guard !serving.isEmpty else { return nil }
        return [
            "name": route.name, "variable": route.name.asVariable, "identifier": route.name.asIdentifier,
            "policy": route.policy, "mode": route.mode, "generation": route.generation,
            "reason_code": route.reasonCode, "is_observed": route.isObserved,
            "is_weighted": route.policy == "weighted", "is_preferred": route.mode == "preferred",
            "is_failover": route.mode == "failover", "is_fail_open": route.mode == "fail_open",
            "is_pinned": route.mode == "pinned", "is_held": route.mode == "held",
            "active": active, "serving": Self.listed(serving), "order": Self.listed([active] + backups),
            "backups": Self.listed(backups), "endpoints": Self.listed(route.endpoints.compactMap { members[$0] }),
        ]
    }

    static func listed(_ elements: [[String: Any]]) -> [[String: Any]] {
        elements.enumerated().map { index, element in
            var element = element
            element["index"] = index
            element["first"] = index == 0
            element["last"] = index == elements.count - 1
            return element
        }
    }
}
