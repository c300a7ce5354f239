import Foundation
import TestSupport

/// A configuration whose endpoints are asked for chats, as text.
struct ChatSetup: Sendable {
    struct Endpoint: Sendable {
        let name: String
        let url: String
        /// More keys of the endpoint, in YAML's flow style.
        var more = ""
    }

    var endpoints: [Endpoint]
    /// Best first; all of them by default.
    var route: [String]
    /// The file that holds the key; `nil` for none.
    var credentialFile: String?
    var model = "sim-small"
    var interval = "300ms"
    var timeouts = "{ ttft: 800ms, idle: 800ms, total: 8s }"
    var objectives = "{ ttft: { p99: 700ms }, latency: { p99: 6s } }"
    /// More keys of the probe, one a line.
    var probe: [String] = []
    var decision = Setup.evidence
    var journal = false
    /// HOST:PORT of what shows whether our own network works.
    var anchor: String?

    init(_ endpoints: [Endpoint]) {
        self.endpoints = endpoints
        route = endpoints.map(\.name)
    }

    func text(in place: Place) -> String {
        let anchors = anchor.map { ", anchors: [{ tcp: \"\($0)\" }]" } ?? ""
        let credential = credentialFile.map { ["credential_file: \($0)"] } ?? []
        return """
            version: 1
            vantage: { name: test\(anchors) }
            defaults:
              probe:
                type: openai-chat
                model: \(model)
                interval: \(interval)
                slo: \(objectives)
                timeouts: \(timeouts)
            \((credential + probe).map { "    " + $0 }.joined(separator: "\n"))
              decision: \(decision)
            endpoints:
            \(endpoints.map { "  \($0.name): { region: \($0.name), url: \"\($0.url)\"\($0.more) }" }.joined(separator: "\n"))
            routes:
              main: { endpoints: [\(route.joined(separator: ", "))] }
            outputs:
              state_file: \(place.stateFile)
              socket: \(place.socket)
              state_directory: \(place.memory)
              journal: \(journal)

            """
    }
}

extension Stage {
    func configure(_ setup: ChatSetup) throws { try write(setup.text(in: place), to: "config.yaml") }

    /// Writes the key to a file that only its owner reads, and returns its path.
    func writeKey(_ key: String = ChatRegions.key) throws -> String {
        let path = directory.path("key")
        try Data((key + "\n").utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        return path
    }

    /// The endpoints of the state file as JSON, for what the tests look at beside the documents' own types.
    func stateEndpoint(_ name: String) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: try Data(contentsOf: URL(filePath: place.stateFile)))
        let endpoints = (object as? [String: Any])?["endpoints"] as? [String: Any]
        return endpoints?[name] as? [String: Any] ?? [:]
    }
}

/// The value at a path of keys; `nil` where something is missing or null.
func value(_ path: String..., in object: [String: Any]) -> Any? {
    var found: Any? = object
    for key in path { found = (found as? [String: Any])?[key] }
    return found is NSNull ? nil : found
}
