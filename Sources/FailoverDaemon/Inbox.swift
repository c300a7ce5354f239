import FailoverCore
import FailoverProbes
import FailoverWire
import NIOConcurrencyHelpers

/// What waits for the engine's loop.
enum LoopMessage: Sendable {
    case input(Input)
    /// A new configuration, and what documents say of it from the moment that the engine goes by it.
    case reconfigured(Configuration, Publisher)
    /// A question that only the engine can answer; always answered, also when the loop ends.
    case explain(RouteName, reply: @Sendable ((route: RouteSnapshot, endpoints: [EndpointExplanation])?) -> Void)
}

/// The bounded queue in front of the engine: any thread posts, one loop takes everything at once.
final class Inbox: Sendable {
    struct Batch: Sendable {
        var messages: [LoopMessage] = []
        /// Observations that were lost since the last batch because the queue was full.
        var dropped: UInt64 = 0
        var isClosed = false
    }

    fileprivate struct State {
        var batch = Batch()
        var isWoken = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    /// Six seconds of 10,000 probes a second; a loop that is further behind decides on old news.
    static let capacity = 65_536

    private let state = NIOLockedValueBox(State())

    /// Adds a message and wakes the loop; observations are counted and lost when the queue is full, nothing else is.
    func post(_ message: LoopMessage) {
        let waiter = state.withLockedValue { state in
            if state.batch.messages.count >= Self.capacity, message.isExpendable {
                state.batch.dropped += 1
            } else {
                state.batch.messages.append(message)
            }
            return state.takeWaiter()
        }
        waiter?.resume()
    }

    /// Adds what a probe reported.
    func post(_ event: ProbeEvent) {
        switch event {
        case .started(let start): post(.input(.attemptStarted(start)))
        case .waiting(let key, let attempt, let onUs): post(.input(.attemptWaits(key, attempt, onUs: onUs)))
        case .finished(let observation): post(.input(.observed(observation)))
        // An answer that takes long keeps the next start from happening; it is judged by that answer.
        case .skipped: break
        }
    }

    /// Makes `next` return although there may be nothing new.
    func wake() {
        state.withLockedValue { $0.takeWaiter() }?.resume()
    }

    /// Lets the loop end after what is queued.
    func close() {
        let waiter = state.withLockedValue { state in
            state.batch.isClosed = true
            return state.takeWaiter()
        }
        waiter?.resume()
    }

    /// Waits until something was posted or `wake` was called, and takes all of it.
    ///
    /// One caller only.
    func next() async -> Batch {
        await withCheckedContinuation { continuation in
            let isReady = state.withLockedValue { state in
                guard !state.isWoken, state.batch.messages.isEmpty, !state.batch.isClosed else { return true }
                state.waiter = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
        return state.withLockedValue { state in
            defer {
                let isClosed = state.batch.isClosed
                state.batch = Batch()
                state.batch.isClosed = isClosed
                state.isWoken = false
            }
            return state.batch
        }
    }
}

extension Inbox.State {
    fileprivate mutating func takeWaiter() -> CheckedContinuation<Void, Never>? {
        isWoken = true
        defer { waiter = nil }
        return waiter
    }
}

extension LoopMessage {
    /// A lost observation is a missing sample; anything else that is lost leaves somebody waiting.
    fileprivate var isExpendable: Bool {
        switch self {
        case .input(.observed), .input(.attemptStarted), .input(.attemptWaits), .input(.tick): true
        case .input, .reconfigured, .explain: false
        }
    }
}
