import FailoverCore
import Testing

@testable import FailoverControl

/// What HAProxy is told, question by question.
@Suite struct AgentBookTests {
    /// One question at a time; `isHeard` is whether the answer arrived.
    private struct Step {
        let at: Double
        let asks: String
        var by = "10.0.0.1"
        var decision = Self.first
        var isHeard = true
        let gets: AgentAnswer?

        static let first = active("us", generation: 1)
    }

    private static func active(
        _ endpoint: String,
        generation: UInt64,
        of names: [String] = ["us", "eu", "ap"]
    ) -> AgentDecision {
        split(Dictionary(uniqueKeysWithValues: names.map { ($0, $0 == endpoint ? 100 : 0) }), generation: generation)
    }

    private static func split(_ percents: [String: Int], generation: UInt64) -> AgentDecision {
        AgentDecision(routes: ["chat": .init(generation: generation, percents: percents)])
    }

    private func check(_ steps: [Step]) {
        var book = AgentBook()
        var answers: [AgentAnswer?] = []
        for step in steps {
            let words = step.asks.split(separator: " ").map(String.init)
            let names = words[0].split(separator: "/").map(String.init)
            let question = AgentQuestion(route: names[0], endpoint: names[1], asker: words.count > 1 ? words[1] : "")
            let ticket = book.answer(question, from: step.by, decision: step.decision, at: .seconds(step.at))
            if let ticket, step.isHeard { book.confirm(ticket) }
            answers.append(ticket?.answer)
        }
        #expect(answers == steps.map(\.gets))
    }

    private static let emphatic = AgentAnswer.ready(percent: AgentBook.emphasis)
    private static let moved = active("eu", generation: 2)
    private static let third = active("ap", generation: 3)

    @Test func nobodyDrainsBeforeAnotherIsReady() {
        check([
            Step(at: 0, asks: "chat/eu", gets: .unchanged),
            Step(at: 0.1, asks: "chat/us", gets: Self.emphatic),
            Step(at: 0.5, asks: "chat/eu", gets: .drain),
            Step(at: 0.5, asks: "chat/ap", gets: .drain),
            Step(at: 0.6, asks: "chat/us", gets: .ready(percent: 100)),
        ])
    }

    @Test func emphasisEndsAlthoughSomebodyAsksNoMore() {
        check([
            Step(at: 0, asks: "chat/us", gets: .ready(percent: 100)),
            Step(at: 1, asks: "chat/eu", decision: Self.moved, gets: Self.emphatic),
            Step(at: 5.999, asks: "chat/eu", decision: Self.moved, gets: Self.emphatic),
            Step(at: 6, asks: "chat/eu", decision: Self.moved, gets: .ready(percent: 100)),
        ])
    }

    @Test func theOldStaysUntilTheNewIsReady() {
        check([
            Step(at: 0, asks: "chat/us", gets: .ready(percent: 100)),
            Step(at: 0.1, asks: "chat/eu", gets: .drain),
            Step(at: 0.5, asks: "chat/us", decision: Self.moved, gets: .unchanged),
            Step(at: 0.6, asks: "chat/eu", decision: Self.moved, gets: Self.emphatic),
            Step(at: 1.0, asks: "chat/us", decision: Self.moved, gets: .drain),
            Step(at: 1.1, asks: "chat/ap", decision: Self.moved, gets: .drain),
            Step(at: 1.2, asks: "chat/eu", decision: Self.moved, gets: .ready(percent: 100)),
            // And back.
            Step(at: 1.5, asks: "chat/eu", decision: Self.active("us", generation: 3), gets: .unchanged),
            Step(at: 1.6, asks: "chat/us", decision: Self.active("us", generation: 3), gets: Self.emphatic),
            Step(at: 2.0, asks: "chat/eu", decision: Self.active("us", generation: 3), gets: .drain),
        ])
    }

    @Test func anAnswerThatDidNotArriveCountsForNothing() {
        check([
            Step(at: 0, asks: "chat/us", isHeard: false, gets: .ready(percent: 100)),
            Step(at: 0.1, asks: "chat/eu", gets: .unchanged),
            Step(at: 0.5, asks: "chat/us", gets: Self.emphatic),
            Step(at: 0.6, asks: "chat/eu", isHeard: false, gets: .drain),
            Step(at: 0.9, asks: "chat/us", gets: Self.emphatic),
            Step(at: 1.0, asks: "chat/eu", gets: .drain),
            Step(at: 1.1, asks: "chat/us", gets: .ready(percent: 100)),
        ])
    }

    @Test func eachAskerHasAPageOfItsOwn() {
        check([
            Step(at: 0, asks: "chat/eu", by: "10.0.0.1", decision: Self.moved, gets: .ready(percent: 100)),
            Step(at: 0.1, asks: "chat/us", by: "10.0.0.1", decision: Self.moved, gets: .drain),
            Step(at: 0.1, asks: "chat/us", by: "10.0.0.2", decision: Self.moved, gets: .unchanged),
            Step(at: 0.1, asks: "chat/us edge-2", by: "10.0.0.1", decision: Self.moved, gets: .unchanged),
            Step(at: 0.2, asks: "chat/eu edge-2", by: "10.0.0.1", decision: Self.moved, gets: Self.emphatic),
            Step(at: 0.3, asks: "chat/us edge-2", by: "10.0.0.1", decision: Self.moved, gets: .drain),
            Step(at: 0.3, asks: "chat/us", by: "10.0.0.2", decision: Self.moved, gets: .unchanged),
        ])
    }

    @Test func aHAProxyWithoutTheNewEndpointKeepsTheOldForGood() {
        check([
            Step(at: 0, asks: "chat/us", gets: .ready(percent: 100)),
            Step(at: 0.1, asks: "chat/eu", gets: .drain),
            Step(at: 1, asks: "chat/us", decision: Self.third, gets: .unchanged),
            Step(at: 1.1, asks: "chat/eu", decision: Self.third, gets: .unchanged),
            Step(at: 3_600, asks: "chat/us", decision: Self.third, gets: .unchanged),
        ])
    }

    @Test func twoMovesAtOnceAreOne() {
        check([
            Step(at: 0, asks: "chat/us", gets: .ready(percent: 100)),
            Step(at: 0.5, asks: "chat/eu", decision: Self.moved, gets: Self.emphatic),
            Step(at: 0.6, asks: "chat/us", decision: Self.third, gets: .unchanged),
            Step(at: 0.7, asks: "chat/eu", decision: Self.third, gets: .unchanged),
            Step(at: 0.8, asks: "chat/ap", decision: Self.third, gets: Self.emphatic),
            Step(at: 0.9, asks: "chat/us", decision: Self.third, gets: .drain),
        ])
    }

    @Test func withSharesTheOldWaitsForAllNewOnesThatAreKnownButNotForEver() {
        let before = Self.split(["us": 100, "eu": 11, "ap": 0], generation: 1)
        let after = Self.split(["us": 0, "eu": 11, "ap": 100], generation: 2)
        check([
            Step(at: 0, asks: "chat/us", decision: before, gets: .ready(percent: 100)),
            Step(at: 0, asks: "chat/eu", decision: before, gets: .ready(percent: 11)),
            Step(at: 0, asks: "chat/ap", decision: before, gets: .drain),
            Step(at: 1, asks: "chat/eu", decision: after, gets: .ready(percent: 11)),
            Step(at: 1, asks: "chat/us", decision: after, gets: .unchanged),
            Step(at: 5.999, asks: "chat/us", decision: after, gets: .unchanged),
            Step(at: 6, asks: "chat/us", decision: after, gets: .drain),
        ])
        check([
            Step(at: 0, asks: "chat/ap", decision: after, gets: .ready(percent: 100)),
            Step(at: 0, asks: "chat/eu", decision: after, gets: .ready(percent: 11)),
            Step(at: 0, asks: "chat/us", decision: after, gets: .drain),
        ])
    }

    @Test func whatIsNotThereGetsNoAnswerUnlessItHasJustLeft() {
        let without = Self.active("eu", generation: 2, of: ["eu", "ap"])
        check([
            Step(at: 0, asks: "mail/us", gets: nil),
            Step(at: 0, asks: "chat/sa", gets: nil),
            Step(at: 0, asks: "chat/us", gets: .ready(percent: 100)),
            Step(at: 1, asks: "chat/us", decision: without, gets: .unchanged),
            Step(at: 1, asks: "chat/eu", decision: without, gets: Self.emphatic),
            Step(at: 2, asks: "chat/us", decision: without, gets: .drain),
            Step(at: 2, asks: "chat/eu", decision: without, gets: .ready(percent: 100)),
            Step(at: 2, asks: "chat/us", by: "10.0.0.2", decision: without, gets: nil),
            Step(at: 2, asks: "chat/us", decision: AgentDecision(routes: [:]), gets: nil),
        ])
    }

    @Test func whoIsForgottenWaitsUntilItHasAskedAgain() {
        var book = AgentBook()
        func ask(_ endpoint: String, _ address: String, at seconds: Double) -> AgentAnswer? {
            let question = AgentQuestion(route: "chat", endpoint: endpoint)
            let ticket = book.answer(question, from: address, decision: Step.first, at: .seconds(seconds))
            if let ticket { book.confirm(ticket) }
            return ticket?.answer
        }
        #expect(ask("us", "first", at: 0) == .ready(percent: 100))
        #expect(ask("us", "second", at: 1) == .ready(percent: 100))
        for index in 2..<AgentBook.maximumPages { _ = ask("us", "\(index)", at: 2) }
        #expect(ask("eu", "first", at: 3) == .drain)
        #expect(ask("eu", "one more", at: 4) == .unchanged)
        // The second had been silent for longest.
        #expect(ask("eu", "first", at: 5) == .drain)
        #expect(ask("eu", "second", at: 6) == .unchanged)
        #expect(ask("us", "second", at: 7) == Self.emphatic)
        #expect(ask("eu", "second", at: 8) == .drain)
    }
}

@Suite struct AgentWordsTests {
    @Test(arguments: [
        ("chat/us-east", AgentQuestion(route: "chat", endpoint: "us-east")),
        ("chat/us-east edge-2", AgentQuestion(route: "chat", endpoint: "us-east", asker: "edge-2")),
        ("a.b_c/D", AgentQuestion(route: "a.b_c", endpoint: "D")),
        ("chat", nil), ("chat/", nil), ("/us", nil), ("chat/us/eu", nil), ("chat/us ", nil), (" chat/us", nil),
        ("chat/us a b", nil), ("chat/us\ta", nil), ("chat/ü", nil), ("", nil), (" ", nil), ("/", nil),
        ("GET / HTTP/1.1", nil), (String(repeating: "a", count: 64) + "/b", nil),
    ])
    func linesAreReadStrictly(line: String, question: AgentQuestion?) {
        #expect(AgentQuestion(line: Array(line.utf8)) == question)
    }

    @Test func theLongestNamesFit() {
        let name = String(repeating: "n", count: 63)
        let line = Array("\(name)/\(name) \(name)\r\n".utf8)
        #expect(line.count == AgentQuestion.maximumBytes)
        #expect(AgentQuestion(line: Array(line.dropLast(2)))?.asker == name)
    }

    @Test func answersAreLines() {
        let lines = [AgentAnswer.ready(percent: 43), .drain, .unchanged].map(\.line)
        #expect(lines == ["ready 43%\n", "drain\n", "\n"])
    }

    /// The largest share is the whole weight, and no share is rounded away.
    @Test(arguments: [
        ([70, 30, 0], [100, 43, 0]), ([99, 1, 0], [100, 1, 0]), ([100, 0, 0], [100, 0, 0]),
        ([34, 33, 33], [100, 97, 97]), ([50, 50, 0], [100, 100, 0]),
    ])
    func sharesBecomePercentsOfTheLargest(shares: [Int], percents: [Int]) {
        let names: [EndpointName] = ["a", "b", "c"]
        let reason = Reason("configured", "as configured")
        let route = RouteSnapshot(
            name: "chat",
            active: "a",
            mode: .preferred,
            generation: 7,
            since: .seconds(0),
            reason: reason,
            order: names,
            provisional: false,
            dryRun: false,
            wouldBeActive: "a",
            endpoints: names,
            policy: .weighted(
                zip(names, shares).filter { $1 > 0 }.map { name, weight in
                    ShareSnapshot(
                        owner: name,
                        weight: weight,
                        active: name,
                        mode: .preferred,
                        generation: 7,
                        since: .seconds(0),
                        reason: reason,
                        chain: [name]
                    )
                }
            )
        )
        let snapshot = Snapshot(generation: 7, persisted: true, routes: [route], endpoints: [])
        let expected = Dictionary(uniqueKeysWithValues: zip(names.map(\.rawValue), percents))
        #expect(AgentDecision(snapshot) == AgentDecision(routes: ["chat": .init(generation: 7, percents: expected)]))
    }
}
