import Foundation

/// What the state file says about the network, by the names of its contract.
///
/// Decoded apart from the daemon's own types, as readers do.
struct StateView: Decodable, Sendable {
    struct Reason: Decodable, Hashable, Sendable {
        let code: String
        let text: String
    }

    struct Vantage: Decodable, Hashable, Sendable {
        let state: String
        let reason: Reason?
    }

    struct Route: Decodable, Hashable, Sendable {
        let active: String
        let mode: String
    }

    struct Certificate: Decodable, Hashable, Sendable {
        let expiresAt: String
        let expiresSoon: Bool
    }

    struct Connection: Decodable, Hashable, Sendable {
        let address: String
        let family: String
        let failedFamily: String?
        let http: String?
        let reused: Bool
        let certificate: Certificate?
    }

    struct Indicator: Decodable, Hashable, Sendable {
        let samples: Int
        let bad: Int
        let void: Int
    }

    struct Endpoint: Decodable, Hashable, Sendable {
        let verdict: String
        let reason: Reason
        let indicators: [String: Indicator]
        let connections: [String: Connection]?
    }

    struct Probing: Decodable, Hashable, Sendable {
        let finished: Int
        let skipped: Int
        let local: [String: Int]
        let trouble: Reason?
    }

    let sequence: UInt64
    let generation: UInt64
    let vantage: Vantage
    let routes: [String: Route]
    let endpoints: [String: Endpoint]
    let probing: Probing?

    init(ofFile path: String) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        self = try decoder.decode(Self.self, from: try Data(contentsOf: URL(filePath: path)))
    }

    /// The way of an endpoint's only probe.
    func connection(of endpoint: String) -> Connection? { endpoints[endpoint]?.connections?["default"] }

    var verdicts: [String: String] { endpoints.mapValues(\.verdict) }
    var areAllHealthy: Bool { endpoints.values.allSatisfy { $0.verdict == "healthy" } }
    /// The code of what hampers the probing, and that readers of the vantage are told the same.
    var trouble: String? { probing?.trouble?.code == vantage.reason?.code ? vantage.reason?.code : nil }
    /// Nothing hampers the probing.
    var isClear: Bool { probing != nil && probing?.trouble == nil && vantage.reason == nil && vantage.state == "clear" }

    func bad(_ indicator: String, of endpoint: String) -> Int? { endpoints[endpoint]?.indicators[indicator]?.bad }
}
