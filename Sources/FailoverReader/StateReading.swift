package import FoundationEssentials

/// What a reader takes from a state document: one route with its endpoints, and nothing that it does not need.
package struct StateReading: Hashable, Sendable {
    /// Trust it no longer than this.
    package let validUntil: Date
    /// `nil` if failoverd does not know the route.
    package let route: RouteReading?

    package struct RouteReading: Hashable, Sendable {
        package let order: [Endpoint]
        package let word: Decision.Word
    }

    static let schema = "failoverd.state/1"

    /// - Parameters:
    ///   - document: A state document.
    ///   - route: The route's name.
    /// - Throws: If it is damaged, is of another schema, or names an endpoint that it does not describe.
    package init(document: Data, route: String) throws {
        let state = try JSONDecoder().decode(State.self, from: document, configuration: route)
        validUntil = state.validUntil
        self.route = try state.route.map { route in
            var seen: Set<String> = []
            let names = ([route.active] + route.order).filter { seen.insert($0).inserted }
            let order = try names.map { name in
                guard let endpoint = state.endpoints[name] else { throw UnknownEndpoint(name: name) }
                return Endpoint(
                    name,
                    url: endpoint.url,
                    region: endpoint.region,
                    weight: max(0, min(100, route.weights?[name] ?? 0))
                )
            }
            return RouteReading(
                order: order,
                word: .init(mode: .init(rawValue: route.mode), generation: route.generation)
            )
        }
    }

    /// The decision, with URLs of one's own where they are given; `nil` if failoverd does not know the route.
    package func decision(urlsOf own: [Endpoint]) -> Decision? {
        guard let route else { return nil }
        let order = route.order.map { endpoint in
            let url = own.first { $0.name == endpoint.name }?.url ?? endpoint.url
            return Endpoint(endpoint.name, url: url, region: endpoint.region, weight: endpoint.weight)
        }
        return Decision(order: order, word: route.word)
    }

    struct UnknownEndpoint: Error { let name: String }

    struct OtherSchema: Error, CustomStringConvertible {
        let schema: String

        var description: String { "its schema is \(schema.prefix(64)), and \(StateReading.schema) is understood here" }
    }

    struct BadTime: Error { let text: String }
}

// MARK: The document

/// Its configuration is the route's name: the others are not even decoded.
private struct State: DecodableWithConfiguration {
    let validUntil: Date
    let route: Route?
    let endpoints: [String: Described]

    private enum CodingKeys: String, CodingKey {
        case schema, routes, endpoints
        case validUntil = "valid_until"
    }

    struct Route: Decodable {
        let active: String
        let order: [String]
        let mode: String
        let generation: UInt64
        let weights: [String: Int]?
    }

    struct Described: Decodable {
        let url: String
        let region: String?
    }

    init(from decoder: any Decoder, configuration name: String) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let schema = try container.decode(String.self, forKey: .schema)
        guard schema == StateReading.schema else { throw StateReading.OtherSchema(schema: schema) }
        validUntil = try Self.time(try container.decode(String.self, forKey: .validUntil))
        let routes = try container.nestedContainer(keyedBy: Name.self, forKey: .routes)
        route = try routes.decodeIfPresent(Route.self, forKey: Name(stringValue: name))
        let described = try container.nestedContainer(keyedBy: Name.self, forKey: .endpoints)
        var endpoints: [String: Described] = [:]
        for name in route.map({ [$0.active] + $0.order }) ?? [] {
            endpoints[name] = try described.decodeIfPresent(Described.self, forKey: Name(stringValue: name))
        }
        self.endpoints = endpoints
    }

    /// RFC 3339 in UTC, with or without a fraction.
    private static func time(_ text: String) throws -> Date {
        for style in [Date.ISO8601FormatStyle(includingFractionalSeconds: true), Date.ISO8601FormatStyle()] {
            if let date = try? style.parse(text) { return date }
        }
        throw StateReading.BadTime(text: text)
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }

        init?(intValue: Int) { nil }
    }
}
