import FailoverCore

/// Keeps on disk what the engine learns of endpoints while they are well.
struct BaselineKeeper {
    private let disk: DiskWriter
    private var due: MonotonicInstant
    /// Tells what was saved last, or known at the start, from what is new.
    private var saved: Int

    /// A crash forgets what was learned since the last save: an hour of what takes weeks.
    private static let interval = Duration.seconds(3600)

    init(_ engine: borrowing Engine, disk: DiskWriter, at now: MonotonicInstant) {
        self.disk = disk
        due = now + Self.interval
        saved = engine.baselines.hashValue
    }

    /// Saves if it is time and something was learned.
    mutating func turn(_ engine: borrowing Engine, at now: MonotonicInstant) {
        guard now >= due else { return }
        due = now + Self.interval
        save(engine)
    }

    /// Saves if something was learned since the last time.
    mutating func save(_ engine: borrowing Engine) {
        let baselines = engine.baselines
        let found = baselines.hashValue
        guard found != saved else { return }
        saved = found
        disk.save(baselines)
    }
}
