import Glibc

/// A whole file under a temporary name beside the one that it may replace.
///
/// What was staged by a process that is gone is removed by ``AtomicFile/removeLeftovers(of:)``.
struct StagedFile: ~Copyable {
    /// Where the new contents are, for whoever looks at them before they count.
    let path: String
    private let place: FilePlace
    private let name: String
    private let directory: Descriptor

    /// Writes and flushes `bytes` beside `destination`, which stays as it is.
    init(_ bytes: [UInt8], for destination: String, mode: mode_t, owner: FileOwnerID?) throws(FileError) {
        let place = try FilePlace(destination)
        let directory = try AtomicFile.open(directoryOf: place)
        name = try AtomicFile.fill(bytes, mode: mode, owner: owner, place: place, directory: directory.rawValue)
        path = place.sibling(name)
        self.place = place
        self.directory = directory
    }

    /// Moves the file to its place; it is gone if that fails.
    consuming func commit() throws(FileError) {
        do throws(SystemError) {
            _ = try retrying { renameat(directory.rawValue, name, directory.rawValue, place.name) }
        } catch {
            unlinkat(directory.rawValue, name, 0)
            throw error.on(place.path, .replace)
        }
    }

    /// Removes the file.
    consuming func discard() { unlinkat(directory.rawValue, name, 0) }
}
