import FailoverCore
import Testing

@testable import FailoverProbes

/// Every reading comes from instants that the test hands in.
@Suite struct ChatClockTests {
    private static let head = ChatHead(status: 200, fields: [("content-type", "text/event-stream")])

    /// An answer whose head came after 1 s, and whose pieces came after so many milliseconds.
    private func answer(_ pieces: [(at: Int, text: String)]) -> ChatAnswer {
        var answer = ChatScript().answer()
        answer.receive(Self.head, at: ChatScript.instant(1_000))
        for piece in pieces { feed(&answer, piece.text, at: piece.at) }
        return answer
    }

    private func feed(_ answer: inout ChatAnswer, _ text: String, at milliseconds: Int) {
        Array(text.utf8).withUnsafeBytes { answer.receive($0, at: ChatScript.instant(milliseconds)) }
    }

    private func conclude(_ answer: inout ChatAnswer, _ end: ChatEnd, at milliseconds: Int) -> ChatConclusion {
        answer.conclude(end, at: ChatScript.instant(milliseconds), wallSeconds: ChatScript.wallSeconds)
    }

    @Test func eachClockHasItsMoment() {
        var answer = answer([
            (1_500, role), (2_000, chunk("\"reasoning\":\"Hm\"")), (2_300, content("O")), (3_500, content("K")),
            (3_600, finish("stop")), (4_000, usage(25, 7)), (4_100, done),
        ])
        #expect(answer.isComplete)
        #expect(answer.firstToken == ChatScript.instant(2_000))
        var figures = ChatReport.Figures()
        figures.firstContent = .milliseconds(2_300)
        figures.longestGap = .milliseconds(1_200)
        figures.timePerToken = .milliseconds(250)
        figures.tokenEvents = 3
        let expected = ChatConclusion(
            outcome: .success,
            ttft: .milliseconds(2_000),
            latency: .milliseconds(3_600),
            report: ChatReport(
                figures: figures,
                finish: "stop",
                usage: TokenUsage(prompt: 25, completion: 7)
            ),
            bill: .used(25, 7)
        )
        #expect(conclude(&answer, .complete, at: 4_100) == expected)
    }

    @Test func terminatorEndsWhatHasNoFinish() {
        var answer = answer([(2_000, content("OK")), (2_500, done)])
        #expect(conclude(&answer, .complete, at: 2_900).latency == .milliseconds(2_500))
    }

    @Test func fewTokensHaveNoPace() {
        var answer = answer([(2_000, content("O")), (2_500, content("K") + finish("stop") + usage(9, 3) + done)])
        #expect(conclude(&answer, .complete, at: 2_500).report?.figures.timePerToken == nil)
    }

    @Test func oneEventHasNoPace() {
        var answer = answer([(2_000, content("OKOKOK") + finish("stop") + usage(9, 6) + done)])
        #expect(conclude(&answer, .complete, at: 2_500).report?.figures.timePerToken == nil)
    }

    /// Only tokens move the deadlines, and only the first one ends the wait for it.
    @Test func deadlineFollowsTokens() {
        var answer = ChatScript().answer()
        var deadlines = [answer.deadline]
        answer.receive(Self.head, at: ChatScript.instant(1_000))
        deadlines.append(answer.deadline)
        for (at, text) in [
            (2_000, ": hi\n\n"), (3_000, role), (4_000, content("O")), (5_000, ": hi\n\n"), (6_000, role),
            (7_000, content("K")), (8_000, finish("stop")), (9_000, usage(1, 2)),
        ] {
            feed(&answer, text, at: at)
            deadlines.append(answer.deadline)
        }
        let expected = [10_000, 10_000, 10_000, 10_000, 9_000, 9_000, 9_000, 12_000, 10_000, 10_000]
        #expect(deadlines == expected.map(ChatScript.instant))
        #expect(!answer.isComplete)
    }

    @Test(arguments: [": keep-alive\n\n", role, "data: {\"choices\":[{\"delta\":{\"content\":null}}]}\n\n"])
    func whatIsNoTokenNeverPutsOffTheFirstOne(_ text: String) {
        var answer = answer([])
        for at in stride(from: 1_000, to: 10_000, by: 100) { feed(&answer, text, at: at) }
        #expect(answer.deadline == ChatScript.instant(10_000))
        #expect(answer.firstToken == nil)
        let conclusion = conclude(&answer, .timedOut, at: 10_000)
        #expect(conclusion.outcome == .timeout(.ttftTimeout))
        #expect(conclusion.ttft == .seconds(10))
        #expect(conclusion.latency == .seconds(10))
        #expect(conclusion.bill == .unknown)
        #expect(conclusion.report?.figures.firstContent == nil)
    }

    @Test func timeoutsAreCountedAtTheTimeWaited() {
        var stalled = answer([(2_000, content("O"))])
        #expect(stalled.deadline == ChatScript.instant(7_000))
        let conclusion = conclude(&stalled, .timedOut, at: 7_000)
        #expect([conclusion.ttft, conclusion.latency] == [.seconds(2), .seconds(7)])
        var slow = answer([(2_000, content("O")), (14_000, content("K"))])
        let end = conclude(&slow, .totalTimedOut, at: 14_500)
        #expect([end.ttft, end.latency] == [.seconds(2), .milliseconds(14_500)])
        var silent = ChatScript().answer()
        let nothing = conclude(&silent, .timedOut, at: 10_000)
        #expect(nothing.outcome == .timeout(.ttftTimeout))
        #expect([nothing.ttft, nothing.latency] == [.seconds(10), .seconds(10)])
        #expect(nothing.bill == .unknown)
        #expect(nothing.report == nil)
    }

    @Test func tokenAtTheMomentOfSendingIsNotTimedAsZero() {
        var answer = ChatScript().answer()
        answer.receive(Self.head, at: ChatScript.sent)
        feed(&answer, content("OK") + finish("stop") + done, at: 0)
        let conclusion = conclude(&answer, .complete, at: 0)
        #expect([conclusion.ttft, conclusion.latency] == [.nanoseconds(1), .nanoseconds(1)])
    }

    @Test func explanationIsNotWaitedForLong() {
        var answer = ChatScript().answer()
        answer.receive(ChatHead(status: 503), at: ChatScript.instant(1_000))
        #expect(answer.deadline == ChatScript.instant(3_000))
        feed(&answer, "loading", at: 1_500)
        #expect(!answer.isComplete)
        #expect(conclude(&answer, .timedOut, at: 3_000).outcome == .failure(.loading))
    }

    @Test func cheaperQuestionHasTheUsualTimeouts() {
        var answer = ChatScript(mode: .models).answer()
        #expect(answer.deadline == ChatScript.instant(10_000))
        answer.receive(ChatHead(status: 200), at: ChatScript.instant(1_000))
        #expect(answer.deadline == ChatScript.instant(15_000))
    }

    struct Ending: Sendable {
        let end: ChatEnd
        let outcome: Outcome
        let bill: SpendBill
    }

    @Test(arguments: [
        Ending(end: .ended, outcome: .failure(.responseEmpty), bill: .unknown),
        Ending(end: .broken("reset"), outcome: .failure(.responseReset), bill: .unknown),
        Ending(end: .timedOut, outcome: .timeout(.ttftTimeout), bill: .unknown),
        Ending(end: .totalTimedOut, outcome: .timeout(.ttftTimeout), bill: .unknown),
    ])
    func noHeadIsToldApart(_ ending: Ending) {
        var answer = ChatScript().answer()
        let conclusion = conclude(&answer, ending.end, at: 10_000)
        #expect(conclusion.outcome == ending.outcome)
        #expect(conclusion.bill == ending.bill)
    }
}
