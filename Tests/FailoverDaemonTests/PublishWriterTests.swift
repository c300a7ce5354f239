import FailoverCore
import FailoverPublish
import FailoverSystemd
import FailoverWire
import Foundation
import TestSupport
import Testing

@testable import FailoverDaemon

@Suite struct PublishWriterTests {
    /// A publishing thread and a disk thread on real files.
    private struct Press: Sendable {
        let writer: PublishWriter
        let disk: Disk
        let events = EventLog()
        let stateFile: String
        let memory: String

        init(in directory: TemporaryDirectory, patience: Duration = .seconds(2)) throws {
            stateFile = directory.path("state.json")
            memory = directory.path
            disk = try Disk(directory.path)
            let round = PublishRound(
                file: try StateFilePublisher(stateFile: stateFile),
                disk: disk.writer,
                events: events,
                journal: try JournalSink(SinkOutputs(journal: false, text: nil)) { SystemClock.reading.wall },
                notifier: SystemdNotifier(),
                patience: patience
            )
            writer = try PublishWriter(round: round, publisher: publisher)
        }

        func publish(_ snapshot: Snapshot, mustWrite: Bool = true) {
            writer.publish(snapshot, at: SystemClock.reading, mustWrite: mustWrite)
        }

        /// Generation 1 on `a` is remembered and published.
        func begin() async throws {
            disk.writer.save(FailoverDaemonTests.memory(generation: 1), ticket: 1)
            publish(snapshot(generation: 1))
            try await condition("published") { try state()?.generation == 1 }
        }

        func state() throws -> StateDocument? { try? stateDocument(at: stateFile) }

        func end() async {
            #expect(await writer.close(within: .seconds(30)))
            #expect(await disk.writer.close(within: .seconds(30)))
        }
    }

    @Test func aGenerationIsInTheMemoryBeforeItIsInTheStateFile() async throws {
        try await withTemporaryDirectory { directory in
            let press = try Press(in: directory, patience: .seconds(600))
            try await press.begin()
            try await press.disk.hang(after: memory(generation: 1), ticket: 2)
            press.disk.writer.save(memory(generation: 2, active: "b"), ticket: 3)
            press.publish(snapshot(generation: 2, active: "b"))
            // The publishing thread has taken the order and waits for the disk.
            for _ in 0..<20 {
                #expect(try press.state()?.generation == 1)
                #expect(await press.writer.state().document.generation == 1)
                await Task.yield()
            }
            press.disk.goOn()
            try await condition("published") { try press.state()?.generation == 2 }
            #expect(try press.state()?.persisted == true)
            #expect(try memoryDocument(in: press.memory).generation == 2)
            await press.end()
        }
    }

    @Test func aDiskThatHangsIsNotWaitedForForEver() async throws {
        try await withTemporaryDirectory { directory in
            let press = try Press(in: directory, patience: .milliseconds(100))
            try await press.begin()
            try await press.disk.hang(after: memory(generation: 1), ticket: 2)
            press.disk.writer.save(memory(generation: 2, active: "b"), ticket: 3)
            press.publish(snapshot(generation: 2, active: "b"))
            try await condition("published all the same") { try press.state()?.generation == 2 }
            #expect(try press.state()?.persisted == false)
            #expect(try memoryDocument(in: press.memory).generation == 1)
            press.disk.goOn()
            await press.end()
        }
    }

    @Test func aDecisionThatIsKnownNotToBeDurableIsPublishedAtOnce() async throws {
        try await withTemporaryDirectory { directory in
            let press = try Press(in: directory)
            try await press.begin()
            try await press.disk.hang(after: memory(generation: 1), ticket: 2)
            press.publish(snapshot(generation: 2, active: "b", persisted: false))
            try await condition("published") { try press.state()?.generation == 2 }
            #expect(try press.state()?.persisted == false)
            press.disk.goOn()
            await press.end()
        }
    }

    @Test func freshFiguresDoNotRewriteTheFile() async throws {
        try await withTemporaryDirectory { directory in
            let press = try Press(in: directory)
            try await press.begin()
            let before = try #require(try press.state())
            let file = try Data(contentsOf: URL(filePath: press.stateFile))
            let provisional = RouteSnapshot(
                name: "chat",
                active: "a",
                mode: .preferred,
                generation: 1,
                since: .seconds(0),
                reason: Reason(.initial, "preferred by the configuration"),
                order: ["a", "b"],
                provisional: false,
                dryRun: false,
                wouldBeActive: "a",
                endpoints: ["a", "b"]
            )
            let figures = Snapshot(generation: 1, persisted: true, routes: [provisional], endpoints: [])
            press.publish(figures, mustWrite: false)
            var shown = await press.writer.state().document
            for _ in 0..<10_000 where shown.routes["chat"]?.order != ["a", "b"] {
                try await Task.sleep(for: .milliseconds(1))
                shown = await press.writer.state().document
            }
            #expect(shown.routes["chat"]?.order == ["a", "b"])
            #expect(shown.sequence == before.sequence)
            #expect(shown.writtenAt.description == before.writtenAt.description)
            #expect(shown.validUntil.description == before.validUntil.description)
            #expect(try Data(contentsOf: URL(filePath: press.stateFile)) == file)
            // A new generation is always written, whatever was asked for.
            press.disk.writer.save(memory(generation: 2, active: "b"), ticket: 2)
            press.publish(snapshot(generation: 2, active: "b"), mustWrite: false)
            try await condition("written") { try press.state()?.generation == 2 }
            #expect(try press.state()?.sequence == before.sequence + 1)
            await press.end()
        }
    }

    @Test func whoeverHearsOfAMoveFindsItInTheStateFile() async throws {
        try await withTemporaryDirectory { directory in
            let press = try Press(in: directory)
            try await press.begin()
            let stream = try #require(press.events.follow())
            for generation in 2...20 as ClosedRange<UInt64> {
                let active: EndpointName = generation.isMultiple(of: 2) ? "b" : "a"
                press.disk.writer.save(memory(generation: generation, active: active), ticket: generation)
                press.publish(snapshot(generation: generation, active: active))
                press.writer.tell(event(generation: generation))
            }
            var heard: [UInt64] = []
            for await event in stream {
                heard.append(event.document.generation)
                #expect(try #require(try press.state()).generation >= event.document.generation)
                if heard.count == 19 { break }
            }
            #expect(heard == Array(2...20))
            await press.end()
            let logged = try TransitionLog(directory: press.memory).last(100)
            #expect(logged.map(\.generation) == Array(2...20))
        }
    }
}
