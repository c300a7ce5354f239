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
            "VANTAGE", "OUTPUT",
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

    /// What an instance runs is made from the unit when it is installed.
    @Test(arguments: ["failoverd.service", "failoverd@second.service"])
    func systemdFindsNothingToSayAboutTheUnit(name: String) async throws {
        try await withTemporaryDirectory { directory async throws in
            let written = name.contains("@") ? try instanceUnit(in: directory) : try shipped("failoverd.service")
            // Both commands have to exist.
            let unit = written.replacing("/usr/sbin/failoverd", with: "/bin/true").replacing(
                "/usr/bin/failoverctl",
                with: "/bin/true"
            )
            let path = directory.path(name)
            try write(unit, to: path)
            // Its pages are not installed here.
            let verify = try run(Self.analyze, ["verify", "--man=no", path])
            #expect(verify == CommandOutput(status: 0, standardOutput: "", standardError: ""))
            // In tenths: 11 is the best that a daemon with free targets can have; one more for knowing who asks.
            let security = try run(Self.analyze, ["security", "--no-pager", "--offline=yes", "--threshold=12", path])
            #expect(security.status == 0, "\(security.standardOutput)")
        }
    }

    @Test func anInstanceSharesNothingThatIsWritten() async throws {
        try await withTemporaryDirectory { directory async throws in
            let unit = try instanceUnit(in: directory).split(separator: "\n").map(String.init)
            let own = unit.filter { $0.contains("%i") }
            #expect(
                own == [
                    "Description=Health-checking failover daemon (%i)",
                    "ExecStart=/usr/sbin/failoverd --config /etc/failoverd/%i.yaml --state-file /run/failoverd-%i/state.json "
                        + "--socket /run/failoverd-%i/failoverd.sock --state-dir /var/lib/failoverd-%i",
                    "ExecReload=/usr/bin/failoverctl --socket /run/failoverd-%i/failoverd.sock reload",
                    "RuntimeDirectory=failoverd-%i", "StateDirectory=failoverd-%i",
                ]
            )
        }
    }

    private func instanceUnit(in directory: TemporaryDirectory) throws -> String {
        let script = repository("scripts/instance-unit")
        let made = try run("/bin/sh", ["-c", "\(script) <\(repository("systemd/failoverd.service"))"])
        #expect(made.status == 0 && made.standardError.isEmpty)
        return made.standardOutput
    }
}
