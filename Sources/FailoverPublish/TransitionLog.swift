package import FailoverWire
import FoundationEssentials
import Glibc

/// `transitions.jsonl` in the state directory: one event a line, so that "what happened" survives a restart.
///
/// One older file is kept. Lines are not flushed one by one: the decision itself is durable in `memory.json`, and a line that a power
/// cut takes is a loss to people only. One thread at a time; only the holder of the state directory's lock may append.
package struct TransitionLog: Sendable {
    package let path: String
    private let olderPath: String
    private let maximumBytes: Int

    /// Newest first.
    var paths: [String] { [path, olderPath] }

    /// Years of moves, and still read in a moment.
    package static let defaultMaximumBytes = 4 * 1024 * 1024
    /// A longer line loses the arithmetic behind the move, which may hold hundreds of steps.
    private static let maximumLineBytes = 256 * 1024

    /// A file that would grow beyond `maximumBytes` becomes the older file first.
    package init(directory: String, maximumBytes: Int = Self.defaultMaximumBytes) {
        path = directory + "/transitions.jsonl"
        olderPath = directory + "/transitions.1.jsonl"
        self.maximumBytes = maximumBytes
    }

    /// Whether an event belongs here: all but verdicts, which come as often as probes waver and would push the moves out.
    package static func keeps(_ event: EventDocument) -> Bool { event.event != "verdict" }

    /// Adds an event that is worth keeping; any other is passed over.
    package func append(_ event: EventDocument) throws(FileError) {
        guard Self.keeps(event) else { return }
        let line = try line(of: event)
        do throws(SystemError) {
            if try openForAppending().size() + line.count > maximumBytes, rename(path, olderPath) != 0 {
                throw SystemError(errno: errno)
            }
        } catch {
            throw error.on(path, .rotate)
        }
        do throws(SystemError) { try write(line) } catch { throw error.on(path, .write) }
    }

    /// The last events, oldest first.
    ///
    /// Lines that are no events are passed over: the last one may be torn, and a newer version may have written others.
    package func last(_ count: Int) throws(FileError) -> [EventDocument] {
        var newestFirst: [EventDocument] = []
        for path in paths where newestFirst.count < count {
            let lines = try tail(of: path).split(separator: UInt8(ascii: "\n"))
            for line in lines.reversed() where newestFirst.count < count {
                guard let event = try? Wire.decode(EventDocument.self, from: Data(line)) else { continue }
                newestFirst.append(event)
            }
        }
        return newestFirst.reversed()
    }

    private func line(of event: EventDocument) throws(FileError) -> [UInt8] {
        do {
            let whole = try Wire.encode(event)
            guard whole.count > Self.maximumLineBytes else { return [UInt8](whole) + [UInt8(ascii: "\n")] }
            var short = event
            short.grounds = nil
            return [UInt8](try Wire.encode(short)) + [UInt8(ascii: "\n")]
        } catch {
            throw FileError(path: path, operation: .encode, errno: 0, detail: "\(error)")
        }
    }

    private func openForAppending() throws(SystemError) -> Descriptor {
        try .open(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, mode: 0o640)
    }

    private func write(_ line: [UInt8]) throws(SystemError) {
        let file = try openForAppending()
        let size = try file.size()
        if size == 0 { try file.setMode(0o640) }
        // A torn last line is left alone and ended, so that this one is whole.
        let last = try file.read(upTo: 1, from: max(0, size - 1))
        let isTorn = size > 0 && last != [UInt8(ascii: "\n")]
        do throws(SystemError) {
            try file.writeAll((isTorn ? [UInt8(ascii: "\n")] : []) + line)
        } catch {
            // Half a line helps nobody; if it cannot be taken back, the next append ends it.
            try? file.truncate(to: size)
            throw error
        }
    }

    /// At most `maximumBytes` from the end, beginning with a whole line; empty if there is no file.
    func tail(of path: String) throws(FileError) -> ArraySlice<UInt8> {
        do throws(SystemError) {
            let file = try Descriptor.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
            let start = max(0, try file.size() - maximumBytes)
            let bytes = try file.read(upTo: maximumBytes, from: start)
            guard start > 0 else { return bytes[...] }
            return bytes.drop { $0 != UInt8(ascii: "\n") }
        } catch {
            guard error.errno != ENOENT else { return [] }
            throw error.on(path, .read)
        }
    }
}
