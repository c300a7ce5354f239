import FailoverCore
import FailoverPublish
import FailoverWire
import Foundation
import TestSupport
import Testing

@Suite struct TransitionLogTests {
    private func events(_ sequences: ClosedRange<UInt64>) -> [EventDocument] {
        sequences.map { document(move(), sequence: $0) }
    }

    @Test func eventsAreReadBackInOrderOverARestart() async throws {
        try await withTemporaryDirectory { directory async throws in
            #expect(try TransitionLog(directory: directory.path).last(10) == [])
            for event in events(1...5) { try TransitionLog(directory: directory.path).append(event) }
            #expect(try TransitionLog(directory: directory.path).last(10) == events(1...5))
            #expect(try TransitionLog(directory: directory.path).last(2) == events(4...5))
            #expect(try mode(of: directory.path("transitions.jsonl")) == 0o640)
        }
    }

    @Test func verdictsAreNotKept() async throws {
        try await withTemporaryDirectory { directory async throws in
            let log = TransitionLog(directory: directory.path)
            try log.append(document(verdict()))
            #expect(try names(at: directory.path) == [])
            #expect(
                EventKind.allCases.filter { TransitionLog.keeps(document(move($0))) }
                    == EventKind.allCases.filter { $0 != .verdict }
            )
        }
    }

    @Test func aTornLastLineIsSkippedAndTheNextOneIsWhole() async throws {
        try await withTemporaryDirectory { directory async throws in
            let log = TransitionLog(directory: directory.path)
            for event in events(1...2) { try log.append(event) }
            truncate(log.path, try bytes(at: log.path).count - 20)
            #expect(try log.last(10) == events(1...1))
            try log.append(document(move(), sequence: 3))
            #expect(try log.last(10) == events(1...1) + events(3...3))
        }
    }

    @Test func linesOfOthersAreSkipped() async throws {
        try await withTemporaryDirectory { directory async throws in
            let log = TransitionLog(directory: directory.path)
            try log.append(document(move(), sequence: 1))
            let rest = "\n\n{}\nnot json\n\u{0}\u{0}\n{\"schema\": 2}\n"
            try write(try text(at: log.path) + rest, to: log.path)
            try log.append(document(move(), sequence: 2))
            #expect(try log.last(10) == events(1...2))
        }
    }

    @Test func aFullFileBecomesTheOlderOne() async throws {
        try await withTemporaryDirectory { directory async throws in
            let line = try Wire.encode(document(move(), sequence: 1)).count + 1
            let log = TransitionLog(directory: directory.path, maximumBytes: line * 4)
            for event in events(1...9) { try log.append(event) }
            #expect(try names(at: directory.path) == ["transitions.1.jsonl", "transitions.jsonl"])
            #expect(try bytes(at: log.path).count == line)
            #expect(try log.last(100) == events(5...9))
            #expect(try log.last(3) == events(7...9))
        }
    }

    @Test(.enabled(if: canMount, "mounting needs root"))
    func aFullDiskTakesNoEarlierLineWithIt() async throws {
        try await withTemporaryDisk("size=8k") { directory async throws in
            let log = TransitionLog(directory: directory.path)
            var written: UInt64 = 0
            let error = #expect(throws: FileError.self) {
                while written < 1_000 {
                    try log.append(document(move(), sequence: written + 1))
                    written += 1
                }
            }
            #expect(error == FileError(path: log.path, operation: .write, errno: ENOSPC))
            #expect(try log.last(1_000) == events(1...written))
            try #require(truncate(log.path, 0) == 0)
            try log.append(document(move(), sequence: 1))
            #expect(try log.last(10) == events(1...1))
        }
    }
}
