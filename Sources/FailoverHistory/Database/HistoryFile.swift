import Glibc

/// The place of the database on disk, and of what was set aside.
package struct HistoryFile: Hashable, Sendable {
    package let path: String

    /// Unusable files that are kept, the newest ones.
    private static let maximumSetAside = 3
    /// What SQLite keeps beside a database.
    private static let companions = ["-wal", "-shm"]

    package init(stateDirectory: String) { path = stateDirectory + "/history.sqlite" }

    package init(path: String) { self.path = path }

    /// Which file stands at the path now; `nil` if none.
    struct Identity: Hashable, Sendable {
        let device: UInt
        let inode: UInt
    }

    var identity: Identity? {
        var found = stat()
        guard stat(path, &found) == 0 else { return nil }
        return Identity(device: UInt(found.st_dev), inode: UInt(found.st_ino))
    }

    /// Makes an empty file that others than the daemon's group cannot read; SQLite gives its companions the same rights.
    func makeIfMissing() {
        let descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o640)
        if descriptor >= 0 { Glibc.close(descriptor) }
    }

    /// Renames a file that cannot be used, and what belongs to it.
    ///
    /// - Returns: Where it is now; `nil` if it could not be renamed.
    func setAside() -> String? {
        let kept = setAsideBefore
        let target = "\(path).bad-\((kept.last ?? 0) + 1)"
        guard rename(path, target) == 0 else { return nil }
        for companion in Self.companions { _ = rename(path + companion, target + companion) }
        for number in kept.dropLast(Self.maximumSetAside - 1) {
            for companion in [""] + Self.companions { _ = unlink("\(path).bad-\(number)\(companion)") }
        }
        return target
    }

    /// Removes what a database that is gone has left, before a new one takes it for its own.
    func removeCompanions() {
        for companion in Self.companions { _ = unlink(path + companion) }
    }

    /// Rising.
    private var setAsideBefore: [Int] {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let directory = parts.dropLast().joined(separator: "/")
        let prefix = "\(parts.last ?? "").bad-"
        guard let stream = opendir(directory.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : directory) else { return [] }
        defer { closedir(stream) }
        var numbers: [Int] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name.hasPrefix(prefix), let number = Int(name.dropFirst(prefix.count)), number > 0, number < .max
            else { continue }
            numbers.append(number)
        }
        return numbers.sorted()
    }
}
