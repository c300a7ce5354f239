import ArgumentParser
import FailoverControl
import FailoverCore
import FailoverWire

/// The command `failoverctl wait`.
struct WaitCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until a route stands as asked, then print its active endpoint.",
        discussion: """
            Without a condition it waits until the daemon answers and has judged the active endpoint. Exits 75 when \
            the time is up.
            """
    )

    @Argument(help: "The route.", completion: .routeNames)
    var route: String

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("Until this endpoint is active.", valueName: "endpoint"),
        completion: .endpointNames
    )
    var endpoint: String?

    @Option(help: "Until the route is in this mode: preferred, failover, fail_open, held or pinned.")
    var mode: String?

    @Flag(help: "Until the active endpoint changes.")
    var change = false

    @Option(help: "How long to wait, such as 500ms, 30s or 5m.")
    var timeout = DurationArgument(.seconds(30))

    @ParentCommand var parent: Failoverctl
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if [endpoint != nil, mode != nil, change].count(where: { $0 }) > 1 {
            throw ValidationError("--for, --mode and --change exclude each other")
        }
        let modes = RouteMode.allCases.map(\.rawValue)
        if let mode, !modes.contains(mode) {
            throw ValidationError("--mode is \(mode); allowed: " + modes.joined(separator: ", "))
        }
    }

    private var condition: WaitCondition {
        if let endpoint { return .active(endpoint: endpoint) }
        if let mode { return .mode(mode) }
        return change ? .change : .judged
    }

    func run() async throws {
        try await reporting {
            let clock = ContinuousClock()
            let deadline = clock.now + timeout.duration
            var first: RouteDocument?
            var trouble: ControlClientError?
            repeat {
                do {
                    let current = try await client().route(route)
                    trouble = nil
                    try checkEndpoint(in: current)
                    if condition.isMet(by: current, first: first ?? current) { return try show(current) }
                    first = first ?? current
                } catch let error as ControlClientError where error.exitCode == .unavailable {
                    trouble = error
                }
                try await clock.sleep(for: min(Self.interval, max(.zero, deadline - clock.now)))
            } while clock.now < deadline
            let seen = first.map { "\(route) is at \($0.route.active), \($0.route.mode)" } ?? "\(route) was not seen"
            Terminal.warn("the time is up: \(trouble.map { "\($0)" } ?? seen)")
            throw ExitCode(ExitStatus.temporaryFailure)
        }
    }

    /// Between questions: as late as a script may learn of a move.
    private static let interval: Duration = .milliseconds(200)

    private func checkEndpoint(in current: RouteDocument) throws {
        guard let endpoint, !current.route.endpoints.contains(endpoint) else { return }
        throw UsageError(no: "endpoint", named: endpoint, in: "route \(route)", allowed: current.route.endpoints)
    }

    private func show(_ current: RouteDocument) throws {
        if output.json {
            try Terminal.print(json: try Wire.encode(current))
        } else {
            try Terminal.print(current.route.active + "\n")
        }
    }
}
