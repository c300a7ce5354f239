#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A system call that failed.
struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was tried.
    enum Call: String, Hashable, Sendable {
        case socket, bind, connect, poll, read, write
        /// What came back from the network for a connection that was being made.
        case handshake
    }

    let call: Call
    let code: CInt

    init(_ call: Call, code: CInt = errno) {
        self.call = call
        self.code = code
    }

    /// The system's words.
    var description: String { String(cString: strerror(code)) }
}
