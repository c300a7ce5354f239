#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The beginnings of files: whatever a path leads to, no more is read than is wanted.
enum FilePrefix {
    /// The first bytes of a file, at most `limit`; fewer if it is shorter.
    static func read(_ path: String, count limit: Int) throws(SystemError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError(.read) }
        defer { closeDescriptor(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: min(limit, 64 * 1024))
        while bytes.count < limit {
            let count = readSome(descriptor, &piece)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw SystemError(.read) }
            if count == 0 { break }
            bytes += piece.prefix(min(count, limit - bytes.count))
        }
        return bytes
    }
}

/// A name of its own, because the type above has a `read` too.
private func readSome(_ descriptor: CInt, _ bytes: inout [UInt8]) -> Int { read(descriptor, &bytes, bytes.count) }
