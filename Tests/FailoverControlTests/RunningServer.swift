import Foundation
import Logging
import Testing

@testable import FailoverControl

/// Runs a server on a socket in a directory of its own while `body` talks to it.
func withServer(
    source: ScriptedSource = ScriptedSource(),
    mode: UInt32 = 0o660,
    group: String? = nil,
    adminGroup: String = "no-such-group-failoverd",
    observerGroup: String = "no-such-group-failoverd",
    limits: ControlLimits = ControlLimits(),
    _ body: (Running) async throws -> Void
) async throws {
    try await withTemporaryDirectory { directory in
        let path = directory + "/failoverd.sock"
        let (listening, signal) = AsyncStream.makeStream(of: Void.self)
        let server = ControlServer(
            socketPath: path,
            mode: mode,
            group: group,
            adminGroup: adminGroup,
            observerGroup: observerGroup,
            source: source,
            limits: limits,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            onListening: { signal.finish() }
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { signal.finish() }
                try await server.run()
            }
            for await _ in listening {}
            try await body(Running(server: server, source: source, path: path))
            tasks.cancelAll()
            // However the server ends, it ended because it was told to.
            _ = await tasks.nextResult()
        }
        #expect(!FileManager.default.fileExists(atPath: path), "the socket is removed at the end")
    }
}

struct Running {
    let server: ControlServer
    let source: ScriptedSource
    let path: String
    var client: ControlClient { ControlClient(socketPath: path) }
}

func withTemporaryDirectory(_ body: (String) async throws -> Void) async throws {
    let directory = "/tmp/failoverd-control-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try await body(directory)
}

/// Waits until `condition` holds, for at most ten seconds.
func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
    for _ in 0..<1000 {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(10))
    }
    return false
}

/// What a command printed, and how it ended.
struct CommandResult: Hashable {
    var status: Int32
    var output: String
}

func run(_ executable: String, _ arguments: [String]) async throws -> CommandResult {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    return try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
            do {
                try process.run()
                let output = pipe.fileHandleForReading.readDataToEndOfFile()
                process.waitUntilExit()
                continuation.resume(
                    returning: CommandResult(
                        status: process.terminationStatus,
                        output: String(decoding: output, as: UTF8.self)
                    )
                )
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }
}
