import FailoverCore

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Reads whole files up to a bound.
enum BoundedFile {
    enum Failure: Error, CustomStringConvertible {
        /// The system's own words, such as `No such file or directory`.
        case system(String)
        case notAFile
        /// The bound in bytes.
        case tooLarge(maximumBytes: Int)

        var description: String {
            switch self {
            case .system(let text): text
            case .notAFile: "not a regular file"
            case .tooLarge(let maximumBytes): "larger than \(maximumBytes.grouped) bytes"
            }
        }
    }

    /// What was found in a file.
    struct Contents {
        var bytes: [UInt8] = []
        /// Every user of the machine may read the file.
        let isReadableByAll: Bool
    }

    /// The bytes of the regular file at `path`, at most `maximumBytes`.
    static func bytes(of path: String, maximumBytes: Int) throws(Failure) -> [UInt8] {
        try contents(of: path, maximumBytes: maximumBytes).bytes
    }

    /// The regular file at `path`, of at most `maximumBytes`.
    static func contents(of path: String, maximumBytes: Int) throws(Failure) -> Contents {
        // Without O_NONBLOCK, a named pipe would keep the caller waiting for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .system(systemError()) }
        defer { _ = close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(systemError()) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile }
        var contents = Contents(isReadableByAll: status.st_mode & S_IROTH != 0)
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { return contents }
            if count < 0 {
                if errno == EINTR { continue }
                throw .system(systemError())
            }
            guard contents.bytes.count + count <= maximumBytes else { throw .tooLarge(maximumBytes: maximumBytes) }
            contents.bytes += buffer[..<count]
        }
    }

    /// Whether `path` is a file that this process may run.
    static func isProgram(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }

    /// Whether `path` is a directory, as far as this process can see.
    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func systemError() -> String { String(cString: strerror(errno)) }
}
