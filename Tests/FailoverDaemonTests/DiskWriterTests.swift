import FailoverCore
import FailoverPublish
import FailoverWire
import Foundation
import TestSupport
import Testing

@testable import FailoverDaemon

@Suite struct DiskWriterTests {
    @Test func aMemoryIsOnDiskBeforeItsTicketIsAnswered() async throws {
        try await withTemporaryDirectory { directory in
            let disk = try Disk(directory.path)
            disk.writer.save(memory(generation: 3, active: "b"), ticket: 9)
            try await condition("answered") { disk.tickets.all == ["9 true"] }
            #expect(try memoryDocument(in: directory.path).generation == 3)
            #expect(try memoryDocument(in: directory.path).routes["chat"]?.active == "b")
            #expect(await disk.writer.close(within: .seconds(30)))
            #expect(disk.reports.all == [])
        }
    }

    @Test func theNewestMemoryWinsAndEveryTicketIsAnswered() async throws {
        try await withTemporaryDirectory { directory in
            let disk = try Disk(directory.path)
            try await disk.hang(after: memory(generation: 1), ticket: 1)
            for ticket in 2...4 as ClosedRange<UInt64> { disk.writer.save(memory(generation: ticket), ticket: ticket) }
            #expect(!disk.writer.waitUntilDurable(2, limit: .milliseconds(1)))
            disk.goOn()
            try await condition("answered") { disk.tickets.all.count == 4 }
            #expect(disk.tickets.all == ["1 true", "2 true", "3 true", "4 true"])
            #expect(try memoryDocument(in: directory.path).generation == 4)
            #expect(disk.writer.waitUntilDurable(4, limit: .seconds(30)))
            #expect(!disk.writer.waitUntilDurable(5, limit: .milliseconds(1)))
            #expect(await disk.writer.close(within: .seconds(30)))
        }
    }

    @Test func aFailingDiskIsToldOnceAndItsReturnToo() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory.path("later")
            let disk = try Disk(path)
            for ticket in 1...3 as ClosedRange<UInt64> {
                disk.writer.save(memory(generation: 1), ticket: ticket)
                try await condition("answered") { disk.tickets.all.count == ticket }
            }
            #expect(!disk.writer.waitUntilDurable(1, limit: .milliseconds(1)))
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            disk.writer.save(memory(generation: 1), ticket: 4)
            try await condition("answered") { disk.tickets.all.count == 4 }
            #expect(disk.tickets.all == ["1 false", "2 false", "3 false", "4 true"])
            #expect(await disk.writer.close(within: .seconds(30)))
            #expect(
                disk.reports.all == [
                    "error making the decision durable fails: cannot open \(path)/memory.json: "
                        + "No such file or directory (ENOENT)",
                    "notice making the decision durable works again",
                ]
            )
        }
    }

    @Test func transitionsAreLoggedInOrderAndTheOldestGiveWay() async throws {
        try await withTemporaryDirectory { directory in
            let disk = try Disk(directory.path)
            try await disk.hang(after: memory(generation: 1), ticket: 1)
            for sequence in 1...1027 as ClosedRange<UInt64> {
                disk.writer.append(
                    EventDocument(event(), sequence: sequence, at: SystemClock.reading, publisher: publisher)
                )
            }
            disk.goOn()
            #expect(await disk.writer.close(within: .seconds(60)))
            let logged = try TransitionLog(directory: directory.path).last(2000).compactMap(\.sequence)
            #expect(logged == Array(4...1027))
            #expect(disk.reports.all == ["warning 3 transitions were not logged: the disk was too slow"])
        }
    }

    @Test func closingGivesUpOnADiskThatHangs() async throws {
        try await withTemporaryDirectory { directory in
            let disk = try Disk(directory.path)
            try await disk.hang(after: memory(generation: 1), ticket: 1)
            #expect(await disk.writer.close(within: .milliseconds(10)) == false)
            disk.goOn()
            #expect(await disk.writer.close(within: .seconds(30)))
        }
    }
}

@Suite struct ComplaintsTests {
    @Test func onlyAChangeIsReported() {
        let reports = Notes<String>()
        let complaints = Complaints { reports.add("\($0) \($1)") }
        for error in [nil, "full", "full", "gone", "gone", nil, nil, "full"] {
            complaints.settle("it", error: error)
        }
        complaints.settle("that", error: "full")
        #expect(
            reports.all == [
                "error it fails: full", "error it fails: gone", "notice it works again",
                "error it fails: full", "error that fails: full",
            ]
        )
    }

    @Test func anAttemptTellsWhetherItSucceeded() {
        let reports = Notes<String>()
        let complaints = Complaints { reports.add("\($0) \($1)") }
        let failure = FileError(path: "/f", operation: .write, errno: ENOSPC)
        let outcomes = [true, false, false, true].map { succeeds in
            complaints.attempt("it") { () throws(FileError) in if !succeeds { throw failure } }
        }
        #expect(outcomes == [true, false, false, true])
        #expect(
            reports.all == [
                "error it fails: cannot write /f: No space left on device (ENOSPC)",
                "notice it works again",
            ]
        )
    }
}
