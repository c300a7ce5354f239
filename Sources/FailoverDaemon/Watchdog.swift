import FailoverCore
import FailoverSystemd
import NIOConcurrencyHelpers

/// Feeds systemd's watchdog from the end of the way that a decision takes.
///
/// The publishing thread feeds it after each turn, and takes a turn only when the engine's loop asks for one: a loop that
/// hangs and a thread that hangs both let it starve.
struct Watchdog: Sendable {
    private let notifier: SystemdNotifier
    /// `nil` where systemd does not ask for it.
    private let interval: Duration?
    private var fed: MonotonicInstant?

    init(notifier: SystemdNotifier) {
        self.notifier = notifier
        interval = notifier.watchdogTimeout.map { $0 / 3 }
    }

    mutating func feed(at now: MonotonicInstant) {
        guard let interval else { return }
        if let fed, now - fed < interval { return }
        fed = now
        notifier.watchdog()
    }
}

/// When the engine's loop last turned, for those who ask over the socket.
final class Heartbeat: Sendable {
    private let last: NIOLockedValueBox<MonotonicInstant>

    /// A loop that has not turned for so long is not healthy; it turns at least as often as the state file is written, every 5 s
    /// at most.
    private static let longestTurn = Duration.seconds(10)

    init(at now: MonotonicInstant) { last = NIOLockedValueBox(now) }

    func beat(at now: MonotonicInstant) { last.withLockedValue { $0 = now } }

    func isBeating(at now: MonotonicInstant) -> Bool { last.withLockedValue { now - $0 } < Self.longestTurn }
}
