import FailoverCore

/// Tells what one probe has spent: news at once, everything else now and then, and nothing never.
///
/// Only for use on the loop of its worker.
final class SpendTeller: TimerTarget {
    /// Spending that is no news is told of this often at most.
    private static let interval = Duration.seconds(5)

    private unowned let worker: ProbeWorker
    /// When spending was last told of; `nil` if it never was.
    private var toldAt: MonotonicInstant?
    /// What waits to be told; `nil` if all is told.
    private var untold: SpendReport?
    private var timer: TimerToken?

    init(worker: ProbeWorker) { self.worker = worker }

    /// An attempt was paid for.
    func settled(_ report: SpendReport, at now: MonotonicInstant) {
        untold = report
        guard let toldAt, report.news == nil, now - toldAt < Self.interval else { return tell(at: now) }
        if timer == nil { timer = worker.loop.schedule(self, due: toldAt + Self.interval, at: now) }
    }

    func timerFired(at now: MonotonicInstant) {
        timer = nil
        tell(at: now)
    }

    /// Tells what waits; nothing more is to come.
    func stop(at now: MonotonicInstant) { tell(at: now) }

    private func tell(at now: MonotonicInstant) {
        if let timer { worker.loop.cancel(timer) }
        timer = nil
        guard let report = untold else { return }
        untold = nil
        toldAt = now
        worker.report(.spent(report), at: now)
    }
}
