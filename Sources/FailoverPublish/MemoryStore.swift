package import FailoverCore
package import FailoverWire
import FoundationEssentials
import Glibc

/// What an earlier process left in the state directory.
package enum LoadedMemory: Hashable, Sendable {
    /// Nothing: the first start.
    case none
    case memory(Memory)
    /// Something that could not be used; it was kept under `path` for people to look at.
    case setAside(path: String, reason: String)
}

/// `memory.json` in the state directory: the decision, made durable before it is published.
///
/// Waits for the disk. Only the holder of the state directory's lock may use it.
package struct MemoryStore: Sendable {
    package let directory: String
    private var path: String { directory + "/memory.json" }

    /// Far more than the largest configuration can fill, in bytes.
    private static let maximumBytes = 16 * 1024 * 1024
    /// Unusable files that are kept, the newest ones.
    private static let maximumSetAside = 3

    package init(directory: String) { self.directory = directory }

    /// Reads what is remembered.
    ///
    /// Nothing found here stops the daemon: what cannot be used is renamed, never deleted or overwritten.
    ///
    /// Call once, at the start: what a crash left half-written is removed too.
    package func load(clock: ClockReading) -> LoadedMemory {
        // A directory that cannot be listed fails again, and is told, at the first save.
        _ = try? AtomicFile.removeLeftovers(of: path)
        let bytes: [UInt8]?
        do throws(FileError) { bytes = try AtomicFile.read(path, limit: Self.maximumBytes) } catch {
            return setAside(because: error.errno == EFBIG ? "it is larger than \(Self.maximumBytes) bytes" : "\(error)")
        }
        guard let bytes else { return .none }
        do throws(UnusableMemory) {
            return .memory(try Self.decode(Data(bytes)).memory(at: clock))
        } catch {
            return setAside(because: error.reason)
        }
    }

    /// Replaces what is remembered; when it returns, a power cut does not undo it.
    package func save(_ memory: Memory, clock: ClockReading) throws(FileError) {
        let bytes: [UInt8]
        do throws(JSONWriterError) {
            bytes = try Wire.bytes(of: MemoryDocument(memory, at: clock), .pretty, isEnded: true)
        } catch {
            throw FileError(path: path, operation: .encode, errno: 0, detail: "\(error)")
        }
        try AtomicFile.write(bytes, to: path, mode: 0o640, durability: .durable)
    }

    private struct UnusableMemory: Error { let reason: String }

    private struct Schema: Decodable { let schema: String }

    private static func decode(_ data: Data) throws(UnusableMemory) -> MemoryDocument {
        guard !data.isEmpty else { throw UnusableMemory(reason: "it is empty") }
        let schema: String
        do { schema = try Wire.decode(Schema.self, from: data).schema } catch {
            throw UnusableMemory(reason: "it is no JSON object with a \"schema\"")
        }
        guard schema == MemoryDocument.schema else {
            throw UnusableMemory(
                reason: "its schema is \"\(schema.prefix(64))\", and this version reads \"\(MemoryDocument.schema)\""
            )
        }
        let document: MemoryDocument
        do { document = try Wire.decode(MemoryDocument.self, from: data) } catch {
            throw UnusableMemory(reason: "it does not follow its schema: \(Self.place(of: error))")
        }
        guard document.generation <= MemoryDocument.largestGeneration else {
            throw UnusableMemory(reason: "its generation is \(document.generation), and none can be that large")
        }
        return document
    }

    /// Where a document departs from its schema.
    private static func place(of error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        let (context, key): (DecodingError.Context, (any CodingKey)?) =
            switch error {
            case .keyNotFound(let key, let context): (context, key)
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
                (context, nil)
            @unknown default: (DecodingError.Context(codingPath: [], debugDescription: "\(error)"), nil)
            }
        let path = (context.codingPath + (key.map { [$0] } ?? [])).map(\.stringValue).joined(separator: ".")
        if key != nil { return "\(path) is missing" }
        return path.isEmpty ? context.debugDescription : "\(path): \(context.debugDescription)"
    }

    private func setAside(because reason: String) -> LoadedMemory {
        let prefix = "memory.json.bad-"
        let kept = ((try? names(in: directory)) ?? [])
            .filter { $0.hasPrefix(prefix) }
            .compactMap { Int($0.dropFirst(prefix.count)) }
            .filter { $0 > 0 && $0 < .max }
            .sorted()
        let target = "\(path).bad-\((kept.last ?? 0) + 1)"
        guard rename(path, target) == 0 else {
            let refusal = SystemError(errno: errno).on(path, .replace)
            return .setAside(path: path, reason: "\(reason); it stays where it is: \(refusal)")
        }
        for number in kept.dropLast(Self.maximumSetAside - 1) {
            let old = "\(path).bad-\(number)"
            // A directory of that name is removed only if it is empty: it is not ours.
            if unlink(old) != 0 { rmdir(old) }
        }
        return .setAside(path: target, reason: reason)
    }
}
