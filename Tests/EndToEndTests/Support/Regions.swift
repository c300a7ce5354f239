import Foundation
import TestSupport

/// Simulated regions that answer in a few milliseconds, with faults on demand.
struct Regions: Sendable {
    private struct Ready: Decodable {
        let regions: [String: Int]
        let control: Int
    }

    private let ports: [String: Int]
    private let control: Int

    /// With `settings` as regionsim's script has them for each region.
    static func start(
        _ names: [String],
        on stage: Stage,
        settings: String = "latency: { p50: 2ms, p99: 10ms }"
    ) async throws -> Regions {
        let regions = names.map { "  \($0): { port: 0, \(settings) }" }
        try stage.write("seed: 1\nregions:\n" + regions.joined(separator: "\n") + "\n", to: "regions.yaml")
        let ready = stage.directory.path("regions-ready")
        let program = try stage.start(
            Built.regionsim,
            ["--script", stage.directory.path("regions.yaml"), "--control", "127.0.0.1:0", "--ready-file", ready],
            log: "regionsim.log"
        )
        try await condition("regionsim is ready") {
            guard program.isRunning else { throw ConditionError(description: "regionsim ended") }
            return FileManager.default.fileExists(atPath: ready)
        }
        let answer = try JSONDecoder().decode(Ready.self, from: try Data(contentsOf: URL(filePath: ready)))
        return Regions(ports: answer.regions, control: answer.control)
    }

    func port(_ name: String) -> Int { ports[name] ?? 0 }

    func url(_ name: String) -> String { "http://127.0.0.1:\(port(name))" }

    /// Where the simulator lets a region be controlled and looked at.
    func controlURL(_ name: String) -> String { "http://127.0.0.1:\(control)/regions/\(name)" }

    /// An endpoint of the configuration for each region, in the order of `names`.
    func endpoints(_ names: [String]) -> [Setup.Endpoint] { names.map { Setup.Endpoint(name: $0, url: url($0)) } }

    /// Gives a region a fault, such as `{"status": 503}`.
    func fault(_ name: String, _ fault: String) throws { try ask("PUT", name, fault) }

    func heal(_ name: String) throws { try ask("DELETE", name, "") }

    private func ask(_ method: String, _ name: String, _ body: String) throws {
        let output = try run(
            "/usr/bin/curl",
            ["-sS", "--fail-with-body", "--max-time", "10", "-X", method, "-d", body, controlURL(name) + "/fault"]
        )
        guard output.status == 0 else {
            throw ConditionError(description: "regionsim: \(output.standardOutput)\(output.standardError)")
        }
    }
}
