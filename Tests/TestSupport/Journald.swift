import Foundation

/// A real systemd-journald for tests: the machine's own where one runs, otherwise one that is started for the test and stopped after it.
///
/// The journal's socket has a fixed place, so one test at a time has it, over all processes of the machine.
package struct Journald: Sendable {
    /// The process that was started for the test; `nil` if the machine's own journald is used, which no test may stop or freeze.
    package let ownProcess: Int32?

    /// Whether a test can have a journald: one runs, or we are root and may start one.
    package static var isAvailable: Bool { isRunning || geteuid() == 0 }

    /// Whether a test can have a journald of its own, to freeze it.
    package static var canStart: Bool { isAvailable && !isRunning }

    /// Runs `body` with a journald.
    ///
    /// Waits until no other test has one.
    package static func withJournald<Result: Sendable>(
        _ body: (Journald) async throws -> Result
    ) async throws -> Result {
        let lock = try await MachineLock(named: "failoverd-test-journald")
        defer { lock.release() }
        guard !isRunning else { return try await body(Journald(ownProcess: nil)) }
        let place = try Place()
        defer { place.remove() }
        let process = Process()
        process.executableURL = URL(filePath: Self.binary ?? "")
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer {
            // A frozen process does not see SIGTERM.
            kill(process.processIdentifier, SIGCONT)
            process.terminate()
            _ = try? exitStatus(of: process, within: .seconds(20))
        }
        try await condition("journald listens") { isRunning }
        return try await body(Journald(ownProcess: process.processIdentifier))
    }

    /// Stops it in mid-breath: what is sent to it piles up in its socket.
    package func freeze() { if let ownProcess { TestSupport.freeze(ownProcess) } }

    /// Lets it go on.
    package func thaw() { signal(SIGCONT) }

    private func signal(_ number: Int32) {
        guard let ownProcess else { return }
        kill(ownProcess, number)
    }

    /// Entries that match all of `matches`, such as `FAILOVERD_EVENT=failover`, oldest first, after everything sent so far has been written.
    package func entries(_ matches: String...) throws -> [[String: String]] {
        _ = try run("/usr/bin/journalctl", ["--sync"])
        let output = try run("/usr/bin/journalctl", ["-o", "json", "--all", "--no-pager"] + matches)
        return output.standardOutput.split(separator: "\n").compactMap { line in
            let object = (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any]
            return object?.compactMapValues(Self.text(of:))
        }
    }

    /// journalctl gives a value with line breaks as a list of bytes.
    private static func text(of value: Any) -> String? {
        if let text = value as? String { return text }
        if let bytes = value as? [Int] {
            return String(decoding: bytes.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
        }
        return nil
    }

    private static let socket = "/run/systemd/journal/socket"

    private static var binary: String? {
        ["/usr/lib/systemd/systemd-journald", "/lib/systemd/systemd-journald"]
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// A socket that nobody reads stays when a journald was killed, so only a send tells.
    private static var isRunning: Bool {
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return connectUnix(descriptor, to: socket)
    }

    /// What a journald needs in /run, and what it leaves there.
    private struct Place {
        private let made: [String]
        private static let settings = "/run/systemd/journald.conf.d/zz-failoverd-test.conf"

        init() throws {
            let manager = FileManager.default
            made = ["/run/systemd/journal", "/run/systemd/journald.conf.d", "/run/log/journal", "/run/log"]
                .filter { !manager.fileExists(atPath: $0) }
            for directory in ["/run/systemd/journal", "/run/systemd/journald.conf.d"] {
                try manager.createDirectory(atPath: directory, withIntermediateDirectories: true)
            }
            let text = """
                [Journal]
                Storage=volatile
                ReadKMsg=no
                Audit=
                ForwardToConsole=no
                ForwardToWall=no
                ForwardToSyslog=no
                ForwardToKMsg=no
                RateLimitIntervalSec=0
                """
            try Data(text.utf8).write(to: URL(filePath: Self.settings))
        }

        func remove() {
            for path in [Self.settings] + made { try? FileManager.default.removeItem(atPath: path) }
        }
    }
}
