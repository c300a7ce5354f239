import FailoverCore
import Testing

@testable import FailoverSimulation

@Suite("Hiccups in continuous time")
struct HiccupRunTests {
    @Test(arguments: [(0.01, 3.0), (1e-3, 12.0), (0.02, 25.0)])
    func hiccupsTakeTheirShareOfTheTime(perSecond: Double, mean: Double) {
        var source = HiccupSource(perSecond: perSecond, mean: mean)
        var random = SplitMix64(seed: 8)
        // About two thousand hiccups, looked at every quarter of their mean.
        let step = mean / 4
        let steps = Int(2000 * (mean + 1 / perSecond) / step)
        let inside = (0..<steps).count { source.isInside(at: Double($0) * step, &random) }
        let expected = Double(steps) * perSecond * mean / (1 + perSecond * mean)
        #expect(abs(Double(inside) / expected - 1) < 0.2, "\(inside) of \(expected)")
    }

    @Test(arguments: [Preset.balanced, Preset.cautious])
    func aFewDaysOfHiccupsAsConfiguredTripWithinTheBudget(preset: Preset) {
        var run = HiccupRun(parameters: .preset(preset), multiple: 1, seed: 5)
        run.run(years: 0.01)
        #expect(run.years >= 0.01)
        #expect(run.years < 0.0101)
        // The probe every 5 s, and some more to confirm.
        #expect((63_000..<80_000).contains(run.probes), "\(run.line)")
        #expect(
            run.trips <= PoissonBound.upper(mean: 2 * run.parameters.falseFailoversPerYear * 0.01, confidence: 0.999)
        )
    }

    /// Two minutes of errors every hour are no hiccups to a rule that was told of three seconds.
    @Test func longTroublesTripAndTheSameSeedTripsAsOften() {
        let often = EvidenceParameters(
            preset: .balanced,
            falseFailoversPerYear: 4,
            availabilityBlip: .seconds(3),
            latencyBlip: .seconds(3),
            blipsPerDay: 24
        )
        var runs = (0..<2).map { _ in HiccupRun(parameters: often, multiple: 40, seed: 6) }
        for index in runs.indices { runs[index].run(years: 0.005) }
        #expect(runs[0].trips > 0)
        #expect(runs[0].line == runs[1].line)
        #expect(runs[0].line.hasPrefix("balanced  hiccups of 120.0 s (40 blips), 0.01 years: "))
    }
}
