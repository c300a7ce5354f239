import CLinux
import FailoverCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A non-blocking TCP socket that a loop waits for.
///
/// The one who opened it closes it; a copy is a name, not a claim.
struct Socket: Hashable, Sendable {
    let descriptor: CInt
    let token: Poller.Token

    /// A descriptor on its way to `address`, not yet watched by anybody.
    ///
    /// It speaks from `source`, an address of this machine of the same family.
    static func open(
        to address: IPAddress,
        port: Int,
        from source: IPAddress?
    ) throws(SystemError) -> CInt {
        let family = address.family == .ipv4 ? AF_INET : AF_INET6
        let descriptor = socket(
            family,
            CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue),
            0
        )
        guard descriptor >= 0 else { throw SystemError(.socket) }
        do throws(SystemError) {
            if let source { try bind(descriptor, to: source) }
            // The request follows at once, and can carry the last acknowledgement of the handshake.
            var zero: CInt = 0
            setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_QUICKACK, &zero, socklen_t(MemoryLayout<CInt>.size))
            let result = address.withSocketAddress(port: port) { Glibc.connect(descriptor, $0, $1) }
            // EAGAIN, unlike EINPROGRESS, means that no port is free.
            guard result == 0 || errno == EINPROGRESS else { throw SystemError(.connect) }
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func bind(_ descriptor: CInt, to source: IPAddress) throws(SystemError) {
        // The port is chosen by connect, which knows the other end: so each destination has all ports.
        var one: CInt = 1
        setsockopt(descriptor, CInt(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT, &one, socklen_t(MemoryLayout<CInt>.size))
        let result = source.withSocketAddress(port: 0) { Glibc.bind(descriptor, $0, $1) }
        guard result == 0 else { throw SystemError(.bind) }
    }

    /// What went wrong with connecting; `nil` if nothing did.
    func pendingError(_ call: SystemError.Call) -> SystemError? {
        var code: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else { return SystemError(call) }
        return code == 0 ? nil : SystemError(call, code: code)
    }

    /// Several small writes go out at once instead of waiting for each other's acknowledgement.
    func disableDelay() {
        var one: CInt = 1
        setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<CInt>.size))
    }

    /// Asks the other end after 30 s of silence, and again after 10 s, three times.
    func keepAlive() {
        let settings = [
            (SOL_SOCKET, SO_KEEPALIVE, 1), (CInt(IPPROTO_TCP), TCP_KEEPIDLE, 30),
            (CInt(IPPROTO_TCP), TCP_KEEPINTVL, 10),
            (CInt(IPPROTO_TCP), TCP_KEEPCNT, 3),
        ]
        for (level, option, value) in settings {
            var value = CInt(value)
            setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<CInt>.size))
        }
    }

    /// Whether both ends of the connection are the same socket.
    ///
    /// A connection to a free port of this machine may be met by itself, when the system chooses that very port.
    var isConnectedToItself: Bool {
        var own = sockaddr_storage()
        var peer = sockaddr_storage()
        var ownLength = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var peerLength = ownLength
        let isKnown = withUnsafeMutablePointer(to: &own) { own in
            withUnsafeMutablePointer(to: &peer) { peer in
                own.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &ownLength) } == 0
                    && peer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        getpeername(descriptor, $0, &peerLength)
                    } == 0
            }
        }
        guard isKnown, ownLength == peerLength else { return false }
        return withUnsafeBytes(of: own) { own in
            withUnsafeBytes(of: peer) { peer in own.prefix(Int(ownLength)).elementsEqual(peer.prefix(Int(ownLength))) }
        }
    }

    /// Bytes that were read; 0 at the end of the stream, `nil` if there is nothing to read now.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int? {
        let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
        guard count < 0 else { return count }
        guard errno == EAGAIN || errno == EINTR else { throw SystemError(.read) }
        return nil
    }

    /// Bytes that were written; fewer than asked for when the system's buffer is full.
    func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int {
        let count = send(descriptor, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL))
        guard count < 0 else { return count }
        guard errno == EAGAIN || errno == EINTR else { throw SystemError(.write) }
        return 0
    }
}
