import Testing

@testable import FailoverCore

@Suite("How the probing fares")
struct ProbingHealthTests {
    /// Ends `count` attempts at one instant; what was told.
    private func end(
        _ count: Int,
        _ outcome: Outcome,
        at second: Double,
        in health: inout ProbingHealth
    ) -> [Reason] {
        (0..<count).compactMap { _ in health.finish(outcome, at: .seconds(second)) }
    }

    @Test(
        arguments: [
            // Fewer than three are an accident, and fewer than one in twenty a trickle.
            (good: 0, local: 2, skipped: 0, begins: false), (0, 3, 0, true),
            (57, 3, 0, true), (58, 3, 0, false), (40, 3, 17, true), (40, 3, 18, false),
        ]
    )
    func troubleNeedsAFewAndAShare(good: Int, local: Int, skipped: Int, begins: Bool) {
        var health = ProbingHealth()
        health.skip(skipped, at: .seconds(1))
        #expect(end(good, .success, at: 2, in: &health) == [])
        #expect(end(local, .inconclusive(.localMemory), at: 10.9, in: &health).isEmpty == !begins)
        #expect((health.snapshot(at: .seconds(11)).trouble != nil) == begins)
        #expect((health.nextDeadline == .seconds(20.9)) == begins)
    }

    @Test func whatIsTenSecondsOldNoLongerCounts() {
        var health = ProbingHealth()
        #expect(end(2, .inconclusive(.localPorts), at: 0.5, in: &health) == [])
        #expect(end(1, .inconclusive(.localPorts), at: 10.1, in: &health) == [])
        #expect(end(1, .inconclusive(.localPorts), at: 10.1, in: &health) == [])
        #expect(end(1, .inconclusive(.localPorts), at: 10.1, in: &health).count == 1)
    }

    @Test(arguments: [Outcome.inconclusive(.localConfiguration), .inconclusive(.localCancelled), .inconclusive("dns")])
    func whatIsNoFaultOfTheMachineIsNoTrouble(outcome: Outcome) {
        var health = ProbingHealth()
        #expect(end(100, outcome, at: 1, in: &health) == [])
        #expect(health.snapshot(at: .seconds(1)).trouble == nil)
    }

    @Test func theLastMinuteIsCounted() {
        var health = ProbingHealth()
        _ = end(500, .success, at: 0, in: &health)
        _ = end(60, .success, at: 60, in: &health)
        health.skip(7, at: .seconds(60))
        _ = end(3, .inconclusive(.localResolver), at: 61, in: &health)
        _ = end(940, .inconclusive(.localDescriptors), at: 61, in: &health)
        let snapshot = health.snapshot(at: .seconds(62))
        #expect(snapshot.finished == 1003)
        #expect(snapshot.skipped == 7)
        #expect(
            snapshot.local == [
                ProbingSnapshot.LocalCount(code: .localDescriptors, count: 940),
                ProbingSnapshot.LocalCount(code: .localResolver, count: 3),
            ]
        )
    }

    @Test func troubleIsToldAtItsBeginWhenItsCauseChangesAndAtItsEnd() {
        var health = ProbingHealth()
        #expect(
            end(3, .inconclusive(.localNetwork), at: 1, in: &health) == [
                Reason(
                    .localNetwork,
                    "3 of 3 probes in the last 10 s could not run: our own network does not carry them (local_network)"
                )
            ]
        )
        // Another cause leads at once, and is told ten seconds after the first.
        #expect(end(1500, .inconclusive(.localDescriptors), at: 5, in: &health) == [])
        #expect(
            end(2, .inconclusive(.localDescriptors), at: 11, in: &health) == [
                Reason(
                    .localDescriptors,
                    "1,501 of 1,501 probes in the last 10 s could not run: no file descriptor left (local_descriptors)"
                )
            ]
        )
        #expect(health.snapshot(at: .seconds(12)).trouble?.since == .seconds(1))
        #expect(health.advance(to: .seconds(20.999)) == nil)
        #expect(health.advance(to: .seconds(21))?.code == .clear)
        #expect(health.advance(to: .seconds(40)) == nil)
        #expect(health.snapshot(at: .seconds(40)).trouble == nil)
        #expect(health.nextDeadline == nil)
    }

    /// One of the endpoints always fails for a reason of ours: too little to begin, and too little to go on.
    @Test func aTrickleDoesNotKeepTroubleAlive() {
        var health = ProbingHealth()
        _ = end(3, .inconclusive(.localProxy), at: 0, in: &health)
        for second in 1...30 {
            _ = end(200, .success, at: Double(second), in: &health)
            _ = end(1, .inconclusive(.localProxy), at: Double(second), in: &health)
        }
        #expect(health.advance(to: .seconds(30))?.code == .clear)
    }

    @Test func theEngineTellsPublishesAndEndsIt() {
        var world = World(.oneRoute())
        world.run(for: .seconds(60))
        world.forgetTold()
        world.set("us", "eu", "ap", to: .inconclusive)
        world.run(for: .seconds(30))
        #expect(world.events.filter { $0.kind == .vantage }.map(\.reason.code) == [.localNetwork, .localNetwork])
        #expect(world.snapshot.vantage.state == .suspect)
        #expect(world.told.contains(.publish(["us"], 1, isPersisted: true)))
        #expect(world.snapshot.probing.trouble?.reason.code == .localNetwork)
        world.handle(.skipped(ProbeKey(endpoint: "us"), count: 4))
        #expect(world.snapshot.probing.skipped == 4)
        world.set("us", "eu", "ap", to: .good)
        world.run(for: .seconds(20))
        #expect(
            world.events.filter { $0.kind == .vantage }.map(\.reason.code) == [
                .localNetwork, .localNetwork, .clear, .clear,
            ]
        )
        #expect(world.snapshot.probing.trouble == nil)
        #expect(world.violations == [])
    }
}
