import FailoverCore
import FailoverWire
import Foundation
import GRDB
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import FailoverHistory

@Suite struct HistoryKeeperTests {
    /// A keeper, what it said, and a world that it hears of.
    private final class Stage: Sendable {
        let keeper: HistoryKeeper
        let file: HistoryFile
        private let said = NIOLockedValueBox<[String]>([])
        private let told = NIOLockedValueBox<[String]>([])
        private let world: NIOLockedValueBox<Samples>

        init(_ directory: TemporaryDirectory, past: [EventDocument] = []) throws {
            let world = NIOLockedValueBox(Samples())
            self.world = world
            file = HistoryFile(stateDirectory: directory.path)
            let (said, told) = (said, told)
            keeper = try HistoryKeeper(
                file,
                settings: HistoryConfiguration(),
                facts: Samples.facts,
                surroundings: HistoryKeeper.Surroundings(
                    now: { world.withLockedValue { $0.clock } },
                    past: { _ in past },
                    tell: { route, reason in told.withLockedValue { $0.append("\(route) \(reason.code)") } },
                    report: { isTrouble, text in said.withLockedValue { $0.append((isTrouble ? "! " : "") + text) } },
                    pause: .milliseconds(20)
                )
            )
            world.withLockedValue { keeper.take($0.snapshot, at: $0.clock) }
        }

        var lines: [String] { said.withLockedValue { $0 } }
        var events: [String] { told.withLockedValue { $0 } }

        /// Ends a minute in which `good` probes were good and `bad` were bad.
        func live(minutes: Int = 1, good: Int = 12, bad: Int = 0) {
            for _ in 0..<minutes {
                world.withLockedValue { world in
                    world.probe(0, good: good, bad: bad)
                    world.probe(1, good: good)
                    world.seconds += 60
                    keeper.take(world.snapshot, at: world.clock)
                }
            }
        }

        func samples() async -> [Int]? {
            let answer = await keeper.answer(.series(endpoint: "us-east", probe: nil, step: .minute, count: 2_880))
            guard case .success(.series(let document)) = answer else { return nil }
            return document.points.map(\.samples)
        }

        /// Minutes that are in the database, whatever is in memory.
        var written: Int {
            guard let reader = try? HistoryReader(file) else { return -1 }
            defer { reader.close() }
            var count = 0
            let now = Samples.midnight + 86_400
            try? reader.steps(of: "us-east", probe: nil, .minute, count: 1_441, now: now) { _ in count += 1 }
            return count
        }

        func awaitWritten(_ count: Int) async throws {
            try await condition("\(count) minutes are written") { self.written == count }
        }

        func end() async { _ = await keeper.close(within: .seconds(5)) }
    }

    private func withStage(
        past: [EventDocument] = [],
        prepare: (TemporaryDirectory) throws -> Void = { _ in },
        _ body: (Stage) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            try prepare(directory)
            let stage = try Stage(directory, past: past)
            try await body(stage)
            await stage.end()
        }
    }

    @Test func theMinuteThatIsNotOverIsToldToo() async throws {
        try await withStage { stage in
            stage.live(minutes: 2, good: 12)
            try await stage.awaitWritten(2)
            stage.keeper.hear { $0.hear(Samples.observation("us-east", milliseconds: 5)) }
            #expect(await stage.samples() == [12, 12])
            stage.live(good: 7)
            let samples = await stage.samples()
            #expect(samples == [12, 12, 7])
            #expect(stage.lines == [])
        }
    }

    @Test func namesThatDoNotExistAreRefusedWithThoseThatDo() async throws {
        try await withStage { stage in
            stage.live()
            try await stage.awaitWritten(1)
            let keeper = stage.keeper
            let endpoint = await keeper.answer(.series(endpoint: "mars", probe: nil, step: .hour, count: 1))
            #expect(endpoint == .failure(.unknown(kind: "endpoint", name: "mars", allowed: ["us-east", "eu-west"])))
            let probe = await keeper.answer(.series(endpoint: "us-east", probe: "long", step: .hour, count: 1))
            #expect(probe == .failure(.unknown(kind: "probe", name: "long", allowed: ["default"])))
            let route = await keeper.answer(.report(days: 1, route: "mail"))
            #expect(route == .failure(.unknown(kind: "route", name: "mail", allowed: ["web"])))
        }
    }

    @Test func whatADaemonLeftAtItsEndIsThereForTheNext() async throws {
        try await withTemporaryDirectory { directory in
            let first = try Stage(directory)
            first.live(minutes: 3)
            await first.end()
            #expect(first.written == 3)
            let second = try Stage(directory)
            // The same minutes once more, as after a restart with the clock set back.
            second.live(minutes: 3)
            await second.end()
            #expect(second.written == 3)
            #expect(
                try HistoryReader(second.file).probes(since: 0, now: 0)[ProbeKey(endpoint: "us-east")]?.samples == 72
            )
        }
    }

    // MARK: - What goes wrong

    @Test func aHistoryThatWasDeletedIsBegunAnewWithItsTransitions() async throws {
        let past = try [Samples.move("failover", from: "us-east", to: "eu-west", at: 0)]
        try await withStage(past: past) { stage in
            stage.live(minutes: 2)
            try await stage.awaitWritten(2)
            for end in ["", "-wal", "-shm"] { unlink(stage.file.path + end) }
            stage.live()
            try await stage.awaitWritten(1)
            #expect(try HistoryReader(stage.file).moves(since: 0) == past)
            #expect(
                stage.lines == [
                    "! the history \(stage.file.path) was removed or replaced while it was used: it is begun anew"
                ]
            )
        }
    }

    @Test func aFileThatIsNoHistoryIsSetAside() async throws {
        let text = "not ours at all, and long enough"
        let write: (TemporaryDirectory) throws -> Void = {
            try Data(text.utf8).write(to: URL(filePath: $0.path("history.sqlite")))
        }
        try await withStage(prepare: write) { stage in
            stage.live()
            try await stage.awaitWritten(1)
            let path = stage.file.path
            let reason = "it is damaged: file is not a database"
            let line =
                "! the history \(path) cannot be used (\(reason)), it was kept as \(path).bad-1: it is begun anew"
            #expect(stage.lines == [line])
            #expect(try String(contentsOfFile: path + ".bad-1", encoding: .utf8) == text)
        }
    }

    @Test(arguments: [
        ("route_minutes", "known_ms = 9e999"), ("route_minutes", "samples = 1e300"), ("route_minutes", "bad_ms = -1"),
        ("minutes", "samples = 9223372036854775807"), ("minutes", "slow = -1"),
    ])
    func valuesThatNobodyWritesSetTheFileAside(table: String, value: String) async throws {
        try await withStage { stage in
            stage.live()
            try await stage.awaitWritten(1)
            let queue = try DatabaseQueue(path: stage.file.path)
            try await queue.write { try $0.execute(sql: "UPDATE \(table) SET \(value)") }
            try queue.close()
            guard case .failure(.unavailable) = await stage.keeper.answer(.budgets(days: 30)) else {
                Issue.record("it was taken")
                return
            }
            try await condition("it is set aside") {
                stage.lines.count == 1 && stage.lines.allSatisfy { $0.contains("it was kept as") }
            }
            stage.live()
            try await stage.awaitWritten(1)
        }
    }

    @Test func valuesOfAnotherKindAreRefusedByTheDatabase() async throws {
        try await withStage { stage in
            stage.live()
            try await stage.awaitWritten(1)
            let queue = try DatabaseQueue(path: stage.file.path)
            await #expect(throws: DatabaseError.self) {
                try await queue.write { try $0.execute(sql: "UPDATE minutes SET samples = 'x'") }
            }
            try queue.close()
        }
    }

    @Test(.enabled(if: canMount)) func aFullDiskLosesNothingThatFitsIntoMemory() async throws {
        try await withTemporaryDisk("size=512k") { disk in
            let stage = try Stage(disk)
            stage.live()
            try await stage.awaitWritten(1)
            fill(disk.path("filler"))
            stage.live(minutes: 3)
            try await condition("it says so") { stage.keeper.trouble != nil }
            // Readable all the time.
            #expect(await stage.samples() == [12, 12, 12, 12])
            unlink(disk.path("filler"))
            try await condition("it is written again") { stage.keeper.trouble == nil }
            try await stage.awaitWritten(4)
            await stage.end()
            #expect(
                stage.lines == [
                    "! the history is not written: database or disk is full; decisions do not need it, and the last minutes are "
                        + "kept until it works again", "the history is written again",
                ]
            )
        }
    }

    @Test(.enabled(if: canMount)) func whatFindsNoRoomIsCounted() async throws {
        try await withTemporaryDisk("size=512k") { disk in
            fill(disk.path("filler"))
            let stage = try Stage(disk)
            stage.live(minutes: HistoryKeeper.maximumMinutes + 4)
            try await condition("it says so") { stage.keeper.trouble != nil }
            unlink(disk.path("filler"))
            try await stage.awaitWritten(HistoryKeeper.maximumMinutes)
            try await condition("it tells what it lost") { stage.lines.last == "! the history has lost 4 minutes" }
            await stage.end()
        }
    }

    @Test(.enabled(if: canMount)) func aDiskThatCannotBeWrittenIsTriedAgain() async throws {
        try await withTemporaryDisk("size=512k,ro") { disk in
            let stage = try Stage(disk)
            stage.live()
            try await condition("it says so") { stage.keeper.trouble != nil }
            let refused = await stage.keeper.answer(.budgets(days: 30))
            let trouble = try #require(stage.keeper.trouble)
            #expect(refused == .failure(.unavailable(trouble)))
            #expect(try run("/bin/mount", ["-o", "remount,rw", disk.path]).status == 0)
            try await stage.awaitWritten(1)
            #expect(await stage.samples() == [12])
            await stage.end()
        }
    }

    @Test func aFastBurnIsToldOnce() async throws {
        try await withStage { stage in
            stage.live(minutes: 9)
            try await stage.awaitWritten(9)
            stage.live(minutes: 2, good: 0, bad: 12)
            try await stage.awaitWritten(11)
            try await condition("it began") { !stage.events.isEmpty }
            stage.live(minutes: 8)
            try await condition("it began and ended") { stage.events.count == 2 }
            #expect(stage.events == ["web budget_burning", "web clear"])
        }
    }

    private func fill(_ path: String) {
        let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
        defer { close(descriptor) }
        for size in [4096, 256, 16, 1] {
            while write(descriptor, [UInt8](repeating: 1, count: size), size) == size {}
        }
    }
}
