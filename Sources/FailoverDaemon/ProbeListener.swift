import FailoverCore
import FailoverProbes
import FailoverWire

/// What keeps figures of probes beside the engine; it decides nothing.
///
/// It is called on the engine's thread, up to 10,000 times a second: it waits for nothing and allocates little.
protocol ProbeListener: Sendable {
    /// Reports in the order in which the engine took them, right after it did.
    func hear(_ events: [ProbeEvent], at now: MonotonicInstant)

    /// What the engine is about to publish: every move, and all else at least as often as the state file is written.
    func hear(_ snapshot: Snapshot, at clock: ClockReading)
}

extension ProbeListener {
    func hear(_ snapshot: Snapshot, at clock: ClockReading) {}
}
