import ArgumentParser
import FailoverControl
import FailoverWire

/// The command `failoverctl status`.
struct StatusCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show where each route goes and how its endpoints fare.",
        discussion: """
            With --exit-code the answer is also in the exit code, for monitoring: 0 preferred, 1 failed over, \
            degraded, held or refusing our probes, 2 fail-open or unhealthy, 3 unknown, or our own vantage is in doubt; the worst of the routes shown.
            """
    )

    @Argument(help: "Show only this route.", completion: .routeNames)
    var route: String?

    @Flag(help: "Answer 0, 1, 2 or 3 for monitoring.")
    var exitCode = false

    @ParentCommand var parent: Failoverctl
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let client = client()
            let bytes = try await client.bytes("/v1/status")
            let state = try client.decode(StateDocument.self, from: bytes)
            let routes = route.map { [$0] } ?? state.routes.keys.sorted()
            if let route, state.routes[route] == nil {
                throw UsageError(
                    no: "route",
                    named: route,
                    in: "the configuration",
                    allowed: state.routes.keys.sorted()
                )
            }
            let style = Terminal.style()
            if output.json {
                // The daemon's own bytes: a newer daemon may tell more than this program knows.
                if let route {
                    try Terminal.print(json: try await client.bytes("/v1/routes/\(route)"))
                } else {
                    try Terminal.print(json: bytes)
                }
            } else {
                try Terminal.print(StatusText.render(state, routes: routes, in: style))
            }
            guard exitCode else { return }
            let code = StatusExitCode(state, routes: routes, now: style.now)
            if code != .preferred { throw ExitCode(code.rawValue) }
        }
    }
}
