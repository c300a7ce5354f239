import FailoverCore
import FailoverWire
import FoundationEssentials
import NIOConcurrencyHelpers

/// Which contents of a file its reader is known to have read, over restarts.
///
/// Without it a daemon that was killed between moving a file and telling its reader would never tell. One that is lost or
/// cannot be written costs one reload too many at the next start.
final class OutputMemory: Sendable {
    private struct Document: Codable {
        var schema = OutputMemory.schema
        /// By destination.
        var told: [String: String] = [:]
    }

    private static let schema = "failoverd.outputs/1"
    /// Largest file that is read, in bytes.
    private static let maximumBytes = 1_048_576

    private let path: String
    private let told: NIOLockedValueBox<[String: String]>

    init(directory: String) {
        path = directory + "/outputs.json"
        let bytes = (try? AtomicFile.read(path, limit: Self.maximumBytes)) ?? nil
        let document = bytes.flatMap { try? Wire.decode(Document.self, from: Data($0)) }
        told = NIOLockedValueBox(document?.schema == Self.schema ? document?.told ?? [:] : [:])
    }

    /// Whether the reader of the file at `destination` has read just `bytes`.
    func isTold(_ bytes: [UInt8], at destination: String) -> Bool {
        told.withLockedValue { $0[destination] } == Self.mark(of: bytes)
    }

    /// Notes that it has.
    func note(_ bytes: [UInt8], at destination: String) throws(FileError) {
        // The lock is held while writing, so that an older document never replaces a newer one.
        let failure: FileError? = told.withLockedValue { told in
            guard told.updateValue(Self.mark(of: bytes), forKey: destination) != Self.mark(of: bytes) else {
                return nil
            }
            guard let data = try? Wire.encode(Document(told: told)) else { return nil }
            do throws(FileError) {
                try AtomicFile.write(Array(data), to: path, mode: 0o640)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    /// FNV-1a with 64 bits: it tells files of our own apart, and guards nothing.
    private static func mark(of bytes: [UInt8]) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return String(hash, radix: 16)
    }
}
