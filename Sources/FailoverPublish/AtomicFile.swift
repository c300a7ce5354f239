package import Glibc
import Synchronization

/// Files that readers find whole or not at all: written under a temporary name in the same directory, then renamed.
package enum AtomicFile {
    /// Whether the rename itself must survive a power cut.
    package enum Durability: Hashable, Sendable {
        /// The contents are flushed before the rename, so a crash leaves the old file or the new one.
        case whole
        /// The directory is flushed too, so after a return the new file is what a crash leaves.
        case durable
    }

    /// Replaces the file at `path`, or leaves it as it was.
    ///
    /// A symbolic link at `path` is replaced, not followed. The mode is set whatever the umask.
    package static func write(
        _ bytes: [UInt8],
        to path: String,
        mode: mode_t = 0o644,
        durability: Durability = .whole
    ) throws(FileError) {
        let place = try FilePlace(path)
        let directory = try open(directoryOf: place)
        let temporary = try fill(bytes, mode: mode, place: place, directory: directory.rawValue)
        do throws(SystemError) {
            _ = try retrying { renameat(directory.rawValue, temporary, directory.rawValue, place.name) }
        } catch {
            unlinkat(directory.rawValue, temporary, 0)
            throw error.on(path, .replace)
        }
        guard durability == .durable else { return }
        do throws(SystemError) { try directory.sync() } catch { throw error.on(path, .sync) }
    }

    /// Removes what a crash in the middle of a write left beside `path`, and returns how many files that were.
    ///
    /// Only for the one process that writes this file: it would take a live writer's file away.
    @discardableResult
    package static func removeLeftovers(of path: String) throws(FileError) -> Int {
        let place = try FilePlace(path)
        let found: [String]
        do throws(SystemError) { found = try names(in: place.directory) } catch { throw error.on(path, .list) }
        let leftovers = found.filter { isTemporary($0, of: place.name) }
        return leftovers.count { unlink(place.sibling($0)) == 0 }
    }

    static func open(directoryOf place: FilePlace) throws(FileError) -> Descriptor {
        do throws(SystemError) { return try .open(place.directory, O_RDONLY | O_DIRECTORY) } catch {
            throw error.on(place.path, .open)
        }
    }

    /// Writes, sets the mode and flushes under a temporary name; returns that name.
    static func fill(
        _ bytes: [UInt8],
        mode: mode_t,
        owner: FileOwnerID? = nil,
        place: FilePlace,
        directory: Int32
    ) throws(FileError) -> String {
        let name = temporaryName(for: place.name)
        // Whatever has this name is a leftover of a process with our number, or planted; neither is followed nor kept.
        unlinkat(directory, name, 0)
        var operation = FileError.Operation.create
        do throws(SystemError) {
            let file = try Descriptor.open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600, in: directory)
            operation = .write
            try file.writeAll(bytes)
            if let owner {
                operation = .setOwner
                try file.setOwner(owner)
            }
            operation = .setMode
            try file.setMode(mode)
            operation = .sync
            try file.sync()
            return name
        } catch {
            if operation != .create { unlinkat(directory, name, 0) }
            throw error.on(place.path, operation)
        }
    }

    private static let counter = Atomic<UInt64>(0)
    private static let temporaryMark = ".failoverd-"
    private static let temporaryEnd = ".tmp"

    private static func temporaryName(for name: String) -> String {
        let number = counter.wrappingAdd(1, ordering: .relaxed).newValue
        return ".\(name)\(temporaryMark)\(getpid()).\(number)\(temporaryEnd)"
    }

    private static func isTemporary(_ candidate: String, of name: String) -> Bool {
        let start = ".\(name)\(temporaryMark)"
        guard candidate.hasPrefix(start), candidate.hasSuffix(temporaryEnd) else { return false }
        let numbers = candidate.dropFirst(start.count).dropLast(temporaryEnd.count)
        return !numbers.isEmpty && numbers.allSatisfy { $0 == "." || ($0.isASCII && $0.isNumber) }
    }

    /// Makes a directory whose parent exists; one that is already there is left as it is.
    package static func makeDirectory(_ path: String, mode: mode_t) throws(FileError) {
        do throws(SystemError) {
            _ = try retrying { mkdir(path, mode) }
            // The umask may have taken rights that readers need.
            _ = try retrying { chmod(path, mode) }
        } catch {
            var status = stat()
            guard error.errno == EEXIST, stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
                throw error.on(path, .makeDirectory)
            }
        }
    }

    /// Removes a file; one that is not there is no error.
    package static func remove(_ path: String) throws(FileError) {
        do throws(SystemError) { _ = try retrying { unlink(path) } } catch {
            guard error.errno == ENOENT else { throw error.on(path, .remove) }
        }
    }

    /// The contents of a regular file; `nil` if there is none.
    ///
    /// `limit` is the largest file that is read, in bytes; a larger one is an error (`EFBIG`).
    package static func read(_ path: String, limit: Int) throws(FileError) -> [UInt8]? {
        do throws(SystemError) {
            // Without O_NONBLOCK a FIFO of this name would hold the daemon for ever.
            let file = try Descriptor.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
            var status = stat()
            _ = try retrying { fstat(file.rawValue, &status) }
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw SystemError(errno: status.st_mode & S_IFMT == S_IFDIR ? EISDIR : EINVAL)
            }
            let bytes = try file.read(upTo: limit + 1)
            guard bytes.count <= limit else { throw SystemError(errno: EFBIG) }
            return bytes
        } catch {
            guard error.errno != ENOENT else { return nil }
            throw error.on(path, .read)
        }
    }
}
