import FailoverCore
import FailoverWire
import TestSupport
import Testing

@testable import FailoverHistory

/// Thirty days with known outages, through everything that is real but the clock.
@Suite struct ReportTests {
    private static let days = 30
    private static let end = days * 86_400

    /// us-east is down for 40 min from day 5, 12:00:00, and is left after 30 s; it is returned to after 45 min.
    private static let outage = (5 * 86_400 + 43_200)..<(5 * 86_400 + 43_200 + 2_400)
    private static let away = (outage.lowerBound + 30)..<(outage.lowerBound + 2_700)
    /// Both are down for two minutes of day 20: nowhere to go.
    private static let common = (20 * 86_400)..<(20 * 86_400 + 120)
    /// The daemon does not run for an hour of day 10.
    private static let gap = (10 * 86_400)..<(10 * 86_400 + 3_600)

    private func write(_ file: HistoryFile) throws {
        var writer = try HistoryWriter(file)
        var world = Samples()
        var tally = HistoryTally()
        var minutes: [HistoryMinute] = []
        let events = try [
            Samples.move("failover", from: "us-east", to: "eu-west", at: Self.away.lowerBound, generation: 2),
            Samples.move("failback", from: "eu-west", to: "us-east", at: Self.away.upperBound, generation: 3),
        ]
        try writer.write([], events: events, facts: Samples.facts)
        _ = tally.take(world.snapshot, at: world.clock)
        while world.seconds < Self.end {
            if Self.gap.contains(world.seconds) {
                if let minute = tally.close() { minutes.append(minute) }
                world = Samples()
                tally = HistoryTally()
                world.seconds = Self.gap.upperBound
                _ = tally.take(world.snapshot, at: world.clock)
            }
            // Finer where something happens.
            let isNear = [Self.outage, Self.away, Self.common].contains {
                (($0.lowerBound - 60)..<($0.upperBound + 60)).contains(world.seconds)
            }
            let step = isNear ? 5 : 60
            let isBad = Self.outage.contains(world.seconds) || Self.common.contains(world.seconds)
            world.probe(0, good: isBad ? 0 : step / 5, bad: isBad ? step / 5 : 0)
            let isCommon = Self.common.contains(world.seconds)
            world.probe(1, good: isCommon ? 0 : step / 5, bad: isCommon ? step / 5 : 0)
            world.seconds += step
            world.active = Self.away.contains(world.seconds) ? "eu-west" : "us-east"
            minutes += tally.take(world.snapshot, at: world.clock)
            if minutes.count >= 60 {
                try writer.write(minutes)
                minutes = []
                try writer.prune(HistoryConfiguration(), now: Samples.midnight + world.seconds)
            }
        }
        try writer.write(minutes)
        writer.close()
    }

    private func budget(bad: Int, badSeconds: Int, known: Int, samples: Int, extraBad: Int = 0) -> BudgetDocument {
        let ratio = Double(badSeconds) / Double(known)
        return BudgetDocument(
            objective: 0.999,
            samples: samples,
            bad: bad,
            ratio: (ratio * 1e9).rounded() / 1e9,
            budgetLeft: ((1 - ratio / 0.001) * 1e6).rounded() / 1e6,
            burn: ["5m": 0, "30m": 0, "1h": 0, "6h": 0, "3d": 0],
            exhaustedAt: badSeconds > 2_592 ? WallTime(secondsSince1970: Double(Samples.midnight + Self.end)) : nil,
            coveredSeconds: known
        )
    }

    @Test func thirtyDaysWithKnownOutagesGiveTheExactBudget() async throws {
        try await withTemporaryDirectory { directory in
            let file = HistoryFile(stateDirectory: directory.path)
            try write(file)
            let reader = try HistoryReader(file)
            defer { reader.close() }
            let at = WallTime(secondsSince1970: Double(Samples.midnight + Self.end))
            let answer = try HistoryAnswers(reader, facts: Samples.facts, at: at).answer(.report(days: 30, route: nil))
            guard case .success(.report(let report)) = answer else {
                Issue.record("\(answer)")
                return
            }

            let known = Self.end - Self.gap.count
            let samples = known / 5
            #expect(
                report.routes == [
                    ReportDocument.Route(
                        route: "web",
                        objective: 0.999,
                        periodDays: 30,
                        asRouted: budget(bad: 30, badSeconds: 150, known: known, samples: samples),
                        withoutFailover: budget(bad: 504, badSeconds: 2_520, known: known, samples: samples),
                        failovers: [
                            ReportDocument.Failover(
                                at: WallTime(secondsSince1970: Double(Samples.midnight + Self.away.lowerBound)),
                                generation: 2,
                                from: "us-east",
                                to: "eu-west",
                                reason: ReasonDocument(code: "availability", text: "http_503"),
                                seconds: 2_670,
                                goesOn: false,
                                costRatio: 2,
                                extraCost: 0.5 * 2_670 / 3600
                            )
                        ],
                        requestsPerMonth: 10_000
                    )
                ]
            )
            #expect(
                report.endpoints.map(\.budgets.availability) == [
                    budget(bad: 504, badSeconds: 2_520, known: known, samples: samples),
                    budget(bad: 24, badSeconds: 120, known: known, samples: samples),
                ]
            )
            #expect(report.endpoints.map { $0.budgets.latency?.ratio } == [0, 0])
        }
    }

    @Test func aFailoverThatGoesOnLastsUntilNow() throws {
        let moves = try [
            Samples.move("failover", from: "us-east", to: "eu-west", at: 0, generation: 2),
            Samples.move("failover", from: "eu-west", to: "us-east", at: 10, generation: 3),
        ]
        let list = FailoverList(
            of: Samples.facts.routes[0],
            moves: moves,
            until: WallTime(secondsSince1970: Double(Samples.midnight + 40))
        )
        #expect(list.failovers.map(\.seconds) == [10, 30])
        #expect(list.failovers.map(\.goesOn) == [false, true])
    }

    @Test func movesThatWereOnlyObservedOrNoFailoversAreNotListed() throws {
        var observed = try Samples.move("failover", from: "us-east", to: "eu-west", at: 5, generation: 3)
        observed.dryRun = true
        let moves = try [
            Samples.move("failover", from: "us-east", to: "eu-west", at: 0, generation: 2), observed,
            Samples.move("failback", from: "eu-west", to: "us-east", at: 10, generation: 4),
            Samples.move("drained", from: "us-east", to: "eu-west", at: 20, generation: 5),
        ]
        let list = FailoverList(
            of: Samples.facts.routes[0],
            moves: moves,
            until: WallTime(secondsSince1970: Double(Samples.midnight + 40))
        )
        // What was only observed ends no failover either.
        #expect(list.failovers.map(\.generation) == [2])
        #expect(list.failovers.map(\.seconds) == [10])
    }
}
