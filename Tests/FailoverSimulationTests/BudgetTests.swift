import FailoverCore
import Testing

@testable import FailoverSimulation

@Suite("The rule keeps its budget on healthy endpoints")
struct BudgetTests {
    /// A small share of what `make nightly` draws, because nothing is optimised here.
    private static let probes = 250_000

    @Test(arguments: Preset.allCases)
    func healthyProbesTripWithinTheBudget(preset: Preset) {
        var run = BudgetRun(parameters: .preset(preset), seed: 11)
        run.run(probes: Self.probes)
        #expect(run.isKept, "\(run.line)")
        #expect(run.probes == Self.probes)
    }

    @Test func aThresholdThatIsTooLowIsFoundOut() {
        var run = BudgetRun(parameters: .balanced, seed: 11, detectorBudget: 4_000_000)
        run.run(probes: 100_000)
        #expect(!run.isKept, "\(run.line)")
    }

    @Test func theSameSeedTripsAsOften() {
        var runs = (0..<2).map { _ in BudgetRun(parameters: .instant, seed: 3, detectorBudget: 400_000) }
        for index in runs.indices { runs[index].run(probes: 50_000) }
        #expect(runs[0].line == runs[1].line)
        #expect(runs[0].trips > 0)
    }

    /// Quantiles of the distribution, from tables.
    @Test(arguments: [
        (0.0, 0.99, 0), (0.01, 0.99, 0), (0.5, 0.99, 3), (1, 0.99, 4), (4, 0.99, 9), (10, 0.99, 18), (63, 0.99, 82),
        (100, 0.99, 124), (1, 0.95, 3), (10, 0.95, 15), (1000, 0.99, 1074),
    ])
    func theBoundIsTheQuantile(mean: Double, confidence: Double, bound: Int) {
        #expect(PoissonBound.upper(mean: mean, confidence: confidence) == bound)
    }

    @Test(arguments: [(0.0, 0), (4.0, 0), (5.0, 1), (10.0, 3), (100.0, 77)])
    func theLowerBoundIsItsOther(mean: Double, bound: Int) {
        #expect(PoissonBound.lower(mean: mean, confidence: 0.99) == bound)
    }
}
