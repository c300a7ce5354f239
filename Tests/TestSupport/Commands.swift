import Foundation

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
    process.waitUntilExit()
    func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: directory.path(name))), as: UTF8.self)
    }
    return CommandOutput(
        status: process.terminationStatus,
        standardOutput: try text("out"),
        standardError: try text("err")
    )
}
