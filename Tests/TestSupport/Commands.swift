package import Foundation

/// A command that could not be run.
package struct CommandError: Error, CustomStringConvertible {
    let text: String
    package var description: String { text }
}

/// What a command printed, and how it ended.
package struct CommandOutput: Hashable, Sendable {
    package let status: Int32
    package let standardOutput: String
    package let standardError: String

    package init(status: Int32, standardOutput: String, standardError: String) {
        self.status = status
        self.standardOutput = standardOutput
        self.standardError = standardError
    }
}

/// Waits until a process has ended, and kills it if that takes too long.
///
/// Never longer, whatever becomes of it: a test that hangs hides which one it is.
///
/// - Returns: Its exit status, or the number of the signal that ended it.
/// - Throws: ``CommandError`` if it had to be killed.
@discardableResult
package func exitStatus(of process: Process, within limit: Duration = .seconds(180)) throws -> Int32 {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    var seenEnded: ContinuousClock.Instant?
    while process.isRunning {
        var information = siginfo_t()
        let identifier = id_t(process.processIdentifier)
        // Foundation learns of an end by a descriptor that a child of the process may keep open.
        if waitid(P_PID, identifier, &information, WEXITED | WNOHANG | WNOWAIT) == 0, information.si_signo == SIGCHLD {
            let since = seenEnded ?? clock.now
            seenEnded = since
            if clock.now - since > .seconds(3) { return information._sifields._sigchld.si_status }
        }
        guard clock.now < deadline else {
            kill(process.processIdentifier, SIGKILL)
            let command = ([process.executableURL?.path ?? "?"] + (process.arguments ?? [])).joined(separator: " ")
            throw CommandError(text: "\(command): has not ended within \(limit)")
        }
        usleep(1000)
    }
    // Returns at once; without it Foundation keeps what the process was started with, descriptors included.
    process.waitUntilExit()
    return process.terminationStatus
}

/// Runs a command to its end.
package func run(
    _ path: String,
    _ arguments: [String] = [],
    environment: [String: String]? = nil
) throws -> CommandOutput {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    if let environment { process.environment = environment }
    process.standardInput = FileHandle.nullDevice
    // Files rather than pipes: a full pipe that nobody reads would stop the command.
    let directory = try TemporaryDirectory()
    defer { directory.remove() }
    let handles = try ["out", "err"].map { name in
        try Data().write(to: URL(filePath: directory.path(name)))
        return try FileHandle(forWritingTo: URL(filePath: directory.path(name)))
    }
    process.standardOutput = handles[0]
    process.standardError = handles[1]
    try process.run()
    let status = try exitStatus(of: process)
    func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: directory.path(name))), as: UTF8.self)
    }
    return CommandOutput(
        status: status,
        standardOutput: try text("out"),
        standardError: try text("err")
    )
}
