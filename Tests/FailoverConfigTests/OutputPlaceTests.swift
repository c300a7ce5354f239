import FailoverConfig
import Foundation
import Testing

/// Where files for other programs may be.
@Suite struct OutputPlaceTests {
    /// What is wrong with such a destination; empty if nothing is.
    private func refusal(of destination: String) throws -> String {
        try findings(destination: destination).error
    }

    /// What is said of a template and its place.
    private func findings(
        _ template: String = "{{#routes}}{{name}}{{/routes}}",
        destination: String
    ) throws -> (error: String, warnings: [String]) {
        let source = FileManager.default.temporaryDirectory.appending(path: "failoverd-\(UUID().uuidString).mustache")
        try Data(template.utf8).write(to: source)
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
            let loaded = try ConfigurationLoader.load(yaml: yaml, file: "config.yaml")
            return ("", loaded.warnings.map(\.description))
        } catch {
            return (error.description.replacing(source.path, with: "SOURCE"), [])
        }
    }

    @Test func aDirectoryThatIsMissingIsToldWithoutRefusal() throws {
        let warnings = try ["/nowhere/at/all", "/tmp/there", "/run/nowhere/else", "/etc/hostname/x"].map {
            try findings(destination: $0).warnings
        }
        let place = "config.yaml:10: outputs.templates[0].destination:"
        #expect(
            warnings == [
                ["\(place) \"/nowhere/at/\" is no directory; nothing is written there until it is one"], [], [],
                ["\(place) \"/etc/hostname/\" is no directory; nothing is written there until it is one"],
            ]
        )
    }

    @Test(
        arguments: [
            ("{{#route}}{{/rout}}", ""), ("{{vantag}}", "vantage"), ("{{#routes}}{{nmae}}{{/routes}}", "name"),
            ("{{route.chta.name}}", "route.chat"), ("{{route.chat.active.htos}}", "route.chat.active.host"),
            ("{{something}}", ""),
        ]
    )
    func theNearestNameIsGuessed(template: String, guess: String) throws {
        let error = try findings(template, destination: "/tmp/there").error
        let hint = "(did you mean \"\(guess)\"?)"
        #expect(error.contains("did you mean") ? error.hasSuffix(hint) : guess.isEmpty, "\(error)")
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
