import FailoverWire

/// What `failoverctl wait` waits for.
package enum WaitCondition: Hashable, Sendable {
    /// The daemon answers, and the active endpoint has been judged.
    case judged
    case active(endpoint: String)
    case mode(String)
    /// The route's active endpoint changed after the first answer.
    case change

    /// Whether the waiting is over; `first` is the first answer that was seen, which may be `current`.
    package func isMet(by current: RouteDocument, first: RouteDocument) -> Bool {
        switch self {
        case .judged: !current.route.provisional
        case .active(let endpoint): current.route.active == endpoint
        case .mode(let mode): current.route.mode == mode
        case .change: current.route.generation != first.route.generation
        }
    }
}
