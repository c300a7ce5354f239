import CSystemd
import Glibc

/// What became of a message to the service manager.
package enum NotifyOutcome: Hashable, Sendable {
    case sent
    /// No service manager listens: the daemon runs in the foreground.
    case unsupervised
    case failed(errno: Int32)
}

/// Tells the service manager how the daemon stands; does nothing where there is none.
///
/// A send waits while the service manager's socket is full, so no decision may wait for it.
package struct SystemdNotifier: Sendable {
    package init() {}

    /// Everything that clients may ask of the daemon now works.
    @discardableResult
    package func ready(status: String? = nil) -> NotifyOutcome {
        send(["READY=1"] + (status.map { ["STATUS=" + Self.oneLine($0)] } ?? []))
    }

    /// One line for `systemctl status`.
    @discardableResult
    package func status(_ text: String) -> NotifyOutcome { send(["STATUS=" + Self.oneLine(text)]) }

    /// A reload has begun; `ready()` must follow whether or not the new configuration is accepted.
    ///
    /// The manager tells this message from an older one by its own monotonic clock, so it is read here.
    @discardableResult
    package func reloading() -> NotifyOutcome {
        var now = timespec()
        guard clock_gettime(CLOCK_MONOTONIC, &now) == 0 else { return .failed(errno: errno) }
        let microseconds = Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1_000
        return send(["RELOADING=1", "MONOTONIC_USEC=\(microseconds)"])
    }

    /// The daemon has begun to shut down.
    @discardableResult
    package func stopping() -> NotifyOutcome { send(["STOPPING=1"]) }

    /// The loop that decides has made progress since the last call.
    @discardableResult
    package func watchdog() -> NotifyOutcome { send(["WATCHDOG=1"]) }

    /// How long the manager waits for a sign of life; `nil` if it does not wait, or waits for another process.
    ///
    /// Send at least twice in this time.
    package var watchdogTimeout: Duration? {
        var microseconds: UInt64 = 0
        guard sd_watchdog_enabled(0, &microseconds) > 0, microseconds > 0 else { return nil }
        return .microseconds(Int64(clamping: microseconds))
    }

    private func send(_ assignments: [String]) -> NotifyOutcome {
        let result = sd_notify(0, assignments.joined(separator: "\n"))
        if result > 0 { return .sent }
        return result == 0 ? .unsupervised : .failed(errno: -result)
    }

    /// A line break would begin another assignment, and what stands behind it may come from an endpoint's answer.
    static func oneLine(_ text: String) -> String {
        String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 })
        )
    }
}
