import FailoverWire
import Foundation
import TestSupport

/// A stage whose daemon stands at one end of a cable, and whose servers stand at the other.
struct NetworkStage: Sendable {
    let stage: Stage
    let pair: NetworkPair
    /// Servers stand beside the daemon, on its loopback interface.
    var serversAreNear = false

    /// Starts the daemon on the prober's side and waits until it answers on its socket.
    func runDaemon() async throws -> Program {
        let command = pair.near.command(Built.failoverd, ["--config", stage.configurationFile])
        let daemon = try stage.start(command.path, command.arguments, log: "failoverd.log")
        try await stage.answers(daemon)
        return daemon
    }

    /// Runs failoverctl on the prober's side.
    func ctl(_ arguments: String...) throws -> CommandOutput {
        try pair.near.run(Built.failoverctl, arguments, environment: ["FAILOVERD_SOCKET": stage.place.socket])
    }

    /// Starts a server on the servers' side and waits until it listens.
    func serve(
        _ path: String,
        _ arguments: [String],
        log: String,
        listening ports: [Int],
        _ transport: NetworkTransport = .tcp
    ) async throws -> Program {
        let place = serversAreNear ? pair.near : pair.far
        let command = place.command(path, arguments)
        let program = try stage.start(command.path, command.arguments, log: log)
        try await condition("\(log) listens on \(ports)") {
            guard program.isRunning else {
                let said = (try? String(contentsOfFile: stage.directory.path(log), encoding: .utf8)) ?? ""
                throw ConditionError(description: "\(path) ended: \(said)")
            }
            return ports.allSatisfy { place.listens(on: $0, transport, process: program.identifier) }
        }
        return program
    }
}

/// Calls `body` with a stage between two networks; ends what runs and removes everything afterwards, also on failure.
func withNetworkStage<Result>(
    hosts: [NetworkHost],
    _ body: (NetworkStage) async throws -> Result
) async throws -> Result {
    try await withNetworkPair(hosts: hosts) { pair in
        try await withStage { stage in try await body(NetworkStage(stage: stage, pair: pair)) }
    }
}

extension Setup {
    /// A configuration for tests that count single probes: a state file that follows soon, and limits of a second.
    static func network(_ endpoints: [Endpoint], interval: String = "300ms", probe: String = "") -> Setup {
        var setup = Setup(endpoints)
        setup.interval = interval
        setup.objective = "1500ms"
        setup.timeouts = "{ resolve: 1s, connect: 1s, tls: 2s, first_byte: 2s, total: 2s }"
        setup.decision = Setup.evidence
        setup.outputs = "write_interval: 500ms"
        setup.probe = probe
        return setup
    }
}

extension Stage {
    /// What the daemon has decided against an endpoint so far: moves, and verdicts of `unhealthy`, oldest first.
    func convictions() throws -> [String] {
        try events().filter { $0.isMove || ($0.event == "verdict" && $0.reason.text.contains("-> unhealthy")) }
            .map { "\($0.event) \($0.route ?? $0.endpoint ?? ""): \($0.reason.text)" }
    }

    /// The events of one kind, oldest first.
    func events(of kind: String) throws -> [String] {
        try events().filter { $0.event == kind }.map { "\($0.endpoint ?? ""): \($0.reason.code)" }
    }

    /// Waits until something is true of the state file, read as a program in another language reads it.
    @discardableResult
    func view(
        _ what: String,
        within limit: Duration = .seconds(60),
        _ isTrue: @escaping @Sendable (StateView) -> Bool
    ) async throws -> StateView {
        let file = place.stateFile
        do {
            try await condition(what, within: limit) { (try? StateView(ofFile: file)).map(isTrue) ?? false }
        } catch let error as ConditionError {
            let last = (try? String(contentsOfFile: file, encoding: .utf8)) ?? "no state file"
            throw ConditionError(description: "\(error.description)\n\(last.prefix(20_000))")
        }
        return try StateView(ofFile: file)
    }
}

extension CommandOutput {
    /// What it printed, without the line breaks that fit it to a terminal.
    var unwrapped: String { standardOutput.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}
