import Foundation
import TestSupport
import Testing

/// Stands where a service manager listens for its service, in the environment of this process.
struct NotifySocket {
    let descriptor: CInt

    init(at path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        try #require(bindUnix(descriptor, to: path))
        setenv("NOTIFY_SOCKET", path, 1)
    }

    /// The next message; waits for it.
    func received() -> String {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }
}
