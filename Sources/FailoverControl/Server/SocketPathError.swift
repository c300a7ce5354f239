import Glibc

/// Why the control socket cannot be opened at its path.
package enum SocketPathError: Error, Hashable, Sendable, CustomStringConvertible {
    case tooLong(path: String, bytes: Int)
    /// Someone answers there.
    case livingDaemon(path: String)
    /// Something else is there; it was left alone.
    case notASocket(path: String)
    case noDirectory(path: String)
    /// A call that failed for another reason, with the `errno` it gave.
    case system(call: String, path: String, code: Int32)

    /// The longest path that fits into `sockaddr_un`, in bytes without the closing zero.
    package static let maximumBytes = 107

    package var description: String {
        switch self {
        case .tooLong(let path, let bytes):
            "socket path is too long: \(path) has \(bytes) bytes, at most \(Self.maximumBytes) are allowed"
        case .livingDaemon(let path):
            "socket \(path) belongs to a living daemon: stop it first, or choose another path"
        case .notASocket(let path):
            "\(path) exists and is not a socket: it was left alone; remove it, or choose another path"
        case .noDirectory(let path):
            "the directory of socket \(path) does not exist"
        case .system(let call, let path, let code):
            "cannot \(call) socket \(path): \(String(cString: strerror(code)))"
        }
    }
}
