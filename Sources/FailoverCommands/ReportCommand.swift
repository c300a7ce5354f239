import ArgumentParser
import FailoverControl
import FailoverHistory
import FailoverWire
import FoundationEssentials

/// The command `failoverctl report`.
struct ReportCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Show whether objectives were kept, and what each failover cost.",
        discussion: """
            For each route its error budget as routed, that is as clients saw it that followed the decision, beside what \
            they would have seen without failover; and each failover with its cause, how long it lasted, how many bad \
            probes came before it, and what it cost where prices are known. With --state-directory no daemon is asked.
            """
    )

    @Option(help: "Days up to now, 1 to 90.")
    var days = 30

    @Option(help: "Only this route and its endpoints.", completion: .routeNames)
    var route: String?

    @Flag(help: "Print Markdown.")
    var markdown = false

    @Flag(help: "Print comma-separated values, with a line for each budget and each failover.")
    var csv = false

    @Option(
        name: .customLong("state-directory"),
        help: ArgumentHelp(
            "Read the history of a daemon that does not run, from its state directory.",
            valueName: "path"
        ),
        completion: .directory
    )
    var stateDirectory: String?

    @ParentCommand var parent: Failoverctl
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...90).contains(days) else { throw ValidationError("--days is \(days), and must be 1 to 90") }
        guard [output.json, markdown, csv].filter({ $0 }).count < 2 else {
            throw ValidationError("give one of --json, --markdown and --csv")
        }
    }

    /// A large history is read as a whole.
    private static let patience = Duration.seconds(30)

    func run() async throws {
        try await reporting {
            let report: ReportDocument
            if let stateDirectory {
                report = try read(stateDirectory)
            } else {
                let client = client(timeout: Self.patience)
                let asked = route.map { "&route=\(Self.escaped($0))" } ?? ""
                let bytes = try await client.bytes("/v1/history/report?days=\(days)\(asked)")
                report = try client.decode(ReportDocument.self, from: bytes)
            }
            if output.json { return try Terminal.print(json: try Wire.encodePretty(report)) }
            if markdown { return try Terminal.print(ReportTables.markdown(report)) }
            if csv { return try Terminal.print(ReportTables.csv(report)) }
            try Terminal.print(ReportText.render(report, in: Terminal.style()))
        }
    }

    /// Names need no escaping; whatever else is typed must not become another question.
    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let character = Character(UnicodeScalar(byte))
            let isPlain = byte < 0x80 && (character.isLetter || character.isNumber || "-._~".contains(character))
            return isPlain ? String(character) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    private func read(_ directory: String) throws -> ReportDocument {
        do throws(HistoryError) {
            let reader = try HistoryReader(HistoryFile(stateDirectory: directory))
            defer { reader.close() }
            guard let facts = try reader.facts() else {
                throw HistoryError.failing("no configuration is kept in it")
            }
            let answers = HistoryAnswers(reader, facts: facts, at: WallTime(Date()))
            switch try answers.answer(.report(days: days, route: route)) {
            case .success(.report(let report)): return report
            case .success: throw HistoryError.failing("another answer came")
            case .failure(.unknown(let kind, let name, let allowed)):
                throw HistoryError.unusable("no \(kind) \(name); there is: " + allowed.joined(separator: ", "))
            case .failure(let refusal): throw HistoryError.failing("\(refusal)")
            }
        } catch {
            Terminal.warn("\(directory)/history.sqlite: \(error)")
            throw ExitCode(ExitStatus.unavailable)
        }
    }
}
