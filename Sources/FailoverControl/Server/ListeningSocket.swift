import Glibc

/// A Unix socket that is bound and not yet listening, so that nobody connects before its mode and group are right.
struct ListeningSocket: Sendable {
    let descriptor: CInt
    let path: String
    private let identity: FileIdentity

    /// Binds at `path`; removes a dead socket there, and nothing else.
    ///
    /// - Parameters:
    ///   - path: At most 107 bytes.
    ///   - mode: Permission bits; the socket never has more, not even for a moment.
    ///   - group: The socket is given to this group if we may.
    /// - Returns: The socket, whose descriptor the caller closes.
    /// - Throws: `SocketPathError` if someone or something else is there, or the kernel refuses.
    static func bind(
        path: String,
        mode: UInt32,
        group: UInt32?
    ) throws(SocketPathError) -> ListeningSocket {
        guard path.utf8.count <= SocketPathError.maximumBytes else {
            throw .tooLong(path: path, bytes: path.utf8.count)
        }
        try clearTheWay(path: path)
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .system(call: "open", path: path, code: errno) }
        do throws(SocketPathError) {
            // Linux gives the file the mode of the socket it is bound from, less the umask: no need to change
            // the umask, which belongs to the whole process.
            guard fchmod(descriptor, mode) == 0 else { throw .system(call: "restrict", path: path, code: errno) }
            guard withAddress(of: path, { Glibc.bind(descriptor, $0, $1) }) == 0 else {
                let code = errno
                throw code == ENOENT ? .noDirectory(path: path) : .system(call: "bind", path: path, code: code)
            }
            guard chmod(path, mode) == 0, let identity = FileIdentity(path: path) else {
                throw .system(call: "set the mode of", path: path, code: errno)
            }
            // Best effort: without the right to do so the socket stays with our own group.
            if let group { _ = lchown(path, uid_t.max, group) }
            return ListeningSocket(descriptor: descriptor, path: path, identity: identity)
        } catch {
            close(descriptor)
            throw error
        }
    }

    private init(descriptor: CInt, path: String, identity: FileIdentity) {
        self.descriptor = descriptor
        self.path = path
        self.identity = identity
    }

    /// A socket that was kept for us; `nil` unless it listens, and the file at `path` is still the one it was bound to.
    init?(kept entry: SocketStore.Entry, path: String, mode: UInt32, group: UInt32?) {
        guard let identity = FileIdentity(path: path), entry.name == identity.storeName,
            isListening(entry.descriptor, at: path), chmod(path, mode) == 0
        else { return nil }
        if let group { _ = lchown(path, uid_t.max, group) }
        self.init(descriptor: entry.descriptor, path: path, identity: identity)
    }

    /// The name to keep it under: it says which file leads to it, because the kernel does not.
    var storeName: String { identity.storeName }

    /// Removes the file, unless someone has put another one in its place.
    ///
    /// To be called while the descriptor is open: afterwards the kernel may give the file's identity to another one.
    func unlinkIfOurs() {
        guard FileIdentity(path: path) == identity else { return }
        unlink(path)
    }

    private static func clearTheWay(path: String) throws(SocketPathError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            let code = errno
            if code == ENOENT { return }
            throw code == ENOTDIR ? .noDirectory(path: path) : .system(call: "look at", path: path, code: code)
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path: path) }
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw .system(call: "open", path: path, code: errno) }
        defer { close(descriptor) }
        if withAddress(of: path, { connect(descriptor, $0, $1) }) == 0 { throw .livingDaemon(path: path) }
        switch errno {
        case ENOENT: return
        case ECONNREFUSED: break
        // A full backlog, or a socket of another type: someone is there.
        case EAGAIN, EPROTOTYPE: throw .livingDaemon(path: path)
        case let code: throw .system(call: "connect to", path: path, code: code)
        }
        guard unlink(path) == 0 || errno == ENOENT else {
            throw .system(call: "remove the dead", path: path, code: errno)
        }
    }
}

/// Which file is meant, whatever its name.
private struct FileIdentity: Hashable, Sendable {
    let device: dev_t
    let inode: ino_t

    init?(path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        device = status.st_dev
        inode = status.st_ino
    }

    var storeName: String { "control-\(device)-\(inode)" }
}

/// Calls `body` with `path` as a socket address; the path fits, as its caller has checked.
private func withAddress(of path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt) -> CInt {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}

/// Whether the descriptor is a Unix socket that listens and was bound to `path`.
private func isListening(_ descriptor: CInt, at path: String) -> Bool {
    var accepts: CInt = 0
    var size = socklen_t(MemoryLayout<CInt>.size)
    guard getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &size) == 0, accepts == 1 else { return false }
    var address = sockaddr_un()
    var length = socklen_t(MemoryLayout<sockaddr_un>.size)
    let found = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    guard found == 0, address.sun_family == sa_family_t(AF_UNIX) else { return false }
    return withUnsafeBytes(of: &address.sun_path) { $0.prefix { $0 != 0 }.elementsEqual(path.utf8) }
}
