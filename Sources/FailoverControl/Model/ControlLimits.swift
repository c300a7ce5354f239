/// The bounds of the control socket: what one client may cost, and all of them together.
package struct ControlLimits: Hashable, Sendable {
    /// Connections at a time; one more is told so and closed.
    package var connections: Int
    /// Largest request line with all its headers, in bytes.
    package var headBytes: Int
    /// Largest request body, in bytes.
    package var bodyBytes: Int
    /// From the first byte of a request, or from the connection, to its last byte.
    package var requestTime: Duration
    /// Between requests of one connection.
    package var idleTime: Duration
    /// How long a client may leave an answer untouched that waits to be taken.
    package var stallTime: Duration
    /// Between comments that keep an event stream alive.
    package var keepAlive: Duration
    /// How long a refused or stopping connection may linger to be read to the end.
    package var lingerTime: Duration

    /// The defaults suit a socket of one machine: its readers are near and few.
    package init(
        connections: Int = 128,
        headBytes: Int = 16 * 1024,
        bodyBytes: Int = 64 * 1024,
        requestTime: Duration = .seconds(10),
        idleTime: Duration = .seconds(60),
        stallTime: Duration = .seconds(30),
        keepAlive: Duration = .seconds(15),
        lingerTime: Duration = .seconds(1)
    ) {
        self.connections = connections
        self.headBytes = headBytes
        self.bodyBytes = bodyBytes
        self.requestTime = requestTime
        self.idleTime = idleTime
        self.stallTime = stallTime
        self.keepAlive = keepAlive
        self.lingerTime = lingerTime
    }
}
