package import FailoverCore
package import FailoverWire
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
    private let file: SchemaFile<MemoryDocument>

    /// Unusable files that are kept, the newest ones.
    private static let maximumSetAside = 3

    package init(directory: String) {
        self.directory = directory
        file = SchemaFile(path: directory + "/memory.json", schema: MemoryDocument.schema)
    }

    /// Reads what is remembered.
    ///
    /// Nothing found here stops the daemon: what cannot be used is renamed, never deleted or overwritten.
    ///
    /// Call once, at the start: what a crash left half-written is removed too.
    package func load(clock: ClockReading) -> LoadedMemory {
        do throws(UnusableDocument) {
            guard let document = try file.read() else { return .none }
            guard document.generation <= MemoryDocument.largestGeneration else {
                throw UnusableDocument(reason: "its generation is \(document.generation), and none can be that large")
            }
            return .memory(document.memory(at: clock))
        } catch {
            return setAside(because: error.reason)
        }
    }

    /// Replaces what is remembered; when it returns, a power cut does not undo it.
    package func save(_ memory: Memory, clock: ClockReading) throws(FileError) {
        try file.write(MemoryDocument(memory, at: clock), durability: .durable)
    }

    private func setAside(because reason: String) -> LoadedMemory {
        let prefix = "memory.json.bad-"
        let kept = ((try? names(in: directory)) ?? [])
            .filter { $0.hasPrefix(prefix) }
            .compactMap { Int($0.dropFirst(prefix.count)) }
            .filter { $0 > 0 && $0 < .max }
            .sorted()
        let target = "\(file.path).bad-\((kept.last ?? 0) + 1)"
        let (path, reason) = file.setAside(to: target, because: reason)
        // Only what was set aside now makes an older one superfluous.
        guard path == target else { return .setAside(path: path, reason: reason) }
        for number in kept.dropLast(Self.maximumSetAside - 1) {
            let old = "\(file.path).bad-\(number)"
            // A directory of that name is removed only if it is empty: it is not ours.
            if unlink(old) != 0 { rmdir(old) }
        }
        return .setAside(path: path, reason: reason)
    }
}
