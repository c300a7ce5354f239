import Foundation
import Testing

@Suite("The repository keeps its own rules")
struct RepositoryTests {
    private let repository = Repository()

    /// The rules and their bad examples are spelled out in this folder.
    private func isExempt(_ file: URL) -> Bool { repository.name(file).hasPrefix("Tests/RepositoryTests/") }

    @Test func theCoreIsPure() throws {
        let files = repository.files(in: "Sources/FailoverCore", endingWith: ".swift")
        #expect(files.count > 20)
        for file in files {
            let findings = CoreRules.findings(in: try repository.text(file))
            #expect(findings == [], "\(repository.name(file))")
        }
    }

    /// A world that reads a clock or rolls dice of its own would not be the same twice.
    @Test func theSimulationIsAsPure() throws {
        let files = repository.files(in: "Sources/FailoverSimulation", endingWith: ".swift")
        #expect(files.count > 10)
        for file in files {
            let findings = CoreRules.findings(in: try repository.text(file), allowing: ["FailoverCore"])
            #expect(findings == [], "\(repository.name(file))")
        }
    }

    @Test func everySourceKeepsTheCommonRules() throws {
        let sources = repository.files(in: "Sources", endingWith: ".swift")
        let tests = repository.files(in: "Tests", endingWith: ".swift").filter { !isExempt($0) }
        #expect(sources.count > 50 && tests.count > 20)
        for file in sources + tests {
            let findings = CommonRules.findings(in: try repository.text(file))
            #expect(findings == [], "\(repository.name(file))")
        }
    }

    @Test func nothingThatIsShippedNamesAPersonalPath() throws {
        for folder in ["docs", "systemd", "examples"] {
            for file in repository.files(
                in: folder,
                endingWith: ".md",
                ".yaml",
                ".json",
                ".service",
                ".socket",
                ".conf"
            ) {
                let findings = CommonRules.personalPaths(in: try repository.text(file))
                #expect(findings == [], "\(repository.name(file))")
            }
        }
    }

    @Test func everyTestFileHasTests() throws {
        for file in repository.files(in: "Tests", endingWith: "Tests.swift") {
            let code = SwiftText.code(of: try repository.text(file))
            #expect(code.contains(/@Test\b/), "\(repository.name(file))")
        }
    }

    @Test func everyRoomIsInTheArchitecture() throws {
        let architecture = try repository.text(repository.root.appending(path: "docs/architecture.md"))
        for room in try repository.folders(in: "Sources") {
            #expect(architecture.contains("`\(room)`"), "docs/architecture.md does not describe `\(room)`")
        }
    }

    @Test func everyGoldenFileIsUsed() throws {
        for file in repository.files(in: "Tests", endingWith: ".json").filter({ $0.path.contains("/Fixtures/") }) {
            let target = file.deletingLastPathComponent().deletingLastPathComponent()
            let sources = repository.files(in: "Tests/\(target.lastPathComponent)", endingWith: ".swift")
            let name = file.deletingPathExtension().lastPathComponent
            #expect(try sources.contains { try repository.text($0).contains(name) }, "\(repository.name(file))")
        }
    }
}
