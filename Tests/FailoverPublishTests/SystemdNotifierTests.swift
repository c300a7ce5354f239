import FailoverSystemd
import Foundation
import TestSupport
import Testing

/// The environment belongs to the process, so each test has one of its own.
@Suite struct SystemdNotifierTests {
    @Test func messagesReachTheServiceManager() async throws {
        try await withTemporaryDirectory { directory async throws in
            let path = directory.path("notify")
            await #expect(processExitsWith: .success) { [path = path as String] in
                let manager = try NotifySocket(at: path)
                let notifier = SystemdNotifier()
                #expect(notifier.ready() == .sent)
                #expect(manager.received() == "READY=1")
                #expect(notifier.ready(status: "chat on us-east") == .sent)
                #expect(manager.received() == "READY=1\nSTATUS=chat on us-east")
                #expect(notifier.status("one\nWATCHDOG=trigger\r\u{85}end") == .sent)
                #expect(manager.received() == "STATUS=one WATCHDOG=trigger  end")
                #expect(notifier.stopping() == .sent)
                #expect(manager.received() == "STOPPING=1")
                #expect(notifier.watchdog() == .sent)
                #expect(manager.received() == "WATCHDOG=1")
                #expect(notifier.reloading() == .sent)
                let reloading = manager.received().split(separator: "\n")
                #expect(reloading.first == "RELOADING=1")
                let stamp = try #require(reloading.last.flatMap { UInt64($0.dropFirst("MONOTONIC_USEC=".count)) })
                #expect(reloading.last == "MONOTONIC_USEC=\(stamp)")
                #expect(stamp > 0)
            }
        }
    }

    @Test func withoutAServiceManagerNothingHappens() async {
        await #expect(processExitsWith: .success) {
            unsetenv("NOTIFY_SOCKET")
            #expect(SystemdNotifier().ready() == .unsupervised)
            setenv("NOTIFY_SOCKET", "/nowhere/at/all", 1)
            #expect(SystemdNotifier().status("x") == .failed(errno: ENOENT))
        }
    }

    @Test func theWatchdogIsFedOnlyIfItIsOurs() async {
        await #expect(processExitsWith: .success) {
            unsetenv("WATCHDOG_USEC")
            unsetenv("WATCHDOG_PID")
            #expect(SystemdNotifier().watchdogTimeout == nil)
            setenv("WATCHDOG_USEC", "30000000", 1)
            #expect(SystemdNotifier().watchdogTimeout == .seconds(30))
            setenv("WATCHDOG_PID", "\(getpid())", 1)
            #expect(SystemdNotifier().watchdogTimeout == .seconds(30))
            setenv("WATCHDOG_PID", "1", 1)
            #expect(SystemdNotifier().watchdogTimeout == nil)
            setenv("WATCHDOG_PID", "\(getpid())", 1)
            for nonsense in ["0", "", "soon"] {
                setenv("WATCHDOG_USEC", nonsense, 1)
                #expect(SystemdNotifier().watchdogTimeout == nil)
            }
        }
    }
}
