import ArgumentParser
import FailoverConfig
import FailoverControl
import FailoverCore
import FailoverWire
import FoundationEssentials

/// The command `failoverctl check`.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a configuration file, and say what it means.",
        discussion: """
            Prints the configuration with every default filled in, and in plain words what it will do: how long bad \
            endpoints keep their traffic, how many needless moves to expect, how many probes a day, and what is unusual \
            about their connections. A file with errors is told error by error, and the exit code is 78. No daemon is \
            asked.
            """
    )

    @Argument(help: "The configuration file.", completion: .file())
    var file = "/etc/failoverd/config.yaml"

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let loaded: LoadedConfiguration
        do throws(ConfigurationErrors) {
            loaded = try ConfigurationLoader.load(path: file)
        } catch {
            if output.json {
                try Terminal.print(json: try Wire.encodePretty(CheckDocument(error)))
            } else {
                for line in error.description.split(separator: "\n") { Terminal.warn(String(line)) }
            }
            throw ExitCode(ExitStatus.configuration)
        }
        if output.json {
            try Terminal.print(json: try Wire.encodePretty(CheckDocument(loaded)))
        } else {
            try Terminal.print(text(for: loaded))
        }
    }

    private func text(for loaded: LoadedConfiguration) -> String {
        let resolved = ResolvedConfigurationText(loaded.configuration).text.trimmingSuffix("\n")
        let warnings = loaded.warnings.map { Self.wrapped("warning: \($0)") + "\n" }.joined()
        return """
            # \(file) with every default filled in (hash \(loaded.hash))
            \(resolved)

            \(Self.wrapped(ConfigurationMeaning(loaded.configuration).description))

            \(warnings)\(file): good

            """
    }

    /// Each line goes on below, deeper than it began; a pipe gets it whole.
    private static func wrapped(_ text: String) -> String {
        let width = Terminal.lineStyle().width
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.count <= width ? String(line) : Wording.hanging(line, width: width)
        }.joined(separator: "\n")
    }
}

/// The answer of `failoverctl check --json`.
private struct CheckDocument: Encodable {
    let isGood: Bool
    let configHash: String?
    let errors: [Finding]
    let warnings: [Finding]
    let routes: [Route]
    let probesPerDay: [String: Int]
    /// What is unusual about the connections of some probes.
    let connections: [Notes]
    /// What chats ask, decide and cost.
    let chats: [Notes]
    /// `null` without any price.
    @ExplicitNull var costAtMost: String?

    struct Notes: Encodable {
        let probes: [String]
        let notes: [String]
    }

    struct Finding: Encodable {
        let line: Int?
        let keyPath: String
        let text: String

        private enum CodingKeys: String, CodingKey {
            case line, text
            case keyPath = "key_path"
        }
    }

    /// Seconds are `null` for "never", for slowness without an objective, for a hang where no model is asked, and for a crash
    /// without a tripwire.
    struct Route: Encodable {
        let route: String
        let endpoints: [String]
        @ExplicitNull var leaveHardDown: Double?
        @ExplicitNull var leaveCrashWithTripwire: Double?
        @ExplicitNull var leaveHang: Double?
        @ExplicitNull var leaveFullySlow: Double?
        @ExplicitNull var leaveThirtyPercentErrors: Double?
        @ExplicitNull var falseFailoversPerYear: Double?

        private enum CodingKeys: String, CodingKey {
            case route, endpoints
            case leaveHardDown = "leave_hard_down_seconds"
            case leaveCrashWithTripwire = "leave_crash_with_tripwire_seconds"
            case leaveHang = "leave_hang_seconds"
            case leaveFullySlow = "leave_fully_slow_seconds"
            case leaveThirtyPercentErrors = "leave_30_percent_errors_seconds"
            case falseFailoversPerYear = "false_failovers_per_year_at_most"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case errors, warnings, routes, connections, chats
        case isGood = "good"
        case configHash = "config_hash"
        case probesPerDay = "probes_per_day"
        case costAtMost = "cost_at_most"
    }

    init(_ errors: ConfigurationErrors) {
        isGood = false
        configHash = nil
        self.errors = errors.errors.map { Finding(line: $0.line, keyPath: $0.keyPath, text: $0.description) }
        warnings = []
        routes = []
        probesPerDay = [:]
        connections = []
        chats = []
        costAtMost = nil
    }

    init(_ loaded: LoadedConfiguration) {
        let meaning = ConfigurationMeaning(loaded.configuration)
        isGood = true
        configHash = loaded.hash
        errors = []
        warnings = loaded.warnings.map { Finding(line: $0.line, keyPath: $0.keyPath, text: $0.text) }
        routes = meaning.routes.flatMap { route in
            route.leaves.map { leave in
                Route(
                    route: route.route.name.rawValue,
                    endpoints: leave.endpoints.map(\.rawValue),
                    leaveHardDown: leave.delays.hardDown?.inSeconds.roundedForReaders,
                    leaveCrashWithTripwire: leave.crashWithTripwire?.inSeconds.roundedForReaders,
                    leaveHang: leave.hang?.inSeconds.roundedForReaders,
                    leaveFullySlow: leave.delays.fullySlow?.inSeconds.roundedForReaders,
                    leaveThirtyPercentErrors: leave.delays.thirtyPercentErrors?.inSeconds.roundedForReaders,
                    falseFailoversPerYear: route.falseFailoversPerYear
                )
            }
        }
        probesPerDay = Dictionary(
            meaning.probesPerDay.map { ($0.endpoint.rawValue, $0.probes) },
            uniquingKeysWith: { first, _ in first }
        )
        connections = meaning.connections.map { Notes(probes: $0.probes, notes: $0.notes) }
        chats = meaning.chats.map { Notes(probes: $0.probes, notes: $0.notes) }
        costAtMost = meaning.costAtMost
    }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: String) -> String {
        var text = self[...]
        while text.hasSuffix(suffix) { text = text.dropLast(suffix.count) }
        return String(text)
    }
}
