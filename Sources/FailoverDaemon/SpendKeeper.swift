import FailoverCore
import FailoverProbes

/// Keeps what is spent on disk, and asks the desk for what no probe tells, such as a day that ends.
struct SpendKeeper {
    private let desk: SpendDesk
    private let disk: DiskWriter
    private var due: MonotonicInstant
    private var saved: UInt64

    /// A crash forgets what was spent since the last save: seconds' worth of probes.
    private static let interval = Duration.seconds(5)

    init(desk: SpendDesk, disk: DiskWriter, at now: MonotonicInstant) {
        self.desk = desk
        self.disk = disk
        due = now
        saved = desk.changes
    }

    /// Saves if it is time and there is something new.
    ///
    /// - Returns: What is to be told.
    mutating func turn(at now: MonotonicInstant) -> [SpendReport] {
        guard now >= due else { return [] }
        due = now + Self.interval
        let reports = desk.takeReports()
        let changes = desk.changes
        if changes != saved {
            saved = changes
            disk.save(desk.memory.memory)
        }
        return reports
    }
}
