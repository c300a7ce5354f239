import FailoverPublish
import FailoverThreads
import FailoverWire
import NIOConcurrencyHelpers

/// Reads the log of transitions when people ask about the past, on a thread of its own, because a disk may hang.
final class TransitionReader: Sendable {
    private let log: TransitionLog
    /// What the disk may not have yet.
    private let recent: EventLog
    private let readers = NIOLockedValueBox(0)

    /// Each takes some ten megabytes for a moment.
    private static let maximumReaders = 2

    init(log: TransitionLog, recent: EventLog) {
        self.log = log
        self.recent = recent
    }

    /// What is kept about a route, oldest first; `nil` while too many others ask.
    ///
    /// A log that cannot be read leaves what is in memory.
    func transitions(of route: String) async -> [EventDocument]? {
        let isFree = readers.withLockedValue { readers in
            guard readers < Self.maximumReaders else { return false }
            readers += 1
            return true
        }
        guard isFree else { return nil }
        let kept = await withCheckedContinuation { continuation in
            do {
                try DetachedThread.start(name: "history") { [log, readers] in
                    let kept = try? log.transitions(of: route)
                    readers.withLockedValue { $0 -= 1 }
                    continuation.resume(returning: kept ?? [])
                }
            } catch {
                readers.withLockedValue { $0 -= 1 }
                continuation.resume(returning: [])
            }
        }
        let known = Set(kept.map(\.id))
        let missing = recent.past().filter { $0.route == route && TransitionLog.keeps($0) && !known.contains($0.id) }
        // Those that the disk does not have yet are the newest, unless it has failed between.
        return missing.isEmpty ? kept : (kept + missing).sorted { $0.at < $1.at }
    }
}
