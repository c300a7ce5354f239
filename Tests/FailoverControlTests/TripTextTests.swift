import FailoverCore
import FailoverWire
import Testing

@testable import FailoverControl

/// What tripped an endpoint, among probes of which not all are told.
@Suite struct TripTextTests {
    /// Good probes take "outage" away first, and its sum is what moved traffic.
    @Test func whatTrippedItIsShownWhileSomethingElseFades() {
        var document = Samples.explanation
        document.endpoints[0].indicators[0].scores = ["outage": 3.8, "partial": 4.9, "degraded": 5.7]
        document.endpoints[0].indicators[0].steps[1].scores = ["outage": 3.8, "partial": 4.9, "degraded": 5.7]
        let lines = ExplainText.render(document, endpoint: "us-east", in: testStyle()).split(separator: "\n")
        #expect(
            lines.dropFirst(4).prefix(5) == [
                "  availability: \"degraded\" evidence 5.70 of 5.91, tripped by \"outage\"",
                "    (earlier probes, sum 6.46)",
                "  TIME      FINDING          HEALTHY  OUTAGE   ADDS      SUM",
                "  13:04:21  connect_refused     18 %    98 %  +0.74  -> 7.20  TRIP",
                "  13:04:26  ok                 0.1 %    98 %  -1.70  -> 3.80",
            ]
        )
    }

    /// No more than forty are kept, and a long outage goes on adding.
    @Test func aTripThatIsNotToldAnyMoreIsNotSeenInWhatFollowed() {
        var document = Samples.explanation
        var step = document.endpoints[0].indicators[0].steps[0]
        step.increments = ["outage": 0.09, "partial": 0.05, "degraded": 0.05]
        step.scores = ["outage": 26.9, "partial": 12, "degraded": 11]
        document.endpoints[0].indicators[0].steps = Array(repeating: step, count: 30)
        document.endpoints[0].indicators[0].scores = step.scores
        #expect(document.endpoints[0].indicators[0].tripped == nil)
        let lines = ExplainText.render(document, endpoint: "us-east", in: testStyle()).split(separator: "\n")
        #expect(lines.contains("  availability: \"outage\" evidence 26.90 of 6.56"))
        #expect(lines.contains("    (at least 10 earlier probes, sum 26.90, tripped by then)"))
        #expect(!lines.contains { $0.contains("TRIP") })
    }
}
