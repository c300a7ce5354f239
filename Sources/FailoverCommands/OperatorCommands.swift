import ArgumentParser
import FailoverControl
import FailoverCore
import FailoverWire

/// A command that tells the daemon what an operator wants.
protocol OperatorCommandLine: DaemonCommand {
    var output: OutputOptions { get }
}

extension OperatorCommandLine {
    /// Sends the order and prints what became of it.
    func send(_ action: ControlOrder.Action, _ terms: OrderTerms) async throws {
        try await reporting {
            // The disk has two seconds to answer, and the daemon answers then.
            let receipt = try await client(timeout: .seconds(10)).operate(ControlOrder(action: action, terms: terms))
            if output.json {
                try Terminal.print(json: try Wire.encode(receipt))
            } else {
                try Terminal.print(OrderText.render(receipt, of: action, in: Terminal.style()))
            }
        }
    }
}

/// Why, and for how long.
struct IntentOptions: ParsableArguments {
    @Option(help: "Why; shown to everybody, at most 200 characters.")
    var reason: String

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("How long, such as 30m, 8h or 2d; 4h if neither is given.", valueName: "time")
    )
    var length: DurationArgument?

    @Option(help: ArgumentHelp("Until when: 18:30, \"2026-11-23 07:00\" or 2026-11-22T18:00:00Z.", valueName: "time"))
    var until: String?

    func validate() throws {
        if length != nil, until != nil { throw ValidationError("--for and --until exclude each other") }
        _ = try moment(until, of: "--until")
    }

    func terms(endpoint: String? = nil, at start: String? = nil, force: Bool = false) throws -> OrderTerms {
        OrderTerms(
            endpoint: endpoint,
            reason: reason,
            forSeconds: length.map { $0.duration.inSeconds },
            until: try moment(until, of: "--until"),
            at: try moment(start, of: "--at"),
            force: force ? true : nil
        )
    }
}

/// A time that somebody typed; `nil` for none.
private func moment(_ text: String?, of option: String) throws -> WallTime? {
    guard let text else { return nil }
    let style = Terminal.style()
    guard let time = Moment.time(text, now: style.now, secondsEast: style.secondsEast) else {
        throw ValidationError("\(option) is \"\(text)\"; allowed: \(Moment.allowed)")
    }
    return time
}

/// An endpoint, or a region with all its endpoints.
struct DrainTargetOptions: ParsableArguments {
    @Argument(help: "The endpoint.", completion: .endpointNames)
    var endpoint: String?

    @Option(help: "All endpoints of this region instead.", completion: .regionNames)
    var region: String?

    func validate() throws {
        if (endpoint == nil) == (region == nil) {
            throw ValidationError("name an endpoint, or a region with --region, and not both")
        }
    }

    var target: DrainTarget {
        region.map { .region(RegionName(rawValue: $0)) } ?? .endpoint(EndpointName(rawValue: endpoint ?? ""))
    }
}

/// The command `failoverctl pin`.
struct PinCommand: OperatorCommandLine {
    static let configuration = CommandConfiguration(
        commandName: "pin",
        abstract: "Set a route on an endpoint, whatever its verdict.",
        discussion: """
            Traffic moves at once and stays until the pin is lifted or expires. The same pin again renews it. An endpoint \
            that is drained is refused unless --force is given.
            """
    )

    @Argument(help: "The route.", completion: .routeNames)
    var route: String

    @Argument(help: "The endpoint.", completion: .endpointNames)
    var endpoint: String

    @OptionGroup var intent: IntentOptions

    @Flag(help: "Also to an endpoint that is drained.")
    var force = false

    @ParentCommand var parent: Failoverctl
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await send(.pin(route: route), try intent.terms(endpoint: endpoint, force: force))
    }
}

/// The command `failoverctl unpin`.
struct UnpinCommand: OperatorCommandLine {
    static let configuration = CommandConfiguration(
        commandName: "unpin",
        abstract: "Lift the pin of a route; it is judged as usual again."
    )

    @Argument(help: "The route.", completion: .routeNames)
    var route: String

    @Option(help: "Why; shown to everybody.")
    var reason: String?

    @ParentCommand var parent: Failoverctl
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws { try await send(.unpin(route: route), OrderTerms(reason: reason)) }
}

/// The command `failoverctl drain`.
struct DrainCommand: OperatorCommandLine {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Take traffic off an endpoint or a region, now or later.",
        discussion: """
            What is drained is no target, and routes that are on it move to the best other endpoint once that has \
            confirmed. Taking the last eligible endpoint of a route away, or one that a route is pinned to, is refused \
            unless --force is given; then traffic stays until there is a place for it.
            """
    )

    @OptionGroup var target: DrainTargetOptions

    @OptionGroup var intent: IntentOptions

    @Option(help: ArgumentHelp("Begin then, and not now; the same forms as --until.", valueName: "time"))
    var at: String?

    @Flag(help: "Also the last eligible endpoint of a route, or one that is pinned.")
    var force = false

    @ParentCommand var parent: Failoverctl
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws { _ = try moment(at, of: "--at") }

    func run() async throws { try await send(.drain(target.target), try intent.terms(at: at, force: force)) }
}

/// The command `failoverctl undrain`.
struct UndrainCommand: OperatorCommandLine {
    static let configuration = CommandConfiguration(
        commandName: "undrain",
        abstract: "Let an endpoint or a region carry traffic again."
    )

    @OptionGroup var target: DrainTargetOptions

    @Option(help: "Why; shown to everybody.")
    var reason: String?

    @ParentCommand var parent: Failoverctl
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws { try await send(.undrain(target.target), OrderTerms(reason: reason)) }
}

/// The command `failoverctl freeze`.
struct FreezeCommand: OperatorCommandLine {
    static let configuration = CommandConfiguration(
        commandName: "freeze",
        abstract: "Stop all automatic moves, also away from what is down.",
        discussion: "Pins and drains still work. The same again renews it."
    )

    @OptionGroup var intent: IntentOptions

    @ParentCommand var parent: Failoverctl
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws { try await send(.freeze, try intent.terms()) }
}

/// The command `failoverctl unfreeze`.
struct UnfreezeCommand: OperatorCommandLine {
    static let configuration = CommandConfiguration(
        commandName: "unfreeze",
        abstract: "Let routes move by themselves again."
    )

    @Option(help: "Why; shown to everybody.")
    var reason: String?

    @ParentCommand var parent: Failoverctl
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws { try await send(.unfreeze, OrderTerms(reason: reason)) }
}
