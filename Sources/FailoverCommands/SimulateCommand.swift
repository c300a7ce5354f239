import ArgumentParser
import FailoverConfig
import FailoverControl
import FailoverCore
import FailoverSimulation
import FailoverWire
import FoundationEssentials
import Glibc

/// The command `failoverctl simulate`.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Play a day of trouble, and show what the daemon would do.",
        discussion: """
            The real engine in a world of its own: a virtual clock, a network with the faults of the scenario, a disk. \
            After every step what must always hold is checked; if something is broken, the exit code is 1. The same seed \
            gives the same lines. docs/simulate.md describes scenarios. No daemon is asked, and nothing is probed.
            """
    )

    @Argument(help: "The scenario file.")
    var scenario: String?

    @Flag(help: "Instead of a scenario, a day of random trouble.")
    var random = false

    @Option(help: "Of all that is drawn by lot.")
    var seed: UInt64?

    @Option(help: "A configuration file, instead of the scenario's own world.")
    var config: String?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (scenario != nil) != random else { throw ValidationError("give a scenario file, or --random") }
        guard !random || config == nil else { throw ValidationError("--random makes its own configuration") }
    }

    func run() async throws {
        let scenario = try load()
        if random, !output.json { try Terminal.print("seed \(scenario.seed)\n") }
        let run = ScenarioRun.play(scenario, isReplayed: random)
        if output.json {
            for line in run.lines { try Terminal.print(json: try Wire.encode(line)) }
            try Terminal.print(json: try Wire.encode(ScenarioSummary(run, of: scenario)))
        } else {
            try Terminal.print(run.text(width: Terminal.style().width) + "\n")
        }
        guard run.violations.isEmpty else { throw ExitCode(EXIT_FAILURE) }
    }

    private func load() throws -> Scenario {
        guard let scenario else {
            // Short enough to be typed again.
            return RandomScenario.make(seed: seed ?? UInt64.random(in: 1...999_999_999))
        }
        do throws(ConfigurationErrors) {
            var configuration: Configuration?
            if let config { configuration = try ConfigurationLoader.load(path: config).configuration }
            return try ScenarioLoader.load(path: scenario, configuration: configuration, seed: seed)
        } catch {
            for line in error.description.split(separator: "\n") { Terminal.warn(String(line)) }
            throw ExitCode(ExitStatus.configuration)
        }
    }
}
