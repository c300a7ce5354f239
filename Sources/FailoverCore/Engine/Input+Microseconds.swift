// Recordings tell times in whole microseconds. What the engine is fed is rounded before it sees it, whether it is recorded or
// not, so that a replay sees the very same times. All are rounded down: what was in order stays so.

extension MonotonicInstant {
    /// The last whole microsecond that is not later.
    package var inMicroseconds: MonotonicInstant {
        let rest = nanoseconds % 1000
        return MonotonicInstant(nanoseconds: nanoseconds &- (rest < 0 ? rest + 1000 : rest))
    }
}

extension Duration {
    /// Without what is less than a microsecond.
    package var inMicroseconds: Duration { .nanoseconds(nanoseconds / 1000 * 1000) }
}

extension Input {
    /// The same with all times that decide in whole microseconds.
    package var inMicroseconds: Input {
        switch self {
        case .attemptStarted(var start):
            start.start = start.start.inMicroseconds
            return .attemptStarted(start)
        case .stalled(let since): return .stalled(since: since.inMicroseconds)
        case .observed(let observation): return .observed(observation.inMicroseconds)
        case .attemptWaits, .overdue, .spent, .skipped, .tick, .reconfigured, .persisted, .command: return self
        }
    }
}

extension Observation {
    /// Phases are shown and decide nothing: they stay as they are.
    var inMicroseconds: Observation {
        var rounded = self
        rounded.start = start.inMicroseconds
        rounded.end = end.inMicroseconds
        rounded.latency = latency?.inMicroseconds
        rounded.ttft = ttft?.inMicroseconds
        rounded.retryAfter = retryAfter?.inMicroseconds
        return rounded
    }
}
