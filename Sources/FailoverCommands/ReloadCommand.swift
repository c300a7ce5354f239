import ArgumentParser
import FailoverControl
import FailoverWire

/// The command `failoverctl reload`.
struct ReloadCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Make the daemon read its configuration again.",
        discussion: "A configuration with errors changes nothing; each error is told, and the exit code is 78."
    )

    @ParentCommand var parent: Failoverctl
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            // Reading a large configuration with its credentials may take a while.
            let document = try await client(timeout: .seconds(30)).reload()
            if output.json {
                try Terminal.print(json: try Wire.encode(document))
            } else {
                try Terminal.print(ReloadText.render(document))
            }
        }
    }
}
