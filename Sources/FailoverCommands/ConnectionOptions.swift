import ArgumentParser
import FailoverControl
import FoundationEssentials

/// Where the daemon is.
struct ConnectionOptions: ParsableArguments {
    static let defaultPath = "/run/failoverd/failoverd.sock"

    @Option(
        help: ArgumentHelp("The daemon's socket. Default: FAILOVERD_SOCKET, else \(defaultPath).", valueName: "path"),
        completion: .file()
    )
    var socket: String?

    /// The socket that is meant if the command line names `socket`, or none.
    static func path(named socket: String?) -> String {
        let fromEnvironment = ProcessInfo.processInfo.environment["FAILOVERD_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
        return socket ?? fromEnvironment ?? defaultPath
    }
}

/// A command that asks the daemon.
protocol DaemonCommand: AsyncParsableCommand {
    var connection: ConnectionOptions { get }
    var parent: Failoverctl { get }
}

extension DaemonCommand {
    /// `--socket` after the subcommand, else before it, else the environment's.
    func client(timeout: Duration = .seconds(5)) -> ControlClient {
        let path = ConnectionOptions.path(named: connection.socket ?? parent.connection.socket)
        return ControlClient(socketPath: path, timeout: timeout)
    }
}

/// How data is printed.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON.")
    var json = false
}
