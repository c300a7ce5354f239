import FailoverWire
import Foundation
import Testing

@testable import FailoverControl

/// `failoverctl report` as people, notes and spreadsheets get it.
@Suite struct ReportTextTests {
    private static let style = TextStyle(width: 80, now: at)
    /// 2026-11-22T12:00:00Z.
    private static let at = WallTime(secondsSince1970: 1_795_348_800)

    private static func time(_ secondsAgo: Double) -> WallTime {
        WallTime(secondsSince1970: at.secondsSince1970 - secondsAgo)
    }

    /// Of the known time, in seconds; a probe every five of them.
    private static func budget(
        bad: Int,
        of known: Int,
        objective: Double = 0.999,
        exhaustedAt: WallTime? = nil
    ) -> BudgetDocument {
        // As the daemon rounds them.
        let ratio = known == 0 ? nil : (Double(bad) / Double(known) * 1e9).rounded() / 1e9
        return BudgetDocument(
            objective: objective,
            samples: known / 5,
            bad: bad / 5,
            ratio: ratio,
            budgetLeft: ratio.map { ((1 - $0 / (1 - objective)) * 1e6).rounded() / 1e6 },
            burn: [:],
            exhaustedAt: exhaustedAt,
            coveredSeconds: known
        )
    }

    private static func failover(
        daysAgo: Double,
        from: String = "us-east",
        to: String = "eu-west",
        seconds: Double,
        goesOn: Bool = false,
        text: String,
        bad: Int? = nil,
        extra: Double? = nil
    ) -> ReportDocument.Failover {
        ReportDocument.Failover(
            at: time(daysAgo * 86_400),
            generation: 2,
            from: from,
            to: to,
            reason: ReasonDocument(code: "availability", text: text),
            seconds: seconds,
            goesOn: goesOn,
            badBefore: bad,
            secondsBefore: bad.map { Double($0 * 5) - 0.5 },
            extraCost: extra
        )
    }

    private static func report(
        _ routes: [ReportDocument.Route],
        _ endpoints: [ReportDocument.Endpoint],
        trouble: String? = nil
    ) -> ReportDocument {
        ReportDocument(
            from: time(30 * 86_400),
            at: at,
            days: 30,
            currency: "USD",
            routes: routes,
            endpoints: endpoints,
            trouble: trouble
        )
    }

    private static let month = 30 * 86_400
    private static let outage = #""outage" evidence 8.12 >= 7.98, last bad probe: http_503"#

    /// Several failovers, one of which goes on, with prices; and a route beside it that never moved.
    private static let eventful = report(
        [
            ReportDocument.Route(
                route: "chat",
                objective: 0.999,
                periodDays: 30,
                asRouted: budget(bad: 2_160, of: month, exhaustedAt: time(-7_200)),
                withoutFailover: budget(bad: 12_960, of: month),
                failovers: [
                    failover(daysAgo: 20, seconds: 2_670, text: "availability: " + outage, bad: 6, extra: 0.37),
                    failover(
                        daysAgo: 3.5,
                        seconds: 90_000,
                        text: "availability: us-east gave no answer for long",
                        extra: -1.25
                    ),
                    failover(
                        daysAgo: 0.02,
                        to: "own",
                        seconds: 1_728,
                        goesOn: true,
                        text: "latency: \"slow\" evidence 9.01 >= 7.98, last bad probe: slow",
                        bad: 14
                    ),
                ],
                requestsPerMonth: 10_000
            ),
            ReportDocument.Route(
                route: "search",
                objective: 0.99,
                periodDays: 7,
                asRouted: budget(bad: 5, of: month, objective: 0.99),
                withoutFailover: budget(bad: 5, of: month, objective: 0.99),
                failovers: []
            ),
        ],
        [
            ReportDocument.Endpoint(
                endpoint: "us-east",
                region: "us-east-1",
                budgets: .init(
                    availability: budget(bad: 12_960, of: month),
                    latency: budget(bad: 26_000, of: month, objective: 0.99),
                    ttft: budget(bad: 0, of: month, objective: 0.99)
                ),
                probing: 3.04
            ),
            ReportDocument.Endpoint(
                endpoint: "eu-west",
                region: "eu-west-1",
                budgets: .init(
                    availability: budget(bad: 0, of: month),
                    latency: budget(bad: 10, of: month, objective: 0.99)
                ),
                probing: 4.78
            ),
            ReportDocument.Endpoint(
                endpoint: "own",
                region: "home",
                budgets: .init(availability: budget(bad: 100, of: 40_000))
            ),
        ]
    )

    @Test func severalFailoversAreToldWithWhatTheyCost() {
        #expect(
            ReportText.render(Self.eventful, in: Self.style) == """
                Report of 30 days, 2026-10-23 12:00 to 2026-11-22 12:00

                chat: 99.9 % was asked for and kept: 99.916 % of the known time was good as
                routed
                                        GOOD  BAD TIME  BUDGET LEFT   KNOWN        BAD PROBES
                  as routed         99.916 %  36.0 min         17 %  30.0 d    432 of 518,400
                  without failover   99.50 %     3.6 h       -400 %  30.0 d  2,592 of 518,400
                  If it goes on like this, the budget is used up at 2026-11-22 14:00.
                  FAILOVER          FROM     TO              AWAY FOR  BAD BEFORE  EXTRA USD
                  2026-11-02 12:00  us-east  eu-west         44.5 min   6 in 30 s      +0.37
                    availability: "outage" evidence 8.12 >= 7.98, last bad probe: http_503
                  2026-11-19 00:00  us-east  eu-west           25.0 h           -      -1.25
                    availability: us-east gave no answer for long
                  2026-11-22 11:31  us-east  own      28.8 min so far  14 in 70 s          -
                    latency: "slow" evidence 9.01 >= 7.98, last bad probe: slow
                  Extra costs are those of 10,000 requests a month beside the preferred
                  endpoint.

                search: 99 % was asked for and kept: 99.99980 % of the known time was good as
                routed
                                          GOOD  BAD TIME  BUDGET LEFT   KNOWN    BAD PROBES
                  as routed         99.99980 %       5 s        100 %  30.0 d  1 of 518,400
                  without failover  99.99980 %       5 s        100 %  30.0 d  1 of 518,400
                  No failover.

                ENDPOINT     GOOD  BUDGET LEFT     IN TIME  TOKEN IN TIME   KNOWN  PROBING USD
                us-east   99.50 %       -400 %     98.99 %          100 %  30.0 d         3.04
                eu-west     100 %        100 %  99.99961 %                 30.0 d         4.78
                own       99.75 %       -150 %                             11.1 h
                Good and bad are shares of the known time: of an hour in which nothing was
                probed, or our own network was in doubt, nothing is known. In time are answers
                within the objective, 99 % of which should be.

                """
        )
    }

    @Test func aQuietMonthIsShort() {
        let quiet = Self.report(
            [
                ReportDocument.Route(
                    route: "web",
                    objective: 0.999,
                    periodDays: 30,
                    asRouted: Self.budget(bad: 0, of: Self.month),
                    withoutFailover: Self.budget(bad: 0, of: Self.month),
                    failovers: []
                )
            ],
            [
                ReportDocument.Endpoint(
                    endpoint: "us-east",
                    region: "us-east-1",
                    budgets: .init(availability: Self.budget(bad: 0, of: Self.month))
                )
            ]
        )
        #expect(
            ReportText.render(quiet, in: Self.style) == """
                Report of 30 days, 2026-10-23 12:00 to 2026-11-22 12:00

                web: 99.9 % was asked for and kept: 100 % of the known time was good as routed
                                     GOOD  BAD TIME  BUDGET LEFT   KNOWN    BAD PROBES
                  as routed         100 %       0 s        100 %  30.0 d  0 of 518,400
                  without failover  100 %       0 s        100 %  30.0 d  0 of 518,400
                  No failover.

                ENDPOINT  REGION      GOOD  BUDGET LEFT   KNOWN
                us-east   us-east-1  100 %        100 %  30.0 d
                Good and bad are shares of the known time: of an hour in which nothing was
                probed, or our own network was in doubt, nothing is known.

                """
        )
        #expect(
            ReportTables.markdown(quiet) == """
                # Report of 30 days

                From 2026-10-23T12:00:00.000Z to 2026-11-22T12:00:00.000Z.

                ## Route web

                99.9 % was asked for and kept: 100 % of the known time was good as routed.

                |  | good | bad time | budget left | known | bad probes |
                | --- | --- | --- | --- | --- | --- |
                | as routed | 100 % | 0 s | 100 % | 30.0 d | 0 of 518,400 |
                | without failover | 100 % | 0 s | 100 % | 30.0 d | 0 of 518,400 |

                No failover.

                ## Endpoints

                | endpoint | region | good | budget left | in time | token in time | known |
                | --- | --- | --- | --- | --- | --- | --- |
                | us-east | us-east-1 | 100 % | 100 % |  |  | 30.0 d |

                """
        )
    }

    @Test func aHistoryThatHasJustBegunSaysThatNothingIsKnown() {
        let empty = Self.report(
            [
                ReportDocument.Route(
                    route: "web",
                    objective: 0.999,
                    periodDays: 30,
                    asRouted: Self.budget(bad: 0, of: 0),
                    withoutFailover: Self.budget(bad: 0, of: 0),
                    failovers: []
                )
            ],
            [
                ReportDocument.Endpoint(
                    endpoint: "us-east",
                    region: "us-east-1",
                    budgets: .init(availability: Self.budget(bad: 0, of: 0))
                )
            ],
            trouble: "the history is not written: database or disk is full"
        )
        #expect(
            ReportText.render(empty, in: Self.style) == """
                Report of 30 days, 2026-10-23 12:00 to 2026-11-22 12:00
                The history is not complete: the history is not written: database or disk is
                full

                web: 99.9 % was asked for; nothing is known of these days
                                    GOOD  BAD TIME  BUDGET LEFT  KNOWN  BAD PROBES
                  as routed            -         -            -    0 s      0 of 0
                  without failover     -         -            -    0 s      0 of 0
                  No failover.

                ENDPOINT  REGION     GOOD  BUDGET LEFT  KNOWN
                us-east   us-east-1     -            -    0 s
                Good and bad are shares of the known time: of an hour in which nothing was
                probed, or our own network was in doubt, nothing is known.

                """
        )
    }

    /// Names that leave no room for all columns: their figures are told in words.
    @Test func longNamesKeepEightyColumnsAndLoseNothing() {
        var report = Self.eventful
        for index in report.routes[0].failovers.indices {
            report.routes[0].failovers[index].from = "us-east-1-azure-gpt"
            report.routes[0].failovers[index].to = "eu-central-1-bedrock"
        }
        report.routes.removeLast()
        report.endpoints.removeFirst(2)
        report.routes[0].failovers.removeSubrange(1..<2)
        let text = ReportText.render(report, in: Self.style)
        #expect(
            text == """
                Report of 30 days, 2026-10-23 12:00 to 2026-11-22 12:00

                chat: 99.9 % was asked for and kept: 99.916 % of the known time was good as
                routed
                                        GOOD  BAD TIME  BUDGET LEFT   KNOWN        BAD PROBES
                  as routed         99.916 %  36.0 min         17 %  30.0 d    432 of 518,400
                  without failover   99.50 %     3.6 h       -400 %  30.0 d  2,592 of 518,400
                  If it goes on like this, the budget is used up at 2026-11-22 14:00.
                  FAILOVER          FROM                 TO                           AWAY FOR
                  2026-11-02 12:00  us-east-1-azure-gpt  eu-central-1-bedrock         44.5 min
                    bad before: 6 in 30 s; extra USD: +0.37; availability: "outage" evidence
                    8.12 >= 7.98, last bad probe: http_503
                  2026-11-22 11:31  us-east-1-azure-gpt  eu-central-1-bedrock  28.8 min so far
                    bad before: 14 in 70 s; extra USD: -; latency: "slow" evidence 9.01 >= 7.98,
                    last bad probe: slow
                  Extra costs are those of 10,000 requests a month beside the preferred
                  endpoint.

                ENDPOINT  REGION     GOOD  BUDGET LEFT   KNOWN
                own       home    99.75 %       -150 %  11.1 h
                Good and bad are shares of the known time: of an hour in which nothing was
                probed, or our own network was in doubt, nothing is known.

                """
        )
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test func markdownHoldsTheSame() {
        #expect(
            ReportTables.markdown(Self.eventful) == """
                # Report of 30 days

                From 2026-10-23T12:00:00.000Z to 2026-11-22T12:00:00.000Z.

                ## Route chat

                99.9 % was asked for and kept: 99.916 % of the known time was good as routed.

                |  | good | bad time | budget left | known | bad probes |
                | --- | --- | --- | --- | --- | --- |
                | as routed | 99.916 % | 36.0 min | 17 % | 30.0 d | 432 of 518,400 |
                | without failover | 99.50 % | 3.6 h | -400 % | 30.0 d | 2,592 of 518,400 |

                | failover | from | to | away for | bad before | extra USD | why |
                | --- | --- | --- | --- | --- | --- | --- |
                | 2026-11-02T12:00:00.000Z | us-east | eu-west | 44.5 min | 6 in 30 s | +0.37 | availability: "outage" evidence 8.12 >= 7.98, last bad probe: http_503 |
                | 2026-11-19T00:00:00.000Z | us-east | eu-west | 25.0 h | - | -1.25 | availability: us-east gave no answer for long |
                | 2026-11-22T11:31:12.000Z | us-east | own | 28.8 min so far | 14 in 70 s | - | latency: "slow" evidence 9.01 >= 7.98, last bad probe: slow |

                ## Route search

                99 % was asked for and kept: 99.99980 % of the known time was good as routed.

                |  | good | bad time | budget left | known | bad probes |
                | --- | --- | --- | --- | --- | --- |
                | as routed | 99.99980 % | 5 s | 100 % | 30.0 d | 1 of 518,400 |
                | without failover | 99.99980 % | 5 s | 100 % | 30.0 d | 1 of 518,400 |

                No failover.

                ## Endpoints

                | endpoint | region | good | budget left | in time | token in time | known |
                | --- | --- | --- | --- | --- | --- | --- |
                | us-east | us-east-1 | 99.50 % | -400 % | 98.99 % | 100 % | 30.0 d |
                | eu-west | eu-west-1 | 100 % | 100 % | 99.99961 % |  | 30.0 d |
                | own | home | 99.75 % | -150 % |  |  | 11.1 h |

                """
        )
    }

    @Test func aSpreadsheetGetsALineForEachBudgetAndFailover() {
        var report = Self.eventful
        report.routes.removeLast()
        report.endpoints.removeFirst()
        // Whatever a server says is text in a spreadsheet too.
        report.routes[0].failovers[1].reason.text = "=cmd|' /C calc'!A0, and \"more\""
        let lines = ReportTables.csv(report).components(separatedBy: "\r\n")
        #expect(
            lines == [
                "kind,name,side,objective,samples,bad,ratio,budget_left,covered_seconds,at,from,to,seconds,bad_before,seconds_before,extra_cost,reason",
                "route,chat,as_routed,0.999,518400,432,0.000833333,0.166667,2592000,,,,,,,,",
                "route,chat,without_failover,0.999,518400,2592,0.005,-4.0,2592000,,,,,,,,",
                "endpoint,eu-west,availability,0.999,518400,0,0.0,1.0,2592000,,,,,,,,",
                "endpoint,eu-west,latency,0.99,518400,2,3.858e-06,0.999614,2592000,,,,,,,,",
                "endpoint,own,availability,0.999,8000,20,0.0025,-1.5,40000,,,,,,,,",
                #"failover,chat,,,,,,,,2026-11-02T12:00:00.000Z,us-east,eu-west,2670.0,6,29.5,0.37,"availability: ""outage"" evidence 8.12 >= 7.98, last bad probe: http_503""#,
                #"failover,chat,,,,,,,,2026-11-19T00:00:00.000Z,us-east,eu-west,90000.0,,,-1.25,"'=cmd|' /C calc'!A0, and ""more""""#,
                #"failover,chat,,,,,,,,2026-11-22T11:31:12.000Z,us-east,own,1728.0,14,69.5,,"latency: ""slow"" evidence 9.01 >= 7.98, last bad probe: slow""#,
                "",
            ]
        )
    }
}
