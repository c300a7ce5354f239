import Foundation
import TestSupport

/// A real nginx of one process with a configuration of its own, which notes every request.
struct WebServer: Sendable {
    /// One request as the server saw it.
    struct Request: Hashable, Sendable {
        /// Where it arrived.
        let server: String
        let client: String
        /// Counts the connections of the process.
        let connection: String
        let host: String
        let version: String
        let path: String
    }

    private let name: String
    private let stage: Stage
    private let ports: [Int]

    /// Prepares one with these `server` blocks.
    ///
    /// `http` holds more directives for all of them.
    init(_ name: String, on stage: Stage, ports: [Int], http: String = "", servers: [String]) throws {
        self.name = name
        self.stage = stage
        self.ports = ports
        let directory = stage.directory.path(name)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let text = """
            daemon off;
            master_process off;
            pid nginx.pid;
            error_log error.log;
            worker_rlimit_nofile 8192;
            events { worker_connections 4096; }
            http {
                log_format seen '$server_addr:$server_port $remote_addr $connection $http_host $server_protocol $uri';
                access_log requests.log seen;
                client_body_temp_path body;
                proxy_temp_path proxy;
                fastcgi_temp_path fastcgi;
                uwsgi_temp_path uwsgi;
                scgi_temp_path scgi;
                lingering_close off;
                \(http)
            \(servers.map { "    server { location / { return 200 \"ok\\n\"; } \($0) }" }.joined(separator: "\n"))
            }
            """
        try stage.write(text, to: "\(name)/nginx.conf")
    }

    private var arguments: [String] {
        let directory = stage.directory.path(name)
        return ["-p", directory, "-c", "\(directory)/nginx.conf", "-e", "\(directory)/error.log"]
    }

    /// Starts it on the servers' side of a network, for the first time or again.
    func start(in network: NetworkStage) async throws -> Program {
        try await network.serve(Nginx.path, arguments, log: "\(name).log", listening: ports)
    }

    /// Starts it on the loopback interface, for the first time or again.
    func start() async throws -> Program {
        let program = try stage.start(Nginx.path, arguments, log: "\(name).log")
        try await condition("\(name) listens on \(ports)") {
            guard program.isRunning else { throw ConditionError(description: "\(name) ended") }
            return ports.allSatisfy { ListeningPorts(of: program.identifier).contains($0) }
        }
        return program
    }

    /// All requests that were answered so far, in their order.
    func requests() throws -> [Request] {
        let text = (try? String(contentsOfFile: stage.directory.path("\(name)/requests.log"), encoding: .utf8)) ?? ""
        // The last line may be half written.
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().compactMap { line in
            let fields = line.split(separator: " ").map(String.init)
            guard fields.count == 6 else { return nil }
            return Request(
                server: fields[0],
                client: fields[1],
                connection: fields[2],
                host: fields[3],
                version: fields[4],
                path: fields[5]
            )
        }
    }

    /// Waits until so many more requests have been answered than now.
    func answers(_ count: Int, more isWanted: @escaping @Sendable (Request) -> Bool = { _ in true }) async throws {
        let before = try requests().count(where: isWanted)
        try await condition("\(name) has answered \(count) more requests", within: .seconds(60)) {
            try requests().count(where: isWanted) >= before + count
        }
    }
}
