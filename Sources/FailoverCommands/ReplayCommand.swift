import ArgumentParser
import FailoverConfig
import FailoverControl
import FailoverReplay
import FailoverWire
import FoundationEssentials

/// The command `failoverctl replay`.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Replay a recording, as it was or under other rules.",
        discussion: """
            The daemon keeps recordings of what it was fed in recordings/ of its state directory. Replayed as it is, one \
            that begins with its daemon comes to the very transitions that were published then. With another \
            configuration it tells what would have happened, and with --rule it puts that side by side with other \
            rules: --rule consecutive:3,2 --rule window:5,10 --rule evidence:fast. No daemon is asked.
            """
    )

    @Argument(help: "A recording, or a folder of them: all its .jsonl files by name.")
    var file: String

    @Option(help: "The configuration to replay under, instead of the recorded one.")
    var config: String?

    @Option(
        help: ArgumentHelp("Another rule, repeatable: \(ReplayVariant.allowed).", valueName: "rule"),
        transform: RuleArgument.parse
    )
    var rule: [RuleArgument] = []

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard rule.count <= Self.mostRules else {
            throw ValidationError("at most \(Self.mostRules) rules can be compared, \(rule.count) are given")
        }
    }

    func run() async throws {
        let recording = try RecordingInput.load(file)
        let given = try config.map(RecordingInput.configuration)
        let replay = try RecordingInput.reporting { () throws(RecordingError) in
            try Replay(recording, configuration: given, file: file)
        }
        let results = [replay.run()] + rule.map { replay.run(under: $0.variant) }
        if output.json {
            try Terminal.print(json: Data(try ReplayJSON.bytes(of: results)))
        } else {
            try Terminal.print(ReplayText.render(results, of: recording, width: Terminal.style().width))
        }
    }

    /// More would be no table for people.
    private static let mostRules = 16
}

/// The command `failoverctl calibrate`.
struct CalibrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Check what the evidence rule predicts against a recording.",
        discussion: """
            Bins the recorded probes by the predicted chance that they are bad, and prints how many were. Where hiccups \
            last longer than the configured blip, the rule moves more often than its budget says: then a length is \
            proposed. No daemon is asked.
            """
    )

    @Argument(help: "A recording, or a folder of them: all its .jsonl files by name.")
    var file: String

    @Option(help: "The configuration to check, instead of the recorded one.")
    var config: String?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let recording = try RecordingInput.load(file)
        let given = try config.map(RecordingInput.configuration)
        let replay = try RecordingInput.reporting { () throws(RecordingError) in
            try Replay(recording, configuration: given, file: file)
        }
        let calibration = Calibration(recording, configuration: replay.configuration, vetoes: replay.run().vetoes)
        if output.json {
            try Terminal.print(json: Data(try Wire.bytes(of: calibration, .pretty)))
        } else {
            try Terminal.print(CalibrationText.render(calibration, width: Terminal.style().width))
        }
    }
}

/// A rule as `consecutive:3,2`.
struct RuleArgument {
    let variant: ReplayVariant

    /// - Throws: A `ValidationError` that says what is allowed.
    static func parse(_ text: String) throws -> RuleArgument {
        guard let variant = ReplayVariant(text) else {
            throw ValidationError("'\(text)' is no rule; allowed: \(ReplayVariant.allowed)")
        }
        return RuleArgument(variant: variant)
    }
}

/// What both commands read; what is wrong with it is told, with the exit code that says so.
enum RecordingInput {
    static func load(_ path: String) throws -> Recording {
        try reporting { () throws(RecordingError) in try RecordingFiles.load(path) }
    }

    static func configuration(_ path: String) throws -> LoadedConfiguration {
        do throws(ConfigurationErrors) {
            return try ConfigurationLoader.load(path: path)
        } catch {
            for line in error.description.split(separator: "\n") { Terminal.warn(String(line)) }
            throw ExitCode(ExitStatus.configuration)
        }
    }

    static func reporting<Value>(_ work: () throws(RecordingError) -> Value) throws -> Value {
        do throws(RecordingError) {
            return try work()
        } catch {
            Terminal.warn(error.description)
            throw ExitCode(ExitStatus.dataError)
        }
    }
}
