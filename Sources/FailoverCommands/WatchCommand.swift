import ArgumentParser
import FailoverControl
import FailoverCore
import FailoverWire
import FoundationEssentials
import Glibc

/// The command `failoverctl watch`.
struct WatchCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Show routes, endpoints and what happens, live, and operate them.",
        discussion: """
            Arrow keys select, Enter explains, p pins, d drains, f freezes, b fails back, ? lists all keys. Each order \
            asks for a reason, says what will happen, and waits for y.

            Without a terminal, or with TERM=dumb, one line for each route, and then one for each event. With --json the \
            state, once a second, a document a line. LANG without UTF-8 draws in ASCII; NO_COLOR leaves colours out.
            """
    )

    @Argument(help: "Show only this route.", completion: .routeNames)
    var route: String?

    @Flag(help: "Show everything once, as plain text.")
    var once = false

    @Flag(help: "Change nothing: keys for orders do nothing.")
    var readOnly = false

    @ParentCommand var parent: Failoverctl
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    /// A daemon that hangs is to be seen as one.
    private static let patience: Duration = .seconds(3)

    func run() async throws {
        try await reporting {
            let client = client(timeout: Self.patience)
            let state = try await client.status()
            if let route, state.routes[route] == nil {
                let names = state.routes.keys.sorted()
                throw UsageError(no: "route", named: route, in: "the configuration", allowed: names)
            }
            if output.json { return try await WatchLines(client, route: route).printStates(once: once) }
            if once { return try await printOnce(client, state) }
            guard ProcessInfo.processInfo.environment["TERM"] != "dumb",
                var loop = WatchLoop(client, model(state), Self.glyphs)
            else { return try await WatchLines(client, route: route).printChanges(since: state) }
            let ending = try await loop.run()
            if case .bySignal(let number) = ending {
                TerminalSignals.obey(number)
                throw ExitCode(128 + number)
            }
        }
    }

    private func model(_ state: StateDocument) -> WatchModel {
        var model = WatchModel(route: route, isReadOnly: readOnly)
        model.begin(with: state, at: WatchLoop.clock())
        return model
    }

    /// All that a screen would show, with what is still to be asked.
    private func printOnce(_ client: ControlClient, _ state: StateDocument) async throws {
        var model = model(state)
        let clock = WatchLoop.clock()
        _ = model.handle(.pastEvents((try? await client.events(limit: 20)) ?? []), at: clock)
        for route in model.routesToExplain {
            guard let document = try? await client.explain(route: route) else { continue }
            _ = model.handle(.explanation(route: route, .success(document)), at: clock)
        }
        for endpoint in model.endpointsInView {
            guard let series = try? await client.series(endpoint: endpoint, minutes: 240) else { break }
            _ = model.handle(.series(endpoint: endpoint, .success(series)), at: clock)
        }
        let style = Terminal.style()
        let screen = WatchScreen(model, width: style.width, height: .max / 2, style: style, glyphs: Self.glyphs)
        try Terminal.print(screen.plain())
    }

    /// Blocks and dots need UTF-8, as the locale's variables say it.
    private static var glyphs: WatchGlyphs {
        let environment = ProcessInfo.processInfo.environment
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        let name = locale.lowercased()
        return name.contains("utf-8") || name.contains("utf8") ? .unicode : .ascii
    }
}

/// `failoverctl watch` for programs and pipes.
private struct WatchLines {
    private let client: ControlClient
    private let route: String?

    init(_ client: ControlClient, route: String?) {
        self.client = client
        self.route = route
    }

    /// How each route stands, and then what happens, until nobody reads any more.
    func printChanges(since state: StateDocument) async throws {
        let past = try await client.events(limit: 1)
        try Terminal.print(WatchText.standing(of: state, route: route, in: Terminal.lineStyle()))
        try await EventFollower(client).follow(after: past.last?.id) { news in
            switch news {
            case .lost: Terminal.warn("the daemon does not answer any more; waiting for it")
            case .back: Terminal.warn("the daemon answers again")
            case .event(let event):
                guard route == nil || event.route == nil || event.route == route else { return }
                try Terminal.print(EventText.render(event, in: Terminal.lineStyle()))
            }
        }
    }

    /// The daemon's own documents, one a line.
    func printStates(once: Bool) async throws {
        var isLost = false
        while true {
            var document: Data?
            do throws(ControlClientError) {
                document = try await client.bytes(route.map { "/v1/routes/\($0)" } ?? "/v1/status")
            } catch {
                guard !once, error.exitCode == .unavailable else { throw error }
            }
            if isLost != (document == nil) {
                isLost = document == nil
                Terminal.warn(
                    isLost ? "the daemon does not answer any more; waiting for it" : "the daemon answers again"
                )
            }
            if let document {
                // A line feed between the parts of a document is as good as a space.
                try Terminal.print(json: Data(document.map { $0 == UInt8(ascii: "\n") ? UInt8(ascii: " ") : $0 }))
            }
            if once { return }
            try await Task.sleep(for: .seconds(1))
        }
    }
}
