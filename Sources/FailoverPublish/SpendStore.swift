package import FailoverCore
package import FailoverWire

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
    private let file: SchemaFile<SpendDocument>

    package init(directory: String) {
        self.directory = directory
        file = SchemaFile(path: directory + "/spend.json", schema: SpendDocument.schema)
    }

    /// Reads what is remembered.
    ///
    /// Nothing found here stops the daemon: what cannot be used is renamed, and replaces only what was set aside before.
    ///
    /// Call once, at the start: what a crash left half-written is removed too.
    package func load() -> LoadedSpend {
        do throws(UnusableDocument) {
            guard let document = try file.read() else { return .none }
            do throws(SpendDocumentError) { return .memory(try document.memory()) } catch {
                throw UnusableDocument(reason: "it does not follow its schema: \(error)")
            }
        } catch {
            let kept = file.setAside(to: file.path + ".bad", because: error.reason)
            return .setAside(path: kept.path, reason: kept.reason)
        }
    }

    /// Replaces what is remembered; a crash leaves the old file or the new one.
    package func save(_ memory: SpendMemory, at time: WallTime) throws(FileError) {
        try file.write(SpendDocument(memory, at: time), durability: .whole)
    }
}
