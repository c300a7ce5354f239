import RealModule

/// Failovers away from an endpoint, forgotten by half every hour: each one doubles the wait before traffic returns.
///
/// Source: route flap damping (RFC 2439, RFC 7196), applied to the way back only, never to leaving a bad endpoint.
struct Penalty: Sendable, Equatable {
    var count: Double
    var at: MonotonicInstant

    static let none = Penalty(count: 0, at: MonotonicInstant(nanoseconds: 0))

    /// In this time half of it is forgotten.
    static let halfLife = Duration.seconds(3600)
    /// The longest wait.
    static let longestHoldDown = Duration.seconds(3600)

    func count(at now: MonotonicInstant) -> Double {
        let age = max(0, (now - at).inSeconds)
        return count * Double.exp2(-age / Self.halfLife.inSeconds)
    }

    /// Beyond it the hold-down is at its longest for a day, whatever the base.
    private static let maximumCount = 64.0

    mutating func add(at now: MonotonicInstant) {
        count = min(count(at: now) + 1, Self.maximumCount)
        at = now
    }

    /// `base` for the first failover, doubled for each further one, at most an hour; `zero` stays zero.
    func holdDown(base: Duration, at now: MonotonicInstant) -> Duration {
        guard base > .zero else { return .zero }
        let doublings = min(max(0, count(at: now) - 1), Self.maximumCount)
        let seconds = base.inSeconds * Double.exp2(doublings)
        return seconds >= Self.longestHoldDown.inSeconds ? max(base, Self.longestHoldDown) : .seconds(seconds)
    }
}
