import ArgumentParser
import FailoverControl
import FailoverWire
import FoundationEssentials
import Glibc

/// Where commands print, and what is known about whoever reads it.
enum Terminal {
    /// The style of standard output: as wide as the terminal, coloured only there and without `NO_COLOR`.
    static func style() -> TextStyle {
        let environment = ProcessInfo.processInfo.environment
        let isTerminal = isatty(STDOUT_FILENO) == 1
        let wantsColour = (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
        return TextStyle(
            width: width(isTerminal: isTerminal, columns: environment["COLUMNS"]),
            colour: isTerminal && wantsColour,
            now: WallTime(Date()),
            secondsEast: secondsEast
        )
    }

    /// The same, but a pipe gets each thing in one line, however long, so that `grep` finds it whole.
    static func lineStyle() -> TextStyle {
        var style = style()
        let hasColumns = ProcessInfo.processInfo.environment["COLUMNS"] != nil
        if isatty(STDOUT_FILENO) != 1, !hasColumns { style.width = .max }
        return style
    }

    /// `COLUMNS` if it is set, else the terminal's own width, else 80.
    private static func width(isTerminal: Bool, columns: String?) -> Int {
        if let columns = columns.flatMap({ Int($0) }), (1...1000).contains(columns) { return columns }
        var size = winsize()
        guard isTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    private static func secondsEast(of time: WallTime) -> Int {
        var seconds = time_t(time.date.timeIntervalSince1970.rounded(.down))
        var local = tm()
        return localtime_r(&seconds, &local) == nil ? 0 : local.tm_gmtoff
    }

    /// Writes at once, so that a reader of a pipe sees each line when it is printed.
    static func print(_ text: String) throws {
        try write(Array(text.utf8), to: STDOUT_FILENO)
    }

    /// The bytes as they came, ended by a line feed.
    static func print(json: Data) throws {
        var bytes = Array(json)
        if bytes.last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
        try write(bytes, to: STDOUT_FILENO)
    }

    /// Tells the person, on standard error, apart from what was asked for.
    static func warn(_ text: String) {
        // Nobody to tell that standard error is gone.
        try? write(Array("failoverctl: \(text)\n".utf8), to: STDERR_FILENO)
    }

    private static func write(_ bytes: [UInt8], to descriptor: CInt) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 {
                if errno == EINTR { continue }
                // The reader has had enough, as `head` has: end as the signal would have ended us.
                throw ExitCode(errno == EPIPE ? 128 + SIGPIPE : EXIT_FAILURE)
            }
            rest = rest.dropFirst(written)
        }
    }
}

extension ExitCode {
    init(_ status: ExitStatus) { self.init(status.rawValue) }
}

/// Runs a command's work; what goes wrong is told in plain words, with the exit code that says the same.
func reporting(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let error as ControlClientError {
        Terminal.warn(error.description)
        throw ExitCode(error.exitCode)
    } catch let error as UsageError {
        Terminal.warn(error.description)
        throw ExitCode(ExitStatus.usage)
    }
}

/// A name that does not exist, found out only after asking the daemon.
struct UsageError: Error, CustomStringConvertible {
    let description: String

    init(no kind: String, named name: String, in place: String, allowed: [String]) {
        description = "no \(kind) \(name) in \(place); there is: " + allowed.joined(separator: ", ")
    }
}

/// A length of time as people write it: `500ms`, `30s`, `5m`, `1h`, `2d`.
struct DurationArgument: ExpressibleByArgument {
    let duration: Duration

    init(_ duration: Duration) { self.duration = duration }

    init?(argument: String) {
        let units: [(String, Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)]
        guard let (suffix, factor) = units.first(where: { argument.hasSuffix($0.0) }),
            let number = Double(argument.dropLast(suffix.count)), number.isFinite, (0...1e6).contains(number)
        else { return nil }
        duration = .seconds(number * factor)
    }

    var defaultValueDescription: String { "\(duration.components.seconds)s" }
}
