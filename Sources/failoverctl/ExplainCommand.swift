import ArgumentParser
import FailoverControl
import FailoverWire

/// The command `failoverctl explain`.
struct ExplainCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Show why a route stands as it does, with the arithmetic."
    )

    @Argument(help: "The route.")
    var route: String

    @Argument(help: "Only this endpoint of the route.")
    var endpoint: String?

    @ParentCommand var parent: Failoverctl
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let client = client()
            let bytes = try await client.bytes("/v1/routes/\(route)/explain")
            var document = try client.decode(ExplainDocument.self, from: bytes)
            if let endpoint {
                let names = document.endpoints.map(\.endpoint)
                guard names.contains(endpoint) else {
                    throw UsageError(no: "endpoint", named: endpoint, in: "route \(route)", allowed: names)
                }
                document.endpoints.removeAll { $0.endpoint != endpoint }
            }
            if output.json {
                try Terminal.print(json: endpoint == nil ? bytes : try Wire.encode(document))
            } else {
                try Terminal.print(ExplainText.render(document, endpoint: endpoint, in: Terminal.style()))
            }
        }
    }
}
