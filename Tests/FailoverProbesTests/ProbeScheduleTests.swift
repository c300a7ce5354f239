import FailoverCore
import FailoverProbes
import Testing

@Suite struct ProbeScheduleTests {
    /// Always the same number.
    ///
    /// Half of all numbers makes every range yield its middle: no jitter, half a phase.
    private struct Constant: RandomNumberGenerator {
        var value: UInt64
        mutating func next() -> UInt64 { value }
    }

    private static let interval: Duration = .seconds(10)

    /// A schedule without jitter whose first start is 5 s after the origin.
    private func unjittered() -> (schedule: ProbeSchedule, random: Constant) {
        var random = Constant(value: 1 << 63 | 1)
        let schedule = ProbeSchedule(interval: Self.interval, at: .seconds(0), using: &random)
        return (schedule, random)
    }

    private func isNear(_ instant: MonotonicInstant, _ seconds: Double) -> Bool {
        abs((instant - .seconds(seconds)).inSeconds) < 0.001
    }

    @Test func firstStartsSpreadOverOneInterval() {
        var random = SplitMix64(seed: 1)
        let starts = (0..<1000).map { _ in
            ProbeSchedule(interval: Self.interval, at: .seconds(100), using: &random).nextStart
        }
        #expect(starts.allSatisfy { $0 >= .seconds(100) && $0 < .seconds(110) })
        for tenth in 0..<10 {
            let share = starts.count { $0 >= .seconds(100 + Double(tenth)) && $0 < .seconds(101 + Double(tenth)) }
            #expect((60...140).contains(share), "\(share) of 1000 starts in second \(tenth)")
        }
    }

    @Test func theSameSeedGivesTheSameStarts() {
        func starts(seed: UInt64) -> [MonotonicInstant] {
            var random = SplitMix64(seed: seed)
            var schedule = ProbeSchedule(interval: Self.interval, at: .seconds(0), using: &random)
            return (0..<20).map { _ in
                let start = schedule.nextStart
                _ = schedule.timerFired(at: start, using: &random)
                schedule.attemptFinished()
                return start
            }
        }
        #expect(starts(seed: 7) == starts(seed: 7))
        #expect(starts(seed: 7) != starts(seed: 8))
    }

    @Test func jitterStaysWithinATenthAndDoesNotAccumulate() {
        var random = SplitMix64(seed: 3)
        var schedule = ProbeSchedule(interval: Self.interval, at: .seconds(0), using: &random)
        let first = schedule.nextStart
        var offsets: [Double] = []
        for step in 0..<10_000 {
            let grid = first + Self.interval * step
            offsets.append((schedule.nextStart - grid).inSeconds)
            // Every start is late by a few milliseconds, as in reality.
            let due = schedule.timerFired(at: schedule.nextStart + .milliseconds(step % 10), using: &random)
            #expect(due == ProbeSchedule.Due(starts: true, skipped: 0))
            schedule.attemptFinished()
        }
        #expect(offsets.allSatisfy { abs($0) <= 1 })
        #expect(offsets.dropFirst().contains { $0 > 0.9 } && offsets.dropFirst().contains { $0 < -0.9 })
    }

    @Test func nothingHappensBeforeTheDueInstant() {
        var (schedule, random) = unjittered()
        let before = schedule
        let due = schedule.timerFired(at: schedule.nextStart - .nanoseconds(1), using: &random)
        #expect(due == ProbeSchedule.Due(starts: false, skipped: 0))
        #expect(schedule == before)
    }

    struct Stall: Sendable, CustomTestStringConvertible {
        /// Seconds after the planned start.
        let lateness: Double
        let skipped: Int
        /// Seconds from the planned start to the next one.
        let next: Double

        var testDescription: String { "late by \(lateness) s" }
    }

    @Test(arguments: [
        Stall(lateness: 0, skipped: 0, next: 10),
        Stall(lateness: 4, skipped: 0, next: 10),
        // Later than half an interval still runs, and the next start keeps half an interval of distance.
        Stall(lateness: 7, skipped: 0, next: 12),
        Stall(lateness: 9.9, skipped: 0, next: 14.9),
        Stall(lateness: 10.1, skipped: 1, next: 20),
        Stall(lateness: 35, skipped: 3, next: 40),
        Stall(lateness: 36, skipped: 3, next: 41),
        Stall(lateness: 100_001, skipped: 10_000, next: 100_010),
    ])
    func aStallSkipsAndCountsInsteadOfCatchingUp(_ stall: Stall) {
        var (schedule, random) = unjittered()
        let planned = schedule.nextStart
        let now = planned + .seconds(stall.lateness)
        let due = schedule.timerFired(at: now, using: &random)
        #expect(due == ProbeSchedule.Due(starts: true, skipped: stall.skipped))
        #expect(isNear(schedule.nextStart, (planned - .seconds(0)).inSeconds + stall.next))
        let again = schedule.timerFired(at: now, using: &random)
        #expect(again == ProbeSchedule.Due(starts: false, skipped: 0))
    }

    @Test func theGridSurvivesALateStart() {
        var (schedule, random) = unjittered()
        _ = schedule.timerFired(at: .seconds(5 + 9), using: &random)
        schedule.attemptFinished()
        _ = schedule.timerFired(at: schedule.nextStart, using: &random)
        #expect(isNear(schedule.nextStart, 25))
    }

    @Test func atMostTwoAttemptsAreInFlight() {
        var (schedule, random) = unjittered()
        func fire() -> ProbeSchedule.Due { schedule.timerFired(at: schedule.nextStart, using: &random) }
        let dues = [fire(), fire(), fire(), fire()]
        schedule.attemptFinished()
        let last = [fire(), fire()]
        #expect(dues.map(\.starts) == [true, true, false, false])
        #expect(dues.map(\.skipped) == [0, 0, 1, 1])
        #expect(last.map(\.starts) == [true, false])
        #expect(isNear(schedule.nextStart, 65))
    }

    @Test func aRequestedStartLeavesTheGridAlone() {
        var (schedule, random) = unjittered()
        var starts = [schedule.startRequested(at: .seconds(1))]
        #expect(isNear(schedule.nextStart, 5))
        starts += [schedule.startRequested(at: .seconds(1)), schedule.startRequested(at: .seconds(1))]
        let due = schedule.timerFired(at: .seconds(5.1), using: &random)
        #expect(due == ProbeSchedule.Due(starts: false, skipped: 1))
        schedule.attemptFinished()
        starts += [schedule.startRequested(at: .seconds(6))]
        #expect(starts == [true, true, false, true])
        #expect(isNear(schedule.nextStart, 15))
    }

    struct Change: Sendable, CustomTestStringConvertible {
        /// Seconds after the first start, which is at 5 s.
        let at: Double
        let interval: Double
        /// Seconds after the origin.
        let next: Double

        var testDescription: String { "to \(interval) s after \(at) s" }
    }

    @Test(arguments: [
        // Shorter: on the old grid's phase, the first instant that is still to come.
        Change(at: 0.1, interval: 1, next: 6),
        Change(at: 4.5, interval: 1, next: 10),
        Change(at: 4.5, interval: 3, next: 11),
        Change(at: 9.9, interval: 1, next: 15),
        // Longer: one new interval after the last grid instant.
        Change(at: 0.1, interval: 60, next: 65),
        Change(at: 9.9, interval: 60, next: 65),
        // The same: nothing moves.
        Change(at: 4.5, interval: 10, next: 15),
    ])
    func anIntervalChangeTakesEffectAtOnceAndKeepsThePhase(_ change: Change) {
        var (schedule, random) = unjittered()
        _ = schedule.timerFired(at: .seconds(5), using: &random)
        schedule.setInterval(.seconds(change.interval), at: .seconds(5 + change.at), using: &random)
        #expect(isNear(schedule.nextStart, change.next))
        #expect(schedule.interval == .seconds(change.interval))
    }

    @Test func anIntervalChangeBeforeTheFirstStartTakesEffectAtOnce() {
        var (schedule, random) = unjittered()
        schedule.setInterval(.seconds(1), at: .seconds(0.5), using: &random)
        #expect(isNear(schedule.nextStart, 1))
    }

    struct Postponement: Sendable, CustomTestStringConvertible {
        /// Seconds after the first start, which is at 5 s.
        let until: Double
        /// Seconds after the origin.
        let next: Double

        var testDescription: String { "until \(until) s" }
    }

    private static let postponements = [
        Postponement(until: -1, next: 15),
        Postponement(until: 9.9, next: 15),
        // The grid instant itself is late enough.
        Postponement(until: 10, next: 15),
        Postponement(until: 10.1, next: 25),
        Postponement(until: 12, next: 25),
        Postponement(until: 299, next: 305),
    ]

    @Test(arguments: postponements)
    func whatIsPutOffWaitsForTheGridAndIsNotSkipped(_ example: Postponement) {
        for isHeld in [false, true] {
            var (schedule, random) = unjittered()
            _ = schedule.timerFired(at: .seconds(5), using: &random)
            schedule.attemptFinished()
            let until = MonotonicInstant.seconds(5 + example.until)
            if isHeld {
                schedule.hold(until: until, using: &random)
            } else {
                schedule.postpone(until: until, using: &random)
            }
            #expect(isNear(schedule.nextStart, example.next))
            #expect(schedule.nextStart >= until)
            let due = schedule.timerFired(at: schedule.nextStart, using: &random)
            #expect(due == ProbeSchedule.Due(starts: true, skipped: 0))
            #expect(isNear(schedule.nextStart, example.next + 10))
        }
    }

    @Test func nothingStartsWhileItIsHeldWhateverTheInterval() {
        var (schedule, random) = unjittered()
        _ = schedule.timerFired(at: .seconds(5), using: &random)
        schedule.attemptFinished()
        schedule.hold(until: .seconds(65.5), using: &random)
        // A shorter limit takes nothing back.
        schedule.hold(until: .seconds(30), using: &random)
        schedule.setInterval(.seconds(1), at: .seconds(20), using: &random)
        #expect(isNear(schedule.nextStart, 66))
        let requested = [20, 65.4, 65.5].map { schedule.startRequested(at: .seconds($0)) }
        #expect(requested == [false, false, true])
        #expect(!schedule.isStartDue(at: .seconds(65.9)))
        let due = schedule.timerFired(at: .seconds(66.01), using: &random)
        #expect(due == ProbeSchedule.Due(starts: true, skipped: 0))
    }

    @Test func aChangedIntervalTakesEffectAtOnceAlthoughStartsWerePutOff() {
        var (schedule, random) = unjittered()
        _ = schedule.timerFired(at: .seconds(5), using: &random)
        schedule.attemptFinished()
        schedule.postpone(until: .seconds(300), using: &random)
        let requested = schedule.startRequested(at: .seconds(21))
        schedule.setInterval(.seconds(1), at: .seconds(21.5), using: &random)
        #expect(requested)
        #expect(isNear(schedule.nextStart, 22))
    }

    @Test func backAndForthBetweenIntervalsNeverBursts() {
        var random = SplitMix64(seed: 11)
        var schedule = ProbeSchedule(interval: .seconds(5), at: .seconds(0), using: &random)
        var starts: [MonotonicInstant] = []
        for tick in 0..<100_000 {
            let now = MonotonicInstant.seconds(Double(tick) * 0.01)
            if tick % 37 == 0 { schedule.setInterval(.seconds(tick % 2 == 0 ? 1 : 5), at: now, using: &random) }
            let due = schedule.timerFired(at: now, using: &random)
            #expect(due.skipped == 0)
            guard due.starts else { continue }
            starts.append(now)
            schedule.attemptFinished()
        }
        let gaps = zip(starts.dropFirst(), starts).map { ($0 - $1).inSeconds }
        #expect(gaps.allSatisfy { $0 >= 0.5 - 0.001 && $0 <= 5.5 + 0.011 })
    }
}
