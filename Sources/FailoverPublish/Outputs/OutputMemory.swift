import FailoverCore
import FailoverWire
import FoundationEssentials
import NIOConcurrencyHelpers

/// Which contents of a file its reader is known to have read, over restarts.
///
/// Without it a daemon that was killed between moving a file and telling its reader would never tell. One that is lost or
/// cannot be written costs one reload too many at the next start. It is written on a thread of its own.
package final class OutputMemory: Sendable {
    private struct Document: Codable {
        var schema = OutputMemory.schema
        /// By destination.
        var told: [String: String] = [:]
    }

    private static let schema = "failoverd.outputs/1"
    /// Largest file that is read, in bytes.
    private static let maximumBytes = 1_048_576

    /// Replaces the file at the first path.
    package typealias Write = @Sendable (_ path: String, _ bytes: [UInt8]) throws(FileError) -> Void

    private struct State {
        var told: [String: String]
        /// What is told has changed since it was last taken for writing.
        var isDue = false
        /// A thread writes, and looks again before it ends.
        var isWriting = false
        var thread: WorkerThread?
    }

    private let path: String
    private let write: Write
    private let state: NIOLockedValueBox<State>

    package init(
        directory: String,
        write: @escaping Write = { (path, bytes) throws(FileError) in
            try AtomicFile.write(bytes, to: path, mode: 0o640)
        }
    ) {
        path = directory + "/outputs.json"
        self.write = write
        let bytes = (try? AtomicFile.read(path, limit: Self.maximumBytes)) ?? nil
        let document = bytes.flatMap { try? Wire.decode(Document.self, from: Data($0)) }
        state = NIOLockedValueBox(State(told: document?.schema == Self.schema ? document?.told ?? [:] : [:]))
    }

    /// Whether the reader of the file at `destination` has read just `bytes`.
    package func isTold(_ bytes: [UInt8], at destination: String) -> Bool {
        let mark = Self.mark(of: bytes)
        return state.withLockedValue { $0.told[destination] } == mark
    }

    /// Notes that it has, and returns at once: a disk that hangs holds no output up.
    package func note(_ bytes: [UInt8], at destination: String) {
        let mark = Self.mark(of: bytes)
        state.withLockedValue { state in
            guard state.told.updateValue(mark, forKey: destination) != mark else { return }
            state.isDue = true
            guard !state.isWriting else { return }
            state.thread = try? WorkerThread(name: "outputs") { [self] in writeAll() }
            // Without a thread the next note tries again.
            state.isWriting = state.thread != nil
        }
    }

    /// Writes until nothing is left; the newest wins.
    private func writeAll() {
        while let told = take() {
            guard let data = try? Wire.encode(Document(told: told)) else { continue }
            // A note that cannot be kept costs one reload too many after a restart.
            try? write(path, Array(data))
        }
    }

    private func take() -> [String: String]? {
        state.withLockedValue { state in
            defer {
                state.isWriting = state.isDue
                state.isDue = false
            }
            return state.isDue ? state.told : nil
        }
    }

    /// Waits until what was noted is written, and not for longer than `limit`.
    ///
    /// - Returns: Whether it is.
    package func finished(within limit: Duration) async -> Bool {
        await state.withLockedValue { $0.thread }?.finished(within: limit) ?? true
    }

    /// FNV-1a with 64 bits: it tells files of our own apart, and guards nothing.
    private static func mark(of bytes: [UInt8]) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return String(hash, radix: 16)
    }
}
