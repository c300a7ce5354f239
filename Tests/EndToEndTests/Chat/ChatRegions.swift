import Foundation
import TestSupport

/// Simulated regions that demand a key, with quirks on demand.
struct ChatRegions: Sendable {
    private struct Ready: Decodable {
        let regions: [String: Int]
        let control: Int
    }

    private let ports: [String: Int]
    private let control: Int

    /// What a key looks like to those who mask keys, and to those who grep for one.
    static let key = "sk-live-7Qm2vX9rT4bW8yKc"

    static func start(_ names: [String], on stage: Stage, name: String = "chat-regions") async throws -> ChatRegions {
        let regions = names.map {
            "  \($0): { port: 0, latency: { p50: 150ms, p99: 200ms }, ttft: { p50: 5ms, p99: 10ms }, keys: [ \(key) ] }"
        }
        try stage.write("seed: 1\nregions:\n" + regions.joined(separator: "\n") + "\n", to: "\(name).yaml")
        let ready = stage.directory.path("\(name)-ready")
        let program = try stage.start(
            Built.regionsim,
            ["--script", stage.directory.path("\(name).yaml"), "--control", "127.0.0.1:0", "--ready-file", ready],
            log: "\(name).log"
        )
        try await condition("regionsim is ready") {
            guard program.isRunning else { throw ConditionError(description: "regionsim ended") }
            return FileManager.default.fileExists(atPath: ready)
        }
        let answer = try JSONDecoder().decode(Ready.self, from: try Data(contentsOf: URL(filePath: ready)))
        return ChatRegions(ports: answer.regions, control: answer.control)
    }

    func port(_ name: String) -> Int { ports[name] ?? 0 }

    /// Where the region's API begins.
    func url(_ name: String) -> String { "http://127.0.0.1:\(port(name))/v1" }

    /// Where the region's faults are set.
    func controlURL(_ name: String) -> String { "http://127.0.0.1:\(control)/regions/\(name)/fault" }

    /// Gives a region a fault, such as `{"chat": "stalled"}`.
    func fault(_ name: String, _ fault: String) throws { try ask("PUT", controlURL(name), fault) }

    func heal(_ name: String) throws { try ask("DELETE", controlURL(name), "") }

    /// The requests that a region has read.
    func requests(_ name: String) throws -> Int {
        struct Counters: Decodable {
            let requests: Int
        }
        let url = "http://127.0.0.1:\(control)/regions/\(name)/counters"
        let output = try run("/usr/bin/curl", ["-sSf", "--max-time", "10", url])
        return try JSONDecoder().decode(Counters.self, from: Data(output.standardOutput.utf8)).requests
    }

    private func ask(_ method: String, _ url: String, _ body: String) throws {
        let output = try run(
            "/usr/bin/curl",
            ["-sS", "--fail-with-body", "--max-time", "10", "-X", method, "-d", body, url]
        )
        guard output.status == 0 else {
            throw ConditionError(description: "regionsim: \(output.standardOutput)\(output.standardError)")
        }
    }
}
