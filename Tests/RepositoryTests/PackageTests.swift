import Foundation
import Testing

@Suite("The Debian packages say what the project says")
struct PackageTests {
    private let repository = Repository()

    private func text(_ name: String) throws -> String {
        try repository.text(repository.root.appending(path: name))
    }

    @Test func versionIsThatOfThePrograms() throws {
        let inCode = try #require(try text("Sources/FailoverWire/Version.swift").firstMatch(of: /"([0-9.]+)"/)).1
        let inPackage = try #require(try text("debian/changelog").firstMatch(of: /^failoverd \(([0-9.]+)-[0-9]+\)/)).1
        #expect(inCode == inPackage)
    }

    /// A page that nobody replaces a part of would show its placeholder.
    @Test func everyPlaceholderOfAManPageIsKnown() throws {
        let pages = try FileManager.default.contentsOfDirectory(
            atPath: repository.root.appending(path: "docs/man").path
        )
        #expect(
            pages.sorted() == ["failoverctl.1", "failoverd-events.7", "failoverd.8", "failoverd.yaml.5", "regionsim.1"]
        )
        for page in pages {
            let used = try text("docs/man/\(page)").matches(of: /@([A-Z]+)@/).map { String($0.1) }
            #expect(Set(used).isSubset(of: ["VERSION", "OPTIONS", "COMMANDS", "KEYS", "EVENTS"]), "\(page)")
        }
    }

    @Test func everyOverrideOfLintianIsJustified() throws {
        for package in ["failoverd", "failoverd-regionsim"] {
            let paragraphs = try text("debian/\(package).lintian-overrides").split(separator: "\n")
            #expect(paragraphs.first?.hasPrefix("# ") == true, "\(package)")
        }
    }
}
