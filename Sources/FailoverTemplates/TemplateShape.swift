/// What a name in a template stands for, known before there is any value.
indirect enum TemplateShape: Hashable, Sendable {
    case text
    /// A text that may be missing: to be used inside a section of its own name.
    case optionalText
    /// An identifier that several of what it should tell apart have: why it cannot be used.
    case ambiguous(String)
    case number
    case flag
    case object([String: TemplateShape])
    case list(TemplateShape)
}

/// The names that a configuration adds to those that every template knows.
package struct TemplateVocabulary: Hashable, Sendable {
    package var routes: [String]
    package var endpoints: [String]
    /// Whether an endpoint names no provider.
    package var mayLackProvider: Bool
    /// Of any endpoint; whether all have it.
    package var attributes: [String: Bool]

    package init(
        routes: [String],
        endpoints: [String],
        mayLackProvider: Bool = true,
        attributes: [String: Bool] = [:]
    ) {
        self.routes = routes
        self.endpoints = endpoints
        self.mayLackProvider = mayLackProvider
        self.attributes = attributes
    }

    // MARK: Shapes

    /// What stands at the top of every template.
    var root: TemplateShape {
        let endpoint = endpoint
        let routeIdentifier = Self.identifier(of: routes)
        var member = endpoint.merging(Self.inRoute) { $1 }
        member["route_variable"] = routeIdentifier
        member["route_identifier"] = routeIdentifier
        member[TemplateOwnOrder.name] = .list(.object(member.merging(Self.inList) { $1 }))
        let route = route(with: member, identifier: routeIdentifier)
        return .object([
            "vantage": .text,
            "generation": .number,
            "routes": .list(.object(route.merging(Self.inList) { $1 })),
            "route": .object(named(routes, .object(route))),
            "endpoints": .list(.object(endpoint.merging(Self.inList) { $1 })),
            "endpoint": .object(named(endpoints, .object(endpoint))),
        ])
    }

    private func named(_ names: [String], _ shape: TemplateShape) -> [String: TemplateShape] {
        // A dot in a tag is a step from one name to the next.
        Dictionary(names.filter { !$0.contains(".") }.map { ($0, shape) }) { first, _ in first }
    }

    private func route(
        with member: [String: TemplateShape],
        identifier: TemplateShape
    ) -> [String: TemplateShape] {
        let members = TemplateShape.list(.object(member.merging(Self.inList) { $1 }))
        return [
            "name": .text, "variable": identifier, "identifier": identifier, "policy": .text, "mode": .text,
            "generation": .number, "reason_code": .text, "is_observed": .flag, "is_weighted": .flag,
            "is_preferred": .flag, "is_failover": .flag, "is_fail_open": .flag, "is_pinned": .flag, "is_held": .flag,
            "active": .object(member), "serving": members, "order": members, "backups": members, "endpoints": members,
        ]
    }

    private var endpoint: [String: TemplateShape] {
        let identifier = Self.identifier(of: endpoints)
        return [
            "name": .text, "variable": identifier, "identifier": identifier, "region": .text,
            "provider": mayLackProvider ? .optionalText : .text,
            "url": .text, "scheme": .text, "host": .text, "port": .number, "path": .text, "authority": .text,
            "is_tls": .flag, "is_address": .flag, "is_ipv6": .flag,
            "verdict": .text, "is_unknown": .flag, "is_healthy": .flag, "is_degraded": .flag, "is_unhealthy": .flag,
            "is_drained": .flag,
            "attributes": .object(attributes.mapValues { $0 ? .text : .optionalText }),
        ]
    }

    /// Names may differ in signs and case only, and then whoever reads the result would take one for the other.
    private static func identifier(of names: [String]) -> TemplateShape {
        var seen: [String: String] = [:]
        for name in names.sorted() {
            if let other = seen.updateValue(name, forKey: name.asIdentifier) {
                return .ambiguous("\(name.asIdentifier) for \(other) and for \(name)")
            }
        }
        return .text
    }

    private static let inRoute: [String: TemplateShape] = [
        "weight": .number, "is_active": .flag, "is_serving": .flag, "is_eligible": .flag, "route_name": .text,
    ]

    private static let inList: [String: TemplateShape] = ["first": .flag, "last": .flag, "index": .number]
}

extension String {
    /// In capitals, with an underscore for whatever a variable of a shell may not hold.
    var asVariable: String { asIdentifier.uppercased() }

    /// In small letters, with an underscore for whatever an identifier may not hold.
    var asIdentifier: String {
        String(lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }
}
