import FoundationEssentials

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Reads a small file as a whole, if it is another one than last time.
enum FileLook {
    /// Which file it was: a rename puts another one in its place.
    struct Identity: Hashable, Sendable {
        let device: UInt64
        let number: UInt64
        let size: Int
        let seconds: Int
        let nanoseconds: Int
    }

    enum Result: Hashable, Sendable {
        /// Missing, no file, or larger than a state file can be.
        case unreadable
        case same
        case content(Data, Identity)
    }

    /// A state file of thousands of endpoints has a few MB; whatever is larger is not one.
    static let largestFile = 64 * 1024 * 1024

    static func look(at path: String, seen: Identity?) -> Result {
        // A pipe in its place must not hold anybody up.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return .unreadable }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= largestFile else {
            return .unreadable
        }
        let identity = Identity(
            device: UInt64(status.st_dev),
            number: UInt64(status.st_ino),
            size: Int(status.st_size),
            seconds: status.st_mtim.tv_sec,
            nanoseconds: status.st_mtim.tv_nsec
        )
        if identity == seen { return .same }
        guard let content = content(of: descriptor, size: identity.size) else { return .unreadable }
        return .content(content, identity)
    }

    /// `nil` if it ends before that size.
    private static func content(of descriptor: CInt, size: Int) -> Data? {
        var content = Data(count: size)
        let filled = content.withUnsafeMutableBytes { buffer in
            var filled = 0
            while filled < size {
                guard let base = buffer.baseAddress else { return filled }
                let count = read(descriptor, base + filled, size - filled)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return filled }
                filled += count
            }
            return filled
        }
        return filled == size ? content : nil
    }
}
