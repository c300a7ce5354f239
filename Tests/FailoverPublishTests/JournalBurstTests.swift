import FailoverSystemd
import FailoverWire
import Foundation
import TestSupport
import Testing

@testable import FailoverPublish

struct JournalBurstTests {
    private static let verdicts = JournalEntry(document(verdict()))
    private static let line = JournalEntry(.info, "a line", at: noon.wall)
    private static let moves = JournalEntry(document(move()))

    @Test func movesAlwaysPassAndTheRestUpToTheAllowance() {
        var burst = JournalBurst()
        #expect(burst.answer(to: Self.moves) == .pass)
        #expect(burst.answer(to: Self.verdicts) == .passAndStartWindow)
        for _ in 2..<JournalBurst.allowance { #expect(burst.answer(to: Self.verdicts) == .pass) }
        #expect(burst.answer(to: Self.line) == .pass)
        #expect(burst.answer(to: Self.line) == .leaveOut)
        #expect(burst.answer(to: Self.verdicts) == .leaveOut)
        #expect(burst.answer(to: Self.verdicts) == .leaveOut)
        for _ in 0..<5_000 { #expect(burst.answer(to: Self.moves) == .pass) }
        #expect(burst.endWindow() == QueueDrops(byKind: ["verdict": 2, "line": 1]))
        #expect(burst.endWindow() == nil)
        #expect(burst.answer(to: Self.verdicts) == .passAndStartWindow)
    }

    @Test func whatWasLeftOutIsToldWhenTheDaemonStops() async throws {
        try await withTemporaryDirectory { directory async throws in
            let descriptor = open(directory.path("log"), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            try #require(descriptor >= 0)
            defer { close(descriptor) }
            let sink = try JournalSink(SinkOutputs(journal: false, text: .prefixed, descriptor: descriptor)) {
                noon.wall
            }
            for _ in 0..<3 {
                for _ in 0..<500 { sink.enqueue(Self.verdicts) }
                sink.enqueue(Self.moves)
                try await condition("the queue is empty") { sink.waiting == 0 }
            }
            #expect(await sink.close(within: .seconds(30)))
            let lines = try text(at: directory.path("log")).split(separator: "\n").map(String.init)
            #expect(lines.count == 1_000 + 3 + 1)
            #expect(lines.filter { $0.hasPrefix("<4>") }.count == 3 + 1)
            #expect(lines.last == "<4>500 entries were left out, as too many came at once: 500 verdict")
        }
    }
}
