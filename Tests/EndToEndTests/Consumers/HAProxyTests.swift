import FailoverWire
import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// A real HAProxy follows by asking about its servers.
    @Suite struct HAProxyTests {
        private static let names = ["us-east", "eu-west", "ap-southeast"]

        @Test func theExampleIsAccepted() throws {
            let example = URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../../../examples/haproxy/haproxy.cfg").standardized
            // Its names exist nowhere.
            let text = try String(contentsOf: example, encoding: .utf8)
                .replacing(/server (\S+) \S+:443/) { "server \($0.output.1) 127.0.0.1:443" }
            try withTemporaryFile(text) { path in
                let output = try run(FollowingHAProxy.path, ["-c", "-f", path])
                #expect(output.status == 0, "\(output.standardOutput)\(output.standardError)")
            }
        }

        private func withTemporaryFile(_ text: String, _ body: (String) throws -> Void) throws {
            let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).cfg")
            try text.write(to: path, atomically: true, encoding: .utf8)
            defer { try? FileManager.default.removeItem(at: path) }
            try body(path.path)
        }

        private func withHAProxy(
            weights: String? = nil,
            hasOwnOrder: Bool = true,
            _ body: (Stage, Regions, FollowingHAProxy) async throws -> Void
        ) async throws {
            try await withStage { stage in
                let regions = try await Regions.start(Self.names, on: stage)
                var setup = Setup(regions.endpoints(Self.names))
                let agent = try freePort()
                setup.outputs = "haproxy_agent: { listen: \"127.0.0.1:\(agent)\" }"
                setup.routes[0].weights = weights
                try stage.configure(setup)
                let proxy = try FollowingHAProxy(
                    on: stage,
                    agent: agent,
                    regions: regions,
                    names: Self.names,
                    hasOwnOrder: hasOwnOrder,
                    weight: weights == nil ? 1 : 100
                )
                try await body(stage, regions, proxy)
            }
        }

        /// No request is lost, although there is never a server to spare: those that are not ready drain.
        @Test(.timeLimit(.minutes(3)))
        func trafficFollowsTheDecisionAndLosesNothing() async throws {
            try await withHAProxy(hasOwnOrder: false) { stage, regions, proxy in
                _ = try await stage.runDaemon()
                try await stage.allHealthy()
                _ = try await proxy.start()
                try await proxy.serves("us-east")
                // Errors are answers for HAProxy, so only failoverd can move them.
                try regions.fault("us-east", #"{"status": 503}"#)
                try await stage.active("eu-west")
                try await proxy.serves("eu-west")
                try await condition("the others drain") {
                    try proxy.servers() == [
                        "us-east": "DRAIN (agent)", "eu-west": "UP", "ap-southeast": "DRAIN (agent)",
                    ]
                }
                let load = try proxy.load(on: stage)
                try regions.heal("us-east")
                try await stage.active("us-east")
                try await proxy.serves("us-east")
                // An operator's move is one like any other.
                for _ in 1...4 {
                    #expect(try stage.ctl("drain", "us-east", "--reason", "test", "--for", "10m").status == 0)
                    try await stage.active("eu-west")
                    try await proxy.serves("eu-west")
                    #expect(try stage.ctl("undrain", "us-east").status == 0)
                    try await stage.active("us-east")
                    try await proxy.serves("us-east")
                }
                // Quicker than HAProxy asks: it follows those that it hears of.
                for index in 1...30 {
                    let target = Self.names[index % 2]
                    #expect(try stage.ctl("pin", "main", target, "--reason", "test", "--for", "10m").status == 0)
                    try await stage.active(target)
                }
                try await proxy.serves("us-east")
                let answers = try await load.finish()
                #expect(Set(answers.keys) == ["us-east", "eu-west"] && (answers["eu-west"] ?? 0) > 20, "\(answers)")
            }
        }

        @Test(.timeLimit(.minutes(3)))
        func aDaemonThatDiesOrStopsOrRestartsMovesNothing() async throws {
            try await withHAProxy { stage, regions, proxy in
                var daemon = try await stage.runDaemon()
                try await stage.allHealthy()
                _ = try await proxy.start()
                try regions.fault("us-east", #"{"status": 503}"#)
                try await stage.active("eu-west")
                try await proxy.serves("eu-west")
                let expected = ["us-east": "DRAIN (agent)", "eu-west": "UP", "ap-southeast": "DRAIN (agent)"]
                try await condition("the others drain") { try proxy.servers() == expected }

                let load = try proxy.load(on: stage)
                for signal in [SIGKILL, SIGTERM] {
                    daemon.send(signal)
                    _ = try await daemon.ending()
                    try await proxy.agentIsGone()
                    #expect(try proxy.servers() == expected)
                    daemon = try await stage.runDaemon()
                    try await proxy.agentAnswers()
                    #expect(try proxy.servers() == expected)
                }
                daemon.end()
                #expect(try await load.finish().keys.sorted() == ["eu-west"])

                // Nobody decides any more, and the chosen one fails: the order of HAProxy's own.
                try regions.heal("us-east")
                try regions.fault("eu-west", #""refuse""#)
                try await proxy.serves("us-east")
                try regions.heal("eu-west")
                try await proxy.serves("eu-west")
                daemon = try await stage.runDaemon()
                try await stage.active("us-east")
                try await proxy.serves("us-east")
            }
        }

        /// It uses an order of its own for as long as nobody has told it anything, and then asks the active one only.
        @Test(.timeLimit(.minutes(3)))
        func aHAProxyThatStartsAsksOnlyTheActiveEndpoint() async throws {
            try await withHAProxy { stage, regions, proxy in
                let alone = try await proxy.start()
                try await proxy.serves("us-east")
                alone.end()
                _ = try await stage.runDaemon()
                try await stage.allHealthy()
                #expect(try stage.ctl("pin", "main", "ap-southeast", "--reason", "test", "--for", "10m").status == 0)
                try await stage.active("ap-southeast")
                _ = try await proxy.start()
                try await proxy.serves("ap-southeast")
                let load = try proxy.load(on: stage)
                try await condition("the others drain") {
                    try proxy.servers()
                        == ["us-east": "DRAIN (agent)", "eu-west": "DRAIN (agent)", "ap-southeast": "UP"]
                }
                #expect(try await load.finish().keys.sorted() == ["ap-southeast"])
                let metrics = try stage.curl("/metrics")
                #expect(metrics.contains("failoverd_haproxy_agent_listening 1\n"))
                #expect(metrics.contains("failoverd_haproxy_agent_answers_total{answer=\"unknown\"} 0\n"))
            }
        }

        /// Others decide on while the address is taken, and it is used as soon as it is free.
        @Test(.timeLimit(.minutes(3)))
        func anAddressThatIsTakenHindersNobodyAndAnotherOneNeedsARestart() async throws {
            try await withStage { stage in
                let server = try Nginx("other", on: stage)
                let other = try await server.start()
                var setup = Setup([.init(name: "us-east", url: "http://127.0.0.1:\(server.port)")])
                setup.outputs = "haproxy_agent: { listen: \"127.0.0.1:\(server.port)\" }"
                try stage.configure(setup)
                _ = try await stage.runDaemon()
                let listening = "failoverd_haproxy_agent_listening"
                #expect(try stage.curl("/metrics").contains("\(listening) 0\n"))
                #expect(stage.said().contains("listening on 127.0.0.1:\(server.port) for HAProxy fails"))
                other.end()
                try await condition("the address is used") {
                    try stage.curl("/metrics").contains("\(listening) 1\n")
                }
                setup.outputs = ""
                try stage.configure(setup)
                let refusal = try stage.ctl("reload")
                let found = "outputs.haproxy_agent: found \"nothing\", allowed: \"listen: 127.0.0.1:\(server.port)\""
                #expect(refusal.standardError.contains(found), "\(refusal.standardError)")
            }
        }

        @Test(.timeLimit(.minutes(3)))
        func sharesAreFollowed() async throws {
            try await withHAProxy(weights: "{ us-east: 70, eu-west: 30 }, fallback: { us-east: [ap-southeast] }") {
                stage,
                _,
                proxy in
                _ = try await stage.runDaemon()
                try await stage.allHealthy()
                _ = try await proxy.start()
                try await condition("shares are applied") {
                    try proxy.weights() == ["us-east": "100", "eu-west": "43", "ap-southeast": "100"]
                        && proxy.servers() == ["us-east": "UP", "eu-west": "UP", "ap-southeast": "DRAIN (agent)"]
                }
                let answers = try proxy.answers(143)
                #expect(answers == ["us-east": 100, "eu-west": 43])
            }
        }
    }
}

/// A real HAProxy that is set up as examples/haproxy/haproxy.cfg.
private struct FollowingHAProxy: Sendable {
    static let path = "/usr/sbin/haproxy"

    /// Regions take a while for an answer, so there are always some under way.
    private static let many = ["-sS", "--max-time", "20", "--parallel", "--parallel-immediate", "--parallel-max", "20"]

    let stage: Stage
    let port: Int

    /// `hasOwnOrder` is whether other lines serve while failoverd has said nothing.
    init(on stage: Stage, agent: Int, regions: Regions, names: [String], hasOwnOrder: Bool, weight: Int) throws {
        self.stage = stage
        port = try freePort()
        let addresses = names.map { ($0, "127.0.0.1:\(regions.port($0))") }
        let own =
            ["    default-server enabled no-agent-check backup"]
            + addresses.map { "    server \($0).own \($1)" }
        try stage.write(
            """
            global
                stats socket \(stage.directory.path("haproxy.sock")) level admin
            defaults
                mode http
                timeout connect 2s
                timeout client 1m
                timeout server 1m
                retries 3
                option redispatch 1
            frontend llm
                bind 127.0.0.1:\(port)
                default_backend chat
            backend chat
                default-server weight \(weight) check inter 2s downinter 500ms fall 2 rise 1
                default-server observe layer4 error-limit 5 on-error mark-down
                default-server \(hasOwnOrder ? "disabled" : "") agent-check agent-addr 127.0.0.1 agent-port \(agent) agent-inter 200ms
            \(addresses.map { "    server \($0) \($1) agent-send \"main/\($0)\\n\"" }.joined(separator: "\n"))
            \(hasOwnOrder ? own.joined(separator: "\n") : "")

            """,
            to: "haproxy.cfg"
        )
    }

    func start() async throws -> Program {
        let file = stage.directory.path("haproxy.cfg")
        let program = try stage.start(Self.path, ["-db", "-f", file], log: "haproxy.log")
        try await condition("HAProxy answers") {
            guard program.isRunning else { throw ConditionError(description: "HAProxy ended") }
            return try run("/usr/bin/curl", ["-sSf", "--max-time", "1", "http://127.0.0.1:\(self.port)"])
                .status == 0
        }
        return program
    }

    /// Who answers so many requests, or the status of what is no answer.
    func answers(_ count: Int) throws -> [String: Int] {
        let output = try run(
            "/usr/bin/curl",
            Self.many + ["-o", "/dev/null", "-w", "%header{x-region} %{http_code}\\n"]
                + ["http://127.0.0.1:\(port)/?[1-\(count)]"]
        )
        return Self.count(output.standardOutput)
    }

    /// Lines of a region and a status.
    static func count(_ lines: String) -> [String: Int] {
        lines.split(separator: "\n").reduce(into: [:]) { counts, line in
            let words = line.split(separator: " ")
            counts[words.last == "200" ? String(words[0]) : "status \(words.last ?? "none")", default: 0] += 1
        }
    }

    func serves(_ region: String) async throws {
        try await condition("HAProxy asks \(region)", within: .seconds(60)) { try self.answers(20) == [region: 20] }
    }

    private func figures(_ column: String) throws -> [String: String] {
        let csv = try command("show stat")
        let lines = csv.split(separator: "\n")
        let head = (lines.first ?? "").split(separator: ",", omittingEmptySubsequences: false)
        guard let place = head.firstIndex(of: Substring(column)) else { return [:] }
        return lines.reduce(into: [:]) { figures, line in
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            guard fields[0] == "chat", !fields[1].hasSuffix(".own"), fields[1] != "BACKEND" else { return }
            figures[String(fields[1])] = String(fields[place])
        }
    }

    /// How HAProxy sees the servers that failoverd decides about.
    func servers() throws -> [String: String] { try figures("status") }

    func weights() throws -> [String: String] { try figures("weight") }

    func agentIsGone() async throws {
        try await condition("nobody answers HAProxy") {
            try self.figures("agent_status").values.allSatisfy { $0.contains("L4CON") }
        }
    }

    func agentAnswers() async throws {
        try await condition("HAProxy is answered again") {
            try self.figures("agent_status").values.allSatisfy { $0.contains("CHECKED") }
        }
    }

    private func command(_ words: String) throws -> String {
        let code = """
            import socket, sys
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(sys.argv[1])
            connection.sendall(sys.argv[2].encode() + b"\\n")
            while part := connection.recv(65536): sys.stdout.buffer.write(part)
            """
        return try run("/usr/bin/python3", ["-c", code, stage.directory.path("haproxy.sock"), words]).standardOutput
    }

    /// Requests without a pause, until it is finished; curl tells its progress on standard error.
    func load(on stage: Stage) throws -> Load {
        let log = "load-\(UUID().uuidString).log"
        let stop = stage.directory.path(log + ".stop")
        let ask = "curl \(Self.many.joined(separator: " ")) -o /dev/null -w '%header{x-region} %{http_code}\\n'"
        let script = """
            while [ ! -e \(stop) ]; do \(ask) 'http://127.0.0.1:\(port)/?[1-100]' 2>/dev/null || echo - lost; done
            """
        let program = try stage.start("/bin/sh", ["-c", script], log: log)
        return Load(program: program, log: stage.directory.path(log), stop: stop)
    }
}

private struct Load: Sendable {
    let program: Program
    let log: String
    let stop: String

    /// Who answered how many.
    func finish() async throws -> [String: Int] {
        _ = FileManager.default.createFile(atPath: stop, contents: nil)
        _ = try await program.ending()
        return FollowingHAProxy.count(try String(contentsOfFile: log, encoding: .utf8))
    }
}
