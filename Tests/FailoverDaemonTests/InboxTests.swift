import FailoverCore
import FailoverProbes
import FailoverPublish
import NIOConcurrencyHelpers
import Testing

@testable import FailoverDaemon

@Suite struct InboxTests {
    @Test func messagesArriveTogetherAndInOrder() async {
        let inbox = Inbox()
        for ticket in 1...3 as ClosedRange<UInt64> { inbox.post(answer(ticket)) }
        #expect(tickets(of: inbox.next(within: .seconds(60))) == [1, 2, 3])
        inbox.post(answer(4))
        #expect(tickets(of: inbox.next(within: .seconds(60))) == [4])
    }

    @Test(.timeLimit(.minutes(1))) func theLoopSleepsUntilSomethingIsPosted() async throws {
        let inbox = Inbox()
        let taken = NIOLockedValueBox<[UInt64]>([])
        let thread = try WorkerThread(name: "test") { [self] in
            let batch = inbox.next(within: .seconds(3600))
            taken.withLockedValue { $0 = tickets(of: batch) }
        }
        inbox.post(answer(1))
        await thread.finished()
        #expect(taken.withLockedValue { $0 } == [1])
    }

    @Test func theLoopWakesByItselfAfterItsTime() {
        let inbox = Inbox()
        #expect(inbox.next(within: .milliseconds(1)).messages.isEmpty)
        #expect(inbox.next(within: .zero).messages.isEmpty)
        inbox.post(answer(1))
        #expect(tickets(of: inbox.next(within: .milliseconds(1))) == [1])
    }

    @Test(.timeLimit(.minutes(1))) func nothingIsLostBetweenManyWritersAndAHurriedReader() async throws {
        let inbox = Inbox()
        let writers = try (0..<4).map { writer in
            try WorkerThread(name: "writer") { [self] in
                for number in 0..<5000 as Range<UInt64> { inbox.post(answer(number * 4 + UInt64(writer))) }
            }
        }
        var seen: Set<UInt64> = []
        while seen.count < 20_000 { seen.formUnion(tickets(of: inbox.next(within: .seconds(3600)))) }
        for writer in writers { await writer.finished() }
        #expect(inbox.next(within: .zero).messages.isEmpty)
    }

    @Test func aFullQueueLosesObservationsAndCountsThemAndLosesNothingElse() async {
        let inbox = Inbox()
        let report = ProbeEvent.skipped(ProbeKey(endpoint: "a"), count: 1)
        inbox.post(.probes(Array(repeating: report, count: Inbox.capacity - 1)))
        inbox.post(.probes(Array(repeating: report, count: 5)))
        inbox.post(.probes([report]))
        inbox.post(answer(7))
        let full = inbox.next(within: .seconds(60))
        #expect(full.reports == Inbox.capacity)
        #expect(full.messages.count == 3)
        #expect(full.dropped == 5)
        #expect(tickets(of: full) == [7])
        inbox.post(.input(.tick))
        let next = inbox.next(within: .seconds(60))
        #expect(next.messages.count == 1)
        #expect(next.dropped == 0)
    }

    @Test func closingLetsTheLoopEndAfterWhatIsQueued() async {
        let inbox = Inbox()
        inbox.post(answer(1))
        inbox.close()
        let last = inbox.next(within: .seconds(60))
        #expect(tickets(of: last) == [1])
        #expect(last.isClosed)
        let empty = inbox.next(within: .seconds(60))
        #expect(empty.messages.isEmpty)
        #expect(empty.isClosed)
    }

    private func answer(_ ticket: UInt64) -> LoopMessage { .input(.persisted(ticket: ticket, succeeded: true)) }

    private func tickets(of batch: Inbox.Batch) -> [UInt64] {
        batch.messages.compactMap { if case .input(.persisted(let ticket, _)) = $0 { ticket } else { nil } }
    }
}
