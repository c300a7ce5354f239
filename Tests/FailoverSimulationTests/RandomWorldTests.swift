import FailoverCore
import Foundation
import Testing

@testable import FailoverSimulation

@Suite("Random worlds break no invariant")
struct RandomWorldTests {
    /// A few, because nothing is optimised here; `make simulation` plays a thousand endpoint-days.
    private static let first = ProcessInfo.processInfo.environment["FAILOVERD_SEED"].flatMap { UInt64($0) } ?? 1

    @Test(arguments: first..<(first + 6))
    func sixHoursOfTroubleBreakNothing(seed: UInt64) {
        let run = RandomRun.play(seed: seed, duration: .seconds(6 * 3600))
        #expect(run.violations.isEmpty, "\(run.report)")
        #expect(run.tally.probes > 500)
    }

    @Test func theSameSeedIsTheSameWorld() {
        let runs = (0..<2).map { _ in RandomRun.play(seed: 77, duration: .seconds(3600)) }
        #expect(runs[0].digest == runs[1].digest)
        #expect(runs[0].digest != RandomRun.play(seed: 78, duration: .seconds(3600)).digest)
        #expect(RandomScenario.make(seed: 77) == RandomScenario.make(seed: 77))
    }

    @Test func aBrokenWorldTellsHowToPlayItAgain() {
        let violation = Violation(.targetIsWell, at: .seconds(61), "failover of chat to eu, which is unknown")
        let line = TimelineLine(at: .seconds(60), origin: .world, kind: "fault", text: "us crashes")
        let run = RandomRun(
            seed: 12_345,
            endpointDays: 3,
            tally: WorldTally(),
            digest: Digest(),
            violations: [violation],
            lastLines: [line]
        )
        #expect(
            run.report == """
                seed 12345: an invariant is broken
                  0:01:01.000 target_is_well: failover of chat to eu, which is unknown
                what happened last:
                 0:01:00.000  world         us crashes
                to play it again: failoverctl simulate --random --seed 12345
                """
        )
        var runs = RandomRuns()
        runs.add(run)
        #expect(runs.report(seed: 12_345).hasSuffix(run.report))
    }

    @Test func lossesOfTheObserverAreCounted() {
        var run = ObserverLossRun(share: Ratio(1), length: .seconds(1))
        run.play(seeds: 1..<4)
        // One lost attempt moves nothing, whatever the rule.
        #expect(
            run.line
                == "100 % of attempts lost for 1 s: 0 of 3 runs moved, at most 100.00 % with 99 % confidence; 0 broke an invariant"
        )
        run.add(run)
        #expect(run.runs == 6)
    }

    @Test(arguments: [
        (FailbackPolicy.automatic, false, true), (.manual, false, false), (.automatic, true, false),
    ])
    func onlyARouteThatReturnsByItselfHasABound(failback: FailbackPolicy, observe: Bool, hasBound: Bool) {
        let configuration = History.configuration(failback: failback, observe: observe)
        let bound = ReturnBound.time(of: configuration.routes[0], in: configuration)
        #expect((bound != nil) == hasBound)
        if let bound { #expect(bound > .seconds(3600) && bound < .seconds(6 * 3600)) }
    }
}
