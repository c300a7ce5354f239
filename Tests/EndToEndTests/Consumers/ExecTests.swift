import FailoverWire
import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// `failoverctl exec` tells a command where a route goes.
    @Suite struct ExecTests {
        private static let told = [
            "FAILOVERD_ACTIVE", "FAILOVERD_ACTIVE_URL", "FAILOVERD_GENERATION", "FAILOVERD_MODE", "FAILOVERD_ORDER",
            "FAILOVERD_ORDER_URLS", "FAILOVERD_ROUTE", "FAILOVERD_SOURCE",
        ]

        /// What the command finds, by name; what is not there is absent.
        private func variables(_ stage: Stage, _ options: String...) throws -> [String: String] {
            // What a caller was told once must not reach the command.
            let environment = [
                "FAILOVERD_SOCKET": stage.place.socket, "FAILOVERD_STATE_FILE": stage.place.stateFile,
                "FAILOVERD_GENERATION": "77", "FAILOVERD_MODE": "old", "OTHER": "stays",
            ]
            let output = try run(
                Built.failoverctl,
                ["exec"] + options + ["main", "--", "env"],
                environment: environment
            )
            guard output.status == 0 else { throw ConditionError(description: output.standardError) }
            let pairs = output.standardOutput.split(separator: "\n").compactMap { line -> (String, String)? in
                let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                return parts.count == 2 ? (parts[0], parts[1]) : nil
            }
            let all = Dictionary(pairs) { first, _ in first }
            #expect(all["OTHER"] == "stays")
            return all.filter { Self.told.contains($0.key) }
        }

        @Test(.timeLimit(.minutes(5))) func aCommandIsToldWhereToGoByWhoeverStillKnows() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["us-east", "eu-west"], on: stage)
                var setup = Setup(regions.endpoints(["us-east", "eu-west"]))
                setup.outputs = "write_interval: 1s\n  valid_for: 10s"
                try stage.configure(setup)
                let daemon = try await stage.runDaemon()
                try await stage.state("there is a standby") { $0.routes["main"]?.order.count == 2 }
                try regions.fault("us-east", #"{"status": 503}"#)
                let moved = try await stage.active("eu-west")
                try regions.heal("us-east")
                let state = try await stage.state("back") { $0.routes["main"]?.active == "us-east" }
                #expect(state.generation > moved.generation)
                var expected = [
                    "FAILOVERD_ACTIVE": "us-east", "FAILOVERD_ACTIVE_URL": regions.url("us-east"),
                    "FAILOVERD_GENERATION": "\(state.generation)", "FAILOVERD_MODE": "preferred",
                    "FAILOVERD_ORDER": "us-east eu-west",
                    "FAILOVERD_ORDER_URLS": "\(regions.url("us-east")) \(regions.url("eu-west"))",
                    "FAILOVERD_ROUTE": "main", "FAILOVERD_SOURCE": "daemon",
                ]
                #expect(try variables(stage) == expected)
                // An own URL, such as one with user info, stands for the published one.
                let own = try variables(stage, "--static", "us-east=http://user@own.example", "--static", "x=http://x")
                #expect(own["FAILOVERD_ACTIVE_URL"] == "http://user@own.example")
                #expect(own["FAILOVERD_ORDER"] == "us-east eu-west")

                daemon.end()
                expected["FAILOVERD_SOURCE"] = "state_file"
                #expect(try variables(stage) == expected)
                try await condition("the state file has run out") {
                    try variables(stage, "--static", "x=http://x", "--static", "y=http://y")["FAILOVERD_SOURCE"]
                        == "static"
                }
                #expect(
                    try variables(stage, "--static", "x=http://x", "--static", "y=http://y") == [
                        "FAILOVERD_ACTIVE": "x", "FAILOVERD_ACTIVE_URL": "http://x", "FAILOVERD_ORDER": "x y",
                        "FAILOVERD_ORDER_URLS": "http://x http://y", "FAILOVERD_ROUTE": "main",
                        "FAILOVERD_SOURCE": "static",
                    ]
                )
                let silent = try stage.ctl("exec", "--state-file", stage.place.stateFile, "main", "--", "echo", "ran")
                #expect(silent.status == 69 && silent.standardOutput.isEmpty)
                for part in ["no daemon answers", "says nothing of main that is still valid", "--static"] {
                    #expect(silent.standardError.contains(part), "\(silent.standardError)")
                }
            }
        }

        /// Runs a command without the signal mask and the descriptors of whoever runs the tests.
        private static let unblocked = """
            import os, signal, sys
            signal.pthread_sigmask(signal.SIG_SETMASK, [])
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            os.closerange(3, 4096)
            os.execv(sys.argv[1], sys.argv[1:])
            """

        /// A daemon of another version, or something else that took its place.
        @Test func whoeverCannotBeUnderstoodHasSaidNothing() async throws {
            try await withStage { stage in
                let server = """
                    import socket, sys
                    listener = socket.socket(socket.AF_UNIX)
                    listener.bind(sys.argv[1])
                    listener.listen()
                    answer = b'{"schema":"failoverd.state/99"}'
                    head = b'HTTP/1.1 200 OK\\r\\nConnection: close\\r\\nContent-Length: %d\\r\\n\\r\\n' % len(answer)
                    while True:
                        client, _ = listener.accept()
                        client.recv(65536)
                        client.sendall(head + answer)
                        client.close()
                    """
                try FileManager.default.createDirectory(
                    at: URL(filePath: stage.place.socket).deletingLastPathComponent(),
                    withIntermediateDirectories: true
                )
                _ = try stage.start(Python.python, ["-c", server, stage.place.socket], log: "server.log")
                try await condition("it listens") { FileManager.default.fileExists(atPath: stage.place.socket) }
                let told = try variables(stage, "--static", "near=http://near.example")
                #expect(told["FAILOVERD_ACTIVE"] == "near" && told["FAILOVERD_SOURCE"] == "static")
                let refused = try stage.ctl("exec", "main", "--", "env")
                #expect(refused.status == 69)
                #expect(refused.standardError.contains("its schema is failoverd.state/99"), "\(refused)")
            }
        }

        @Test func theCommandTakesThePlaceOfFailoverctl() async throws {
            try await withStage { stage in
                let exec =
                    [Built.failoverctl, "--socket", stage.place.socket] + [
                        "exec", "--static", "a=http://a", "main", "--",
                    ]
                func done(_ command: String...) throws -> CommandOutput { try run(exec[0], exec.dropFirst() + command) }
                #expect(try done("sh", "-c", "exit 42").status == 42)
                #expect(
                    try done("sh", "-c", "echo \"$1 $2\"", "-", "two words", "--json").standardOutput
                        == "two words --json\n"
                )
                #expect(try done("/nonexistent/command").status == 127)
                #expect(try done("/etc").status == 126)
                #expect(try run(Built.failoverctl, ["exec", "main"]).status == 64)
                #expect(try run(Built.failoverctl, ["exec", "--static", "a", "main", "--", "true"]).status == 64)
                // Signals and descriptors are what they are without it.
                // Of signals those below 29: the C library has its own among the rest.
                let signals = "awk '/Sig(Blk|Ign)/ { print $1, substr($2, 10) }' /proc/self/status"
                let look = ["sh", "-c", signals + "; ls /proc/self/fd"]
                let plain = try run("/usr/bin/python3", ["-c", Self.unblocked, "/usr/bin/env"] + look)
                let through = try run("/usr/bin/python3", ["-c", Self.unblocked] + exec + look)
                #expect(through.standardOutput == plain.standardOutput)
                #expect(plain.status == 0)

                let command = ["-c", Self.unblocked] + exec + ["sleep", "600"]
                let sleeper = try stage.start("/usr/bin/python3", command, log: "exec.log")
                try await condition("it is the command") {
                    try String(contentsOfFile: "/proc/\(sleeper.identifier)/comm", encoding: .utf8) == "sleep\n"
                }
                sleeper.send(SIGTERM)
                #expect(try await sleeper.ending() == .signal(SIGTERM))
            }
        }

        @Test func aRouteThatIsNotThereRunsNothing() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a"], on: stage)
                try stage.configure(Setup(regions.endpoints(["a"])))
                _ = try await stage.runDaemon()
                let output = try stage.ctl("exec", "--static", "a=http://a", "other", "--", "echo", "ran")
                #expect(output.status == 64 && output.standardOutput.isEmpty)
                #expect(
                    output.standardError.contains("there is no route other; there is: main"),
                    "\(output.standardError)"
                )
            }
        }
    }
}
