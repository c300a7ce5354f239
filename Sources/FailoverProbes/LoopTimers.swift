import FailoverCore
import NIOCore

/// Something that a timer wakes.
protocol TimerTarget: AnyObject {
    /// `now` is never before the due instant.
    func timerFired(at now: MonotonicInstant)
}

/// All timers of one event loop on a single scheduled callback.
///
/// Only for use on that loop.
final class LoopTimers {
    private let eventLoop: any EventLoop
    private let clock: @Sendable () -> MonotonicInstant
    private var wheel: TimerWheel<any TimerTarget>
    private var wakeUp: (at: MonotonicInstant, callback: NIOScheduledCallback)?
    private var isFiring = false
    private var isShutDown = false

    init(eventLoop: any EventLoop, clock: @escaping @Sendable () -> MonotonicInstant) {
        self.eventLoop = eventLoop
        self.clock = clock
        wheel = TimerWheel(at: clock())
    }

    /// Wakes `target` at `due` or up to one slot later, even when `due` has passed.
    func schedule(_ target: any TimerTarget, due: MonotonicInstant, at now: MonotonicInstant) -> TimerToken {
        let token = wheel.insert(target, due: due, at: now)
        if !isFiring { armWakeUp(at: now) }
        return token
    }

    func cancel(_ token: TimerToken) { wheel.cancel(token) }

    /// Forgets all timers for good.
    func shutdown() {
        isShutDown = true
        wakeUp?.callback.cancel()
        wakeUp = nil
        wheel = TimerWheel(at: clock())
    }

    private func fire() {
        wakeUp = nil
        isFiring = true
        let now = clock()
        while let target = wheel.popDue(at: now) { target.timerFired(at: now) }
        isFiring = false
        armWakeUp(at: clock())
    }

    private func armWakeUp(at now: MonotonicInstant) {
        guard !isShutDown, let next = wheel.nextWakeUp else { return }
        if let wakeUp {
            guard next < wakeUp.at else { return }
            wakeUp.callback.cancel()
        }
        let wait = max(0, (next - now).nanoseconds)
        // Fails only when the loop is shutting down, and nothing is due any more then.
        wakeUp = try? (
            next,
            eventLoop.scheduleCallback(
                in: .nanoseconds(wait),
                handler: WakeUp(timers: NIOLoopBound(self, eventLoop: eventLoop))
            )
        )
    }

    /// The bridge from the event loop, which wants something sendable.
    private struct WakeUp: NIOScheduledCallbackHandler, Sendable {
        let timers: NIOLoopBound<LoopTimers>

        func handleScheduledCallback(eventLoop: some EventLoop) { timers.value.fire() }
    }
}
