import Dispatch
import FailoverCore
import FailoverWire
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import FailoverHistory

/// A disk that neither answers nor fails: the writing thread stands still, and nobody else does.
@Suite struct HangingDiskTests {
    /// A keeper whose thread hangs as soon as it has opened the database, until it is let go.
    private final class Stage: Sendable {
        let keeper: HistoryKeeper
        private let hang = DispatchSemaphore(value: 0)
        private let said = NIOLockedValueBox<[String]>([])
        private let hangs = NIOLockedValueBox(false)

        init(_ directory: TemporaryDirectory) throws {
            let (hang, said, hangs) = (hang, said, hangs)
            keeper = try HistoryKeeper(
                HistoryFile(stateDirectory: directory.path),
                settings: HistoryConfiguration(),
                facts: Samples.facts,
                surroundings: HistoryKeeper.Surroundings(
                    now: { Samples.clock(0) },
                    past: { _ in
                        hangs.withLockedValue { $0 = true }
                        hang.wait()
                        return []
                    },
                    tell: { _, _ in },
                    report: { isTrouble, text in said.withLockedValue { $0.append((isTrouble ? "! " : "") + text) } },
                    pause: .milliseconds(20)
                )
            )
        }

        var lines: [String] { said.withLockedValue { $0 } }

        func awaitHang() async throws {
            try await condition("the writing thread hangs") { hangs.withLockedValue { $0 } }
        }

        func letGo() { hang.signal() }
    }

    /// Ends minutes with one good probe each, from the first on.
    private func live(minutes: Int, _ keeper: HistoryKeeper) {
        var world = Samples()
        keeper.take(world.snapshot, at: world.clock)
        for _ in 0..<minutes {
            keeper.hear { $0.hear(Samples.observation("us-east", milliseconds: 5)) }
            world.probe(0, good: 1)
            world.seconds += 60
            keeper.take(world.snapshot, at: world.clock)
        }
    }

    /// Those that are written, counted from midnight.
    private func minutes(in file: HistoryFile) throws -> [Int] {
        let reader = try HistoryReader(file)
        defer { reader.close() }
        var starts: [Int] = []
        let now = Samples.midnight + 14 * 60
        try reader.steps(of: "us-east", probe: nil, .minute, count: 15, now: now) { step in
            starts.append((step.start - Samples.midnight) / 60)
        }
        return starts
    }

    @Test func whatWaitsForItIsBoundedAndWhatFindsNoRoomIsCounted() async throws {
        try await withTemporaryDirectory { directory in
            let stage = try Stage(directory)
            try await stage.awaitHang()
            // None of these waits: the thread hangs until it is let go below.
            live(minutes: HistoryKeeper.maximumMinutes + 4, stage.keeper)
            for generation in 1...(HistoryKeeper.maximumEvents + 5) {
                let number = UInt64(generation)
                stage.keeper.append(try Samples.move("failover", from: "a", to: "b", at: 0, generation: number))
            }
            #expect(stage.lines == [])
            stage.letGo()
            let file = HistoryFile(stateDirectory: directory.path)
            // The newest ones.
            try await condition("ten minutes are written") { try minutes(in: file) == Array(4..<14) }
            #expect(await stage.keeper.close(within: .seconds(10)))
            #expect(stage.lines == ["! the history has lost 4 minutes, 5 transitions"])
            let reader = try HistoryReader(file)
            defer { reader.close() }
            let moves = try reader.moves(since: 0).map(\.generation).sorted()
            #expect(moves == Array(6...1005))
        }
    }

    @Test func questionsAreAnsweredFromMemoryMeanwhile() async throws {
        try await withTemporaryDirectory { directory in
            let stage = try Stage(directory)
            try await stage.awaitHang()
            live(minutes: 3, stage.keeper)
            let answer = await stage.keeper.answer(
                .series(endpoint: "us-east", probe: nil, step: .minute, count: 10)
            )
            guard case .success(.series(let document)) = answer else {
                Issue.record("\(answer)")
                stage.letGo()
                return
            }
            // The clock that questions see stands at midnight.
            #expect(document.points.map(\.samples) == [1])
            stage.letGo()
            #expect(await stage.keeper.close(within: .seconds(10)))
        }
    }

    @Test func theEndOfTheDaemonWaitsForItNoLongerThanItWasTold() async throws {
        try await withTemporaryDirectory { directory in
            let stage = try Stage(directory)
            try await stage.awaitHang()
            live(minutes: 1, stage.keeper)
            let isWritten = await stage.keeper.close(within: .milliseconds(50))
            #expect(!isWritten)
            stage.letGo()
        }
    }
}
