import Foundation
import TestSupport

/// A real name server, Knot DNS, with authority over the zone `test`, at port 53 of one address of the servers' side.
struct AuthoritativeServer: Sendable {
    /// What it answers for every name of the zone.
    enum Answer: Hashable, Sendable {
        /// These addresses, by name without the zone; NXDOMAIN for any other name.
        case addresses([String: [String]])
        case serverFailure
    }

    static let path = "/usr/sbin/knotd"

    private let network: NetworkStage
    private let address: String
    private let directory: String
    /// Of every record, in seconds.
    private let timeToLive: Int

    /// Starts one, and makes the prober's side ask it.
    static func start(
        _ answer: Answer,
        timeToLive: Int = 1,
        at host: NetworkHost,
        in network: NetworkStage
    ) async throws -> (server: AuthoritativeServer, program: Program) {
        let server = try AuthoritativeServer(timeToLive: timeToLive, at: host, in: network)
        let program = try await server.start(answer)
        try network.pair.near.resolve(with: [host.ipv4])
        return (server, program)
    }

    private init(timeToLive: Int, at host: NetworkHost, in network: NetworkStage) throws {
        self.network = network
        self.timeToLive = timeToLive
        address = host.ipv4
        directory = network.stage.directory.path("knot")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let text = """
            server:
                rundir: "\(directory)"
                listen: \(address)@53
                udp-workers: 1
                tcp-workers: 1
                background-workers: 1
            database:
                storage: "\(directory)"
            mod-stats:
              - id: all
                request-protocol: off
                request-bytes: off
                response-bytes: off
                edns-presence: off
                reply-nodata: off
                query-type: on
            template:
              - id: default
                global-module: mod-stats/all
            zone:
              - domain: test.
                file: "\(directory)/test.zone"
                zonefile-load: whole
                zonefile-sync: -1
                journal-content: none
            log:
              - target: stdout
                any: info

            """
        try network.stage.write(text, to: "knot/knot.conf")
    }

    /// Starts it again after it was stopped.
    func start(_ answer: Answer) async throws -> Program {
        // A zone without a file is one that the server knows of and cannot serve.
        try? FileManager.default.removeItem(atPath: directory + "/test.zone")
        if case .addresses(let names) = answer { try writeZone(names) }
        return try await network.serve(
            Self.path,
            ["-c", directory + "/knot.conf"],
            log: "knot.log",
            listening: [53],
            .udp
        )
    }

    /// Changes the addresses while it runs.
    func change(to names: [String: [String]]) throws {
        try writeZone(names)
        try control(["zone-reload", "test."])
    }

    private func writeZone(_ names: [String: [String]]) throws {
        let records = names.sorted { $0.key < $1.key }.flatMap { name, addresses in
            addresses.map { "\(name) \($0.contains(":") ? "AAAA" : "A") \($0)" }
        }
        let head = ["$ORIGIN test.", "$TTL \(timeToLive)", "@ SOA ns hostmaster 1 60 60 60 1", "@ NS ns"]
        let text = (head + ["ns A \(address)"] + records).joined(separator: "\n") + "\n"
        try network.stage.write(text, to: "knot/test.zone")
    }

    /// Queries of addresses that it has received since it was started.
    func queries() throws -> Int {
        let output = try run("/usr/sbin/knotc", ["-s", directory + "/knot.sock", "stats", "mod-stats.query-type"])
        return output.standardOutput.split(separator: "\n").reduce(0) { sum, line in
            guard line.contains("[A]") || line.contains("[AAAA]") else { return sum }
            return sum + (line.split(separator: " ").last.flatMap { Int($0) } ?? 0)
        }
    }

    /// Waits until so many more queries have arrived.
    func receives(_ count: Int) async throws {
        let before = try queries()
        try await condition("\(count) more queries", within: .seconds(60)) { try queries() >= before + count }
    }

    private func control(_ arguments: [String]) throws {
        try checked("/usr/sbin/knotc", ["-s", directory + "/knot.sock"] + arguments)
    }
}
