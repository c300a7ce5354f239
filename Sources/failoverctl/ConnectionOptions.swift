import ArgumentParser
import FailoverControl
import FoundationEssentials

/// Where the daemon is.
struct ConnectionOptions: ParsableArguments {
    static let defaultPath = "/run/failoverd/failoverd.sock"

    @Option(
        help: ArgumentHelp("The daemon's socket. Default: FAILOVERD_SOCKET, else \(defaultPath).", valueName: "path")
    )
    var socket: String?
}

/// A command that asks the daemon.
protocol DaemonCommand: AsyncParsableCommand {
    var connection: ConnectionOptions { get }
    var parent: Failoverctl { get }
}

extension DaemonCommand {
    /// `--socket` after the subcommand, else before it, else the environment's.
    func client(timeout: Duration = .seconds(5)) -> ControlClient {
        let fromEnvironment = ProcessInfo.processInfo.environment["FAILOVERD_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
        let path = connection.socket ?? parent.connection.socket ?? fromEnvironment ?? ConnectionOptions.defaultPath
        return ControlClient(socketPath: path, timeout: timeout)
    }
}

/// How data is printed.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON.")
    var json = false
}
