import FailoverCore
import FailoverPublish
import FailoverSystemd
import FailoverWire
import Foundation
import TestSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(5))) struct JournalSinkTests {
    /// Events of an instance that no other test has.
    private struct Source {
        let publisher = Publisher(
            instance: StateDocument.Instance(id: UUID().uuidString, version: "0.1.0", configHash: "abc"),
            vantage: "us-east-a",
            startedAt: noon.wall,
            validFor: .seconds(30)
        )

        func callAsFunction(_ event: Event, _ sequence: UInt64 = 1) -> EventDocument {
            EventDocument(event, sequence: sequence, at: noon, publisher: publisher)
        }
    }

    @Test(.enabled(if: Journald.isAvailable, "needs a journald, or root and systemd"))
    func anEventIsFoundInTheJournalByItsFields() async throws {
        try await Journald.withJournald { journald in
            let source = Source()
            let sink = try JournalSink(SinkOutputs(journal: true, text: nil)) { noon.wall }
            sink.enqueue(source(move()))
            sink.enqueue(source(verdict()))
            sink.enqueue(source(move(.failback)))
            #expect(await sink.close(within: .seconds(30)))
            let instance = "FAILOVERD_INSTANCE=\(source.publisher.instance.id)"
            let found = try journald.entries(instance, "FAILOVERD_EVENT=failover", "SYSLOG_IDENTIFIER=failoverd")
            let fields = JournalEntry(source(move())).journalFields
            #expect(
                found.map { $0.filter { !$0.key.hasPrefix("_") } }
                    == [Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0.value) })]
            )
            #expect(
                try journald.entries(instance).map { $0["FAILOVERD_EVENT"] } == ["failover", "verdict", "failback"]
            )
            #expect([sink.dropped, sink.refused] == [0, 0])
        }
    }

    @Test(.enabled(if: Journald.isAvailable, "needs a journald, or root and systemd"))
    func linesOfTheDaemonAndValuesOfManyLinesArrive() async throws {
        try await Journald.withJournald { journald in
            let mark = UUID().uuidString
            let sink = try JournalSink(SinkOutputs(journal: true, text: nil)) { noon.wall }
            sink.log(.warning, mark)
            #expect(await sink.close(within: .seconds(30)))
            #expect(
                try journald.entries("MESSAGE=\(mark)").map {
                    [$0["PRIORITY"], $0["SYSLOG_IDENTIFIER"], $0["MESSAGE_ID"]]
                }
                    == [["4", "failoverd", nil]]
            )
            try Journal.send([JournalField("MESSAGE", "two\nlines"), JournalField("FAILOVERD_INSTANCE", mark)])
            #expect(try journald.entries("FAILOVERD_INSTANCE=\(mark)").map { $0["MESSAGE"] } == ["two\nlines"])
            #expect(throws: JournalError.invalidFieldName("lower")) { try Journal.send([JournalField("lower", "x")]) }
        }
    }

    @Test(.enabled(if: Journald.canStart, "needs root, systemd, and no journald that others use"))
    func aFrozenJournalHoldsNobodyUpAndLossesAreSaid() async throws {
        try await Journald.withJournald { journald in
            try #require(journald.ownProcess != nil)
            let source = Source()
            let sink = try JournalSink(SinkOutputs(journal: true, text: nil)) { noon.wall }
            journald.freeze()
            for number in 1...2_000 as ClosedRange<UInt64> { sink.enqueue(source(verdict(), number)) }
            for number in 2_001...2_500 as ClosedRange<UInt64> {
                sink.enqueue(source(move(generation: number), number))
            }
            for number in 2_501...4_000 as ClosedRange<UInt64> { sink.enqueue(source(verdict(), number)) }
            #expect(sink.waiting == JournalSink.capacity)
            let dropped = sink.dropped
            #expect(dropped > 0)
            #expect(await sink.close(within: .milliseconds(50)) == false)
            journald.thaw()
            #expect(await sink.close(within: .seconds(60)))
            let instance = "FAILOVERD_INSTANCE=\(source.publisher.instance.id)"
            #expect(
                try journald.entries(instance, "FAILOVERD_EVENT=failover").map { $0["FAILOVERD_GENERATION"] }
                    == (2_001...2_500).map { "\($0)" }
            )
            let verdicts = try journald.entries(instance, "FAILOVERD_EVENT=verdict").count
            let leftOut = try journald.entries("_PID=\(getpid())", "FAILOVERD_REASON_CODE=burst")
                .compactMap { $0["FAILOVERD_DROPPED"].flatMap { Int($0) } }.reduce(0, +)
            #expect(verdicts + Int(dropped) + leftOut == 3_500)
            #expect(
                try journald.entries("_PID=\(getpid())", "FAILOVERD_EVENT=dropped", "FAILOVERD_DROPPED=\(dropped)")
                    .map { $0["FAILOVERD_REASON"] }
                    == ["\(dropped) entries were lost, because nobody took them in time: \(dropped) verdict"]
            )
        }
    }

    @Test func linesGoToStandardErrorInOrder() async throws {
        try await withTemporaryDirectory { directory async throws in
            let descriptor = open(directory.path("log"), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            try #require(descriptor >= 0)
            defer { close(descriptor) }
            let sink = try JournalSink(SinkOutputs(journal: false, text: .timestamped, descriptor: descriptor)) {
                noon.wall
            }
            sink.log(.info, "probing")
            sink.enqueue(document(move()))
            #expect(await sink.close(within: .seconds(30)))
            #expect(
                try text(at: directory.path("log")) == """
                    2026-11-22T12:04:31.250Z probing
                    2026-11-22T12:04:31.250Z FAILOVER chat us-east -> eu-west  \
                    availability: "outage" evidence 7.20 >= 6.98 (generation 3)

                    """
            )
        }
    }

    @Test func aReaderThatWentAwayIsCountedAndKillsNobody() async throws {
        var pipe: [Int32] = [0, 0]
        try #require(Glibc.pipe(&pipe) == 0)
        close(pipe[0])
        defer { close(pipe[1]) }
        let sink = try JournalSink(SinkOutputs(journal: false, text: .timestamped, descriptor: pipe[1])) { noon.wall }
        sink.log(.info, "anybody there?")
        #expect(await sink.close(within: .seconds(30)))
        #expect(sink.refused == 1)
    }

    @Test func aReaderThatNeverReadsHoldsNobodyUp() async throws {
        var pipe: [Int32] = [0, 0]
        try #require(Glibc.pipe(&pipe) == 0)
        let sink = try JournalSink(SinkOutputs(journal: false, text: .timestamped, descriptor: pipe[1])) { noon.wall }
        for _ in 0..<5_000 { sink.enqueue(document(move())) }
        #expect(sink.dropped > 0)
        #expect(await sink.close(within: .milliseconds(20)) == false)
        // The broken pipe lets the thread go.
        close(pipe[0])
        #expect(await sink.close(within: .seconds(30)))
        close(pipe[1])
    }

    @Test func withoutAJournalItsEntriesBecomePrefixedLines() async throws {
        // Nobody may make the socket meanwhile.
        let lock = try await MachineLock(named: "failoverd-test-journald")
        defer { lock.release() }
        try await withTemporaryDirectory { directory async throws in
            guard !Journal.isSocketPresent else { return }
            let descriptor = open(directory.path("log"), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            try #require(descriptor >= 0)
            defer { close(descriptor) }
            let sink = try JournalSink(SinkOutputs(journal: true, text: nil, descriptor: descriptor)) { noon.wall }
            sink.log(.error, "no journal")
            #expect(await sink.close(within: .seconds(30)))
            #expect(try text(at: directory.path("log")) == "<3>no journal\n")
        }
    }
}
