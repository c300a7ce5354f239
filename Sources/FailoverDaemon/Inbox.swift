import Dispatch
import FailoverCore
import FailoverProbes
import FailoverWire
import NIOConcurrencyHelpers

/// What waits for the engine's loop.
enum LoopMessage: Sendable {
    case input(Input)
    /// What one loop of probes reports, in its order.
    case probes([ProbeEvent])
    /// A new configuration, and what documents say of it from the moment that the engine goes by it.
    case reconfigured(Configuration, Publisher)
    /// A question that only the engine can answer; always answered, also when the loop ends.
    case explain(RouteName, reply: @Sendable ((route: RouteSnapshot, endpoints: [EndpointExplanation])?) -> Void)
}

/// The bounded queue in front of the engine: any thread posts, one loop takes everything at once.
final class Inbox: Sendable {
    struct Batch: Sendable {
        var messages: [LoopMessage] = []
        /// Reports of probes among the messages; at most ``Inbox/capacity``.
        var reports = 0
        /// Reports of probes that were lost since the last batch because the queue was full.
        var dropped: UInt64 = 0
        var isClosed = false
        /// When the oldest message was posted; `nil` without any.
        var since: MonotonicInstant?
    }

    private struct State {
        var batch = Batch()
        /// Reports of probes that were ever lost.
        var dropped: UInt64 = 0
        /// The loop sleeps, or is about to.
        var isWaiting = false

        /// Whether the loop has to be woken for what was added.
        mutating func mustWake() -> Bool {
            defer { isWaiting = false }
            return isWaiting
        }
    }

    /// Three seconds of 10,000 probes a second, with their starts; a loop that is further behind decides on old news.
    static let capacity = 65_536

    private let state = NIOLockedValueBox(State())
    /// One signal for each time that the loop was told to wake.
    private let wakeUp = DispatchSemaphore(value: 0)

    /// Adds a message and wakes the loop; reports of probes are counted and lost when the queue is full, nothing else is.
    func post(_ message: LoopMessage) {
        let mustWake = state.withLockedValue { state in
            let reports = message.reports
            if reports > 0, state.batch.reports + reports > Self.capacity {
                state.batch.dropped += UInt64(reports)
                state.dropped += UInt64(reports)
            } else {
                state.batch.reports += reports
                if state.batch.messages.isEmpty { state.batch.since = SystemClock.now }
                state.batch.messages.append(message)
            }
            return state.mustWake()
        }
        if mustWake { wakeUp.signal() }
    }

    /// Reports of probes that wait.
    var waiting: Int { state.withLockedValue { $0.batch.reports } }

    /// Reports of probes that were lost since the start.
    var dropped: UInt64 { state.withLockedValue { $0.dropped } }

    /// Lets the loop end after what is queued.
    func close() {
        let mustWake = state.withLockedValue { state in
            state.batch.isClosed = true
            return state.mustWake()
        }
        if mustWake { wakeUp.signal() }
    }

    /// Takes everything that was posted; sleeps until there is something, and not for longer than `limit`.
    ///
    /// One caller only, on a thread of its own.
    func next(within limit: Duration) -> Batch {
        let mustWait = state.withLockedValue { state in
            state.isWaiting = state.batch.messages.isEmpty && !state.batch.isClosed && limit > .zero
            return state.isWaiting
        }
        if mustWait, wakeUp.wait(timeout: .now() + .nanoseconds(Int(limit.nanoseconds))) == .timedOut {
            let isSignalled = state.withLockedValue { state in
                defer { state.isWaiting = false }
                return !state.isWaiting
            }
            // Told to wake just as the time was over: the signal is there, or will be in a moment.
            if isSignalled { wakeUp.wait() }
        }
        return state.withLockedValue { state in
            let batch = state.batch
            state.batch = Batch()
            state.batch.isClosed = batch.isClosed
            return batch
        }
    }
}

extension LoopMessage {
    /// Lost reports are missing samples; anything else that is lost leaves somebody waiting.
    fileprivate var reports: Int { if case .probes(let events) = self { events.count } else { 0 } }
}
