import FailoverCore
import FailoverReplay
import FailoverWire
import Foundation
import Testing

@Suite("Replays of lowest-latency routes")
struct SpeedReplayTests {
    /// An hour with stalls, and files of a ring.
    @Test func movesForSpeedAreReplayedExactly() throws {
        let moves = try (1...3).map { try movesForSpeed(seed: $0) }
        #expect(moves.reduce(0, +) > 0)
    }

    private func movesForSpeed(seed: UInt64) throws -> Int {
        var run = try LiveRun(seed: seed, configuration: Configurations.load(Configurations.fastest))
        for part in 0..<12 {
            run.run(for: .seconds(300))
            if part == 5 { run.stall(.seconds(20)) }
            if part % 3 == 1 { try run.rotate() }
        }
        try run.flush()
        var reader = RecordingReader()
        try reader.read(run.bytes, file: "live.jsonl")
        let result = try Replay(reader.recording, configuration: nil, file: "live.jsonl").run()
        #expect(result.isExact && result.transitions == run.transitions)
        return run.transitions.count { $0.reason.code == .faster }
    }
}
