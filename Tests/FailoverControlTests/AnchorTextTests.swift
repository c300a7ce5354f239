import FailoverCore
import FailoverWire
import Testing

@testable import FailoverControl

@Suite struct AnchorTextTests {
    @Test func aDeadAnchorIsWarnedOfAndAnotherIsNot() {
        var state = Samples.preferred
        state.vantage.anchors = [
            "tcp://192.0.2.1:443": .init(verdict: "healthy", good: 5, bad: 0),
            "tcp://192.0.2.2:443": .init(verdict: "unhealthy", good: 0, bad: 12, since: Samples.now),
            "tcp://192.0.2.3:443": .init(verdict: "unknown", good: 0, bad: 2),
        ]
        let lines = StatusText.render(state, routes: [], in: testStyle()).split(separator: "\n")
        #expect(
            lines.dropFirst() == [
                "anchor tcp://192.0.2.2:443 fails since 13:04:31 while others answer: it cannot",
                "witness",
            ]
        )
    }

    @Test(
        arguments: [
            (.full, "then stable 60 s (2nd\n           failover that still counts)\n"),
            (.slower, "that takes longer, because a cap makes\n           chats rarer\n"),
            (.exhausted, "not before midnight UTC, because a cap\n           leaves no chat to prove it with\n"),
        ] as [(SpendPace, String)]
    )
    func aCapThatDelaysTheProofOfRecoveryIsNamed(pace: SpendPace, end: String) {
        var document = Samples.explanation
        document.lastFailover = nil
        var endpoint = ExplainDocument.Endpoint(Samples.grounds, at: Samples.clock)
        let report = SpendReport(
            endpoint: "us-east",
            day: 20_000,
            cost: .zero,
            tokens: 0,
            cap: nil,
            pace: pace,
            news: nil
        )
        endpoint.spend = StateDocument.Spend(report, currency: "USD")
        document.endpoints = [endpoint]
        let text = ExplainText.render(document, endpoint: nil, in: testStyle())
        #expect(text.hasSuffix(end), "\(text)")
    }
}
