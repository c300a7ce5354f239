import FailoverWire
import Foundation
import Synchronization
import TestSupport

/// The daemon under test with all that belongs to it, in a directory of its own.
final class Stage: Sendable {
    let directory: TemporaryDirectory
    let place: Place
    private let programs = Mutex<[Program]>([])

    fileprivate init(_ directory: TemporaryDirectory, place: Place?) {
        self.directory = directory
        self.place = place ?? Place(in: directory.path)
    }

    var configurationFile: String { directory.path("config.yaml") }
    var log: String { directory.path("failoverd.log") }

    func configure(_ setup: Setup) throws { try write(setup.text(in: place), to: "config.yaml") }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: directory.path(name)), options: .atomic)
    }

    /// Starts a program that is ended with the stage.
    func start(
        _ path: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        log: String
    ) throws -> Program {
        let program = try Program(
            path,
            arguments,
            environment: environment,
            directory: directory.path,
            log: directory.path(log)
        )
        programs.withLock { $0.append(program) }
        return program
    }

    /// Starts the daemon without waiting for anything.
    func startDaemon(_ arguments: [String] = [], environment: [String: String] = [:]) throws -> Program {
        try start(
            Built.failoverd,
            ["--config", configurationFile] + arguments,
            environment: environment,
            log: "failoverd.log"
        )
    }

    /// Starts the daemon and waits until it answers on its socket.
    func runDaemon(_ arguments: [String] = [], environment: [String: String] = [:]) async throws -> Program {
        let daemon = try startDaemon(arguments, environment: environment)
        try await answers(daemon)
        return daemon
    }

    func answers(_ daemon: Program) async throws {
        try await condition("failoverd answers") {
            guard daemon.isRunning else { throw ConditionError(description: "failoverd ended") }
            return try self.ctl("status").status == 0
        }
    }

    /// Runs failoverctl against the daemon.
    func ctl(_ arguments: String...) throws -> CommandOutput {
        try run(Built.failoverctl, arguments, environment: ["FAILOVERD_SOCKET": place.socket])
    }

    /// Asks the socket as `curl --unix-socket` does.
    func curl(_ path: String) throws -> String {
        try run("/usr/bin/curl", ["-sS", "--max-time", "10", "--unix-socket", place.socket, "http://localhost\(path)"])
            .standardOutput
    }

    /// The state file as it is now.
    func state() throws -> StateDocument {
        try Wire.decode(StateDocument.self, from: try Data(contentsOf: URL(filePath: place.stateFile)))
    }

    /// What the socket shows now.
    func status() throws -> StateDocument {
        try Wire.decode(StateDocument.self, from: Data(try ctl("status", "--json").standardOutput.utf8))
    }

    func explanation(of route: String) throws -> ExplainDocument {
        let output = try ctl("explain", route, "--json")
        guard output.status == 0 else { throw ConditionError(description: output.standardError) }
        return try Wire.decode(ExplainDocument.self, from: Data(output.standardOutput.utf8))
    }

    func memory() throws -> MemoryDocument {
        try Wire.decode(MemoryDocument.self, from: try Data(contentsOf: URL(filePath: place.memory + "/memory.json")))
    }

    /// What the route's own file says.
    func routeFile(_ route: String) throws -> String {
        let path = URL(filePath: place.stateFile).deletingLastPathComponent().appending(path: "routes/\(route)")
        return try String(contentsOf: path, encoding: .utf8)
    }

    /// The events in the state directory, oldest first.
    func transitions() throws -> [EventDocument] {
        let file = URL(filePath: place.memory + "/transitions.jsonl")
        return try Data(contentsOf: file).split(separator: UInt8(ascii: "\n"))
            .map { try Wire.decode(EventDocument.self, from: Data($0)) }
    }

    /// The moves so far, once there are `count` of them: a decision is logged after it was published.
    func moves(_ count: Int) async throws -> [EventDocument] {
        try await condition("\(count) moves are logged") {
            try self.transitions().count(where: \.isMove) >= count
        }
        return try transitions().filter(\.isMove)
    }

    func events() throws -> [EventDocument] {
        try ctl("events", "--json", "--limit", "1000").standardOutput.split(separator: "\n")
            .map { try Wire.decode(EventDocument.self, from: Data($0.utf8)) }
    }

    /// What the daemon has said on standard error since the stage began.
    func said() -> String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    /// Waits until the state file says so, and returns it.
    @discardableResult
    func state(
        _ what: String,
        within limit: Duration = .seconds(60),
        _ isTrue: @escaping @Sendable (StateDocument) throws -> Bool
    ) async throws -> StateDocument {
        let found = Mutex<StateDocument?>(nil)
        do {
            try await condition(what, within: limit) {
                guard let state = try? self.state(), try isTrue(state) else { return false }
                found.withLock { $0 = state }
                return true
            }
        } catch let error as ConditionError {
            let last = (try? String(contentsOfFile: self.place.stateFile, encoding: .utf8)) ?? "no state file"
            throw ConditionError(description: "\(error.description)\n\(last)")
        }
        guard let state = found.withLock({ $0 }) else { throw ConditionError(description: what) }
        return state
    }

    /// Waits until a route's endpoint is active.
    @discardableResult
    func active(_ endpoint: String, on route: String = "main") async throws -> StateDocument {
        try await state("\(endpoint) is active on \(route)") { $0.routes[route]?.active == endpoint }
    }

    /// Waits until all of the state's endpoints are healthy.
    @discardableResult
    func allHealthy() async throws -> StateDocument {
        try await state("all endpoints are healthy") { $0.endpoints.values.allSatisfy { $0.verdict == "healthy" } }
    }

    fileprivate func end() {
        let running = programs.withLock { $0 }
        for program in running.reversed() { program.end() }
    }
}

/// Calls `body` with a stage; ends its programs and removes its files afterwards, also on failure.
func withStage<Result>(place: Place? = nil, _ body: (Stage) async throws -> Result) async throws -> Result {
    try await withTemporaryDirectory { directory in
        let stage = Stage(directory, place: place)
        defer { stage.end() }
        do {
            return try await body(stage)
        } catch {
            throw ConditionError(description: "\(error)\nfailoverd said:\n\(stage.said().suffix(4000))")
        }
    }
}
