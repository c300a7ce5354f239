import FailoverCore
import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// TLS on a connection: the session gives and takes bytes, the connection carries them.
extension Connection {
    /// Carries bytes from the session to the socket and to the user, and takes note of how far it has come.
    func carryTLS(_ session: TLSSession, at now: MonotonicInstant) {
        guard let socket else { return }
        var broken: SystemError?
        do {
            try session.withOutput { bytes in
                lastWrite = now
                return try socket.write(bytes)
            }
        } catch {
            // What has arrived before still counts.
            broken = error as? SystemError ?? SystemError(.write, code: EIO)
        }
        switch session.state {
        case .handshaking:
            if let broken { fail(.broken(broken), at: now) }
            return
        case .open:
            if case .securing = phase {
                phase = .open
                user?.connectionSecured(self, at: now)
            }
        case .closed, .failed: break
        }
        while !isClosed, let plaintext = session.takePlaintext() {
            plaintext.withUnsafeReadableBytes { user?.connection(self, received: $0, at: now) }
        }
        guard !isClosed else { return }
        if let broken { return fail(.broken(broken), at: now) }
        switch session.state {
        case .handshaking, .open: break
        case .closed: ended(at: now)
        case .failed(let failure): fail(.tls(failure), at: now)
        }
    }

    /// Notices an end that nobody tells: a host that vanished, or a firewall that forgot the connection.
    func keepAlive() { socket?.keepAlive() }

    /// The application protocol that was agreed on over TLS.
    var applicationProtocol: String? {
        guard case .open(let name) = tls?.state else { return nil }
        return name
    }

    var isTunnelling: Bool { if case .tunnelling = phase { true } else { false } }
    var isSecuring: Bool { if case .securing = phase { true } else { false } }
    var isSecure: Bool { tls != nil }

    /// Validity of the other end's certificate, in seconds since 1970; `nil` without TLS.
    var certificateValidity: (notBefore: Int, notAfter: Int)? { tls?.certificateValidity }
}
