#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Keeps a loopback port for a region while its listener is closed, so that it can listen there again.
///
/// A socket that is bound but does not listen: connections to it are refused, and nobody is given the port.
final class PortReservation: Sendable {
    /// The port, 1...65535.
    let port: Int
    private let descriptor: CInt

    /// Binds `port` of 127.0.0.1, or any free one for 0.
    init(port: Int, region: String) throws(SimulatorError) {
        #if canImport(Darwin)
        let stream = SOCK_STREAM
        #elseif canImport(Musl)
        let stream = SOCK_STREAM | SOCK_CLOEXEC
        #else
        let stream = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        #endif
        let descriptor = socket(AF_INET, stream, 0)
        guard descriptor >= 0 else { throw Self.failure(errno, port: port, region: region) }
        // Both sockets of the port need this for the listener to be bound beside the reservation.
        var isReusable: CInt = 1
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound =
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isReusable, socklen_t(MemoryLayout<CInt>.size)) == 0
            && withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                    bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
                }
            }
        guard isBound else {
            let code = errno
            close(descriptor)
            throw Self.failure(code, port: port, region: region)
        }
        self.descriptor = descriptor
        self.port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }

    private static func failure(_ code: CInt, port: Int, region: String) -> SimulatorError {
        code == EADDRINUSE
            ? .portInUse(port, owner: region)
            : .cannotListen(port, owner: region, reason: String(cString: strerror(code)))
    }
}
