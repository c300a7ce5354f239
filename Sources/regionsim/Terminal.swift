#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The standard streams: unbuffered, so that a pipe sees each line at once, and with colour only for people.
enum Terminal {
    private static let isColoured = isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil

    static func say(_ line: String) { write(line, to: STDOUT_FILENO) }
    static func complain(_ line: String) { write(line, to: STDERR_FILENO) }

    static func red(_ text: String) -> String { coloured(text, "31") }
    static func green(_ text: String) -> String { coloured(text, "32") }
    static func dim(_ text: String) -> String { coloured(text, "2") }

    private static func coloured(_ text: String, _ code: String) -> String {
        isColoured ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }

    /// A reader that went away is no reason to stop simulating, so errors end the line and nothing else.
    private static func write(_ line: String, to descriptor: CInt) {
        let bytes = Array((line + "\n").utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                #if canImport(Glibc)
                Glibc.write(descriptor, buffer.baseAddress?.advanced(by: sent), buffer.count - sent)
                #elseif canImport(Musl)
                Musl.write(descriptor, buffer.baseAddress?.advanced(by: sent), buffer.count - sent)
                #else
                Darwin.write(descriptor, buffer.baseAddress?.advanced(by: sent), buffer.count - sent)
                #endif
            }
            guard count > 0 || (count < 0 && errno == EINTR) else { return }
            sent += max(0, count)
        }
    }
}
