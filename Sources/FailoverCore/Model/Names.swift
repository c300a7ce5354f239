/// A name that people chose in the configuration, kept apart by type so that an endpoint is never taken for a route.
package protocol Name: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible,
    ExpressibleByStringLiteral
where RawValue == String {
    init(rawValue: String)
}

extension Name {
    package init(stringLiteral value: String) { self.init(rawValue: value) }
    package var description: String { rawValue }
    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// The globally unique name of one probed address.
package struct EndpointName: Name {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// The name of a route: a thing with one active endpoint.
package struct RouteName: Name {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// The name of a region, the unit of drains.
package struct RegionName: Name {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// The name of a provider, a failure domain across regions.
package struct ProviderName: Name {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// The name of one probe profile of an endpoint; `default` where there is only one.
package struct ProbeName: Name {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package static let `default`: ProbeName = "default"
}

/// One probe of one endpoint.
package struct ProbeKey: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let endpoint: EndpointName
    package let probe: ProbeName

    package init(endpoint: EndpointName, probe: ProbeName = .default) {
        self.endpoint = endpoint
        self.probe = probe
    }

    package var description: String { "\(endpoint)/\(probe)" }

    package static func < (left: ProbeKey, right: ProbeKey) -> Bool {
        (left.endpoint, left.probe) < (right.endpoint, right.probe)
    }
}
