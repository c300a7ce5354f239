import Foundation
import TestSupport
import Testing

/// The units in examples/systemd, which run a command when a route moves or a file for another program changes.
@Suite struct ExampleUnitsTests {
    private static let names = [
        "failoverd-moved@.path", "failoverd-moved@.service", "gdnsd-failoverd.path", "gdnsd-failoverd.service",
        "nginx-failoverd.path", "nginx-failoverd.service",
    ]

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

    /// What a service has its shell run.
    private func script(of name: String) throws -> String {
        let service = try unit(name).replacing("\\\n", with: "")
        let pattern = #/(?m)^ExecStart=/bin/sh -euc '(.*)'$/#
        return String(try #require(service.firstMatch(of: pattern)).1).replacing("$$", with: "$")
    }

    /// What the service runs for the route chat, with a route file and a command in `directory`.
    private func command(in directory: TemporaryDirectory) throws -> [String] {
        let replaced = try script(of: "failoverd-moved@.service").replacing("%i", with: "chat")
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

    // MARK: - Those that have a program read a file

    /// A service, where its files are, one of them, and what it runs in turn.
    struct Follower: Sendable, CustomStringConvertible {
        let name: String
        let place: String
        let file: String
        let commands: [String]
        var description: String { name }
    }

    private static let followers = [
        Follower(
            name: "nginx-failoverd.service",
            place: "/etc/nginx/failoverd",
            file: "routes.conf",
            commands: ["/usr/sbin/nginx -t -q", "/usr/bin/systemctl reload nginx.service"]
        ),
        Follower(
            name: "gdnsd-failoverd.service",
            place: "/var/lib/failoverd-dns",
            file: "routes.zone",
            commands: ["/usr/bin/gdnsdctl reload-zones"]
        ),
    ]

    /// How the service ends, and what was in the file when each of its commands ran: the last of them is `body` in a shell.
    private func ran(_ follower: Follower, _ body: String) async throws -> (status: Int32, seen: [String]) {
        try await withTemporaryDirectory { directory async throws in
            try write("us-east\n", to: directory.path(follower.file))
            var script = try script(of: follower.name).replacing(follower.place, with: directory.path)
            for (index, command) in follower.commands.enumerated() {
                let isLast = index == follower.commands.count - 1
                try write(
                    "echo \(index) $(cat \(follower.file)) >>seen\n\(isLast ? body : "")\n",
                    to: directory.path("c\(index)")
                )
                script = script.replacing(command, with: "/bin/sh \(directory.path("c\(index)"))")
            }
            let output = try run("/bin/sh", ["-euc", script])
            let seen = try text(at: directory.path("seen")).split(separator: "\n").map(String.init)
            return (output.status, seen)
        }
    }

    @Test(arguments: followers) func theProgramIsToldOnce(follower: Follower) async throws {
        let output = try await ran(follower, "")
        #expect(output == (0, follower.commands.indices.map { "\($0) us-east" }))
    }

    @Test(arguments: followers) func aFileThatChangesMeanwhileIsReadToo(follower: Follower) async throws {
        let output = try await ran(follower, "echo eu-west >\(follower.file)")
        #expect(
            output == (0, ["us-east", "eu-west"].flatMap { name in follower.commands.indices.map { "\($0) \(name)" } })
        )
    }

    /// systemd tries it again.
    @Test(arguments: followers) func whatFailsFailsTheService(follower: Follower) async throws {
        #expect(try await ran(follower, "exit 3").status == 3)
        #expect(try unit(follower.name).contains("\nRestart=on-failure\n"))
    }
}
