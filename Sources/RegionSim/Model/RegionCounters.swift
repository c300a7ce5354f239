/// What a region has done since it started.
package struct RegionCounters: Hashable, Sendable, Codable {
    /// Connections accepted, excess ones not included.
    package var connections = 0
    /// Connections open now.
    package var openConnections = 0
    /// Connections closed at once because too many were open.
    package var excessConnections = 0
    /// Requests read to their end.
    package var requests = 0
    /// Answers sent to their end.
    package var answered = 0
    /// Answers that did not end: the client left, a limit passed, or a fault cut them off.
    package var unfinished = 0
    /// Answers begun, by HTTP status.
    package var statuses: [Int: Int] = [:]
    /// Requests hit, by the name of the fault; one request may be slow and fail too.
    package var faults: [String: Int] = [:]

    package init() {}

    private enum CodingKeys: String, CodingKey {
        case connections
        case openConnections = "open_connections"
        case excessConnections = "excess_connections"
        case requests, answered, unfinished, statuses, faults
    }
}
