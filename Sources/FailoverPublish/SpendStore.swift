package import FailoverCore
package import FailoverWire
import FoundationEssentials
import Glibc

/// What an earlier process left about money.
package enum LoadedSpend: Hashable, Sendable {
    /// Nothing: the first start.
    case none
    case memory(SpendMemory)
    /// Something that could not be used; it was kept under `path` for people to look at.
    ///
    /// The day starts from zero then, so a cap may be exceeded by what was spent before: say so.
    case setAside(path: String, reason: String)
}

/// `spend.json` in the state directory: what probing has spent today.
///
/// Saved now and then, not before each probe: a crash forgets at most what was spent since the last save, and so does a power cut
/// with what the disk had not written yet. Waits for the disk. Only the holder of the state directory's lock may use it.
package struct SpendStore: Sendable {
    package let directory: String
    private var path: String { directory + "/spend.json" }

    /// Far more than the largest configuration can fill, in bytes.
    private static let maximumBytes = 16 * 1024 * 1024

    package init(directory: String) { self.directory = directory }

    /// Reads what is remembered.
    ///
    /// Nothing found here stops the daemon: what cannot be used is renamed, and replaces only what was set aside before.
    ///
    /// Call once, at the start: what a crash left half-written is removed too.
    package func load() -> LoadedSpend {
        // A directory that cannot be listed fails again, and is told, at the first save.
        _ = try? AtomicFile.removeLeftovers(of: path)
        let bytes: [UInt8]?
        do throws(FileError) { bytes = try AtomicFile.read(path, limit: Self.maximumBytes) } catch {
            return setAside(because: error.errno == EFBIG ? "it is larger than \(Self.maximumBytes) bytes" : "\(error)")
        }
        guard let bytes else { return .none }
        do throws(UnusableSpend) { return .memory(try Self.decode(Data(bytes))) } catch {
            return setAside(because: error.reason)
        }
    }

    /// Replaces what is remembered; a crash leaves the old file or the new one.
    package func save(_ memory: SpendMemory, at time: WallTime) throws(FileError) {
        let bytes: [UInt8]
        do throws(JSONWriterError) {
            bytes = try Wire.bytes(of: SpendDocument(memory, at: time), .pretty, isEnded: true)
        } catch {
            throw FileError(path: path, operation: .encode, errno: 0, detail: "\(error)")
        }
        try AtomicFile.write(bytes, to: path, mode: 0o640)
    }

    private struct UnusableSpend: Error { let reason: String }

    private struct Schema: Decodable { let schema: String }

    private static func decode(_ data: Data) throws(UnusableSpend) -> SpendMemory {
        guard !data.isEmpty else { throw UnusableSpend(reason: "it is empty") }
        let schema: String
        do { schema = try Wire.decode(Schema.self, from: data).schema } catch {
            throw UnusableSpend(reason: "it is no JSON object with a \"schema\"")
        }
        guard schema == SpendDocument.schema else {
            throw UnusableSpend(
                reason: "its schema is \"\(schema.prefix(64))\", and this version reads \"\(SpendDocument.schema)\""
            )
        }
        let document: SpendDocument
        do { document = try Wire.decode(SpendDocument.self, from: data) } catch {
            throw UnusableSpend(reason: "it does not follow its schema: \(place(of: error))")
        }
        do throws(SpendDocumentError) { return try document.memory() } catch {
            throw UnusableSpend(reason: "it does not follow its schema: \(error)")
        }
    }

    /// Where a document departs from its schema.
    private static func place(of error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        func path(_ keys: [any CodingKey]) -> String { keys.map(\.stringValue).joined(separator: ".") }
        switch error {
        case .keyNotFound(let key, let context): return "\(path(context.codingPath + [key])) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            let place = path(context.codingPath)
            return place.isEmpty ? context.debugDescription : "\(place): \(context.debugDescription)"
        @unknown default: return "\(error)"
        }
    }

    private func setAside(because reason: String) -> LoadedSpend {
        let target = path + ".bad"
        guard rename(path, target) == 0 else {
            let refusal = SystemError(errno: errno).on(path, .replace)
            return .setAside(path: path, reason: "\(reason); it stays where it is: \(refusal)")
        }
        return .setAside(path: target, reason: reason)
    }
}
