import FailoverReader
import FailoverWire
import Synchronization
import TestSupport
import Testing

extension EndToEnd {
    /// Applications in Swift follow the daemon with the library FailoverReader.
    @Suite struct SwiftConsumerTests {
        private final class Seen: Sendable {
            private let all = Mutex<[Decision]>([])
            var decisions: [Decision] { all.withLock { $0 } }
            func add(_ decision: Decision) { all.withLock { $0.append(decision) } }
        }

        @Test(.timeLimit(.minutes(5)), arguments: [false, true])
        func aReaderFollowsTheDaemonAndGoesItsOwnWayWithoutIt(overTheSocket: Bool) async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["us-east", "eu-west"], on: stage)
                var setup = Setup(regions.endpoints(["us-east", "eu-west"]))
                setup.outputs = "write_interval: 1s\n  valid_for: 3s"
                try stage.configure(setup)
                let own = [Endpoint("eu-west", url: "http://own.example")]
                let source: StateSource =
                    overTheSocket ? .socket(stage.place.socket) : .stateFile(stage.place.stateFile)
                let reader = RouteReader("main", order: own, source: source)
                #expect(reader.decision == Decision(order: own, word: nil))
                let seen = Seen()
                let follower = Task { for await decision in reader.changes() { seen.add(decision) } }
                defer { follower.cancel() }

                let daemon = try await stage.runDaemon()
                try await stage.state("there is a standby") { $0.routes["main"]?.order.count == 2 }
                try await condition("both agree") { reader.decision.order.map(\.name) == ["us-east", "eu-west"] }
                // Our own URL stands for that of the file.
                #expect(reader.decision.order.map(\.url) == [regions.url("us-east"), "http://own.example"])
                #expect(reader.decision.word?.mode == .preferred)

                try regions.fault("us-east", #"{"status": 503}"#)
                let moved = try await stage.active("eu-west")
                try await condition("the reader follows") { reader.decision.active?.name == "eu-west" }
                #expect(reader.decision.word?.generation == moved.routes["main"]?.generation)
                daemon.end()
                try await condition("its own order") { reader.decision == Decision(order: own, word: nil) }
                // The sequence tells the same, each once.
                try await condition("the sequence is as far") { seen.decisions.last == Decision(order: own, word: nil) }
                let told = seen.decisions
                #expect(zip(told, told.dropFirst()).allSatisfy { $0 != $1 })
                #expect(told.contains { $0.active?.name == "us-east" } && told.allSatisfy { !$0.order.isEmpty })
            }
        }
    }
}
