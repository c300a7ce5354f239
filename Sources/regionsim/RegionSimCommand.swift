import ArgumentParser
import FoundationEssentials
import Glibc
import RegionSim

/// Simulated regions with OpenAI-compatible endpoints, and faults on demand.
@main
struct RegionSimCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "regionsim",
        abstract: "Simulates regions with OpenAI-compatible endpoints, and faults on demand.",
        discussion: """
            Give a script, which names the regions and says what happens to them, or regions without a script:
              regionsim --script examples/bad-day.yaml --control 127.0.0.1:18100
              regionsim --region us-east=18101 --region eu-west=18102
            Everything listens on the loopback address only. With --control, faults are set by hand:
              curl -X PUT -d '{"status": 503, "share": 0.3}' http://127.0.0.1:18100/regions/us-east/fault
              curl -X PUT -d '{"chat": "keepalives_only"}' http://127.0.0.1:18100/regions/us-east/fault
              curl -X DELETE http://127.0.0.1:18100/regions/us-east/fault
            Faults: \(Fault.Kind.names.joined(separator: ", ")).
            Values of chat, explained in docs/regionsim.md: \(ChatQuirk.names.joined(separator: ", ")).
            Exit codes: 64 usage, 69 a port cannot be had, 78 the script is wrong.
            """
    )

    @Option(help: ArgumentHelp("A YAML file with regions and a timeline.", valueName: "file"))
    var script: String?

    @Option(
        name: .customLong("region"),
        help: ArgumentHelp("A region and its port; 0 takes a free port. Repeat for more.", valueName: "name=port")
    )
    var regions: [RegionArgument] = []

    @Option(help: ArgumentHelp("Where to listen for faults set by hand.", valueName: "127.0.0.1:port"))
    var control: ControlArgument?

    @Option(help: "Repeats every latency and every share; takes the place of the script's.")
    var seed: UInt64?

    @Option(help: "Multiplies every simulated time; 0.1 is ten times as quick.")
    var timeScale: Double?

    @Option(help: ArgumentHelp("Written when all regions listen: a JSON object with the ports.", valueName: "file"))
    var readyFile: String?

    func validate() throws {
        guard (script == nil) != regions.isEmpty else {
            throw ValidationError("Expected either --script, or at least one --region.")
        }
        let names = regions.map(\.name)
        guard Set(names).count == names.count else {
            throw ValidationError("Found a region twice in --region; expected each name once.")
        }
        guard regions.count <= Script.maximumRegions else {
            throw ValidationError("Found \(regions.count) regions; expected at most \(Script.maximumRegions).")
        }
        if let timeScale, !Script.timeScales.contains(timeScale) {
            let range = "\(Script.timeScales.lowerBound) to \(Script.timeScales.upperBound)"
            throw ValidationError("Found --time-scale \(timeScale); expected \(range).")
        }
    }

    static func main() async {
        // The runtime finds them from the environment's place in memory, so they are read before that may move.
        let arguments = Array(CommandLine.arguments.dropFirst())
        // Its threads ask for a priority that only root may have; without this it says so at each start.
        setenv("LIBDISPATCH_LOG", "NO", 0)
        await main(arguments)
    }

    func run() async throws {
        let script = try loadScript()
        let signals = TerminationSignals()
        do {
            try await Simulation(script: script, controlPort: control?.port, readyFile: readyFile).run(until: signals)
        } catch let error as SimulatorError {
            Terminal.complain("regionsim: \(error)")
            throw Exit.unavailable
        } catch let error as ReadyFileError {
            Terminal.complain("regionsim: \(error)")
            throw Exit.cannotCreate
        }
    }

    /// The script of the file or of the arguments, with the overrides of the command line.
    private func loadScript() throws -> Script {
        let script = try self.script.map(Self.read) ?? Script(regions: regions.map(\.configuration))
        return Script(
            seed: seed ?? script.seed,
            timeScale: timeScale ?? script.timeScale,
            regions: script.regions,
            timeline: script.timeline
        )
    }

    private static func read(_ path: String) throws -> Script {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            Terminal.complain("regionsim: \(path): cannot be read; expected a YAML file")
            throw Exit.configuration
        }
        guard let text = String(bytes: bytes, encoding: .utf8) else {
            Terminal.complain("regionsim: \(path): found bytes that are not UTF-8")
            throw Exit.configuration
        }
        do {
            return try Script.read(text)
        } catch {
            for problem in error.problems { Terminal.complain("regionsim: \(path): \(problem)") }
            throw Exit.configuration
        }
    }
}

/// The exit codes of sysexits.h that this command uses beside 64, which the parser gives.
private enum Exit {
    static let unavailable = ExitCode(69)
    static let cannotCreate = ExitCode(73)
    static let configuration = ExitCode(78)
}

/// `us-east=18101`.
struct RegionArgument: ExpressibleByArgument {
    let name: String
    let port: Int

    init?(argument: String) {
        let parts = argument.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let name = parts.first, RegionConfiguration.isName(name), let port = Int(parts[1]),
            (0...65_535).contains(port)
        else { return nil }
        self.name = name
        self.port = port
    }

    /// With the latencies of a measured endpoint.
    var configuration: RegionConfiguration {
        RegionConfiguration(
            name: name,
            port: port,
            latency: RegionConfiguration.measuredLatency,
            timeToFirstToken: RegionConfiguration.measuredTimeToFirstToken
        )
    }
}

/// `127.0.0.1:18100`, `localhost:18100` or `18100`: whoever reaches this port breaks regions, so nobody else may.
struct ControlArgument: ExpressibleByArgument {
    let port: Int

    init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 2, let last = parts.last, let port = Int(last), (0...65_535).contains(port),
            parts.count == 1 || ["127.0.0.1", "localhost"].contains(parts[0])
        else { return nil }
        self.port = port
    }
}
