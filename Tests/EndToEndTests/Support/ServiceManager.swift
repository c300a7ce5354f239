import Foundation
import Synchronization
import TestSupport

/// Takes what a service tells its service manager, as systemd does.
final class ServiceManager: Sendable {
    let path: String
    private let descriptor: Int32
    private let taken = Mutex<(messages: [String], isStopped: Bool)>(([], false))

    init(in directory: TemporaryDirectory) throws {
        path = directory.path("notify")
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var wait = timeval(tv_sec: 0, tv_usec: 50_000)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        guard bindUnix(descriptor, to: path) else { throw ConditionError(description: "no notify socket") }
        let thread = Thread { [self] in
            var buffer = [UInt8](repeating: 0, count: 8192)
            while !taken.withLock({ $0.isStopped }) {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                guard count > 0 else { continue }
                let text = String(decoding: buffer[..<count], as: UTF8.self)
                taken.withLock { $0.messages += text.split(separator: "\n").map(String.init) }
            }
            close(descriptor)
        }
        thread.start()
    }

    /// Every assignment so far, in order, such as `READY=1`.
    var messages: [String] { taken.withLock { $0.messages } }

    func count(of message: String) -> Int { messages.count { $0 == message } }

    func stop() { taken.withLock { $0.isStopped = true } }
}

/// A server whose answers have a head without end.
final class EndlessHead: Sendable {
    let port: Int
    private let descriptor: Int32
    private let isStopped = Atomic(false)

    init() throws {
        port = try freePort()
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var wait = timeval(tv_sec: 0, tv_usec: 50_000)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        let isListening = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 && listen(descriptor, 16) == 0
            }
        }
        guard isListening else { throw ConditionError(description: "cannot listen: errno \(errno)") }
        Thread { [self] in serve() }.start()
    }

    private func serve() {
        while !isStopped.load(ordering: .relaxed) {
            let client = accept(descriptor, nil, nil)
            guard client >= 0 else { continue }
            var wait = timeval(tv_sec: 1, tv_usec: 0)
            setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
            setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
            var request = [UInt8](repeating: 0, count: 4096)
            _ = recv(client, &request, request.count, 0)
            var text = Array("HTTP/1.1 200 OK\r\n".utf8)
            while !isStopped.load(ordering: .relaxed), send(client, text, text.count, Int32(MSG_NOSIGNAL)) > 0 {
                text = Array(String(repeating: "x-more: and more\r\n", count: 64).utf8)
            }
            close(client)
        }
        close(descriptor)
    }

    func stop() { isStopped.store(true, ordering: .relaxed) }
}
