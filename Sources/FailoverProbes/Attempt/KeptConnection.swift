import FailoverCore

/// A connection between two attempts.
final class KeptConnection: ConnectionUser {
    let connection: Connection
    private(set) var exchange: HTTPExchange
    private unowned let probe: PreparedProbe

    init(_ connection: Connection, _ exchange: HTTPExchange, probe: PreparedProbe) {
        self.connection = connection
        self.exchange = exchange
        self.exchange.finish()
        self.probe = probe
        connection.user = self
    }

    func close() { connection.close() }

    func connectionTunnels(_ connection: Connection, at now: MonotonicInstant) {}
    func connectionOpened(_ connection: Connection, at now: MonotonicInstant) {}
    func connectionSecured(_ connection: Connection, at now: MonotonicInstant) {}
    func connectionFlushed(_ connection: Connection, at now: MonotonicInstant) {}
    func connection(_ connection: Connection, received bytes: UnsafeRawBufferPointer, at now: MonotonicInstant) {
        guard exchange.receiveIdle(bytes) else { return probe.dropKept() }
        exchange.carryOutput(isFirst: false) { connection.send($0, at: now) }
    }
    func connectionEnded(_ connection: Connection, at now: MonotonicInstant) { probe.dropKept() }
    func connection(_ connection: Connection, failed failure: ConnectionFailure, at now: MonotonicInstant) {
        probe.dropKept()
    }
}
