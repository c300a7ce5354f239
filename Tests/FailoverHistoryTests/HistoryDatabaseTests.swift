import FailoverCore
import FailoverWire
import Foundation
import GRDB
import TestSupport
import Testing

@testable import FailoverHistory

@Suite struct HistoryDatabaseTests {
    private static let usEast = ProbeKey(endpoint: "us-east")

    private func minute(_ number: Int, good: Int, bad: Int = 0, milliseconds: [Int] = []) -> HistoryMinute {
        var sums = RouteSums()
        sums.asRouted = .init(samples: Double(good + bad), bad: Double(bad), known: 60, badTime: bad)
        sums.withoutFailover = sums.asRouted
        return HistoryMinute(
            start: Samples.midnight + number * 60,
            probes: [
                .init(
                    key: Self.usEast,
                    sums: ProbeSums(samples: good + bad, bad: bad, known: 60, badTime: bad, answered: 60)
                )
            ],
            routes: [.init(name: "web", sums: sums)],
            samples: milliseconds.map {
                LatencySample(
                    probe: 0,
                    latency: LatencyBuckets.index(of: UInt32($0 * 1000)),
                    ttft: LatencyBuckets.absent
                )
            },
            spend: [],
            lostSamples: 0
        )
    }

    private func series(_ file: HistoryFile, _ step: HistoryStep, now: Int, count: Int) throws -> [SeriesDocument.Point]
    {
        let reader = try HistoryReader(file)
        defer { reader.close() }
        let time = WallTime(secondsSince1970: Double(Samples.midnight + now))
        let question = HistoryQuestion.series(endpoint: "us-east", probe: nil, step: step, count: count)
        guard
            case .success(.series(let document)) = try HistoryAnswers(reader, facts: Samples.facts, at: time)
                .answer(question)
        else { return [] }
        return document.points
    }

    private func point(
        _ number: Int,
        _ samples: Int,
        bad: Int = 0,
        _ p50: Double?,
        _ p99: Double?
    ) -> SeriesDocument.Point {
        SeriesDocument.Point(
            at: WallTime(secondsSince1970: Double(Samples.midnight + number * 60)),
            samples: samples,
            bad: bad,
            slow: 0,
            void: 0,
            p50Milliseconds: p50,
            p99Milliseconds: p99
        )
    }

    private func withFile(_ body: (HistoryFile) async throws -> Void) async throws {
        try await withTemporaryDirectory { try await body(HistoryFile(stateDirectory: $0.path)) }
    }

    @Test func minutesReadBackAndAreSummedUpByTheHour() async throws {
        try await withFile { file in
            var writer = try HistoryWriter(file)
            try writer.write([minute(0, good: 10, milliseconds: [1, 2, 3]), minute(59, good: 11, milliseconds: [5])])
            try writer.write([minute(61, good: 12, bad: 1, milliseconds: [250])])
            // The newest value of a bucket of 0.8 %.
            let minutes = [
                point(0, 10, 2.007, 3.007), point(59, 11, 5.023, 5.023), point(61, 13, bad: 1, 250.879, 250.879),
            ]
            #expect(try series(file, .minute, now: 62 * 60, count: 120) == minutes)
            let hours = [point(0, 21, 2.007, 5.023), point(60, 13, bad: 1, 250.879, 250.879)]
            #expect(try series(file, .hour, now: 62 * 60, count: 2) == hours)
        }
    }

    /// A daemon that is restarted within a minute writes that minute twice.
    @Test func aMinuteThatIsWrittenTwiceIsTheSumOfBoth() async throws {
        try await withFile { file in
            var writer = try HistoryWriter(file)
            try writer.write([minute(0, good: 1, milliseconds: [1])])
            writer.close()
            var next = try HistoryWriter(file)
            try next.write([minute(0, good: 2, bad: 3, milliseconds: [1, 8])])
            #expect(!next.isNew)
            #expect(try series(file, .minute, now: 59, count: 1) == [point(0, 6, bad: 3, 1.003, 8.031)])
        }
    }

    /// A clock that was set back.
    @Test func aMinuteOfAnHourThatIsOverIsAddedToThatHour() async throws {
        try await withFile { file in
            var writer = try HistoryWriter(file)
            try writer.write([minute(0, good: 1), minute(60, good: 1), minute(120, good: 1)])
            try writer.write([minute(61, good: 5)])
            #expect(try series(file, .hour, now: 3 * 3600, count: 4).map(\.samples) == [1, 6, 1])
        }
    }

    @Test func whatIsTooOldIsRemoved() async throws {
        try await withFile { file in
            var writer = try HistoryWriter(file)
            let settings = HistoryConfiguration(keep: .seconds(6 * 3600), keepMinutes: .seconds(2 * 3600))
            let moves = try [0, 30_000].map {
                try Samples.move("failover", from: "us-east", to: "eu-west", at: $0, generation: UInt64($0) + 2)
            }
            try writer.write((0..<600).map { minute($0, good: 1) }, events: moves, facts: Samples.facts)
            try writer.prune(settings, now: Samples.midnight + 600 * 60)
            #expect(
                try series(file, .minute, now: 36_000, count: 600).map(\.at)
                    == (480..<600).map { point($0, 1, nil, nil).at }
            )
            // The tenth hour is not over.
            #expect(try series(file, .hour, now: 36_000, count: 12).map(\.samples) == [60, 60, 60, 60, 60, 60])
            let reader = try HistoryReader(file)
            #expect(try reader.moves(since: 0).map(\.generation) == [30_002])
            #expect(try reader.facts() == Samples.facts)
        }
    }

    @Test func whatIsTooMuchIsRemovedOldestFirst() async throws {
        try await withFile { file in
            var writer = try HistoryWriter(file)
            let many = (0..<40).map { ProbeKey(endpoint: EndpointName(rawValue: "endpoint-\($0)")) }
            let hours = 30
            for number in 0..<(hours * 60) {
                var next = minute(number, good: 1)
                next.probes = many.map { .init(key: $0, sums: ProbeSums(samples: 12, known: 60, answered: 60)) }
                next.samples = (0..<480).map {
                    LatencySample(probe: UInt32($0 % 40), latency: UInt16(900 + $0), ttft: LatencyBuckets.absent)
                }
                try writer.write([next])
            }
            let settings = HistoryConfiguration(maximumBytes: 2 * 1_048_576)
            let now = Samples.midnight + hours * 3600
            #expect(try writer.size() > settings.maximumBytes)
            try writer.prune(settings, now: now)
            #expect(try writer.size() <= settings.maximumBytes)
            // Whole hours of minutes have gone; all that was found by the hour is there.
            let (first, kept) = try DatabaseQueue(path: file.path).read { db in
                (
                    try Int.fetchOne(db, sql: "SELECT min(at) FROM minutes") ?? 0,
                    try Int.fetchOne(db, sql: "SELECT count(DISTINCT at) FROM hours")
                )
            }
            #expect(first > Samples.midnight && first % 3600 == 0)
            #expect(kept == hours - 1)
        }
    }

    // MARK: - What cannot be used

    @Test(arguments: ["garbage", "foreign", "newer", "torn"]) func whatIsNoHistoryIsRefused(kind: String) async throws {
        try await withFile { file in
            switch kind {
            case "garbage": try Data("no database, however long it may be".utf8).write(to: URL(filePath: file.path))
            case "foreign":
                try DatabaseQueue(path: file.path).write { try $0.execute(sql: "CREATE TABLE theirs (a)") }
            case "newer":
                try HistoryWriter(file).close()
                try DatabaseQueue(path: file.path).write { try $0.execute(sql: "PRAGMA user_version = 2") }
            default:
                var writer = try HistoryWriter(file)
                try writer.write((0..<200).map { minute($0, good: 1, milliseconds: [1, 5, 20, 100]) })
                writer.close()
                let handle = try FileHandle(forUpdating: URL(filePath: file.path))
                let size = try handle.seekToEnd()
                for offset in stride(from: 8_192, to: size, by: 4096) {
                    try handle.seek(toOffset: offset)
                    try handle.write(contentsOf: Data(repeating: 0xa5, count: 1000))
                }
                try handle.close()
            }
            do throws(HistoryError) {
                _ = try HistoryWriter(file)
                Issue.record("it was taken")
            } catch {
                guard case .unusable = error else {
                    Issue.record("\(error)")
                    return
                }
            }
        }
    }

    @Test func whatIsSetAsideIsKeptThreeTimes() async throws {
        try await withFile { file in
            for number in 1...5 {
                try Data("\(number)".utf8).write(to: URL(filePath: file.path))
                try Data("w".utf8).write(to: URL(filePath: file.path + "-wal"))
                #expect(file.setAside() == "\(file.path).bad-\(number)")
            }
            let directory = URL(filePath: file.path).deletingLastPathComponent().path
            let names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
            #expect(names == [3, 4, 5].flatMap { ["history.sqlite.bad-\($0)", "history.sqlite.bad-\($0)-wal"] })
        }
    }

    @Test func aDatabaseWithoutTablesYetIsNoneOfAnotherProgram() async throws {
        try await withTemporaryDirectory { directory in
            let file = HistoryFile(stateDirectory: directory.path)
            file.makeIfMissing()
            #expect(throws: HistoryError.failing("it has only just begun")) { _ = try HistoryReader(file) }
        }
    }
}
