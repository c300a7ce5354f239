import FailoverWire
import Foundation
import TestSupport
import Testing

/// Somebody sets the wall clock while the daemon runs.
///
/// The clock of the machine stays as it is: the daemon alone is told another time, by the library that `faketime` uses.
@Suite(.serialized) struct WallClockTests {
    private static let day = 86_400.0

    /// The wall clock as one process sees it.
    private struct FakedClock {
        let file: String

        init(in stage: Stage) throws {
            file = stage.directory.path("clock")
            try set("+0")
        }

        var environment: [String: String] {
            get throws {
                let libraries = try FileManager.default.contentsOfDirectory(atPath: "/usr/lib")
                    .map { "/usr/lib/\($0)/faketime/libfaketime.so.1" }
                let library = try #require(libraries.first { FileManager.default.fileExists(atPath: $0) })
                return [
                    "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": file, "FAKETIME_NO_CACHE": "1",
                    "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1",
                    // Otherwise it changes the environment before the runtime has found the arguments beside it.
                    "FAKETIME_SHARED": "/none /none",
                ]
            }
        }

        /// Sets it to an offset from the machine's, such as `+1d`.
        func set(_ offset: String) throws {
            try Data(offset.utf8).write(to: URL(filePath: file), options: .atomic)
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func aDayForwardAndBackMovesNothingAndBreaksNoEnd() async throws {
        try await withStage { stage in
            let clock = try FakedClock(in: stage)
            let regions = try await Regions.start(["a", "b", "c"], on: stage)
            try stage.configure(Setup.network(regions.endpoints(["a", "b", "c"])))
            _ = try await stage.runDaemon(environment: clock.environment)
            let before = try await stage.allHealthy()
            #expect(try stage.ctl("drain", "c", "--reason", "new kernel", "--for", "1h").status == 0)

            for (offset, seconds) in [("+1d", Self.day), ("-1d", -Self.day), ("+0", 0)] {
                try clock.set(offset)
                let first = try await stage.state("the file has the time that is \(offset)", within: .seconds(10)) {
                    abs($0.writtenAt.date.timeIntervalSinceNow - seconds) < 60
                }
                let state = try await stage.state("the file is written again") { $0.sequence > first.sequence + 1 }
                #expect(try Self.seconds(from: state.writtenAt, to: state.validUntil) == 30)
                // An hour is an hour: it is counted on the clock that nobody sets.
                let drain = try #require(state.endpoints["c"]?.drained)
                let left = try Self.seconds(from: state.writtenAt, to: drain.until)
                #expect((3500...3600).contains(left), "\(left) s")
                #expect(state.generation == before.generation && state.vantage.state == "clear")
                #expect(state.routes["main"]?.active == "a" && state.routes["main"]?.mode == "preferred")
            }
            #expect(try stage.convictions() == [])
            #expect(try stage.events(of: "vantage") == [] && stage.events(of: "expired") == [])
        }
    }

    private static func seconds(from start: WallTime, to end: WallTime?) throws -> Double {
        try #require(end).date.timeIntervalSince(start.date).rounded()
    }
}
