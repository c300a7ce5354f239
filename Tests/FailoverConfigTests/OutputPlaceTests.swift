import FailoverConfig
import Foundation
import Testing

/// Where files for other programs may be.
@Suite struct OutputPlaceTests {
    /// What is wrong with such a destination; empty if nothing is.
    private func refusal(of destination: String) throws -> String {
        let source = FileManager.default.temporaryDirectory.appending(path: "failoverd-\(UUID().uuidString).mustache")
        try Data("{{#routes}}{{name}}{{/routes}}".utf8).write(to: source)
        defer { try? FileManager.default.removeItem(at: source) }
        let probe = "probe: { slo: { latency: { p99: 3s } } }"
        let yaml = """
            version: 1
            endpoints:
              a: { region: us-east, url: "http://127.0.0.1:8080", \(probe) }
              b: { region: eu-west, url: "http://127.0.0.1:8081", \(probe) }
            routes:
              chat: { endpoints: [a, b] }
            outputs:
              state_file: /run/x/state.json
              state_directory: /var/lib/x
              templates: [{ source: \(source.path), destination: \(destination) }]
            """
        do {
            _ = try ConfigurationLoader.load(yaml: yaml, file: "config.yaml")
            return ""
        } catch {
            return error.description
        }
    }

    @Test func theFilesOfTheDaemonCannotBeOverwritten() throws {
        let place = "config.yaml:10: outputs.templates: found the destination"
        #expect(
            try ["/var/lib/x/./memory.json", "/run/x/routes/chat", "/run/x/other", "/var/lib/xy"].map(refusal) == [
                "\(place) \"/var/lib/x/./memory.json\", which is among the files of failoverd itself, "
                    + "allowed: a place outside of /var/lib/x",
                "\(place) \"/run/x/routes/chat\", which is among the route files, "
                    + "allowed: a place outside of /run/x/routes",
                "", "",
            ]
        )
    }
}
