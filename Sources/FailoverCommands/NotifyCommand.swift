import ArgumentParser
import FailoverControl
import FailoverWire

/// The command `failoverctl notify`.
struct NotifyCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "notify",
        abstract: "Try whether those who are told of events can be told.",
        discussion: """
            failoverctl notify test sends an event that says that it is a test, once, and tells what came of it. The exit \
            code is 1 if one of them could not be told.
            """
    )

    enum Verb: String, ExpressibleByArgument, CaseIterable { case test }

    @ParentCommand var parent: Failoverctl
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "What to do: test.") var verb: Verb
    @Argument(help: "The name of a notification. Default: all of them.") var name: String?

    func run() async throws {
        try await reporting {
            // An attempt may take a minute, and one that is under way another one.
            let document = try await client(timeout: .seconds(125)).testNotifications(name)
            if output.json {
                try Terminal.print(json: try Wire.encode(document))
            } else {
                try Terminal.print(NotifyText.render(document, in: Terminal.style()))
            }
            if document.notifications.contains(where: { !$0.sent }) { throw ExitCode(1) }
        }
    }
}
