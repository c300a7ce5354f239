import FailoverCore

/// What a connection tells the one that uses it.
protocol ConnectionUser: AnyObject {
    /// A proxy was reached, and is asked for a tunnel.
    func connectionTunnels(_ connection: Connection, at now: MonotonicInstant)
    /// The connection stands, through a proxy if there is one; TLS comes next where it is wanted.
    ///
    /// Told before the first message of TLS is sent.
    func connectionOpened(_ connection: Connection, at now: MonotonicInstant)
    /// The TLS handshake is done and the certificate verified.
    func connectionSecured(_ connection: Connection, at now: MonotonicInstant)
    /// What was sent has been taken by the system.
    func connectionFlushed(_ connection: Connection, at now: MonotonicInstant)
    /// Bytes arrived; the memory is valid only during the call.
    func connection(_ connection: Connection, received bytes: UnsafeRawBufferPointer, at now: MonotonicInstant)
    /// The other end sends no more; the connection is closed.
    func connectionEnded(_ connection: Connection, at now: MonotonicInstant)
    /// The connection failed, or never came about; it is closed.
    func connection(_ connection: Connection, failed failure: ConnectionFailure, at now: MonotonicInstant)
}

/// Why a connection is no more.
enum ConnectionFailure {
    /// No address could be connected to.
    case connecting(ProbeFailure)
    /// The proxy did not make a tunnel.
    case tunnelling(ProbeFailure)
    /// TLS reports an error, in the handshake or after it.
    case tls(TLSFailure)
    /// The system reports an error of an established connection.
    case broken(SystemError)
}
