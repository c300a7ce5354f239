import Testing

@testable import FailoverSimulation

/// Made-up figures of a window, the first rule and the rule in force.
@Suite("What a comparison comes to is worked out from its figures")
struct DecisionVerdictsTests {
    private static let contestants = ["window", "first balanced", "balanced"].map { name in
        Contestant(name, HAProxyRule(fall: 3, rise: 2), isEvidence: name != "window")
    }

    private func results(windowTrips: Int = 10) -> DecisionResults {
        let bench = DecisionBench(probes: 25_000_000, runs: 4, seed: 1, contestants: Self.contestants)
        func counts(_ names: ArraySlice<String>, _ noise: String) -> DecisionBench.Part {
            .healthy(
                names.map { name in
                    let own = noise == "mean5" ? 100 : noise == "phi.9" ? 40 : 12
                    let trips = name == "window" ? windowTrips : name == "balanced" ? own : 125
                    return HealthyCounts(probes: bench.probes, trips: trips, down: trips)
                }
            )
        }
        let parts = bench.jobs.map { job -> DecisionBench.Part in
            switch job {
            case .healthy(let noise, let range):
                counts(bench.contestants.map(\.name)[range], NoiseModel.all[noise].name)
            case .otherNoise(let noise, let range):
                counts(bench.others.map(\.name)[range], NoiseModel.heldOut[noise].name)
            case .record(let run): .record(GrayFault.all.map { Self.delays($0.name).map { [$0[run]] } })
            case .delay(let fault):
                .delay(Self.delays(GrayFault.all[fault].name).map { DelayFigures($0, horizon: 100) })
            case .flap: .flap(Self.contestants.map { _ in FlapCounts() })
            case .observer: .observer(Self.contestants.map { _ in 0 })
            }
        }
        return DecisionResults(bench, parts: parts)
    }

    /// Four runs of each.
    private static func delays(_ fault: String) -> [[Int?]] {
        switch fault {
        case "hard": [4, 5, 5].map { Array(repeating: $0, count: 4) }
        case "err 50": [[10, 12, 10, 12], [20, 22, 20, 22], [11, 13, 11, 13]]
        case "slow 5": [50, 10, 11].map { Array(repeating: $0, count: 4) }
        default: [50, 20, 10].map { Array(repeating: $0, count: 4) }
        }
    }

    @Test func budgetsThatAreMissedAreNamedAndWhetherByChance() {
        let budgets = DecisionVerdicts(results()).budgets
        #expect(budgets.map(\.noise) == (NoiseModel.all + NoiseModel.heldOut).map(\.name))
        #expect(Set(budgets.map(\.preset)) == ["balanced"])
        #expect(budgets.filter(\.isAbove).map(\.noise) == ["mean5", "phi.9"])
        #expect(budgets.filter(\.isCertainlyAbove).map(\.noise) == ["mean5"])
        // 12 of 25 million at 5 s are 3.03 a year, of 4.
        #expect(budgets.map(\.text).first == "0.8 [0.4-1.3]")
    }

    @Test func onlyRulesWithNoMoreFalseFailoversAreRivals() {
        let standings = DecisionVerdicts(results()).standings
        #expect(standings.map(\.when) == ["after an hour", "after 300,000 probes"])
        for standing in standings {
            #expect(standing.contestant == "balanced")
            #expect(standing.rivals == ["window"])
            #expect(
                standing.behind == [
                    DecisionVerdicts.Standing.Behind(fault: "hard", rival: "window", own: 5, theirs: 4)
                ]
            )
            #expect(standing.held == 10)
        }
    }

    /// 24 are two standard errors above 12: that may be chance.
    @Test(arguments: [(24, ["window"]), (25, [String]())])
    func chanceIsAllowedForInRates(trips: Int, rivals: [String]) {
        #expect(DecisionVerdicts(results(windowTrips: trips)).standings.map(\.rivals) == [rivals, rivals])
    }

    @Test func columnsThatGotWorseAreFound() {
        let changes = DecisionVerdicts(results()).changes
        #expect(changes.map(\.column).first == "hard")
        #expect(changes.count == GrayFault.all.count + NoiseModel.all.count + NoiseModel.heldOut.count)
        #expect(changes.filter { $0.errors > 2 }.map(\.column) == ["slow 5"])
        #expect(changes.filter { abs($0.errors) <= 2 }.map(\.column) == ["hard", "false in mean5"])
    }

    @Test func verdictsAreToldInLines() {
        let rival = "against 1 rule with no more false failovers (window): leads or ties in 10 of 11 faults; "
        #expect(
            DecisionVerdicts(results()).lines == [
                "budgets: 9 of 11 are within 2 times; above: balanced in mean5 6.3 [5.1-7.7], "
                    + "balanced in phi.9 2.5 [1.8-3.4]",
                "budgets certainly above 2 times: balanced in mean5 6.3 [5.1-7.7]",
                "balanced after an hour, \(rival)behind in hard 5.0 to 4.0 of window",
                "balanced after 300,000 probes, \(rival)behind in hard 5.0 to 4.0 of window",
                "balanced against first balanced: of 22 columns 19 better by more than 2 standard errors "
                    + "(19 by more than 3), 1 worse (1 by more than 3): "
                    + "slow 5 10.0±0.0/10 -> 11.0±0.0/11, in every run",
            ]
        )
    }
}
