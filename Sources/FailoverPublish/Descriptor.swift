import Glibc

/// An open file descriptor that is closed when its owner lets go of it.
struct Descriptor: ~Copyable {
    let rawValue: Int32

    /// Opens with `O_CLOEXEC`, and again when a signal interrupts.
    static func open(
        _ name: String,
        _ flags: Int32,
        mode: mode_t = 0,
        in directory: Int32 = AT_FDCWD
    ) throws(SystemError) -> Descriptor {
        Descriptor(rawValue: try retrying { openat(directory, name, flags | O_CLOEXEC, mode) })
    }

    private init(rawValue: Int32) { self.rawValue = rawValue }

    deinit { close(rawValue) }

    /// Writes all of `bytes`, in as many steps as the system takes.
    borrowing func writeAll(_ bytes: [UInt8]) throws(SystemError) { try FailoverPublish.writeAll(bytes, to: rawValue) }

    /// Reads to the end, or to `limit` bytes, whichever comes first.
    borrowing func read(upTo limit: Int, from offset: Int = 0) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(limit, 64 * 1024))
        while bytes.count < limit {
            let count = try chunk.withUnsafeMutableBufferPointer { buffer throws(SystemError) in
                let wanted = min(buffer.count, limit - bytes.count)
                return try retrying { pread(rawValue, buffer.baseAddress, wanted, offset + bytes.count) }
            }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return bytes
    }

    borrowing func setMode(_ mode: mode_t) throws(SystemError) { _ = try retrying { fchmod(rawValue, mode) } }

    borrowing func setOwner(_ owner: FileOwnerID) throws(SystemError) {
        _ = try retrying { fchown(rawValue, owner.user, owner.group ?? gid_t.max) }
    }

    borrowing func sync() throws(SystemError) { _ = try retrying { fsync(rawValue) } }

    borrowing func truncate(to size: Int) throws(SystemError) { _ = try retrying { ftruncate(rawValue, size) } }

    /// Size in bytes.
    borrowing func size() throws(SystemError) -> Int {
        var status = stat()
        _ = try retrying { fstat(rawValue, &status) }
        return Int(status.st_size)
    }
}

/// The error number of a system call that failed.
struct SystemError: Error, Hashable, Sendable {
    let errno: Int32

    /// Says which file it was about.
    func on(_ path: String, _ operation: FileError.Operation) -> FileError {
        FileError(path: path, operation: operation, errno: errno)
    }
}

/// The result of a system call, repeated while signals interrupt it.
func retrying<Result: FixedWidthInteger & SignedInteger>(_ call: () -> Result) throws(SystemError) -> Result {
    while true {
        let result = call()
        guard result < 0 else { return result }
        let code = errno
        guard code == EINTR else { throw SystemError(errno: code) }
    }
}

/// Writes all of `bytes`, in as many steps as the system takes.
func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws(SystemError) {
    var written = 0
    while written < bytes.count {
        written += try bytes.withUnsafeBufferPointer { buffer throws(SystemError) in
            let rest = UnsafeBufferPointer(rebasing: buffer[written...])
            return try retrying { write(descriptor, rest.baseAddress, rest.count) }
        }
    }
}

/// Names in a directory, without `.` and `..`; at most `limit`, in no particular order.
func names(in directory: String, limit: Int = 10_000) throws(SystemError) -> [String] {
    guard let stream = opendir(directory) else { throw SystemError(errno: errno) }
    defer { closedir(stream) }
    var names: [String] = []
    while names.count < limit, let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
            pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
        }
        if name != "." && name != ".." { names.append(name) }
    }
    return names
}
