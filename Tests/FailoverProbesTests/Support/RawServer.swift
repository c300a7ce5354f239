import Foundation
import Synchronization

/// A TCP server on a free loopback port whose every connection runs a blocking script: for servers that misbehave.
final class RawServer: Sendable {
    /// One accepted connection.
    struct Connection: Sendable {
        let descriptor: CInt

        /// Reads until the end of a request's head; what was read, possibly with a part of the body.
        @discardableResult func readRequest() -> String {
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while !String(decoding: bytes, as: UTF8.self).contains("\r\n\r\n") {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                guard count > 0 else { break }
                bytes += buffer.prefix(count)
            }
            return String(decoding: bytes, as: UTF8.self)
        }

        /// Writes everything; `false` once the peer is gone.
        @discardableResult func write(_ text: String) -> Bool {
            let bytes = Array(text.utf8)
            var written = 0
            while written < bytes.count {
                let rest = bytes[written...]
                let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                guard count > 0 else { return false }
                written += count
            }
            return true
        }

        /// Blocks until the peer has sent something, and leaves it unread.
        func waitForBytes() {
            var events = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            while poll(&events, 1, -1) < 0 && errno == EINTR {}
        }

        /// Ends our side of the connection and waits for the peer's: a close without a reset, whatever is unread.
        func finish() {
            shutdown(descriptor, CInt(SHUT_WR))
            waitUntilClosed()
        }

        /// Blocks until the peer closes, reading nothing from it.
        func waitUntilClosed() {
            // POLLRDHUP, which the headers hide without extensions.
            var events = pollfd(fd: descriptor, events: 0x2000, revents: 0)
            while poll(&events, 1, -1) < 0 && errno == EINTR {}
        }

        /// Makes the close that follows a reset.
        func resetOnClose() {
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        }
    }

    let port: Int
    private let listener: Listener

    /// `script` runs on a thread of its own for each connection, which closes when it returns.
    init(_ script: @escaping @Sendable (Connection) -> Void) throws {
        listener = try Listener(backlog: 128)
        port = listener.port
        let listener = listener
        Thread.detachNewThread {
            // Closed here alone: a number that is closed elsewhere may be the next server's by the time of the next accept.
            defer { listener.close() }
            while true {
                let accepted = accept(listener.descriptor, nil, nil)
                guard accepted >= 0 else {
                    // The listener was shut down; anything else passes.
                    if errno == EINVAL { return }
                    continue
                }
                Thread.detachNewThread {
                    script(Connection(descriptor: accepted))
                    close(accepted)
                }
            }
        }
    }

    /// What is being accepted is still served.
    func stop() { listener.shutDown() }
}

/// A listening socket on a free loopback port that accepts nothing by itself.
final class Listener: Sendable {
    struct Failure: Error { let errno: CInt }

    let descriptor: CInt
    let port: Int

    init(backlog: CInt) throws {
        descriptor = try Listener.makeSocket(blocking: true)
        var address = Listener.loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && listen(descriptor, backlog) == 0
                    && getsockname(descriptor, pointer, &length) == 0
            }
        }
        guard result else { throw Failure(errno: errno) }
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    /// Nobody can connect any more, and a thread that accepts wakes.
    func shutDown() { _ = shutdown(descriptor, CInt(SHUT_RDWR)) }

    /// For whoever uses the descriptor last.
    func close() { _ = Foundation.close(descriptor) }

    /// For a listener that no other thread uses.
    func stop() {
        shutDown()
        close()
    }

    /// Connects until the backlog is full, so that further connections stay unanswered; the connections, to be closed.
    func fillBacklog() throws -> [CInt] {
        var descriptors: [CInt] = []
        for _ in 0..<8 {
            let descriptor = try Listener.makeSocket(blocking: false)
            var address = Listener.loopback(port: port)
            _ = withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            descriptors.append(descriptor)
        }
        return descriptors
    }

    /// A loopback port on which nobody listens.
    static func freePort() throws -> Int { try freePorts(1)[0] }

    /// Different loopback ports on which nobody listens.
    static func freePorts(_ count: Int) throws -> [Int] {
        let listeners = try (0..<count).map { _ in try Listener(backlog: 1) }
        defer { for listener in listeners { listener.stop() } }
        return listeners.map(\.port)
    }

    private static func makeSocket(blocking: Bool) throws -> CInt {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_INET, blocking ? kind : kind | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(errno: errno) }
        return descriptor
    }

    private static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = in_addr_t(UInt32(0x7f00_0001)).bigEndian
        return address
    }
}
