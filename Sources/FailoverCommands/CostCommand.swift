import ArgumentParser
import FailoverConfig
import FailoverControl
import FailoverCore
import FailoverWire
import FoundationEssentials
import Glibc

/// The command `failoverctl cost`.
struct CostCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cost",
        abstract: "Show what traffic, failovers and probes cost.",
        discussion: """
            By arithmetic on the prices of a configuration file, for each of its routes: what a month of requests costs \
            at each endpoint, what an hour of failover to it costs more than the preferred one, and what probing costs. \
            Without --workload and --requests it is 10,000 requests a month, of the size that the route says. A month \
            has \(CostTable.hoursPerMonth) hours. No daemon is asked.
            """
    )

    @Argument(help: "The configuration file.")
    var file = "/etc/failoverd/config.yaml"

    @Option(help: "Only this route, and probes of its endpoints.")
    var route: String?

    @Option(
        help: ArgumentHelp(
            "Requests a month and the tokens of each, such as chat=10000x1000/450; repeatable.",
            valueName: "name=NxIN/OUT"
        )
    )
    var workload: [WorkloadArgument] = []

    @Option(help: "Requests a month.")
    var requests: Int?

    @Option(help: "Tokens of a request.")
    var input: Int?

    @Option(help: "Tokens of an answer.")
    var output: Int?

    @OptionGroup var format: OutputOptions

    func validate() throws {
        let isPlain = requests != nil || input != nil || output != nil
        guard workload.isEmpty || !isPlain else {
            throw ValidationError("give --workload, or --requests, --input and --output, but not both")
        }
        guard workload.count <= Self.mostWorkloads else {
            throw ValidationError("at most \(Self.mostWorkloads) workloads can be shown, \(workload.count) are given")
        }
        for (name, value, range) in [
            ("requests", requests, WorkloadArgument.requests), ("input", input, WorkloadArgument.tokens),
            ("output", output, WorkloadArgument.tokens),
        ] {
            guard let value, !range.contains(value) else { continue }
            throw ValidationError("--\(name) is \(value), and must be \(range.lowerBound)...\(range.upperBound)")
        }
    }

    func run() async throws {
        try await reporting {
            let configuration = try load()
            if let route, !configuration.routes.contains(where: { $0.name.rawValue == route }) {
                let names = configuration.routes.map(\.name.rawValue)
                throw UsageError(no: "route", named: route, in: file, allowed: names)
            }
            let table = CostTable(
                configuration,
                route: route.map { RouteName(rawValue: $0) },
                loads: workload.map(\.load),
                change: change,
                today: CivilDate(daysSince1970: time(nil) / 86_400)
            )
            if format.json {
                try Terminal.print(json: try Wire.encodePretty(SpendCostDocument(table)))
            } else {
                try Terminal.print(CostText.render(table, in: Terminal.style()))
            }
        }
    }

    /// What differs from the usual load of a route.
    private func change(_ load: CostTable.Load) -> CostTable.Load {
        CostTable.Load(
            requests: requests ?? load.requests,
            request: Workload(
                inputTokens: input ?? load.request.inputTokens,
                outputTokens: output ?? load.request.outputTokens
            )
        )
    }

    private func load() throws -> Configuration {
        do throws(ConfigurationErrors) {
            return try ConfigurationLoader.load(path: file).configuration
        } catch {
            for line in error.description.split(separator: "\n") { Terminal.warn(String(line)) }
            throw ExitCode(ExitStatus.configuration)
        }
    }

    /// More would be no table for people.
    private static let mostWorkloads = 32
}

/// `support=10000x1000/450`: a name, requests a month, tokens in and out.
struct WorkloadArgument: ExpressibleByArgument {
    let load: CostTable.Load

    static let requests = 1...1_000_000_000_000
    static let tokens = 0...1_000_000_000

    init?(argument: String) {
        let named = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard named.count == 2, (1...64).contains(named[0].count) else { return nil }
        let parts = named[1].split(separator: "x", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let sizes = parts[1].split(separator: "/", omittingEmptySubsequences: false)
        guard sizes.count == 2, let requests = Int(parts[0]), Self.requests.contains(requests),
            let input = Int(sizes[0]), Self.tokens.contains(input),
            let output = Int(sizes[1]), Self.tokens.contains(output)
        else { return nil }
        load = CostTable.Load(
            name: String(named[0]),
            requests: requests,
            request: Workload(inputTokens: input, outputTokens: output)
        )
    }
}
