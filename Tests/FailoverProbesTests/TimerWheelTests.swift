import FailoverCore
import FailoverProbes
import Testing

@Suite struct TimerWheelTests {
    private func firing(_ wheel: inout TimerWheel<Int>, at seconds: Double) -> [Int] {
        var fired: [Int] = []
        while let payload = wheel.popDue(at: .seconds(seconds)) { fired.append(payload) }
        return fired.sorted()
    }

    @Test func timersFireInTheirSlotNeverEarly() {
        var wheel = TimerWheel<Int>(at: .seconds(0))
        _ = wheel.insert(1, due: .seconds(0.101), at: .seconds(0))
        _ = wheel.insert(2, due: .seconds(0.110), at: .seconds(0))
        _ = wheel.insert(3, due: .seconds(0.111), at: .seconds(0))
        #expect(wheel.nextWakeUp == .seconds(0.11))
        #expect(firing(&wheel, at: 0.109) == [])
        #expect(firing(&wheel, at: 0.11) == [1, 2])
        #expect(wheel.nextWakeUp == .seconds(0.12))
        #expect(firing(&wheel, at: 5) == [3])
        #expect(wheel.nextWakeUp == nil)
    }

    @Test func anOverdueTimerWaitsForTheNextSlot() {
        var wheel = TimerWheel<Int>(at: .seconds(10))
        _ = wheel.insert(1, due: .seconds(3), at: .seconds(10))
        #expect(firing(&wheel, at: 10) == [])
        #expect(firing(&wheel, at: 10.01) == [1])
    }

    @Test func timersBeyondOneTurnWaitForTheirTurn() {
        var wheel = TimerWheel<Int>(at: .seconds(0))
        _ = wheel.insert(1, due: .seconds(10.34), at: .seconds(0))
        _ = wheel.insert(2, due: .seconds(0.10), at: .seconds(0))
        #expect(firing(&wheel, at: 0.2) == [2])
        #expect(firing(&wheel, at: 10.33) == [])
        #expect(firing(&wheel, at: 10.34) == [1])
    }

    @Test func aCancelledTimerDoesNotFireAndItsTokenIsSpent() {
        var wheel = TimerWheel<Int>(at: .seconds(0))
        let first = wheel.insert(1, due: .seconds(0.1), at: .seconds(0))
        wheel.cancel(first)
        let second = wheel.insert(2, due: .seconds(0.1), at: .seconds(0))
        wheel.cancel(first)
        #expect(wheel.count == 1)
        #expect(firing(&wheel, at: 1) == [2])
        wheel.cancel(second)
        #expect(wheel.count == 0)
    }

    @Test func clocksMayStartBelowZero() {
        var wheel = TimerWheel<Int>(at: .seconds(-3.005))
        _ = wheel.insert(1, due: .seconds(-2.995), at: .seconds(-3.005))
        #expect(wheel.nextWakeUp == .seconds(-2.99))
        #expect(firing(&wheel, at: -2.991) == [])
        #expect(firing(&wheel, at: -2.99) == [1])
    }

    @Test(arguments: [1, 2, 3]) func itAgreesWithAPlainListOfTimers(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var now = MonotonicInstant.seconds(0)
        var wheel = TimerWheel<Int>(at: now)
        var model: [Int: (due: MonotonicInstant, token: TimerToken)] = [:]
        for step in 0..<6000 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                let due = now + .milliseconds(Int.random(in: -50...25_000, using: &random))
                model[step] = (max(due, now), wheel.insert(step, due: due, at: now))
            case 5..<7:
                guard let victim = model.keys.min(), let timer = model.removeValue(forKey: victim) else { continue }
                wheel.cancel(timer.token)
            default:
                // Now and then a stall longer than a turn of the wheel.
                let pause = Int.random(in: 0..<1000, using: &random) == 0 ? 30_000 : 40
                now = now + .milliseconds(Int.random(in: 0...pause, using: &random))
                while let fired = wheel.popDue(at: now) {
                    let timer = model.removeValue(forKey: fired)
                    #expect(timer.map { $0.due <= now } == true)
                }
                #expect(!model.values.contains { now - $0.due > .milliseconds(20) })
            }
            #expect(wheel.count == model.count)
        }
    }
}
