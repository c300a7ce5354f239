package import ArgumentParser
import FailoverWire
import Glibc

/// Asks and tells a running failoverd.
package struct Failoverctl: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "failoverctl",
        abstract: "Shows what failoverd decides and why, and operates it.",
        discussion: """
            Talks to the daemon through its Unix socket: --socket, else FAILOVERD_SOCKET, else \
            \(ConnectionOptions.defaultPath).

            Exit codes: 0 done, 1 to 3 as status, probe and simulate say, 64 wrong usage or a refused order, 65 a damaged recording, 69 the daemon \
            does not answer, 75 the time was up, 77 no permission, 78 the configuration has errors.
            """,
        version: Version.current,
        groupedSubcommands: [
            CommandGroup(name: "Everyday", subcommands: everyday),
            CommandGroup(name: "Operate", subcommands: operate),
            CommandGroup(name: "Analyse", subcommands: analyse),
        ]
    )

    package init() {}

    package static func main() async {
        // The runtime finds them from the environment's place in memory, so they are read before that may move.
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.contains(ExecCommand.configuration.commandName ?? "") { InheritedProcess.remember() }
        // Its threads ask for a priority that only root may have; without this it says so to whoever asks something.
        setenv("LIBDISPATCH_LOG", "NO", 0)
        await main(arguments)
    }

    @OptionGroup var connection: ConnectionOptions

    private static let everyday: [any ParsableCommand.Type] = [
        StatusCommand.self, WatchCommand.self, ExplainCommand.self, EventsCommand.self, WaitCommand.self,
        ExecCommand.self,
    ]
    private static let operate: [any ParsableCommand.Type] = [
        PinCommand.self, UnpinCommand.self, DrainCommand.self, UndrainCommand.self, FreezeCommand.self,
        UnfreezeCommand.self, FailbackCommand.self, ReloadCommand.self, ProbeCommand.self, CheckCommand.self,
        NotifyCommand.self,
    ]
    private static let analyse: [any ParsableCommand.Type] = [
        ReplayCommand.self, SimulateCommand.self, CalibrateCommand.self, ReportCommand.self, CostCommand.self,
    ]
}
