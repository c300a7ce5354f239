import Foundation
import TestSupport

/// Simulated regions that demand a key, with quirks on demand.
struct ChatRegions: Sendable {
    private let regions: Regions

    /// What a key looks like to those who mask keys, and to those who grep for one.
    static let key = "sk-live-7Qm2vX9rT4bW8yKc"

    static func start(_ names: [String], on stage: Stage) async throws -> ChatRegions {
        let settings = "latency: { p50: 150ms, p99: 200ms }, ttft: { p50: 5ms, p99: 10ms }, keys: [ \(key) ]"
        return ChatRegions(regions: try await Regions.start(names, on: stage, settings: settings))
    }

    func port(_ name: String) -> Int { regions.port(name) }

    /// Where the region's API begins.
    func url(_ name: String) -> String { regions.url(name) + "/v1" }

    /// Where the region's faults are set.
    func controlURL(_ name: String) -> String { regions.controlURL(name) + "/fault" }

    /// Gives a region a fault, such as `{"chat": "stalled"}`.
    func fault(_ name: String, _ fault: String) throws { try regions.fault(name, fault) }

    func heal(_ name: String) throws { try regions.heal(name) }

    /// The requests that a region has read.
    func requests(_ name: String) throws -> Int {
        struct Counters: Decodable {
            let requests: Int
        }
        let url = regions.controlURL(name) + "/counters"
        let output = try run("/usr/bin/curl", ["-sSf", "--max-time", "10", url])
        return try JSONDecoder().decode(Counters.self, from: Data(output.standardOutput.utf8)).requests
    }
}
