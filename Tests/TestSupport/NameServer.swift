import Foundation

/// A real name server (knot) for tests, with zones that change while it runs.
///
/// Needs Debian's package `knot`.
package final class NameServer: Sendable {
    /// Where it answers, over UDP and TCP.
    package let address: String
    package let port: Int
    /// The zones, each a name without the dot at its end.
    private let zones: [String]
    private let directory: TemporaryDirectory
    private let process: Process
    private let log: String

    /// Where it answers, as `ADDRESS:PORT`.
    package var endpoint: String { "\(address):\(port)" }

    /// Calls `body` with a server that has these zones, all without records, which makes it answer SERVFAIL for them.
    ///
    /// For a name outside of its zones it answers REFUSED. Port 0 is any that is free; what reads `resolv.conf` needs
    /// 53, which only root may use, and then an address such as 127.64.1.2 that no other test has.
    package static func withNameServer<Result>(
        zones: [String],
        address: String = "127.0.0.1",
        port: Int = 0,
        _ body: (NameServer) async throws -> Result
    ) async throws -> Result {
        // Between finding a port and using it somebody else may take it.
        var attempts = 5
        while true {
            let server = try NameServer(zones: zones, address: address, port: port == 0 ? freePort(address) : port)
            attempts -= 1
            do {
                try await server.ready()
            } catch {
                server.stop()
                guard port == 0, attempts > 0 else { throw error }
                continue
            }
            defer { server.stop() }
            return try await body(server)
        }
    }

    private init(zones: [String], address: String, port: Int) throws {
        guard let binary = Self.command("knotd"), Self.command("knotc") != nil else {
            throw CommandError(text: "no knotd and knotc: install Debian's package knot")
        }
        self.zones = zones
        self.address = address
        self.port = port
        directory = try TemporaryDirectory()
        log = directory.path("log")
        let settings = """
            server:
                rundir: "\(directory.path)"
                listen: \(address)@\(port)
                udp-workers: 1
                tcp-workers: 1
                background-workers: 1
            control:
                listen: "\(directory.path("knot.sock"))"
            database:
                storage: "\(directory.path)"
                journal-db-max-size: 1M
                timer-db-max-size: 1M
                kasp-db-max-size: 5M
            log:
              - target: stderr
                any: info
            template:
              - id: default
                storage: "\(directory.path)"
                file: "%s.zone"
            zone:
            \(zones.map { "  - domain: \($0)\n" }.joined())
            """
        try Data(settings.utf8).write(to: URL(filePath: directory.path("knot.conf")))
        try Data().write(to: URL(filePath: log))
        let output = try FileHandle(forWritingTo: URL(filePath: log))
        process = Process()
        process.executableURL = URL(filePath: binary)
        process.arguments = ["-c", directory.path("knot.conf")]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
    }

    private func ready() async throws {
        let process = process
        try await condition("the name server answers on \(endpoint)") {
            guard process.isRunning else { throw CommandError(text: "knotd ended: \(logged)") }
            return try control(["status"]).status == 0
        }
    }

    /// Replaces the records of a zone, and returns when they are served.
    ///
    /// Records are lines of a zone file relative to the zone, such as `www 5 A 192.0.2.1`.
    package func publish(_ records: [String], in zone: String) throws {
        let serial = Int(Date().timeIntervalSince1970 * 1000) % 4_000_000_000
        let lines = [
            "$ORIGIN \(zone).", "@ 1 SOA ns hostmaster \(serial) 3600 600 86400 1", "@ 1 NS ns", "ns 1 A 127.0.0.1",
        ]
        let path = directory.path("\(zone).zone")
        try Data(((lines + records).joined(separator: "\n") + "\n").utf8).write(
            to: URL(filePath: path),
            options: .atomic
        )
        try succeed(["-b", "zone-reload", zone])
    }

    /// Takes a zone away: from now on its names are answered with SERVFAIL, until it is published again.
    package func breakZone(_ zone: String) throws { try succeed(["-b", "-f", "zone-purge", zone]) }

    /// Stops it in mid-breath: it is silent.
    package func freeze() { TestSupport.freeze(process.processIdentifier) }

    /// Lets it go on.
    package func thaw() { kill(process.processIdentifier, SIGCONT) }

    /// Ends it: from now on its port is closed.
    package func stop() {
        guard process.isRunning else {
            directory.remove()
            return
        }
        thaw()
        process.terminate()
        _ = try? exitStatus(of: process, within: .seconds(20))
        directory.remove()
    }

    private var logged: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    private func succeed(_ arguments: [String]) throws {
        let output = try control(arguments)
        guard output.status == 0 else {
            throw CommandError(text: "knotc \(arguments): \(output.standardError)\(output.standardOutput)\(logged)")
        }
    }

    private func control(_ arguments: [String]) throws -> CommandOutput {
        try run(Self.command("knotc") ?? "", ["-s", directory.path("knot.sock")] + arguments)
    }

    private static func command(_ name: String) -> String? {
        ["/usr/sbin/", "/usr/bin/", "/sbin/"].map { $0 + name }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }

    /// A port that is free for UDP and TCP at this moment.
    private static func freePort(_ address: String) throws -> Int {
        for _ in 0..<100 {
            let udp = try LoopbackSocket(address: address, port: 0, type: SOCK_DGRAM)
            defer { udp.close() }
            guard let tcp = try? LoopbackSocket(address: address, port: udp.port, type: SOCK_STREAM) else { continue }
            tcp.close()
            return udp.port
        }
        throw CommandError(text: "no port is free on \(address)")
    }
}
