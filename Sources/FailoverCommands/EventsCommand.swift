import ArgumentParser
import FailoverControl
import FailoverWire

/// The command `failoverctl events`.
struct EventsCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Show what happened, and follow what happens.",
        discussion: "With --json each event is one line. Following goes on when the daemon restarts."
    )

    @Option(help: "Events to show, at most 1000; the latest ones.")
    var limit = 20

    @Flag(name: .shortAndLong, help: "Stay and show each event as it happens.")
    var follow = false

    @Option(help: "Only events of this route.", completion: .routeNames)
    var route: String?

    @ParentCommand var parent: Failoverctl
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (0...1000).contains(limit) else { throw ValidationError("--limit is \(limit); allowed: 0 to 1000") }
    }

    func run() async throws {
        try await reporting {
            let client = client()
            // Filtered here, so all are asked for that might match.
            let past = try await client.events(limit: route == nil ? max(1, limit) : 1000)
            for event in past.filter(isWanted).suffix(limit) { try show(event) }
            if follow { try await follow(client, after: past.last?.id) }
        }
    }

    private func follow(_ client: ControlClient, after id: String?) async throws {
        try await EventFollower(client).follow(after: id) { news in
            switch news {
            case .lost: Terminal.warn("the daemon does not answer any more; waiting for it")
            case .back: Terminal.warn("the daemon answers again")
            case .event(let event): if isWanted(event) { try show(event) }
            }
        }
    }

    private func isWanted(_ event: EventDocument) -> Bool { route == nil || event.route == route }

    private func show(_ event: EventDocument) throws {
        if output.json {
            try Terminal.print(json: try Wire.encode(event))
        } else {
            try Terminal.print(EventText.render(event, in: Terminal.lineStyle()))
        }
    }
}
