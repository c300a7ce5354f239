package import FailoverCore
package import FailoverWire

/// What an earlier process learned of endpoints while they were well.
package enum LoadedBaselines: Hashable, Sendable {
    /// Nothing: the first start, or nothing was learned yet.
    case none
    case baselines([EndpointName: [BaselineMemory]])
    /// Something that could not be used; it was kept under `path` for people to look at.
    case setAside(path: String, reason: String)
}

/// `baselines.json` in the state directory: what endpoints showed while they were well.
///
/// Saved now and then: a crash forgets at most what was learned since the last save, and so does a power cut with what the disk had
/// not written yet. Waits for the disk. Only the holder of the state directory's lock may use it.
package struct BaselineStore: Sendable {
    package let directory: String
    private let file: SchemaFile<BaselineDocument>

    /// As many endpoints as a configuration may have, with six indicators each at 600 bytes, in bytes.
    private static let maximumBytes = 64 * 1024 * 1024

    package init(directory: String) {
        self.directory = directory
        // A line for each of so many numbers would double the file.
        file = SchemaFile(
            path: directory + "/baselines.json",
            schema: BaselineDocument.schema,
            layout: .compact,
            maximumBytes: Self.maximumBytes
        )
    }

    /// Reads what is remembered.
    ///
    /// Nothing found here stops the daemon: what cannot be used is renamed, and replaces only what was set aside before.
    ///
    /// Call once, at the start: what a crash left half-written is removed too.
    package func load(clock: ClockReading) -> LoadedBaselines {
        do throws(UnusableDocument) {
            guard let document = try file.read() else { return .none }
            do throws(BaselineDocumentError) { return .baselines(try document.baselines(at: clock)) } catch {
                throw UnusableDocument(reason: "it does not follow its schema: \(error)")
            }
        } catch {
            let kept = file.setAside(to: file.path + ".bad", because: error.reason)
            return .setAside(path: kept.path, reason: kept.reason)
        }
    }

    /// Replaces what is remembered; a crash leaves the old file or the new one.
    package func save(_ baselines: [EndpointName: [BaselineMemory]], clock: ClockReading) throws(FileError) {
        try file.write(BaselineDocument(baselines, at: clock), durability: .whole)
    }
}
