/// The bounds of the control socket: what one client may cost, and all of them together.
package struct ControlLimits: Hashable, Sendable {
    /// Connections at a time; one more is told so and closed.
    ///
    /// The default is for those who come at once after a restart: what waited for it, at 200 a second for two seconds.
    package var connections: Int
    /// Connections that may wait to be accepted, above all while the daemon restarts: five seconds of 200 a second.
    ///
    /// The kernel's own limit is `net.core.somaxconn`.
    package var backlog: Int32
    /// Largest request line with all its headers, in bytes.
    package var headBytes: Int
    /// Largest request body, in bytes.
    package var bodyBytes: Int
    /// The same of what applications report: a thousand entries of ten times the usual size.
    package var observationBytes: Int
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
    /// How long those who have connected before the end may take to ask and be answered.
    ///
    /// On a machine that is too busy a client takes most of a second from connecting to asking (measured). Whoever stays
    /// connected, such as a follower of events, delays a stop by as much.
    package var leavingTime: Duration

    /// The defaults suit a socket of one machine: its readers are near and few.
    package init(
        connections: Int = 512,
        backlog: Int32 = 1024,
        headBytes: Int = 16 * 1024,
        bodyBytes: Int = 64 * 1024,
        observationBytes: Int = 256 * 1024,
        requestTime: Duration = .seconds(10),
        idleTime: Duration = .seconds(60),
        stallTime: Duration = .seconds(30),
        keepAlive: Duration = .seconds(15),
        lingerTime: Duration = .seconds(1),
        leavingTime: Duration = .seconds(1)
    ) {
        self.connections = connections
        self.backlog = backlog
        self.headBytes = headBytes
        self.bodyBytes = bodyBytes
        self.observationBytes = observationBytes
        self.requestTime = requestTime
        self.idleTime = idleTime
        self.stallTime = stallTime
        self.keepAlive = keepAlive
        self.lingerTime = lingerTime
        self.leavingTime = leavingTime
    }
}
