import FailoverControl
import FailoverCore
import FailoverWire
import NIOConcurrencyHelpers

/// Hands the orders of operators to the engine, and its answers back to those who wait for them.
///
/// Everybody is answered: by the engine, at the latest when the disk has had its time, or by the end of the engine.
final class OrderDesk: Sendable {
    private struct State {
        var lastTicket: UInt64 = 0
        var waiting: [UInt64: CheckedContinuation<OperatorAnswer, Never>] = [:]
        var isClosed = false
    }

    private let state = NIOLockedValueBox(State())
    private let inbox: Inbox

    init(inbox: Inbox) { self.inbox = inbox }

    /// As many wait at most as the socket has connections.
    func operate(
        _ order: ControlOrder,
        by requester: Operator,
        at clock: ClockReading
    ) async -> Result<ReceiptDocument, OperatorRefusal> {
        let answer = await withCheckedContinuation { continuation in
            let ticket: UInt64? = state.withLockedValue { state in
                guard !state.isClosed else { return nil }
                state.lastTicket += 1
                state.waiting[state.lastTicket] = continuation
                return state.lastTicket
            }
            guard let ticket else { return continuation.resume(returning: Self.goodbye) }
            inbox.post(.input(.command(order.command(ticket: ticket, by: requester, at: clock))))
        }
        switch answer {
        case .accepted(let receipt): return .success(ReceiptDocument(receipt, at: clock))
        case .refused(let refusal): return .failure(refusal)
        }
    }

    /// Hands an answer to whoever waits for it; nobody does for a command of a recording.
    func answer(_ ticket: UInt64, _ answer: OperatorAnswer) {
        let waiter = state.withLockedValue { $0.waiting.removeValue(forKey: ticket) }
        waiter?.resume(returning: answer)
    }

    /// The engine answers nobody any more.
    func close() {
        let waiters = state.withLockedValue { state in
            state.isClosed = true
            defer { state.waiting = [:] }
            return state.waiting.values.map(\.self)
        }
        for waiter in waiters { waiter.resume(returning: Self.goodbye) }
    }

    private static let goodbye = OperatorAnswer.refused(
        OperatorRefusal(.busy, "the daemon is stopping; it may or may not have taken the order")
    )
}
