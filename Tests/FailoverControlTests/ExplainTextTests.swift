import FailoverCore
import FailoverWire
import Foundation
import Testing

@testable import FailoverControl

@Suite struct ExplainTextTests {
    @Test func arithmeticIsShownStepByStep() {
        #expect(
            ExplainText.render(Samples.explanation, endpoint: nil, in: testStyle()) == """
                chat: eu-west, failed over since 12:52:16 (12 min ago)
                  availability, "outage" evidence 7.20 >= 6.56
                  limit  : 4 false failovers a year at 1 probe every 5 s => outage at 10^6.56:1

                us-east UNHEALTHY: recovering
                  availability: "outage" evidence 5.50 of 6.56
                    (earlier probes, sum 6.46)
                  TIME      FINDING          HEALTHY  OUTAGE   ADDS      SUM
                  13:04:21  connect_refused     18 %    98 %  +0.74  -> 7.20  TRIP
                  13:04:26  ok                 0.1 %    98 %  -1.70  -> 5.50
                  back   : recovery evidence 2.1/2.0, proven; must stay so until 13:04:51, 20 s
                           more

                eu-west HEALTHY: no evidence against it
                  availability: no evidence of 6.56

                last failover: us-east -> eu-west at 12:52:16 (12 min ago)
                us-east UNHEALTHY: availability, "outage" evidence 7.20 >= 6.56
                  availability: "outage" evidence 7.20 of 6.56
                  TIME      FINDING          HEALTHY  OUTAGE   ADDS      SUM
                  12:51:56  connect_timeout    0.1 %    98 %  +2.97  -> 2.97
                  12:52:01  connect_timeout    1.0 %    98 %  +1.97  -> 4.94  (could be a blip)
                  12:52:06  connect_timeout     16 %    98 %  +0.78  -> 5.72
                  12:52:11  connect_timeout     18 %    98 %  +0.74  -> 6.46
                  12:52:16  connect_timeout     18 %    98 %  +0.74  -> 7.20  TRIP
                  latency: no evidence of 6.85
                  back   : recovery evidence 0.0/2.0 (22 clean probes), then stable 60 s (2nd
                           failover that still counts)
                  target : eu-west

                """
        )
    }

    @Test func oneEndpointIsShownAlone() {
        #expect(
            ExplainText.render(Samples.explanation, endpoint: "eu-west", in: testStyle()) == """
                chat: eu-west, failed over since 12:52:16 (12 min ago)
                  availability, "outage" evidence 7.20 >= 6.56
                  limit  : 4 false failovers a year at 1 probe every 5 s => outage at 10^6.56:1

                eu-west HEALTHY: no evidence against it
                  availability: no evidence of 6.56

                """
        )
    }

    @Test func goodProbesInARowShareARow() throws {
        var document = Samples.explanation
        let good = try #require(document.endpoints[0].indicators[0].steps.last)
        document.endpoints[0].indicators[0].steps += [good, good, good]
        let text = ExplainText.render(document, endpoint: "us-east", in: testStyle())
        #expect(
            text.split(separator: "\n").filter { $0.contains(" ok") } == [
                "  13:04:26  4 ok                              -6.79  -> 5.50"
            ]
        )
    }

    /// Four errors of an endpoint whose hiccups last longer than configured.
    private static var corrected: ExplainDocument {
        let probes: [(healthy: Double, model: Double, increment: Double, score: Double)] = [
            (0.001, 0.001, 2.991, 2.99), (0.024, 0.01, 1.611, 4.6), (0.4, 0.163, 0.389, 4.99),
            (0.43, 0.179, 0.358, 5.35),
        ]
        let steps = probes.enumerated().map { index, probe in
            EvidenceStep(
                start: Samples.instant(Double(20 - index * 5)),
                isBad: true,
                situation: [.clear, .bad1, .bad2, .bad3][index],
                finding: "timeout",
                healthyProbability: probe.healthy,
                modelProbability: probe.model,
                increments: [probe.increment, 0, 0],
                scores: [probe.score, 3, 2]
            )
        }
        func learned(_ situation: Situation, bad: Double, expected: Double, factor: Double) -> LearnedSituation {
            let since = Samples.instant(71 * 86_400)
            return LearnedSituation(situation: situation, bad: bad, expected: expected, factor: factor, since: since)
        }
        let indicator = IndicatorExplanation(
            name: IndicatorName(probe: .default, kind: .availability),
            threshold: 6.556,
            thresholds: [6.556, 6.955, 5.9146],
            scores: [5.35, 3, 2],
            steps: steps,
            baseline: [
                // As near as the others, but no probe was there.
                learned(.good1, bad: 3, expected: 1.1, factor: 2.4),
                learned(.bad1, bad: 9, expected: 3.06, factor: 2.41),
                learned(.bad2, bad: 2, expected: 0.6, factor: 2.454),
                // Never seen itself: the situation before it speaks for it.
                learned(.bad3, bad: 0, expected: 0, factor: 2.402),
                learned(.bad17, bad: 20, expected: 4, factor: 4.2),
            ]
        )
        let endpoint = EndpointExplanation(
            endpoint: "us-east",
            verdict: .degraded,
            reason: Reason(.availability, "evidence"),
            rule: .evidence(.balanced),
            interval: .seconds(5),
            indicators: [indicator],
            recovery: nil
        )
        var document = Samples.explanation
        document.lastFailover = nil
        document.endpoints[0] = ExplainDocument.Endpoint(endpoint, at: Samples.clock)
        return document
    }

    @Test func whatWasLearnedStandsBesideTheModel() {
        let lines = ExplainText.render(Self.corrected, endpoint: "us-east", in: testStyle(100)).split(separator: "\n")
        #expect(
            lines.filter { $0.contains("timeout") || $0.contains("TIME") || $0.contains("learned") } == [
                "  TIME      FINDING  HEALTHY  MODEL  LEARNED  OUTAGE   ADDS      SUM",
                "  13:04:11  timeout    0.1 %                    98 %  +2.99  -> 2.99",
                "  13:04:16  timeout    2.4 %  1.0 %     x2.4    98 %  +1.61  -> 4.60  (could be a blip)",
                "  13:04:21  timeout     40 %   16 %     x2.5    98 %  +0.39  -> 4.99",
                "  13:04:26  timeout     43 %   18 %     x2.4    98 %  +0.36  -> 5.35",
                "  learned: \(Situation.bad2.text): 2.0 bad, 0.6 expected, so x2.5 (since 2026-09-12)",
                "  learned: \(Situation.bad1.text): 9.0 bad, 3.1 expected, so x2.4 (since 2026-09-12)",
            ]
        )
    }

    /// The model's chance stays, and what was made of it goes first.
    @Test(arguments: [60, 72, 80])
    func whatWasLearnedFitsTheWidth(width: Int) {
        let lines = ExplainText.render(Self.corrected, endpoint: "us-east", in: testStyle(width))
            .split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= max(width, 70) })
        #expect(lines.contains { $0.hasPrefix("  TIME      FINDING  HEALTHY  MODEL") })
    }

    @Test func leadingIsWhatIsNearestToItsOwnThreshold() {
        var indicator = Samples.explanation.endpoints[0].indicators[0]
        indicator.scores = ["outage": 5.8, "partial": 5.9, "degraded": 5.4]
        #expect(indicator.leading == "degraded")
        indicator.thresholds = nil
        #expect(indicator.leading == "partial")
        indicator.scores = ["outage": 0, "partial": 0, "degraded": 0]
        #expect(indicator.leading == "outage")
        indicator.scores = [:]
        #expect(indicator.leading == nil)
    }

    @Test func tripIsWhereTheOwnThresholdIsReached() {
        var document = Samples.explanation
        document.endpoints[0].indicators[0].scores = ["outage": 2, "partial": 3, "degraded": 5.95]
        let bad = document.endpoints[0].indicators[0].steps[0]
        document.endpoints[0].indicators[0].steps = [5.89, 5.92].map { score in
            var step = bad
            step.increments = ["outage": 0, "partial": 0, "degraded": 0.03]
            step.scores = ["outage": 2, "partial": 3, "degraded": score]
            return step
        }
        let lines = ExplainText.render(document, endpoint: "us-east", in: testStyle()).split(separator: "\n")
        #expect(lines.contains("  availability: \"degraded\" evidence 5.95 of 5.91"))
        #expect(lines.filter { $0.contains("TRIP") }.map { $0.contains("-> 5.92") } == [true])
    }

    @Test func earlierStepsAreSummedUp() {
        var document = Samples.explanation
        let step = document.endpoints[0].indicators[0].steps[0]
        document.endpoints[0].indicators[0].steps = Array(repeating: step, count: 23)
        let text = ExplainText.render(document, endpoint: "us-east", in: testStyle())
        #expect(text.contains("\n    (at least 3 earlier probes, sum 7.20, tripped at 13:04:21)\n"))
        #expect(text.split(separator: "\n").count { $0.contains("connect_refused") } == 20)
    }

    @Test func plainRuleHasNoArithmetic() {
        var document = Samples.explanation
        document.limit = "3 bad probes in a row; back after 2 good ones"
        document.lastFailover = nil
        document.endpoints.removeFirst()
        document.endpoints[0].indicators[0].scores = [:]
        #expect(
            ExplainText.render(document, endpoint: nil, in: testStyle()) == """
                chat: eu-west, failed over since 12:52:16 (12 min ago)
                  availability, "outage" evidence 7.20 >= 6.56
                  limit  : 3 bad probes in a row; back after 2 good ones

                eu-west HEALTHY: no evidence against it

                """
        )
    }
}

@Suite struct EventTextTests {
    @Test func eventsAreReadable() {
        var observed = Samples.failover
        observed.dryRun = true
        var reload = Samples.event(3, route: nil)
        reload.event = "config"
        reload.endpoint = nil
        reload.reason.text = "applied, 2 endpoints added"
        reload.actor = "alice"
        var stuck = Samples.event(3)
        stuck.event = "fail_open"
        stuck.reason.text = "nobody is healthy"
        var certificate = Samples.event(3, route: nil)
        certificate.event = "certificate"
        certificate.reason.text = "expires in 9 days"
        var vantage = reload
        vantage.event = "vantage"
        vantage.reason.text = "no file descriptor left"
        vantage.actor = nil
        var share = Samples.failover
        share.event = "weights"
        share.share = "us-east"
        share.reason.text = "70 % from us-east to eu-west: fixed"
        share.actor = "alice"
        var weights = reload
        weights.route = "chat"
        weights.actor = nil
        weights.reason.text = "the weights are now us-east 100 %"
        let events = [
            Samples.failover, share, weights, observed, stuck, Samples.event(3), Samples.event(3, route: nil),
            certificate, vantage,
            reload,
        ]
        #expect(
            events.map { EventText.render($0, in: testStyle()) }.joined() == """
                12:52:16  failover       chat: us-east -> eu-west: availability, "outage"
                                         evidence 7.20 >= 6.56 (generation 7)
                12:52:16  weights        chat: 70 % from us-east to eu-west: fixed (by alice,
                                         generation 7)
                12:54:31  config         chat: the weights are now us-east 100 % (generation 7)
                12:52:16  failover       chat: would move us-east -> eu-west: availability,
                                         "outage" evidence 7.20 >= 6.56
                12:54:31  fail_open      chat stays on us-east: nobody is healthy
                12:54:31  verdict        chat: us-east: verdict 3
                12:54:31  verdict        us-east: verdict 3
                12:54:31  certificate    us-east: expires in 9 days
                12:54:31  vantage        no file descriptor left
                12:54:31  config         applied, 2 endpoints added (by alice)

                """
        )
    }

    @Test func anotherDayIsNamed() {
        let later = WallTime(Samples.now.date.addingTimeInterval(86_400))
        #expect(
            EventText.render(Samples.event(3), in: testStyle(now: later))
                == "2026-11-22 12:54:31  verdict        chat: us-east: verdict 3\n"
        )
    }
}

@Suite struct WordingTests {
    @Test(
        arguments: [
            (0, "just now"), (0.9, "just now"), (1, "1 s ago"), (119, "119 s ago"), (120, "2 min ago"),
            (7199, "119 min ago"),
            (7200, "2 h ago"), (172_799, "47 h ago"), (172_800, "2 d ago"), (-5, "just now"),
        ] as [(Double, String)]
    )
    func agoIsRoundedDownToAUnitOfWhichThereAreTwo(seconds: Double, expected: String) {
        let time = WallTime(Samples.now.date.addingTimeInterval(-seconds))
        #expect(Wording.ago(time, in: testStyle()) == expected)
    }

    @Test(
        arguments: [
            (0, "0.0 %"), (0.001, "0.1 %"), (0.0949, "9.5 %"), (0.09949, "9.9 %"), (0.0995, "10 %"), (0.16, "16 %"),
            (1, "100 %"),
        ] as [(Double, String)]
    )
    func percentHasADecimalOnlyWhereItMatters(share: Double, expected: String) {
        #expect(Wording.percent(share) == expected)
    }

    @Test(
        arguments: [
            (9.5, false, "9.5 ms"), (84.4, false, "84 ms"), (910, true, "0.91 s"), (2380, true, "2.38 s"),
            (15_000, true, "15.0 s"),
        ] as [(Double, Bool, String)]
    )
    func timesHaveFewDigits(milliseconds: Double, inSeconds: Bool, expected: String) {
        #expect(Wording.milliseconds(milliseconds, inSeconds: inSeconds) == expected)
    }

    @Test(arguments: [(300, "300 ms"), (999.5, "999.5 ms"), (1200, "1.2 s"), (3000, "3 s")] as [(Double, String)])
    func limitIsToldAsConfigured(milliseconds: Double, expected: String) {
        #expect(Wording.limit(milliseconds: milliseconds) == expected)
    }

    @Test func numbersAgreeWithTheirNouns() {
        #expect([0, 1, 2].map { Wording.count($0, "probe") } == ["0 probes", "1 probe", "2 probes"])
        #expect(Wording.count(2, "entry", "entries") == "2 entries")
        #expect(
            [1, 2, 3, 4, 11, 12, 13, 21, 22, 101, 111].map(Wording.ordinal)
                == ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "101st", "111th"]
        )
    }

    @Test(
        arguments: [
            (0, "0"), (999, "999"), (1000, "1,000"), (3531, "3,531"), (1_234_567, "1,234,567"), (-1000, "-1,000"),
            (100_000, "100,000"),
        ]
    )
    func longNumbersAreGrouped(number: Int, expected: String) {
        #expect(number.grouped == expected)
    }

    @Test func aLineThatIsTooLongGoesOnDeeper() {
        #expect(
            Wording.hanging("  a line that is a little too long for it", width: 30)
                == "  a line that is a little\n    too long for it"
        )
    }

    @Test func reloadSaysWhatChanged() {
        let hash = "c0ffee0123456789"
        #expect(
            ReloadText.render(ReloadDocument(configHash: hash, changed: true, warnings: ["one", "two"]))
                == "configuration applied: c0ffee0123456789\nwarning: one\nwarning: two\n"
        )
        #expect(
            ReloadText.render(ReloadDocument(configHash: hash, changed: false, warnings: []))
                == "configuration unchanged; certificates and keys were read again: c0ffee0123456789\n"
        )
    }
}

@Suite struct TextTableTests {
    private var table: TextTable {
        var table = TextTable(columns: [
            .init("NAME"), .init("KIND", dropOrder: 1), .init("COUNT", isRightAligned: true, dropOrder: 0),
            .init("WHY"),
        ])
        table.add(["first", "short", "7", ""])
        table.add(
            ["second one", "x", "1000000", "because"],
            notes: ["a note that is long enough to need a second line"]
        )
        return table
    }

    @Test func columnsAreAlignedAndLinesHaveNoTrailingSpace() {
        #expect(
            table.lines(in: testStyle(80), indent: 1) == [
                " NAME        KIND     COUNT  WHY",
                " first       short        7",
                " second one  x      1000000  because",
                "    a note that is long enough to need a second line",
            ]
        )
    }

    @Test func leastImportantColumnGoesFirst() {
        #expect(
            table.lines(in: testStyle(40), indent: 10).prefix(2) == [
                "          NAME          COUNT  WHY", "          first             7",
            ]
        )
        #expect(table.lines(in: testStyle(40), indent: 20).first == "                    NAME        WHY")
    }
}
