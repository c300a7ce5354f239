import Foundation
import TestSupport
import Testing

/// The units in examples/systemd, which run a command when a route moves.
@Suite struct ExampleUnitsTests {
    private static let names = ["failoverd-moved@.path", "failoverd-moved@.service"]

    private func unit(_ name: String) throws -> String { try text(at: repository("examples/systemd/\(name)")) }

    @Test func systemdFindsNothingToSayAboutThem() async throws {
        try await withTemporaryDirectory { directory async throws in
            let paths = try Self.names.map { name in
                let path = directory.path(name.replacing("@.", with: "@chat."))
                try write(try unit(name), to: path)
                return path
            }
            let verify = try run("/usr/bin/systemd-analyze", ["verify", "--man=no"] + paths)
            #expect(verify == CommandOutput(status: 0, standardOutput: "", standardError: ""))
        }
    }

    /// What the service runs for the route chat, with a route file and a command in `directory`.
    private func command(in directory: TemporaryDirectory) throws -> [String] {
        let service = try unit("failoverd-moved@.service").replacing("\\\n", with: "")
        let pattern = #/(?m)^ExecStart=/bin/sh -euc '(.*)'$/#
        let script = String(try #require(service.firstMatch(of: pattern)).1)
        let replaced = script.replacing("$$", with: "$").replacing("%i", with: "chat")
            .replacing("/run/failoverd/routes/chat", with: directory.path("chat"))
            // Not run by itself: a process that another test starts just now may still hold what was written open.
            .replacing(
                "/usr/bin/failoverctl exec chat -- /etc/failoverd/moved",
                with: "/bin/sh \(directory.path("moved"))"
            )
        return ["-euc", replaced]
    }

    /// How the service ends, and what its command was run for: `body` in a shell, after it has noted that in `seen`.
    private func ran(_ body: String, active: String?) async throws -> (status: Int32, seen: String) {
        try await withTemporaryDirectory { directory async throws in
            if let active { try write(active + "\n", to: directory.path("chat")) }
            try write("cd \(directory.path)\ncat chat >>seen\n\(body)\n", to: directory.path("moved"))
            let output = try run("/bin/sh", try command(in: directory))
            return (output.status, (try? text(at: directory.path("seen"))) ?? "")
        }
    }

    @Test func theCommandRunsOnceForAMove() async throws {
        let output = try await ran("", active: "us-east")
        #expect(output == (0, "us-east\n"))
    }

    /// systemd does not watch the file while the service runs.
    @Test func aMoveWhileTheCommandRunsIsFollowedToo() async throws {
        let output = try await ran("[ \"$(cat chat)\" = eu-west ] || echo eu-west >chat", active: "us-east")
        #expect(output == (0, "us-east\neu-west\n"))
    }

    /// A path unit also fires when the file goes.
    @Test func aMissingFileIsNoDecision() async throws {
        #expect(try await ran("", active: nil) == (0, ""))
        #expect(try await ran("rm chat", active: "us-east") == (0, "us-east\n"))
    }

    @Test func aCommandThatFailsFailsTheService() async throws {
        let output = try await ran("exit 3", active: "us-east")
        #expect(output == (3, "us-east\n"))
    }
}
