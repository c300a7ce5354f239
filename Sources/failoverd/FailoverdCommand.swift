import ArgumentParser
import FailoverDaemon
import FailoverWire
import Foundation

/// `failoverd`: watches regional endpoints and publishes which one should be active.
struct FailoverdCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "failoverd",
        abstract: "Watches regional endpoints and publishes which one should be active.",
        discussion: """
            It decides and does not proxy: proxies and applications follow the state file, the socket or the journal. \
            It runs in the foreground until SIGTERM or SIGINT; SIGHUP reads the configuration again.

            Exit codes: 0 stopped, 64 wrong usage, 69 another daemon or something else has the lock or the socket, 73 a \
            file or directory cannot be made, 78 the configuration has errors.
            """,
        version: Version.current
    )

    @Option(help: ArgumentHelp("The configuration file.", valueName: "file"))
    var config = "/etc/failoverd/config.yaml"

    @Option(help: ArgumentHelp("Where to publish, instead of outputs.state_file.", valueName: "path"))
    var stateFile: String?

    @Option(help: ArgumentHelp("Where to listen, instead of outputs.socket.", valueName: "path"))
    var socket: String?

    @Option(help: ArgumentHelp("Where to remember, instead of outputs.state_directory.", valueName: "directory"))
    var stateDir: String?

    @Flag(help: "Decide and say so, but never move traffic.")
    var observe = false

    static func main() async {
        // The runtime finds them from the environment's place in memory, so they are read before that may move.
        let arguments = Array(CommandLine.arguments.dropFirst())
        // Its threads ask for a priority that only root may have; without this it says so at each start.
        setenv("LIBDISPATCH_LOG", "NO", 0)
        await main(arguments)
    }

    func run() async throws {
        let options = DaemonOptions(
            configurationFile: config,
            stateFile: stateFile.map(absolute),
            socket: socket.map(absolute),
            stateDirectory: stateDir.map(absolute),
            observe: observe
        )
        do {
            try await Daemon(options: options, environment: ProcessInfo.processInfo.environment).run()
        } catch let error as DaemonError {
            for line in error.lines { FileHandle.standardError.write(Data("failoverd: \(line)\n".utf8)) }
            throw ExitCode(error.kind.rawValue)
        }
    }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }
}
