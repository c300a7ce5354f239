package import FailoverCore

/// What a world drives: the engine, or a stand-in that is broken on purpose, to show that the invariants notice.
package protocol Decider: Sendable {
    init(configuration: Configuration, memory: Memory?, at now: MonotonicInstant)
    mutating func start(at now: MonotonicInstant) -> [Action]
    mutating func handle(_ input: Input, at now: MonotonicInstant, _ actions: inout [Action])
    /// When to send `tick` at the latest; `nil` if nothing is due.
    var nextDeadline: MonotonicInstant? { get }
    var generation: UInt64 { get }
    var isPersisted: Bool { get }
    mutating func snapshot(at now: MonotonicInstant) -> Snapshot
    func route(named name: RouteName, at now: MonotonicInstant) -> RouteSnapshot?
}

extension Engine: Decider {}
