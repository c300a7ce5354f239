import FailoverWire
import FoundationEssentials
import Glibc

/// A file with one JSON document that names its schema, which a later start of the daemon reads again.
///
/// Waits for the disk. Only the holder of the state directory's lock may use it.
struct SchemaFile<Document: Decodable & JSONWritable>: Sendable {
    let path: String
    let schema: String
    var layout = JSONWriter.Layout.pretty
    /// Far more than the largest configuration can fill, in bytes.
    var maximumBytes = 16 * 1024 * 1024

    /// Reads the document; `nil` if there is none.
    ///
    /// Call once, at the start: what a crash left half-written is removed too.
    func read() throws(UnusableDocument) -> Document? {
        // A directory that cannot be listed fails again, and is told, at the first write.
        _ = try? AtomicFile.removeLeftovers(of: path)
        let bytes: [UInt8]?
        do throws(FileError) { bytes = try AtomicFile.read(path, limit: maximumBytes) } catch {
            let isTooLarge = error.errno == EFBIG
            throw UnusableDocument(reason: isTooLarge ? "it is larger than \(maximumBytes) bytes" : "\(error)")
        }
        guard let bytes else { return nil }
        return try decode(Data(bytes))
    }

    /// Replaces the document; a crash leaves the old file or the new one.
    func write(_ document: Document, durability: AtomicFile.Durability) throws(FileError) {
        let bytes: [UInt8]
        do throws(JSONWriterError) {
            bytes = try Wire.bytes(of: document, layout, isEnded: true)
        } catch {
            throw FileError(path: path, operation: .encode, errno: 0, detail: "\(error)")
        }
        try AtomicFile.write(bytes, to: path, mode: 0o640, durability: durability)
    }

    /// Renames a file that cannot be used.
    ///
    /// - Returns: Where it is now, and why; where it was if it could not be renamed.
    func setAside(to target: String, because reason: String) -> (path: String, reason: String) {
        guard rename(path, target) == 0 else {
            let refusal = SystemError(errno: errno).on(path, .replace)
            return (path, "\(reason); it stays where it is: \(refusal)")
        }
        return (target, reason)
    }

    private func decode(_ data: Data) throws(UnusableDocument) -> Document {
        guard !data.isEmpty else { throw UnusableDocument(reason: "it is empty") }
        let found: String
        do { found = try Wire.decode(Schema.self, from: data).schema } catch {
            throw UnusableDocument(reason: "it is no JSON object with a \"schema\"")
        }
        guard found == schema else {
            throw UnusableDocument(
                reason: "its schema is \"\(found.prefix(64))\", and this version reads \"\(schema)\""
            )
        }
        do { return try Wire.decode(Document.self, from: data) } catch {
            throw UnusableDocument(reason: "it does not follow its schema: \(Self.place(of: error))")
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
}

/// A document of an earlier process that says nothing to this one.
struct UnusableDocument: Error {
    /// What is wrong with it, as the end of a sentence.
    let reason: String
}

private struct Schema: Decodable { let schema: String }
