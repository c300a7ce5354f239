import ArgumentParser
import FailoverControl
import FailoverReader
import FailoverWire
import FoundationEssentials
import Glibc

/// The command `failoverctl exec`.
struct ExecCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec",
        abstract: "Run a command that is told where a route goes.",
        usage:
            "failoverctl exec [--static <name=url>] ... [--state-file <path>] [--socket <path>] <route> -- <command> [<argument>] ...",
        discussion: """
            failoverctl exec chat -- sh -c 'curl "$FAILOVERD_ACTIVE_URL/models"'

            The command finds in its environment: FAILOVERD_ROUTE; FAILOVERD_ACTIVE and FAILOVERD_ACTIVE_URL, the \
            endpoint to use; FAILOVERD_ORDER and FAILOVERD_ORDER_URLS, all that may be used, best first, with spaces \
            between them; FAILOVERD_SOURCE, which is daemon, state_file or static; and unless that is static, \
            FAILOVERD_MODE and FAILOVERD_GENERATION. It takes the place of failoverctl, so that signals, output and the \
            exit code are its own; it is told once, and not again when the route moves.

            If the daemon does not answer, its state file counts as long as it is valid, and then the order of --static. \
            Without one nothing is run, and the exit code is 69. 127 is a command that was not found, 126 one that cannot \
            be run.
            """
    )

    @Argument(help: "The route.", completion: .routeNames)
    var route: String

    @Argument(parsing: .postTerminator, help: "The command with its arguments, after --.")
    var command: [String] = []

    @Option(
        name: .customLong("static"),
        parsing: .singleValue,
        help: ArgumentHelp(
            "An endpoint of your own order, for when nobody decides; repeat it, best first. Its URL is used in any case.",
            valueName: "name=url"
        )
    )
    var own: [OwnEndpoint] = []

    @Option(
        help: ArgumentHelp(
            "The daemon's state file. Default: FAILOVERD_STATE_FILE, else /run/failoverd/state.json.",
            valueName: "path"
        ),
        completion: .file()
    )
    var stateFile: String?

    @ParentCommand var parent: Failoverctl
    @OptionGroup var connection: ConnectionOptions

    /// A command that is to run should not wait long for a daemon that hangs.
    private static let patience: Duration = .seconds(2)

    func validate() throws {
        if command.isEmpty { throw ValidationError("no command; it comes last, after --") }
    }

    func run() async throws {
        try await reporting {
            let (decision, source) = try await decision()
            let environment = RouteEnvironment(route: route, decision: decision, source: source)
            throw become(command, in: environment)
        }
    }

    // MARK: Who says where

    private func decision() async throws -> (Decision, RouteEnvironment.Source) {
        let trouble: ControlClientError
        do throws(ControlClientError) {
            return (try await told(), .daemon)
        } catch {
            // A daemon that cannot be understood has said nothing.
            guard [.unavailable, .noPermission, .protocolError].contains(error.exitCode) else { throw error }
            trouble = error
        }
        let path = stateFile ?? Self.environment("FAILOVERD_STATE_FILE") ?? "/run/failoverd/state.json"
        let decision = RouteReader(route, order: own.map(\.endpoint), source: .stateFile(path)).decision
        if decision.isFresh { return (decision, .stateFile) }
        guard !decision.order.isEmpty else {
            Terminal.warn(
                "\(trouble.description); \(path) says nothing of \(route) that is still valid, and there is no --static"
            )
            throw ExitCode(ExitStatus.unavailable)
        }
        return (decision, .own)
    }

    private func told() async throws(ControlClientError) -> Decision {
        let client = client(timeout: Self.patience)
        let document = try await client.bytes("/v1/status")
        let reading: StateReading
        do {
            reading = try StateReading(document: document, route: route)
        } catch {
            throw .malformed("\(error)")
        }
        if let decision = reading.decision(urlsOf: own.map(\.endpoint)) { return decision }
        // The daemon's own words, which say what routes there are.
        _ = try await client.route(route)
        throw .closed(path: client.socketPath)
    }

    private static func environment(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    // MARK: The command

    /// Only returns, with the exit code that says why, if the command cannot be run.
    private func become(_ command: [String], in environment: RouteEnvironment) -> ExitCode {
        for (name, value) in environment.variables {
            if let value { setenv(name, value, 1) } else { unsetenv(name) }
        }
        var arguments = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        InheritedProcess.restore()
        execvp(command[0], &arguments)
        let code = errno
        Terminal.warn("\(command[0]): \(String(cString: strerror(code)))")
        // As shells and env(1) have it.
        return ExitCode(code == ENOENT ? 127 : 126)
    }
}

/// What a command is told of a route, as variables of its environment.
struct RouteEnvironment {
    let route: String
    let decision: Decision
    let source: Source

    enum Source: String {
        case daemon
        case stateFile = "state_file"
        case own = "static"
    }

    /// `nil` is a variable that must not be there: what a caller was told once is not true now.
    var variables: [(String, String?)] {
        [
            ("FAILOVERD_ROUTE", route),
            ("FAILOVERD_ACTIVE", decision.active?.name),
            ("FAILOVERD_ACTIVE_URL", decision.active?.url),
            ("FAILOVERD_ORDER", decision.order.map(\.name).joined(separator: " ")),
            ("FAILOVERD_ORDER_URLS", decision.order.map(\.url).joined(separator: " ")),
            ("FAILOVERD_SOURCE", source.rawValue),
            ("FAILOVERD_MODE", decision.word?.mode.rawValue),
            ("FAILOVERD_GENERATION", decision.word.map { "\($0.generation)" }),
        ]
    }
}

/// An endpoint as people write it: `us-east=https://us-east.example/v1`.
struct OwnEndpoint: ExpressibleByArgument {
    let endpoint: Endpoint

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, !argument.contains(where: \.isWhitespace) else { return nil }
        endpoint = Endpoint(parts[0], url: parts[1])
    }
}
