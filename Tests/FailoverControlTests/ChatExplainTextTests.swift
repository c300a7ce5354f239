import FailoverCore
import FailoverWire
import Testing

@testable import FailoverControl

/// What `failoverctl explain` says of chats with an LLM.
@Suite struct ChatExplainTextTests {
    @Test func anExplanationSaysOnWhichEvidenceAVerdictRests() {
        var document = Samples.explanation
        document.lastFailover = nil
        document.endpoints.removeFirst()
        document.endpoints[0].tier = "shallow"
        let poor = ChatReport(poorQuality: Reason(.quality, "the answer does not contain \"OK\""))
        var figures = ChatReport.Figures()
        figures.longestGap = .milliseconds(31)
        figures.timePerToken = .milliseconds(24)
        let report = ChatReport(
            figures: figures,
            model: "gpt-4o-2024-08-06",
            fingerprint: "fp_44709d6fcb",
            anomalies: [.noTerminator]
        )
        document.endpoints[0].chat = ["long": .init(report), "short": .init(poor), "x": .init(ChatReport())]
        var firstToken = document.endpoints[0].indicators[0]
        firstToken.name = "short.ttft"
        document.endpoints[0].indicators.append(firstToken)
        #expect(
            ExplainText.render(document, endpoint: nil, in: testStyle()) == """
                chat: eu-west, failed over since 12:52:16 (12 min ago)
                  availability, "outage" evidence 7.20 >= 6.56
                  limit  : 4 false failovers a year at 1 probe every 5 s => outage at 10^6.56:1

                eu-west HEALTHY: no evidence against it
                  tier   : shallow, only cheaper questions lately
                  answer : long: gpt-4o-2024-08-06 (fp_44709d6fcb), 41.7 tokens/s, longest gap
                           31 ms; the end of the stream was not announced (no_terminator)
                  answer : short: poor: the answer does not contain "OK"
                  availability: no evidence of 6.56
                  short.ttft: no evidence of 6.56

                """
        )
    }

    private static func connection(_ http: SpokenHTTP?) -> StateDocument.Connection {
        let address = HostPort(host: "192.0.2.1", port: 443)
        let facts = ConnectionFacts(address: address, family: .ipv4, http: http)
        return StateDocument.Connection(facts, expiresSoon: false, at: Samples.clock)
    }

    static let tierWords: [(tier: String, http: SpokenHTTP?, text: String)] = [
        // Asked, whether it answered or not.
        ("deep", .http1, "deep, it was asked what users ask"),
        ("shallow", .http1, "shallow, only cheaper questions lately"),
        ("shallow", nil, "shallow, it was reached and not asked anything"),
        ("none", nil, "none, too little is known of late"),
    ]

    @Test(arguments: tierWords)
    func aTierIsToldInWords(tier: String, http: SpokenHTTP?, text: String) {
        var document = Samples.explanation
        document.endpoints[0].tier = tier
        document.endpoints[0].connections = ["default": Self.connection(http)]
        let lines = ExplainText.render(document, endpoint: "us-east", in: testStyle()).split(separator: "\n")
        #expect(lines.filter { $0.hasPrefix("  tier") } == ["  tier   : \(text)"])
    }

    static let silences: [(model: String?, keepalives: Int, text: [String])] = [
        (nil, 99, ["no token, 99 keep-alives"]), (nil, 1, ["no token, 1 keep-alive"]), (nil, 0, []),
        ("m", 3, ["m, 3 keep-alives"]), ("m", 0, ["m"]),
    ]

    @Test(arguments: silences)
    func anAttemptThatHungIsNotInvisible(model: String?, keepalives: Int, text: [String]) {
        var figures = ChatReport.Figures()
        figures.keepalives = keepalives
        #expect(ChatText.answers(of: ["default": .init(ChatReport(figures: figures, model: model))]) == text)
    }

    @Test func refusalsAreToldBesideTheVerdict() {
        var document = Samples.explanation
        document.endpoints[1].reason = .init(code: "misconfigured", text: "as last known: our own request is refused")
        let text = ExplainText.render(document, endpoint: "eu-west", in: testStyle())
        #expect(text.contains("\neu-west HEALTHY, REFUSED: as last known: our own request is refused\n"))
    }

    @Test(arguments: [40, 60, 80])
    func headingsOfExplanationsAreWrapped(width: Int) {
        var document = Samples.explanation
        let reason = String(repeating: "a long reason ", count: 12)
        document.endpoints[0].reason.text = reason
        document.lastFailover?.grounds?.reason.text = reason
        let plain = ExplainText.render(document, endpoint: nil, in: testStyle(width)).split(separator: "\n")
        let headings = plain.filter { !$0.hasPrefix(" ") }
        #expect(headings.allSatisfy { $0.count <= width })
        #expect(
            plain.contains { $0.hasPrefix("  long reason") || $0.hasPrefix("  reason") || $0.hasPrefix("  a long") }
        )
        let coloured = ExplainText.render(document, endpoint: nil, in: testStyle(width, colour: true))
        #expect(coloured.replacing(/\u{1B}\[[0-9]+m/, with: "").split(separator: "\n") == plain)
        #expect(coloured.contains("\u{1B}[1mus-east\u{1B}[0m \u{1B}[31mUNHEALTHY\u{1B}[0m: a long"))
    }

    @Test func poorAnswersNeverTrip() throws {
        var document = Samples.explanation
        document.endpoints[0].indicators[0].name = "short.quality"
        let text = ExplainText.render(document, endpoint: "us-east", in: testStyle())
        #expect(
            text.split(separator: "\n").dropFirst(4).prefix(6).joined(separator: "\n") == """
                  short.quality: "poor answers" evidence 5.50 of 6.56; degrades from half of
                                 that, and never trips
                    (earlier probes, sum 6.46)
                  TIME      FINDING          HEALTHY  POOR ANSWERS   ADDS      SUM
                  13:04:21  connect_refused     18 %          98 %  +0.74  -> 7.20
                  13:04:26  ok                 0.1 %          98 %  -1.70  -> 5.50
                """
        )
    }
}
