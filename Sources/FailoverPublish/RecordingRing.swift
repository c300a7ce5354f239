package import FailoverCore
package import FailoverWire
import Glibc

/// `recordings/` in the state directory: what the engine was fed lately, in files of which the oldest are removed.
///
/// One thread at a time; only the holder of the state directory's lock may write. Nothing is flushed: a recording is for
/// people, and a power cut may take its end.
package struct RecordingRing: Sendable {
    /// What every file of one process says of it.
    package struct Writer: Sendable {
        package let vantage: String
        package let instance: String
        /// Of the schedule's jitter.
        package let seed: UInt64?
        /// A configuration as text without secrets.
        package let describe: @Sendable (Configuration) -> String

        package init(
            vantage: String,
            instance: String,
            seed: UInt64?,
            describe: @escaping @Sendable (Configuration) -> String
        ) {
            self.vantage = vantage
            self.instance = instance
            self.seed = seed
            self.describe = describe
        }
    }

    /// The file that is written.
    private struct Segment {
        let number: UInt64
        let path: String
        let begun: MonotonicInstant
        let lines: RecordingWriter
        var bytes = 0
    }

    private let directory: String
    private let writer: Writer
    private var settings: RecordConfiguration
    private var segment: Segment?
    /// The file before, if nothing is missing between it and the next one.
    private var previous: UInt64?
    /// When files of this process ended, by number: the clock on the wall may be set.
    private var ends: [UInt64: MonotonicInstant] = [:]
    /// What the engine goes by, to tell which endpoints a reload changes.
    private var configuration: Configuration?

    private static let suffix = ".jsonl"

    package init(stateDirectory: String, writer: Writer, settings: RecordConfiguration) {
        directory = stateDirectory + "/recordings"
        self.writer = writer
        self.settings = settings
    }

    package mutating func update(_ settings: RecordConfiguration) { self.settings = settings }

    /// Entries go to a file.
    package var isWriting: Bool { segment != nil }

    /// Whether the next file is due.
    package func isFull(at now: MonotonicInstant) -> Bool {
        guard let segment else { return false }
        return segment.bytes >= settings.bytesPerFile
            || now - segment.begun >= max(settings.keep / RecordConfiguration.files, .seconds(10))
    }

    /// Ends the file with nothing to go on from it, after a failure or a loss.
    package mutating func abandon() {
        segment = nil
        previous = nil
    }

    /// Begins a file, and removes the oldest that are too many or too old.
    package mutating func begin(_ beginning: RecordingBeginning) throws(FileError) {
        let now = beginning.clock.monotonic
        if let segment {
            previous = segment.number
            ends[segment.number] = now
        }
        segment = nil
        let number = try prune(at: beginning.clock) + 1
        var header = beginning.header(
            vantage: writer.vantage,
            seed: writer.seed,
            instance: writer.instance,
            segment: number
        )
        header.continues = previous
        previous = nil
        let path = "\(directory)/\(Self.name(number, at: beginning.clock.wall))"
        segment = Segment(number: number, path: path, begun: now, lines: RecordingWriter(origin: now))
        let text = writer.describe(beginning.configuration)
        let recorded = RecordedConfiguration(
            hash: beginning.configHash,
            yaml: text.utf8.count <= settings.bytesPerFile / 4 ? text : nil,
            isReload: false
        )
        configuration = beginning.configuration
        let lines = [RecordedEntry(at: now, .configuration(recorded))]
        let bytes: [UInt8]
        do throws(JSONWriterError) {
            bytes = try RecordingWriter.line(of: header) + RecordingWriter(origin: now).lines(of: lines)
        } catch {
            throw FileError(path: path, operation: .encode, errno: 0, detail: "\(error)")
        }
        try write(bytes)
    }

    /// Adds entries to the file; before the first `begin`, and after `abandon`, they are passed over.
    package mutating func append(_ entries: [RecordedEntry]) throws(FileError) {
        guard let segment, !entries.isEmpty else { return }
        var told: [RecordedEntry] = []
        for entry in entries { told.append(self.told(entry)) }
        let bytes: [UInt8]
        do throws(JSONWriterError) { bytes = try segment.lines.lines(of: told) } catch {
            throw FileError(path: segment.path, operation: .encode, errno: 0, detail: "\(error)")
        }
        try write(bytes)
    }

    /// A reload is told by its text, and by what the text does not show.
    private mutating func told(_ entry: RecordedEntry) -> RecordedEntry {
        guard case .input(.reconfigured(let new)) = entry.content else { return entry }
        let old = configuration?.endpoints ?? []
        let before = Dictionary(old.map { ($0.name, $0.probes) }) { first, _ in first }
        let changed = new.endpoints.filter { endpoint in before[endpoint.name].map { $0 != endpoint.probes } ?? false }
        configuration = new
        let text = writer.describe(new)
        let recorded = RecordedConfiguration(
            yaml: text.utf8.count <= settings.bytesPerFile ? text : nil,
            isReload: true,
            changed: changed.map(\.name)
        )
        return RecordedEntry(at: entry.at, .configuration(recorded))
    }

    // MARK: - Files

    private mutating func write(_ bytes: [UInt8]) throws(FileError) {
        guard let path = segment?.path else { return }
        do throws(SystemError) {
            let file = try Descriptor.open(
                path,
                O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK,
                mode: 0o640
            )
            let size = try file.size()
            do throws(SystemError) { try file.writeAll(bytes) } catch {
                // Half a line helps nobody.
                try? file.truncate(to: size)
                throw error
            }
        } catch {
            throw error.on(path, .write)
        }
        segment?.bytes += bytes.count
    }

    /// `00000042-20261122T120431Z.jsonl`: in order by name, and people see when.
    private static func name(_ number: UInt64, at wall: WallTime) -> String {
        let digits = "\(number)"
        let padded = String(repeating: "0", count: max(0, 8 - digits.count)) + digits
        let time = wall.description.prefix { $0 != "." }.filter { $0 != "-" && $0 != ":" }
        return "\(padded)-\(time)Z\(suffix)"
    }

    /// Makes room for one more file, and makes the folder if it is missing.
    ///
    /// - Returns: The highest number so far; 0 for none.
    private mutating func prune(at clock: ClockReading) throws(FileError) -> UInt64 {
        if mkdir(directory, 0o750) != 0, errno != EEXIST {
            throw FileError(path: directory, operation: .makeDirectory, errno: errno)
        }
        let listed: [String]
        do throws(SystemError) { listed = try names(in: directory) } catch { throw error.on(directory, .list) }
        var files: [(number: UInt64, path: String, bytes: Int, isOld: Bool)] = []
        for name in listed where name.hasSuffix(Self.suffix) {
            guard let number = UInt64(name.prefix { $0 != "-" }), number < .max else { continue }
            let path = "\(directory)/\(name)"
            var status = stat()
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            let written = WallTime(secondsSince1970: Double(status.st_mtim.tv_sec))
            let end = ends[number] ?? clock.instant(of: written)
            files.append((number, path, Int(status.st_size), clock.monotonic - end > settings.keep))
        }
        files.sort { $0.number < $1.number }
        var total = files.reduce(0) { $0 + $1.bytes } + settings.bytesPerFile
        for file in files where file.isOld || total > settings.maximumBytes {
            guard unlink(file.path) == 0 || errno == ENOENT else {
                throw FileError(path: file.path, operation: .remove, errno: errno)
            }
            total -= file.bytes
            ends[file.number] = nil
        }
        return files.last?.number ?? 0
    }
}
