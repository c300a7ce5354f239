import FailoverControl
import FailoverCore
import FailoverPublish
import FailoverWire
import Testing

@testable import FailoverDaemon

@Suite struct OrderDeskTests {
    private static func order(_ route: String) -> ControlOrder {
        ControlOrder(action: .unpin(route: route), terms: OrderTerms())
    }

    /// An engine that refuses everything with the name of the route, the last order first.
    private func engine(_ inbox: Inbox, _ desk: OrderDesk, answers count: Int) throws -> WorkerThread {
        try WorkerThread(name: "test") {
            var commands: [OperatorCommand] = []
            while commands.count < count {
                for case .input(.command(let command)) in inbox.next(within: .seconds(60)).messages {
                    commands.append(command)
                }
            }
            for command in commands.reversed() {
                guard case .unpin(let route) = command.order else { continue }
                desk.answer(command.ticket, .refused(OperatorRefusal(.conflict, "\(route) by \(command.by)")))
            }
        }
    }

    private func refusal(of route: String, _ desk: OrderDesk) async -> String {
        let answer = await desk.operate(
            Self.order(route),
            by: Operator(uid: 1000, name: "alice"),
            at: SystemClock.reading
        )
        switch answer {
        case .success: return "accepted"
        case .failure(let refusal): return refusal.text
        }
    }

    @Test(.timeLimit(.minutes(1))) func everyAnswerReachesWhoAsked() async throws {
        let inbox = Inbox()
        let desk = OrderDesk(inbox: inbox)
        let engine = try engine(inbox, desk, answers: 3)
        async let first = refusal(of: "a", desk)
        async let second = refusal(of: "b", desk)
        async let third = refusal(of: "c", desk)
        #expect(await [first, second, third] == ["a by alice", "b by alice", "c by alice"])
        await engine.finished()
    }

    @Test(.timeLimit(.minutes(1))) func whoeverWaitsWhenTheEngineEndsIsAnswered() async throws {
        let inbox = Inbox()
        let desk = OrderDesk(inbox: inbox)
        let engine = try WorkerThread(name: "test") {
            while inbox.next(within: .seconds(60)).messages.isEmpty {}
            desk.close()
        }
        let text = "the daemon is stopping; it may or may not have taken the order"
        #expect(await refusal(of: "a", desk) == text)
        #expect(await refusal(of: "b", desk) == text)
        await engine.finished()
    }

    /// A replayed command has nobody who waits.
    @Test func anAnswerToNobodyIsNoMistake() {
        OrderDesk(inbox: Inbox()).answer(7, .refused(OperatorRefusal(.busy, "x")))
    }
}
