import Foundation

/// A bound IPv4 socket.
struct LoopbackSocket: Sendable {
    let port: Int
    let descriptor: Int32

    init(address: String, port: Int, type: __socket_type) throws {
        descriptor = socket(AF_INET, Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw CommandError(text: "no socket: errno \(errno)") }
        var name = Self.name(address, port)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isBound = withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else {
            Glibc.close(descriptor)
            throw CommandError(text: "\(address):\(port) cannot be used: errno \(errno)")
        }
        self.port = Int(in_port_t(bigEndian: name.sin_port))
    }

    func close() { Glibc.close(descriptor) }
}

/// A name server that takes every question and never answers.
package struct SilentNameServer: Sendable {
    private let socket: LoopbackSocket
    private let address: String

    /// Where it is silent, as `ADDRESS:PORT`.
    package var endpoint: String { "\(address):\(socket.port)" }

    package init(address: String = "127.0.0.1") throws {
        self.address = address
        socket = try LoopbackSocket(address: address, port: 0, type: SOCK_DGRAM)
    }

    package func stop() { socket.close() }
}
