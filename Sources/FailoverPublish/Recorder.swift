import Dispatch
package import FailoverCore
package import FailoverWire
import NIOConcurrencyHelpers

/// Keeps what the engine was fed, on a thread of its own: the engine never waits for it.
///
/// When the disk cannot keep up, what comes meanwhile is lost and counted, and the recording begins anew with what the engine
/// remembers by then.
package final class Recorder: Sendable {
    private enum Order: Sendable {
        case begin(RecordingBeginning)
        case append([RecordedEntry])
        case update(RecordConfiguration)
    }

    private struct State {
        var settings: RecordConfiguration
        /// Oldest first; the entries in them are at most ``Recorder/capacity``.
        var orders: [Order] = []
        var entries = 0
        /// Lost since the queue was full, until it has drained.
        var lost = 0
        /// Lost since the start.
        var dropped: UInt64 = 0
        /// The engine has to say what it remembers, for the next file.
        var wantsBeginning = false
        var isClosed = false
    }

    private final class Shared: Sendable {
        let state: NIOLockedValueBox<State>
        let work = DispatchSemaphore(value: 0)

        init(_ settings: RecordConfiguration) { state = NIOLockedValueBox(State(settings: settings)) }
    }

    /// Three seconds of 10,000 probes a second, with their starts: as many as may wait for the engine itself.
    private static let capacity = 65_536
    /// A disk that failed is tried again after this time.
    private static let retryInterval = Duration.seconds(5)

    private let shared: Shared
    private let thread: WorkerThread

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - ring: The files.
    ///   - settings: How much is kept.
    ///   - now: The monotonic clock.
    ///   - settle: Told what fails, and `nil` when it works; on the thread, after each attempt.
    ///   - report: Told how many inputs were not recorded.
    /// - Throws: `FileError` when the system gives no thread.
    package init(
        ring: RecordingRing,
        settings: RecordConfiguration,
        now: @escaping @Sendable () -> MonotonicInstant,
        settle: @escaping @Sendable (String?) -> Void,
        report: @escaping @Sendable (Int) -> Void
    ) throws(FileError) {
        let shared = Shared(settings)
        self.shared = shared
        thread = try WorkerThread(name: "recorder") {
            var ring = ring
            var failedAt: MonotonicInstant?
            while true {
                shared.work.wait()
                let (orders, lost, isClosed) = shared.state.withLockedValue { state in
                    defer {
                        state.orders = []
                        state.entries = 0
                        state.lost = 0
                    }
                    if state.lost > 0 { state.wantsBeginning = state.settings.isOn }
                    return (state.orders, state.lost, state.isClosed)
                }
                do throws(FileError) {
                    for order in orders { try Self.carryOut(order, &ring) }
                    if lost > 0 {
                        try ring.append([RecordedEntry(at: now(), .lost(lost))])
                        ring.abandon()
                    }
                    if ring.isFull(at: now()) { shared.state.withLockedValue { $0.wantsBeginning = true } }
                    // After a failure only a new file tells that it works again.
                    if ring.isWriting {
                        settle(nil)
                        failedAt = nil
                    }
                } catch {
                    ring.abandon()
                    failedAt = failedAt ?? now()
                    settle("\(error)")
                }
                if let since = failedAt, now() - since >= Self.retryInterval {
                    failedAt = now()
                    shared.state.withLockedValue { $0.wantsBeginning = $0.settings.isOn }
                }
                if lost > 0 { report(lost) }
                if isClosed { return }
            }
        }
    }

    private static func carryOut(_ order: Order, _ ring: inout RecordingRing) throws(FileError) {
        switch order {
        case .begin(let beginning): try ring.begin(beginning)
        case .append(let entries): try ring.append(entries)
        case .update(let settings):
            ring.update(settings)
            if !settings.isOn { ring.abandon() }
        }
    }

    /// Whether anything is to be recorded.
    package var isOn: Bool { shared.state.withLockedValue { $0.settings.isOn } }

    /// Inputs that wait.
    package var waiting: Int { shared.state.withLockedValue { $0.entries } }

    /// Inputs that were lost since the start.
    package var dropped: UInt64 { shared.state.withLockedValue { $0.dropped } }

    /// Begins the first file, before the engine's first input.
    package func begin(_ beginning: RecordingBeginning) {
        shared.state.withLockedValue { state in
            guard state.settings.isOn else { return }
            state.orders.append(.begin(beginning))
        }
        shared.work.signal()
    }

    /// Takes what the engine was fed with in one turn, and returns at once.
    ///
    /// `beginning` is asked for what the engine remembers after it, when a new file is due.
    package func append(_ entries: [RecordedEntry], beginning: () -> RecordingBeginning) {
        let (isOn, wantsBeginning) = shared.state.withLockedValue { state in
            guard state.settings.isOn else { return (false, false) }
            if state.lost > 0 || state.entries + entries.count > Self.capacity {
                state.lost += entries.count
                state.dropped += UInt64(entries.count)
            } else if !entries.isEmpty {
                state.orders.append(.append(entries))
                state.entries += entries.count
            }
            defer { state.wantsBeginning = state.wantsBeginning && state.lost > 0 }
            return (true, state.wantsBeginning && state.lost == 0)
        }
        guard isOn, wantsBeginning || !entries.isEmpty else { return }
        if wantsBeginning {
            let beginning = beginning()
            shared.state.withLockedValue { $0.orders.append(.begin(beginning)) }
        }
        shared.work.signal()
    }

    /// Takes other settings, after a reload; a recording that is switched on begins with the next turn.
    package func update(_ settings: RecordConfiguration) {
        shared.state.withLockedValue { state in
            guard settings != state.settings else { return }
            state.wantsBeginning = settings.isOn && (state.wantsBeginning || !state.settings.isOn)
            state.settings = settings
            state.orders.append(.update(settings))
        }
        shared.work.signal()
    }

    /// Writes what is waiting, for a bounded time.
    package func close(within limit: Duration) async -> Bool {
        shared.state.withLockedValue { $0.isClosed = true }
        shared.work.signal()
        return await thread.finished(within: limit)
    }
}
