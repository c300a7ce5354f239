import FailoverHistory
import Foundation
import GRDB
import TestSupport
import Testing

/// A program that writes without a pause, and is killed while it does.
@Suite struct CrashTests {
    private static let hoursThatAreNotTheSumOfTheirMinutes = """
        SELECT count(*) FROM hours JOIN (
            SELECT at / 3600 * 3600 AS hour, series, sum(samples) AS samples FROM minutes GROUP BY 1, 2
        ) AS found ON found.hour = hours.at AND found.series = hours.series
        WHERE found.samples != hours.samples
        """

    @Test(arguments: [70, 400, 1_000]) func aWriterThatIsKilledLeavesAWholeHistory(minutes: Int) async throws {
        try await withTemporaryDirectory { directory in
            let file = HistoryFile(stateDirectory: directory.path)
            let process = Process()
            process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
                .deletingLastPathComponent().appending(path: "failoverbench")
            process.arguments = ["history", "--endpoints", "5", "--days", "3000", "--directory", directory.path]
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            defer {
                if process.isRunning { kill(process.processIdentifier, SIGKILL) }
                process.waitUntilExit()
            }
            try await condition("\(minutes) minutes are written", within: .seconds(60)) {
                guard let queue = try? DatabaseQueue(path: file.path, configuration: Self.readOnly) else {
                    return false
                }
                defer { try? queue.close() }
                let count = try? queue.read { try Int.fetchOne($0, sql: "SELECT count(DISTINCT at) FROM minutes") }
                return count.flatMap { $0 } ?? 0 >= minutes
            }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()

            // It is looked through when it is opened.
            let writer = try HistoryWriter(file)
            #expect(!writer.isNew)
            writer.close()
            let wrong = try await DatabaseQueue(path: file.path).read {
                try Int.fetchOne($0, sql: Self.hoursThatAreNotTheSumOfTheirMinutes)
            }
            #expect(wrong == 0)
        }
    }

    private static var readOnly: GRDB.Configuration {
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        return configuration
    }
}
