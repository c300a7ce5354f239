package import FailoverCore
import NIOConcurrencyHelpers

/// Whom the prober asks before it spends tokens, and tells afterwards what became of them.
///
/// Called on the loops' threads: it must answer at once.
package protocol SpendGate: Sendable {
    /// Whether a probe that is due may ask a model now.
    ///
    /// `isUrgent` for confirmations, and for probes of an endpoint under suspicion.
    func request(_ key: ProbeKey, isUrgent: Bool) -> SpendGrant

    /// Counts what became of a reservation, once for each, however its attempt ended.
    func settle(_ reservation: SpendReservation, _ bill: SpendBill) -> SpendReport
}

/// The ledger of all loops: each takes it for as long as a sum takes.
package final class SpendDesk: SpendGate {
    private let ledger: NIOLockedValueBox<SpendLedger>
    private let now: @Sendable () -> UnixTime

    /// `now` reads the wall clock, because caps hold for a day in UTC; it is called under the lock.
    package init(_ plan: SpendPlan, memory: SpendMemory?, now: @escaping @Sendable () -> UnixTime) {
        ledger = NIOLockedValueBox(SpendLedger(plan, memory: memory, at: now()))
        self.now = now
    }

    package func request(_ key: ProbeKey, isUrgent: Bool) -> SpendGrant {
        ledger.withLockedValue { $0.request(key, isUrgent: isUrgent, at: now()) }
    }

    package func settle(_ reservation: SpendReservation, _ bill: SpendBill) -> SpendReport {
        ledger.withLockedValue { $0.settle(reservation, bill, at: now()) }
    }

    /// Goes on with another configuration; what was spent stays.
    package func replan(_ plan: SpendPlan) {
        ledger.withLockedValue { $0.replan(plan, at: now()) }
    }

    /// What has changed without a settlement, in configuration order; the first call tells all.
    ///
    /// To be asked now and then, as often as spending is saved.
    package func takeReports() -> [SpendReport] {
        var reports: [SpendReport] = []
        var start = 0
        while start < ledger.withLockedValue({ $0.plan.endpoints.count }) {
            let next = start..<start + Self.endpointsAtATime
            reports += ledger.withLockedValue { $0.takeReports(of: next, at: now()) }
            start = next.upperBound
        }
        return reports
    }

    /// So few that no loop waits for the lock for longer than a fraction of a millisecond.
    private static let endpointsAtATime = 128

    /// What a restart must know, and how often it has changed: equal counts mean that nothing is new to save.
    package var memory: (memory: SpendMemory, changes: UInt64) {
        // A copy costs next to nothing, and no loop waits while it is gathered.
        let ledger = ledger.withLockedValue { $0 }
        return (ledger.memory, ledger.changes)
    }

    /// Alone, because the memory takes longer to gather.
    package var changes: UInt64 { ledger.withLockedValue { $0.changes } }
}
