/// Failovers away from an endpoint, forgotten by half every hour: each one doubles the wait before traffic returns.
///
/// Damping is applied to the way back only, never to leaving a bad endpoint.
struct Penalty: Sendable, Equatable {
    var count: Double
    var at: MonotonicInstant

    static let none = Penalty(count: 0, at: MonotonicInstant(nanoseconds: 0))

    /// The longest wait is one for a day, whatever the base.
    private static let damping = Damping(halfLife: .seconds(3600), longest: .seconds(3600))

    func count(at now: MonotonicInstant) -> Double { Self.damping.rest(of: count, after: now - at) }

    mutating func add(at now: MonotonicInstant) {
        count = Self.damping.count(with: count, after: now - at)
        at = now
    }

    /// `base` for the first failover, doubled for each further one, at most an hour; `zero` stays zero.
    func holdDown(base: Duration, at now: MonotonicInstant) -> Duration {
        base > .zero ? Self.damping.wait(base, count: count(at: now)) : .zero
    }
}
