import FailoverConfig
import FailoverCore
import Foundation

/// Files that the tests read.
enum Fixtures {
    static let folder = Bundle.module.url(forResource: "Fixtures", withExtension: nil) ?? URL(filePath: "/nonexistent")
    /// The root of the checkout.
    static let root = URL(filePath: #filePath).appending(path: "../../..").standardizedFileURL

    /// The names of the YAML files in a folder, without their extension.
    static func names(in name: String) -> [String] {
        let files = try? FileManager.default.contentsOfDirectory(atPath: folder.appending(path: name).path)
        return (files ?? []).filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOf: folder.appending(path: path), encoding: .utf8)
    }
}

/// Loads a text as `config.yaml`.
func load(_ yaml: String) throws -> LoadedConfiguration {
    try ConfigurationLoader.load(yaml: yaml, file: "config.yaml")
}

/// What is told about a text that is refused; empty if it is accepted.
func refusals(_ yaml: String) -> [String] {
    do {
        _ = try ConfigurationLoader.load(yaml: yaml, file: "config.yaml")
        return []
    } catch {
        return error.description.split(separator: "\n").map(String.init)
    }
}

/// A file with one endpoint of which some parts are given.
func file(
    url: String = "http://127.0.0.1:8080/v1",
    probe: String = "slo: { latency: { p99: 3s } }",
    defaults: String = "{}",
    decision: String = "{}"
) -> String {
    """
    version: 1
    defaults: \(defaults)
    endpoints:
      a: { region: us-east, url: "\(url)", probe: { \(probe) } }
      b: { region: eu-west, url: "http://127.0.0.1:9", probe: { slo: { latency: { p99: 3s } } } }
    routes:
      chat: { endpoints: [a, b], decision: \(decision) }
    """
}
