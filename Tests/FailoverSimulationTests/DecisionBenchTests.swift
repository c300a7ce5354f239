import FailoverCore
import Testing

@testable import FailoverSimulation

@Suite("Rules are compared")
struct DecisionBenchTests {
    private static let few = Contestant.all.filter {
        ["haproxy 3/2", "gdnsd 10/10/20", "first balanced"].contains($0.name)
    }
    private static let bench = DecisionBench(probes: 20_000, runs: 4, seed: 1, record: 500, contestants: few)

    private func results(_ order: [Int]) -> DecisionResults {
        let bench = Self.bench
        var parts: [DecisionBench.Part?] = bench.jobs.map { _ in nil }
        for index in order { parts[index] = bench.play(bench.jobs[index]) }
        return DecisionResults(bench, parts: parts.compactMap { $0 })
    }

    @Test func theSameSeedGivesTheSameTablesInAnyOrder() {
        let jobs = Self.bench.jobs.indices
        let results = results(Array(jobs))
        #expect(results == self.results(jobs.reversed()))
        #expect(results.tables.prefix(4).map(\.text).joined(separator: "\n") == Self.tables)
    }

    @Test func faultsAreFoundAfterARecordToo() {
        let results = results(Array(Self.bench.jobs.indices))
        let hard = results.recordDelays[0]
        #expect(hard.allSatisfy { $0.found == 4 && (1...10).contains($0.mean) })
        #expect(results.recordDelays.flatMap { $0 }.allSatisfy { $0.runs == 4 })
        #expect(results.others == ["first balanced"])
        #expect(results.otherNoise.flatMap { $0 }.allSatisfy { $0.probes == 20_000 })
        #expect(results.tables.last?.header == ["rule"] + GrayFault.all.map(\.name))
    }

    /// More runs than records: each record is forked further on, and no run is lost.
    @Test func everyRunAfterARecordIsPlayedOnce() {
        let bench = DecisionBench(probes: 1, runs: 23, seed: 1, record: 10, contestants: [Self.few[0]])
        let runs = bench.jobs.reduce(0) { sum, job in
            guard case .record = job, case .record(let found) = bench.play(job) else { return sum }
            return sum + found[0][0].count
        }
        #expect(runs == 23)
    }

    @Test func everyStatedFigureCanBeReadAndHasAColumn() {
        let bench = DecisionBench(probes: 20, runs: 1, seed: 1, record: 20)
        let results = DecisionResults(bench, parts: bench.jobs.map { bench.play($0) })
        let tables = [
            DesignFigures.defaults, DesignFigures.atFive, DesignFigures.atHalf, DesignFigures.flapping,
            DesignFigures.observer, DesignFigures.witnessed,
        ]
        let stated = tables.flatMap(\.rows).reduce(0) { sum, row in
            sum + row.cells.count { $0 != nil } + (row.falseRate == nil ? 0 : 1)
        }
        #expect(results.cells.count == stated)
    }

    @Test(arguments: [
        ("13", 13, 0.5), ("8.8", 8.8, 0.05), (".3", 0.3, 0.05), ("0.20", 0.2, 0.005), ("2.0-2.5", 2.25, 0.3),
    ])
    func figuresAreReadWithTheirRounding(text: String, value: Double, rounding: Double) throws {
        let figure = try #require(StatedFigure(text))
        #expect(abs(figure.value - value) < 1e-12)
        #expect(abs(figure.rounding - rounding) < 1e-12)
    }

    @Test(arguments: ["", "x", "1-", "2-1", "1-2-3", "-"])
    func whatIsNoFigureIsNotRead(text: String) {
        #expect(StatedFigure(text) == nil)
    }

    @Test(arguments: [(13.4, 0.0), (13.5, 0.0), (14.0, 1.0), (12.0, 1.0), (16.5, 6.0)])
    func deviationsBeginBeyondTheRounding(measured: Double, expected: Double) throws {
        let stated = try #require(StatedFigure("13"))
        #expect(stated.deviation(of: measured, standardError: 0.5) == expected)
    }

    @Test func whatIsOffAndNotExceptedIsFound() {
        let delays = DelayFigures(Array(repeating: 7, count: 100), horizon: 1000)
        #expect(delays.deviation(fromP95: StatedFigure(value: 7, rounding: 0.5)) == 0)
        #expect(delays.deviation(fromP95: StatedFigure(value: 9, rounding: 0.5)) > 2)
        func cell(_ deviation: Double, _ exception: String?) -> DecisionCell {
            DecisionCell(
                table: "defaults",
                contestant: "first balanced",
                column: "hard",
                stated: "5",
                measured: "7",
                deviation: deviation,
                exception: exception
            )
        }
        #expect(!cell(3, nil).isOff)
        #expect(cell(3.1, nil).isOff)
        #expect(!cell(.infinity, "its set-up is not known").isOff)
    }

    @Test func delaysThatAreNotFoundCountAsTheHorizon() {
        let figures = DelayFigures([1, 3, nil, 4], horizon: 10)
        #expect(figures.found == 3)
        #expect(figures.mean == 4.5)
        #expect(figures.p95 == 10)
        #expect(figures.text == "4.5±1.7/10 (75 %)")
        #expect(DelayFigures([nil, nil], horizon: 10).text == "never")
    }

    /// Exact bounds, from tables of the chi-squared distribution.
    @Test(arguments: [(0, 0.0, 3.689), (1, 0.0253, 5.572), (5, 1.623, 11.668), (100, 81.36, 121.63)])
    func boundsAreThoseOfAPoissonCount(trips: Int, low: Double, high: Double) {
        let counts = HealthyCounts(probes: 1_000_000, trips: trips, down: trips)
        #expect(abs(counts.bounds.lowerBound - low) < 0.03)
        #expect(abs(counts.bounds.upperBound - high) < 0.03)
    }

    @Test func tablesFitATerminal() {
        let header = ["rule"] + (1...9).map { "column \($0)" }
        let table = DecisionTable(title: "t", header: header, rows: [["a rule"] + (1...9).map { "\($0)±0.1/10" }])
        #expect(table.text.split(separator: "\n").allSatisfy { $0.count <= 80 })
        #expect(table.markdown.hasPrefix("t.\n\n| rule | column 1 | "))
    }

    /// Exclamation marks are what so few runs are bound to miss.
    private static let tables = """
        False failovers per million healthy probes, with 95 % bounds, and share of time
        down in bursty noise; one a million is 6.3 a year at 5 s

        rule                        bursty                mild               heavy
        haproxy 3/2           100 [11-361]        100 [11-361]        200 [54-512]
        gdnsd 10/10/20  0.00 [0.00-183.40]  0.00 [0.00-183.40]  0.00 [0.00-183.40]
        first balanced  0.00 [0.00-183.40]  0.00 [0.00-183.40]  0.00 [0.00-183.40]

        rule               down
        haproxy 3/2     0.020 %
        gdnsd 10/10/20  0.000 %
        first balanced  0.000 %

        Probes from a fault to the verdict in bursty noise: mean±standard error/95th
        percentile (share of runs that found it, unless all)

        rule                   hard       err 50        err 30     bursts 30
        haproxy 3/2       3.0±0.0/3  11.3±3.0/19  49.8±14.6/85  22.0±10.8/58
        gdnsd 10/10/20  10.0±0.0/10  17.5±2.0/23   36.5±9.8/70  43.5±11.5/82
        first balanced    5.0±0.0/5    7.5±0.8/9  11.5±0.8/14!  21.5±10.1/56

        rule                            err 10                  err 5     slow 100
        haproxy 3/2             524±251.8/1339  808±374.6/2000 (75 %)    3.0±0.0/3
        gdnsd 10/10/20  1102±352.9/2000 (75 %)                  never  10.0±0.0/10
        first balanced           62.8±18.5/103           169±25.9/213    8.0±0.0/8

        rule                 slow 50        slow 20                   slow 5
        haproxy 3/2      16.0±7.9/43  256±117.8/609  2717±244.9/3000 (25 %)!
        gdnsd 10/10/20   23.5±5.3/41   47.5±2.3/52!   2406±514.4/3000 (25 %)
        first balanced  14.3±0.6/15!  59.5±16.4/115           640±143.3/1109

        rule                            drift 5
        haproxy 3/2              689±386.8/2018
        gdnsd 10/10/20   2607±305.8/3000 (50 %)
        first balanced  2404±291.2/3000 (75 %)!

        Chance that a blip moves traffic; for the rest switches an hour (share of its
        bad probes that hit users)

        rule            2-probe blip  3-probe blip          15s/15s         60s/60s
        haproxy 3/2            0.0 %       100.0 %  237.50 (66.3 %)  59.00 (16.7 %)
        gdnsd 10/10/20         0.0 %         0.0 %     1.00 (2.5 %)    1.00 (2.5 %)
        first balanced         0.0 %         0.0 %     1.00 (1.1 %)    1.00 (1.1 %)

        rule                     5m/5m        5m/5m 4h      5m then 30%
        haproxy 3/2      11.00 (3.3 %)   11.88 (3.3 %)  24.00 (67.0 %)!
        gdnsd 10/10/20  11.00 (15.0 %)  11.75 (15.0 %)    1.00 (3.6 %)!
        first balanced    9.00 (5.6 %)    2.25 (1.4 %)    1.00 (1.6 %)!

        Chance of a needless move while the observer loses a share of its own probes for
        60 s; w: where a bad probe counts only with a clean witness

        rule            100 %    85 %    50 %  100 % w  85 % w  50 % w
        haproxy 3/2     0.0 %  50.0 %  75.0 %    0.0 %   0.0 %  25.0 %
        gdnsd 10/10/20  0.0 %  25.0 %   0.0 %    0.0 %   0.0 %   0.0 %
        first balanced  0.0 %  50.0 %  50.0 %    0.0 %   0.0 %   0.0 %

        """
}
