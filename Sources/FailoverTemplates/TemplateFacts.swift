/// What templates are rendered from: the decisions, and what is known of whom they are about.
///
/// Nothing in it is a measurement: figures change all the time, and a file that changes makes a program read it again.
package struct TemplateFacts: Hashable, Sendable {
    package var vantage: String
    package var generation: UInt64
    /// By name.
    package var routes: [Route]
    /// By name.
    package var endpoints: [Endpoint]

    package init(vantage: String, generation: UInt64, routes: [Route], endpoints: [Endpoint]) {
        self.vantage = vantage
        self.generation = generation
        self.routes = routes
        self.endpoints = endpoints
    }

    package struct Route: Hashable, Sendable {
        package var name: String
        package var policy: String
        package var mode: String
        package var generation: UInt64
        package var reasonCode: String
        package var isObserved: Bool
        /// The name of an endpoint.
        package var active: String
        /// Names of those that may carry traffic, best first; may be empty.
        package var order: [String]
        /// Names, in order of preference.
        package var endpoints: [String]
        /// For each of `endpoints`; they sum to 100.
        package var weights: [Int]

        package init(
            name: String,
            policy: String,
            mode: String,
            generation: UInt64,
            reasonCode: String,
            isObserved: Bool = false,
            active: String,
            order: [String],
            endpoints: [String],
            weights: [Int]
        ) {
            self.name = name
            self.policy = policy
            self.mode = mode
            self.generation = generation
            self.reasonCode = reasonCode
            self.isObserved = isObserved
            self.active = active
            self.order = order
            self.endpoints = endpoints
            self.weights = weights
        }
    }

    package struct Endpoint: Hashable, Sendable {
        package var name: String
        package var region: String
        package var provider: String?
        /// Without user info, query and fragment.
        package var url: String
        /// As texts; a missing value is one of `null`.
        package var attributes: [String: String]
        package var verdict: String
        package var isDrained: Bool

        package init(
            name: String,
            region: String,
            provider: String? = nil,
            url: String,
            attributes: [String: String] = [:],
            verdict: String,
            isDrained: Bool = false
        ) {
            self.name = name
            self.region = region
            self.provider = provider
            self.url = url
            self.attributes = attributes
            self.verdict = verdict
            self.isDrained = isDrained
        }
    }
}

/// The parts of a URL that the configuration has accepted.
struct URLParts: Hashable {
    let scheme: String
    /// Without the brackets of an IPv6 address.
    let host: String
    let port: Int
    /// Empty, or begins with a slash.
    let path: String

    /// A text that is no such URL has no scheme and port 0.
    init(_ url: String) {
        let start = url.firstRange(of: "://")
        scheme = start.map { String(url[..<$0.lowerBound]) } ?? ""
        let rest = url[(start?.upperBound ?? url.startIndex)...]
        let place = rest.prefix { $0 != "/" }
        path = String(rest[place.endIndex...])
        let isBracketed = place.last == "]"
        let colon = isBracketed ? nil : place.lastIndex(of: ":")
        let name = place[..<(colon ?? place.endIndex)]
        host = String(name.first == "[" ? name.dropFirst().dropLast() : name)
        port = colon.flatMap { Int(place[place.index(after: $0)...]) } ?? Self.standardPorts[scheme] ?? 0
    }

    private static let standardPorts = ["http": 80, "https": 443]

    /// `host:port`, with brackets around an IPv6 address.
    var authority: String { isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }

    var isIPv6: Bool { host.contains(":") }

    /// Whether the host is an address rather than a name.
    var isAddress: Bool {
        isIPv6 || host.utf8.allSatisfy { 48...57 ~= $0 || $0 == UInt8(ascii: ".") }
    }
}
