import ArgumentParser
import FailoverControl
import FailoverWire

/// The command `failoverctl failback`.
struct FailbackCommand: OperatorCommandLine {
    static let configuration = CommandConfiguration(
        commandName: "failback",
        abstract: "Let a route return to its preferred endpoint now.",
        discussion: """
            Neither the hold-down nor "failback: manual" is waited for, and a canary that was stopped carries its share \
            again. Of a weighted route all shares return, or only that of ENDPOINT. Refused where an endpoint to return \
            to is not healthy or degraded, or while the route is pinned, moves are frozen or our own network is in doubt.
            """
    )

    @Argument(help: "The route.", completion: .routeNames)
    var route: String

    @Argument(
        help: "The endpoint to return to; without it, all shares of a weighted route return.",
        completion: .endpointNames
    )
    var endpoint: String?

    @Option(help: "Why; shown to everybody, at most 200 characters.")
    var reason: String

    @ParentCommand var parent: Failoverctl
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await send(.failback(route: route), OrderTerms(endpoint: endpoint, reason: reason))
    }
}
