/// One simulated region: where it listens and how long its answers take.
package struct RegionConfiguration: Hashable, Sendable {
    /// Unique among the regions; lower-case letters, digits, `-`, `_` and `.`, at most 63.
    package let name: String
    /// The TCP port on the loopback address; 0 takes any free one.
    package let port: Int
    /// From the request read to the last byte of the answer.
    package let latency: LatencyModel
    /// From the request read to the first token of a streamed answer; never longer than the whole answer takes.
    package let timeToFirstToken: LatencyModel
    /// Connections beyond this many are closed at once, and counted.
    package let maximumConnections: Int
    /// One of them is demanded below `/v1/`; with none, everybody may ask.
    package let keys: [String]
    package let limits: ConnectionLimits

    package init(
        name: String,
        port: Int = 0,
        latency: LatencyModel = .instant,
        timeToFirstToken: LatencyModel = .instant,
        maximumConnections: Int = RegionConfiguration.defaultMaximumConnections,
        keys: [String] = [],
        limits: ConnectionLimits = ConnectionLimits()
    ) {
        self.name = name
        self.port = port
        self.latency = latency
        self.timeToFirstToken = timeToFirstToken
        self.maximumConnections = maximumConnections
        self.keys = keys
        self.limits = limits
    }

    /// More keys than any test needs.
    package static let maximumKeys = 16
    /// The longest key, in characters.
    package static let maximumKeyLength = 200
    /// Well below the usual limit on open files of a service, and well above what a checker needs.
    package static let defaultMaximumConnections = 4096
    /// A measured LLM endpoint: median 900 ms, p99 2.4 s, so 0.2 % of answers take longer than 3 s.
    package static let measuredLatency = LatencyModel(p50: .milliseconds(900), p99: .milliseconds(2400))
    /// The same endpoint's time to the first token.
    package static let measuredTimeToFirstToken = LatencyModel(p50: .milliseconds(200), p99: .milliseconds(300))
}

/// How long a connection may stay in each phase before the region closes it.
package struct ConnectionLimits: Hashable, Sendable {
    /// Between requests; longer than the idle time of common client pools, so that the client closes first.
    package let idle: Duration
    /// From the first byte of a request's head to its last byte.
    package let request: Duration
    /// From a request read to the end of its answer; ends black holes and endless bodies.
    package let answer: Duration

    package init(idle: Duration = .seconds(75), request: Duration = .seconds(30), answer: Duration = .seconds(600)) {
        self.idle = idle
        self.request = request
        self.answer = answer
    }

    /// Largest request body that is read, in bytes; a larger one is answered with 413.
    package static let maximumRequestBytes = 1024 * 1024
}
