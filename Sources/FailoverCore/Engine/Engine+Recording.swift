extension Engine {
    /// What a process that began now would have to be told: the memory as it stands, without a move that waits for the disk,
    /// and the baselines.
    package var remembered: Memory {
        var memory = memory(after: nil)
        for index in endpoints.indices { memory.endpoints[index].baselines = endpoints[index].baselines }
        return memory
    }

    /// Whether a replay must be fed with this input to come to the same decisions and events.
    ///
    /// A tick before `nextDeadline` finds nothing due, and a report of what was spent without news is only shown.
    package func mustRecord(_ input: Input, at now: MonotonicInstant) -> Bool {
        switch input {
        case .tick: nextDeadline.map { $0 <= now } ?? false
        case .spent(let report): report.news != nil
        case .attemptStarted, .attemptWaits, .overdue, .observed, .skipped, .stalled, .reconfigured, .persisted,
            .command:
            true
        }
    }
}
