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
                let socket = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
                try #require(bindUnix(socket, to: path))
                setenv("NOTIFY_SOCKET", path, 1)
                func received() -> String {
                    var buffer = [UInt8](repeating: 0, count: 4_096)
                    let count = recv(socket, &buffer, buffer.count, 0)
                    return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
                }
                let notifier = SystemdNotifier()
                #expect(notifier.ready() == .sent)
                #expect(received() == "READY=1")
                #expect(notifier.ready(status: "chat on us-east") == .sent)
                #expect(received() == "READY=1\nSTATUS=chat on us-east")
                #expect(notifier.status("one\nWATCHDOG=trigger\r\u{85}end") == .sent)
                #expect(received() == "STATUS=one WATCHDOG=trigger  end")
                #expect(notifier.stopping() == .sent)
                #expect(received() == "STOPPING=1")
                #expect(notifier.watchdog() == .sent)
                #expect(received() == "WATCHDOG=1")
                #expect(notifier.reloading() == .sent)
                let reloading = received().split(separator: "\n")
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
