import FailoverCore
import Testing

@testable import FailoverDaemon

@Suite struct InboxTests {
    @Test func messagesArriveTogetherAndInOrder() async {
        let inbox = Inbox()
        for ticket in 1...3 as ClosedRange<UInt64> { inbox.post(answer(ticket)) }
        #expect(tickets(of: await inbox.next()) == [1, 2, 3])
        inbox.post(answer(4))
        #expect(tickets(of: await inbox.next()) == [4])
    }

    @Test func theLoopSleepsUntilSomethingIsPosted() async {
        let inbox = Inbox()
        async let batch = inbox.next()
        inbox.post(answer(1))
        #expect(tickets(of: await batch) == [1])
    }

    @Test func aWakeIsRememberedUntilTheLoopComesForIt() async {
        let inbox = Inbox()
        inbox.wake()
        let batch = await inbox.next()
        #expect(batch.messages.isEmpty)
        #expect(!batch.isClosed)
    }

    @Test func aFullQueueLosesObservationsAndCountsThemAndLosesNothingElse() async {
        let inbox = Inbox()
        for _ in 0..<Inbox.capacity { inbox.post(.input(.tick)) }
        for _ in 0..<5 { inbox.post(.input(.tick)) }
        inbox.post(answer(7))
        let full = await inbox.next()
        #expect(full.messages.count == Inbox.capacity + 1)
        #expect(full.dropped == 5)
        #expect(tickets(of: full) == [7])
        inbox.post(.input(.tick))
        let next = await inbox.next()
        #expect(next.messages.count == 1)
        #expect(next.dropped == 0)
    }

    @Test func closingLetsTheLoopEndAfterWhatIsQueued() async {
        let inbox = Inbox()
        inbox.post(answer(1))
        inbox.close()
        let last = await inbox.next()
        #expect(tickets(of: last) == [1])
        #expect(last.isClosed)
        let empty = await inbox.next()
        #expect(empty.messages.isEmpty)
        #expect(empty.isClosed)
    }

    private func answer(_ ticket: UInt64) -> LoopMessage { .input(.persisted(ticket: ticket, succeeded: true)) }

    private func tickets(of batch: Inbox.Batch) -> [UInt64] {
        batch.messages.compactMap { if case .input(.persisted(let ticket, _)) = $0 { ticket } else { nil } }
    }
}
