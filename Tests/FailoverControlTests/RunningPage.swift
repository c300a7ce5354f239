import FailoverCore
import Foundation
import Logging
import NIOConcurrencyHelpers
import Testing

@testable import FailoverControl

/// A page server on a free port of the loopback address while a test talks to it with curl.
struct RunningPage {
    let source: ScriptedSource
    let port: Int

    struct Answer: Hashable {
        var status: Int
        /// By their names in small letters.
        var headers: [String: String]
        var body: String
    }

    /// Asks with what else curl is to be told.
    func ask(_ path: String, _ arguments: String...) async throws -> Answer {
        let url = "http://127.0.0.1:\(port)\(path)"
        let result = try await run("/usr/bin/curl", ["-sS", "-i", "--max-time", "10", url] + arguments)
        let parts = result.output.replacingOccurrences(of: "\r\n", with: "\n").components(separatedBy: "\n\n")
        let lines = parts[0].split(separator: "\n")
        let status = lines.first.flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) } ?? 0
        let headers = lines.dropFirst().map { $0.split(separator: ":", maxSplits: 1).map(String.init) }
        return Answer(
            status: status,
            headers: Dictionary(
                headers.map { ($0[0].lowercased(), $0[1].trimmingCharacters(in: .whitespaces)) },
                uniquingKeysWith: { "\($0), \($1)" }
            ),
            body: parts.dropFirst().joined(separator: "\n\n")
        )
    }
}

/// Runs a page server while `body` asks it.
func withPage(
    source: ScriptedSource = ScriptedSource(),
    token: String? = nil,
    hosts: [String] = [],
    limits: ControlLimits = ControlLimits(leavingTime: .milliseconds(50)),
    quota: PageQuota = PageQuota(),
    _ body: (RunningPage) async throws -> Void
) async throws {
    let (ports, listening) = AsyncStream.makeStream(of: Int.self)
    let server = PageServer(
        listen: HostPort(host: "127.0.0.1", port: 0),
        access: { PageAccess(token: token.flatMap { PageAccess.Token($0, random: (1, 2, 3, 4)) }, hosts: hosts) },
        source: source,
        limits: limits,
        quota: quota,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        report: { if let error = $0 { Issue.record("\(error)") } },
        onListening: { listening.yield($0 ?? 0) }
    )
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { await server.run() }
        var port: Int?
        for await found in ports {
            port = found
            break
        }
        try await body(RunningPage(source: source, port: try #require(port)))
        tasks.cancelAll()
    }
}
