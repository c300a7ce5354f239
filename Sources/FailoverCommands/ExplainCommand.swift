import ArgumentParser
import FailoverControl
import FailoverWire
import FoundationEssentials

/// The command `failoverctl explain`.
struct ExplainCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Show why a route stands as it does, or stood, with the arithmetic.",
        discussion: """
            With --generation or --at: what was in force then, as it was decided, from what the daemon keeps on disk.
            """
    )

    @Argument(help: "The route.", completion: .routeNames)
    var route: String

    @Argument(help: "Only this endpoint of the route.", completion: .endpointNames)
    var endpoint: String?

    @Option(help: ArgumentHelp("What was in force at this generation.", valueName: "n"))
    var generation: UInt64?

    @Option(
        help: ArgumentHelp(
            "What was in force at this time: 12:04:31, \"2026-11-22 12:04:31\" (both local), or in UTC.",
            valueName: "time"
        )
    )
    var at: String?

    @ParentCommand var parent: Failoverctl
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard generation != nil || at != nil else { return }
        if generation != nil, at != nil { throw ValidationError("give one of --generation and --at") }
        if endpoint != nil { throw ValidationError("an endpoint is not asked for together with --generation or --at") }
        _ = try asked()
    }

    /// `nil` for the present.
    private func asked() throws -> PastExplanation.Asked? {
        if let generation { return .init(generation: generation) }
        guard let at else { return nil }
        let style = Terminal.style()
        guard let time = Moment.past(at, now: style.now, secondsEast: style.secondsEast) else {
            throw ValidationError("--at is \"\(at)\"; allowed: \(Moment.allowedPast)")
        }
        guard time <= style.now else { throw ValidationError("--at is \"\(at)\", and that is yet to come") }
        return .init(at: time)
    }

    private func explainPast(_ asked: PastExplanation.Asked) async throws {
        let client = client()
        let bytes: Data
        do {
            bytes = try await client.explainPast(route: route, asked)
        } catch let error {
            guard case .refused(var problem) = error, at?.hasSuffix("Z") == false else { throw error }
            problem.detail = Wording.localTimes(in: problem.detail, style: Terminal.style())
            throw ControlClientError.refused(problem)
        }
        if output.json { return try Terminal.print(json: bytes) }
        let document = try client.decode(PastExplanation.self, from: bytes)
        try Terminal.print(PastExplainText.render(document, in: Terminal.style()))
    }

    func run() async throws {
        if let asked = try asked() { return try await reporting { try await explainPast(asked) } }
        try await reporting {
            let client = client()
            let bytes = try await client.bytes("/v1/routes/\(route)/explain")
            let document = try client.decode(ExplainDocument.self, from: bytes)
            if let endpoint {
                let names = document.endpoints.map(\.endpoint)
                guard names.contains(endpoint) else {
                    throw UsageError(no: "endpoint", named: endpoint, in: "route \(route)", allowed: names)
                }
            }
            if output.json {
                var shown = document
                shown.endpoints.removeAll { $0.endpoint != endpoint }
                try Terminal.print(json: endpoint == nil ? bytes : try Wire.encode(shown))
            } else {
                try Terminal.print(ExplainText.render(document, endpoint: endpoint, in: Terminal.style()))
            }
        }
    }
}
