import FailoverCore
import FailoverWire
import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// What readers and a restarted daemon find while routes move as often as they can.
    @Suite(.serialized) struct UnrestTests {
        @Test(.timeLimit(.minutes(10)))
        func readerNeverSeesATornState() async throws {
            try await withStage { stage in
                var unrest = try await Unrest.make(on: stage)
                let daemon = try await stage.runDaemon()
                try await stage.allHealthy()
                let reader = StateReader(stage.place.stateFile)
                defer { _ = reader.stop() }
                for round in 0..<52 {
                    if round == 17 {
                        // A third endpoint, by signal.
                        unrest.setup = Setup(unrest.setup, endpoints: unrest.regions.endpoints(["a", "b", "c"]))
                        try stage.configure(unrest.setup)
                        daemon.send(SIGHUP)
                        try await stage.state("c is watched") { $0.endpoints["c"]?.verdict == "healthy" }
                    }
                    if round == 34 {
                        unrest.setup.vantage = "elsewhere"
                        try stage.configure(unrest.setup)
                        #expect(try stage.ctl("reload").status == 0)
                        try await stage.state("the vantage is renamed") { $0.vantage.name == "elsewhere" }
                    }
                    try await unrest.move(toPreferred: false)
                    try await unrest.move(toPreferred: true)
                }
                daemon.send(SIGTERM)
                #expect(try await daemon.ending() == .exit(0))
                let findings = reader.stop()
                let moves = try stage.transitions().filter(\.isMove)
                print(
                    "readerNeverSeesATornState: \(moves.count) moves, \(findings.moves) of them seen in",
                    "\(findings.polls) polls of \(findings.documents) documents"
                )
                #expect(findings.faults == [])
                #expect(moves.count >= 100)
                // A move may be overtaken by the next before anybody sees it, but not many are.
                #expect(findings.moves >= 100)
                let first = try #require(moves.first).generation
                #expect(moves.map(\.generation) == (0..<UInt64(moves.count)).map { first + $0 })
                #expect(Set(moves.map(\.event)) == ["failover", "failback"])
                #expect(try stage.state().generation == moves.last?.generation)
                let reloads = try stage.transitions().filter { $0.event == "config" }
                #expect(reloads.map(\.reason.code) == ["reload_applied", "reload_applied"])
            }
        }

        @Test(.timeLimit(.minutes(10)))
        func killNineAtRandomMoments() async throws {
            let seed = UInt64.random(in: .min ... .max)
            print("killNineAtRandomMoments: seed \(seed)")
            var random = SplitMix64(seed: seed)
            try await withStage { stage in
                let unrest = try await Unrest.make(on: stage)
                var unpublished = 0
                var moved: UInt64 = 0
                var daemon = try await restart(unrest, after: nil)
                for round in 0..<50 {
                    let before = try stage.state()
                    // The route is about to move, away or back.
                    try unrest.speak(preferredIsWell: before.routes["main"]?.active != "a")
                    if round.isMultiple(of: 2) {
                        try await Task.sleep(for: .milliseconds(Int.random(in: 0...500, using: &random)))
                    } else {
                        // Right when the move is durable, or a little later: readers may not have seen it yet.
                        try await condition("the move is remembered") {
                            try stage.memory().generation > before.generation
                        }
                        usleep(UInt32.random(in: 0...20_000, using: &random))
                    }
                    daemon.send(SIGKILL)
                    #expect(try await daemon.ending() == .signal(SIGKILL))
                    let left = try stage.state()
                    let memory = try stage.memory()
                    try #require(left.generation >= before.generation)
                    moved += left.generation - before.generation
                    unpublished += memory.generation > left.generation ? 1 : 0
                    #expect((left.generation...left.generation + 1).contains(memory.generation))
                    try unrest.silence()
                    daemon = try await restart(unrest, after: left)
                    let next = try stage.state()
                    #expect(next.generation == memory.generation)
                    #expect(next.routes["main"]?.active == memory.routes["main"]?.active)
                    if next.generation == left.generation {
                        #expect(next.routes["main"]?.active == left.routes["main"]?.active)
                    }
                    #expect(next.persisted)
                }
                print("killNineAtRandomMoments: \(moved) moves; \(unpublished) kills between memory and state file")
                #expect(moved > 0)
            }
        }

        /// Starts the daemon and waits for the first state that is its own.
        private func restart(_ unrest: Unrest, after left: StateDocument?) async throws -> Program {
            let daemon = try unrest.stage.startDaemon()
            try await unrest.stage.state("a new instance publishes") { state in
                guard daemon.isRunning else { throw ConditionError(description: "failoverd ended") }
                return state.instance.id != left?.instance.id
            }
            return daemon
        }
    }
}

extension Setup {
    /// The same with other endpoints, all of them on route `main`.
    init(_ setup: Setup, endpoints: [Endpoint]) {
        self = setup
        self.endpoints = endpoints
        routes = [Route(name: "main", endpoints: endpoints.map(\.name))]
    }
}
