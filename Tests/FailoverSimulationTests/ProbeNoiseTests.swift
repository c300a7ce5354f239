import FailoverCore
import RealModule
import Testing

@testable import FailoverSimulation

@Suite("Noise and faults are what their models say")
struct ProbeNoiseTests {
    private static let probes = 200_000

    /// Counts over correlated probes vary more than independent ones: five standard errors of those, three times over.
    private func isNear(_ count: Int, _ share: Double, of probes: Int) -> Bool {
        let expected = share * Double(probes)
        return abs(Double(count) - expected) < 15 * (expected + 1).squareRoot()
    }

    @Test(arguments: NoiseModel.all + NoiseModel.heldOut)
    func sharesAreTheStatedOnes(model: NoiseModel) {
        var noise = ProbeNoise(model, seed: SplitMix64(seed: 5))
        let probes = (0..<Self.probes).map { _ in noise.next() }
        // A new burst begins only outside of one.
        let inside = model.burstRate * model.bursts.mean / (1 + model.burstRate * (model.bursts.mean - 1))
        let quarters = model.quarters
        let errorRate = quarters.reduce(0) { $0 + $1.errors } / Double(quarters.count)
        let slowRate = quarters.reduce(0) { $0 + $1.slow } / Double(quarters.count)
        let errors = inside * NoiseModel.burstErrors + (1 - inside) * errorRate
        #expect(isNear(probes.count { $0.isError }, errors, of: probes.count))
        #expect(isNear(probes.count { $0.isSlow }, slowRate, of: probes.count))
        #expect(probes[1].start - probes[0].start == DecisionBench.interval)
    }

    /// Within five standard errors.
    @Test func burstsThatAreDrawnHaveTheirLengths() {
        var random = SplitMix64(seed: 4)
        func share(_ lengths: BurstLengths, atLeast least: Int) -> Double {
            let draws = (0..<100_000).compactMap { _ in lengths.draw(&random) }
            #expect(draws.count == 100_000)
            return Double(draws.count { $0 >= least }) / 1e5
        }
        let pareto = BurstLengths.pareto(exponent: 1.5, longest: 12)
        #expect(share(pareto, atLeast: 1) == 1)
        #expect(abs(share(pareto, atLeast: 2) - 0.35355) < 0.0076)
        #expect(abs(share(pareto, atLeast: 12) - 0.02406) < 0.0025)
        #expect(share(pareto, atLeast: 13) == 0)
        #expect(abs(pareto.mean - 2.0468) < 0.001)
        let oneOrFive = BurstLengths.oneOr(longer: 5, share: 0.2)
        #expect(abs(share(oneOrFive, atLeast: 2) - 0.2) < 0.0064)
        #expect(share(oneOrFive, atLeast: 6) == 0)
        #expect(oneOrFive.mean == 1.8)
        #expect(BurstLengths.geometric(mean: 2).draw(&random) == nil)
    }

    /// The worse quarter of an hour is the last of 28, and the worse half of a day the first.
    @Test func sharesChangeInTheCourseOfTime() throws {
        func slow(in name: String, _ isChosen: (Int) -> Bool) throws -> Int {
            let model = try #require(NoiseModel.heldOut.first { $0.name == name })
            var noise = ProbeNoise(model, seed: SplitMix64(seed: 12))
            return (0..<Self.probes).count { index in
                let isSlow = noise.next().isSlow
                return isSlow && isChosen(index / 180)
            }
        }
        let deploys = try slow(in: "deploys") { $0 % 28 == 27 }
        #expect(isNear(deploys, 0.02, of: Self.probes / 28))
        let rest = try slow(in: "deploys") { $0 % 28 != 27 }
        #expect(isNear(rest, 0.003, of: Self.probes / 28 * 27))
        let worse = try slow(in: "diurnal") { $0 % 96 < 48 }
        let better = try slow(in: "diurnal") { $0 % 96 >= 48 }
        #expect(worse > 2 * better)
    }

    /// In bursts: of the errors right after two errors, nearly all are of a burst that goes on.
    @Test func burstsGoOnWithTheirChance() {
        var noise = ProbeNoise(.bursty, seed: SplitMix64(seed: 9))
        let errors = (0..<1_500_000).map { _ in noise.next().isError }
        let after = (2..<errors.count).filter { errors[$0 - 1] && errors[$0 - 2] }
        let share = Double(after.count { errors[$0] }) / Double(after.count)
        #expect(abs(share - 0.5 * NoiseModel.burstErrors) < 0.13, "\(share) of \(after.count)")
    }

    /// The chance that a neighbour of a slow probe is slow, for a correlation of 0.7: 0.205 by numerical integration.
    @Test func slowProbesComeInSpells() {
        var noise = ProbeNoise(.mild, seed: SplitMix64(seed: 3))
        let slow = (0..<1_000_000).map { _ in noise.next().isSlow }
        let after = (1..<slow.count).filter { slow[$0 - 1] }
        let share = Double(after.count { slow[$0] }) / Double(after.count)
        #expect(abs(share - 0.205) < 0.04, "\(share)")
    }

    @Test(arguments: GrayFault.all)
    func faultsHaveTheirShare(fault: GrayFault) {
        var noise = ProbeNoise(.mild, seed: SplitMix64(seed: 6))
        var faulty = FaultyProbes(fault, on: .mild, seed: SplitMix64(seed: 8))
        let probes = (0..<Self.probes).map { _ in faulty.next(&noise) }
        let errors = probes.count { $0.isError }
        let slow = probes.count { $0.isSlow }
        switch fault.shape {
        case .errors(let share): #expect(isNear(errors, share + (1 - share) * 0.00107, of: probes.count))
        case .errorsInBursts(let share): #expect(isNear(errors, share + (1 - share) * 0.00107, of: probes.count))
        case .slow(let share): #expect(isNear(slow, share + (1 - share) * 0.003, of: probes.count))
        case .drift(let share): #expect(isNear(slow, share, of: probes.count))
        }
    }

    @Test(arguments: [(0.5, 0.0), (0.975, 1.959964), (0.997, 2.747781), (0.001, -3.090232)])
    func quantilesAreThoseOfTables(chance: Double, expected: Double) {
        #expect(abs(NormalSource.quantile(chance) - expected) < 1e-6)
    }

    @Test func normalNumbersHaveMeanZeroAndVarianceOne() {
        var random = SplitMix64(seed: 2)
        var source = NormalSource()
        let values = (0..<100_000).map { _ in source.next(&random) }
        let mean = values.reduce(0, +) / 1e5
        let variance = values.reduce(0) { $0 + $1 * $1 } / 1e5
        #expect(abs(mean) < 0.02)
        #expect(abs(variance - 1) < 0.03)
    }

    @Test func anotherPartOrRunDrawsAnotherStory() {
        let seeds = [(1, 0), (1, 1), (2, 0), (2, 1)].map { part, run in
            var random = SplitMix64(4, part: UInt64(part), run: run)
            return random.next()
        }
        #expect(Set(seeds).count == 4)
    }
}
