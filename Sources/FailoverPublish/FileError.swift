import Glibc

/// A file that could not be read or written: which, in doing what, and why.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was being done; the raw value completes "cannot …".
    package enum Operation: String, Hashable, Sendable {
        case use, encode, open, create, read, write, replace, remove, list, lock, rotate
        case setMode = "set the mode of"
        case setOwner = "set the owner of"
        case sync = "flush"
        case makeDirectory = "make the directory"
    }

    /// The file as people know it, never a temporary name.
    package let path: String
    package let operation: Operation
    package let errno: Int32
    /// What is wrong with the path itself; `nil` where the system refused.
    package let detail: String?

    package init(path: String, operation: Operation, errno: Int32, detail: String? = nil) {
        self.path = path
        self.operation = operation
        self.errno = errno
        self.detail = detail
    }

    package var description: String {
        let cause = detail ?? "\(String(cString: strerror(errno)))\(Self.name(of: errno).map { " (\($0))" } ?? "")"
        return "cannot \(operation.rawValue) \(path): \(cause)"
    }

    /// Names that operators search for.
    private static func name(of code: Int32) -> String? {
        switch code {
        case ENOSPC: "ENOSPC"
        case EROFS: "EROFS"
        case EACCES: "EACCES"
        case EPERM: "EPERM"
        case EDQUOT: "EDQUOT"
        case EIO: "EIO"
        case ENOENT: "ENOENT"
        case ENOTDIR: "ENOTDIR"
        case EISDIR: "EISDIR"
        case ELOOP: "ELOOP"
        case EMFILE: "EMFILE"
        case ENFILE: "ENFILE"
        case EFBIG: "EFBIG"
        case ENAMETOOLONG: "ENAMETOOLONG"
        default: nil
        }
    }
}
