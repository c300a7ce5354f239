import FailoverCore
import FailoverPublish
import Foundation
import TestSupport
import Testing

@Suite struct UnitFilesTests {
    private static let analyze = "/usr/bin/systemd-analyze"
    private static let journalctl = "/usr/bin/journalctl"

    private func shipped(_ name: String) throws -> String { try text(at: repository("systemd/\(name)")) }

    @Test func everyKindOfEventIsInTheCatalogAndNothingElse() throws {
        let lines = try shipped("failoverd.catalog").split(separator: "\n")
        let identifiers = lines.filter { $0.hasPrefix("-- ") }.map { String($0.dropFirst(3)) }
        #expect(identifiers.sorted() == EventKind.allCases.map(MessageID.of).sorted())
        for header in ["Subject: ", "Defined-By: failoverd", "Documentation: "] {
            #expect(lines.count { $0.hasPrefix(header) } == identifiers.count)
        }
    }

    /// Subjects are one line, and end where they end.
    @Test func theCatalogFitsATerminal() throws {
        let lines = try shipped("failoverd.catalog").split(separator: "\n").filter { !$0.hasPrefix("Subject: ") }
        #expect(lines.filter { $0.count > 80 } == [])
    }

    @Test func theCatalogUsesOnlyFieldsThatExist() throws {
        let known = [
            "ROUTE", "ENDPOINT", "FROM", "TO", "REGION_FROM", "REGION_TO", "REASON", "REASON_CODE", "GENERATION",
            "VANTAGE",
        ]
        let used = try shipped("failoverd.catalog").matches(of: /@([A-Z_]+)@/).map { String($0.1) }
        #expect(Set(used).subtracting(known.map { "FAILOVERD_" + $0 }) == [])
    }

    @Test func journalctlTakesTheCatalogWithoutAWarning() async throws {
        try await withTemporaryDirectory { directory async throws in
            for path in ["usr/lib/systemd/catalog", "var/lib/systemd/catalog"] {
                try FileManager.default.createDirectory(atPath: directory.path(path), withIntermediateDirectories: true)
            }
            try write(try shipped("failoverd.catalog"), to: directory.path("usr/lib/systemd/catalog/failoverd.catalog"))
            let update = try run(Self.journalctl, ["--root=\(directory.path)", "--update-catalog"])
            #expect(update == CommandOutput(status: 0, standardOutput: "", standardError: ""))
            let list = try run(Self.journalctl, ["--root=\(directory.path)", "--no-pager", "--list-catalog"])
            #expect(
                list.standardOutput.split(separator: "\n").map { String($0.prefix(32)) }
                    == EventKind.allCases.map(MessageID.of).sorted()
            )
        }
    }

    @Test func systemdFindsNothingToSayAboutTheUnit() async throws {
        try await withTemporaryDirectory { directory async throws in
            // Both commands have to exist.
            let unit = try shipped("failoverd.service")
                .replacing("/usr/sbin/failoverd", with: "/bin/true").replacing(
                    "/usr/bin/failoverctl",
                    with: "/bin/true"
                )
            let path = directory.path("failoverd.service")
            try write(unit, to: path)
            let verify = try run(Self.analyze, ["verify", path])
            #expect(verify == CommandOutput(status: 0, standardOutput: "", standardError: ""))
            // In tenths: 10 is the best that a daemon with free targets can have.
            let security = try run(Self.analyze, ["security", "--no-pager", "--offline=yes", "--threshold=14", path])
            #expect(security.status == 0, "\(security.standardOutput)")
        }
    }
}
