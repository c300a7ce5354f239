import FailoverCore
import FailoverWire
import Foundation
import Testing

@Suite("Clocks that jump")
struct ClockWatchTests {
    private static let noon = Samples.time("2026-11-22T12:00:00.000Z")

    /// `wall` is what the wall clock is wrong by.
    private func reading(_ monotonic: Double, wall: Double = 0) -> ClockReading {
        ClockReading(
            monotonic: .seconds(monotonic),
            wall: WallTime(Self.noon.date.addingTimeInterval(monotonic + wall))
        )
    }

    @Test(
        arguments: [
            (late: 0.0, slept: 0.0, since: nil), (0.5, 0, nil), (0.6, 0, 99.4), (20, 0, 80), (-3, 0, nil),
            (0, 3600, -3500), (0.25, 0.5, 99.25),
        ] as [(late: Double, slept: Double, since: Double?)]
    )
    func aLateTurnOrASuspendedMachineIsAStandstill(late: Double, slept: Double, since: Double?) {
        var watch = ClockWatch(reading(50), suspended: .seconds(7))
        let found = watch.look(
            reading(100),
            suspended: .seconds(7 + slept),
            planned: .seconds(100 - late)
        )
        #expect(found == ClockWatch.Finding(stalledSince: since.map { .seconds($0) }))
    }

    @Test(arguments: [86_400.0, -86_400, 1.5, -1.5])
    func aStepOfTheWallClockIsFoundOnceEachWay(step: Double) {
        var watch = ClockWatch(reading(0), suspended: .zero)
        let steps = [0, step, step, 0, 0].enumerated().map { second, wall in
            watch.look(reading(Double(second), wall: wall), suspended: .zero, planned: .seconds(Double(second)))
        }
        let stepped = ClockWatch.Finding(isWallStepped: true)
        let none = ClockWatch.Finding()
        #expect(steps == [none, stepped, none, stepped, none])
    }

    @Test func aClockThatIsSlewedIsNoStepUntilItAddsUp() {
        var watch = ClockWatch(reading(0), suspended: .zero)
        let steps = (1...25).map { second in
            watch.look(
                reading(Double(second), wall: Double(second) * 0.0499),
                suspended: .zero,
                planned: .seconds(Double(second))
            ).isWallStepped
        }
        #expect(steps.enumerated().filter(\.element).map(\.offset) == [20])
    }

    /// A day forward and back: the document is valid from its writing on, by whatever clock readers have then.
    @Test(arguments: [86_400.0, -86_400])
    func aSteppedClockBreaksNoValidUntil(step: Double) {
        let snapshot = Samples.snapshot
        func state(_ clock: ClockReading) -> StateDocument {
            StateDocument(snapshot: snapshot, sequence: 1, at: clock, publisher: Samples.publisher)
        }
        let before = state(reading(1000))
        let after = state(reading(1001, wall: step))
        for document in [before, after] {
            let valid = document.validUntil.date.timeIntervalSince(document.writtenAt.date)
            #expect(valid == Samples.publisher.validFor.inSeconds)
        }
        #expect(after.writtenAt.date.timeIntervalSince(before.writtenAt.date) == 1 + step)
        #expect(after.generation == before.generation)
        #expect(after.routes.mapValues(\.active) == before.routes.mapValues(\.active))
        // What happened so long ago happened so long ago.
        for (name, route) in after.routes {
            let age = after.writtenAt.date.timeIntervalSince(route.since.date)
            let ageBefore = before.routes[name].map { before.writtenAt.date.timeIntervalSince($0.since.date) }
            #expect(abs(age - (ageBefore ?? 0) - 1) < 0.001)
        }
    }

    @Test(
        arguments: [
            (VantageSnapshot(), "clear", nil),
            (VantageSnapshot(since: .seconds(990)), "clear", nil),
            (
                VantageSnapshot(state: .suspect, reason: Reason(.noCleanWitness, "us"), since: .seconds(990)),
                "suspect",
                "no_clean_witness"
            ),
            (
                VantageSnapshot(state: .stalled, reason: Reason(.localStalled, "20 s"), since: .seconds(990)),
                "stalled",
                "local_stalled"
            ),
        ] as [(VantageSnapshot, String, String?)]
    )
    func theVantageIsTold(vantage: VantageSnapshot, state: String, code: String?) {
        let snapshot = Snapshot(generation: 1, persisted: true, routes: [], endpoints: [], vantage: vantage)
        let document = StateDocument(
            snapshot: snapshot,
            sequence: 1,
            at: Samples.clock,
            publisher: Samples.publisher
        )
        let name = Samples.publisher.vantage.rawValue
        #expect(document.vantage.state == state && document.vantage.reason?.code == code)
        #expect(document.vantages[name]?.state == state && document.vantages[name]?.reason?.code == code)
        let since = vantage.since.map { Samples.clock.wallTime(of: $0) } ?? Samples.publisher.startedAt
        #expect(document.vantage.since == since)
    }
}
