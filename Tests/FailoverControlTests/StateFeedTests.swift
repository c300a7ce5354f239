import FailoverWire
import Foundation
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import FailoverControl

/// The status document beside the events.
@Suite struct StateFeedTests {
    /// Counts how often it is asked.
    private func document(in frame: ByteBuffer) throws -> StateDocument {
        let text = String(buffer: frame)
        let start = "event: state\ndata: "
        try #require(text.hasPrefix(start) && text.hasSuffix("\n\n"))
        return try Wire.decode(StateDocument.self, from: Data(text.dropFirst(start.count).dropLast(2).utf8))
    }

    private func withFeed(
        _ source: ScriptedSource,
        interval: Duration = .milliseconds(20),
        _ body: @escaping @Sendable (StateFeed) async throws -> Void
    ) async throws {
        let feed = StateFeed(source: source, interval: interval)
        try await feed.whileRunning { try await body(feed) }
    }

    @Test func theFirstDocumentComesAtOnceAndOthersFollow() async throws {
        let source = ScriptedSource()
        try await withFeed(source) { feed in
            var states = feed.follow().makeAsyncIterator()
            #expect(try document(in: try #require(await states.next())) == Samples.preferred)
            source.script.withLockedValue { $0.state = Samples.failedOver }
            var last = Samples.preferred
            while last != Samples.failedOver { last = try document(in: try #require(await states.next())) }
        }
    }

    @Test func allWhoFollowShareOneEncoding() async throws {
        try await withFeed(ScriptedSource(), interval: .seconds(3600)) { feed in
            let first = feed.follow()
            var one = first.makeAsyncIterator()
            let frame = try #require(await one.next())
            var other = feed.follow().makeAsyncIterator()
            let same = try #require(await other.next())
            // The very bytes, not equal ones.
            let places = [frame, same].map { $0.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) } }
            #expect(places[0] == places[1])
            withExtendedLifetime(first) {}
        }
    }

    @Test func anEventThatSaysMoreBringsTheNextDocumentAtOnce() async throws {
        let source = ScriptedSource()
        // Nothing comes by itself.
        try await withFeed(source, interval: .seconds(3600)) { feed in
            var states = feed.follow().makeAsyncIterator()
            _ = await states.next()
            var moved = Samples.failedOver
            moved.generation = Samples.preferred.generation + 1
            source.script.withLockedValue { [moved] in $0.state = moved }
            var event = Samples.failover
            event.generation = moved.generation
            _ = try feed.frame(of: ToldEvent(event))
            #expect(try document(in: try #require(await states.next())) == moved)
        }
    }

    @Test func eventsAreEncodedOnce() throws {
        let frames = EventFrames()
        let event = ToldEvent(Samples.failover)
        let places = try (0..<2).map { _ in
            try frames.frame(of: event).withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) }
        }
        #expect(places[0] == places[1])
        for number in 0..<200 {
            let other = Samples.event(UInt64(number))
            #expect(try frames.frame(of: ToldEvent(other)) == ServerSentEvent(other).frame)
        }
    }

    // MARK: Over the socket

    @Test func eventsAndDocumentsComeInOneStream() async throws {
        try await withServer { (running) async throws in
            let connection = try RawConnection(path: running.path)
            connection.send("GET /v1/events?with=state HTTP/1.1\r\nHost: x\r\n\r\n")
            let json = String(decoding: try Wire.encode(Samples.preferred), as: UTF8.self)
            let state = "event: state\ndata: \(json)\n\n"
            #expect(await connection.read(until: state).contains(state))
            running.source.feed.publish(Samples.event(13))
            let event = String(buffer: try ServerSentEvent(Samples.event(13)).frame)
            #expect(await connection.read(until: event).contains(event))
        }
    }

    @Test func anythingElseBesideTheEventsIsRefused() async throws {
        try await withServer { (running) async throws in
            let answer = try await running.client.get("/v1/events?with=metrics", accept: "text/event-stream")
            let problem = try Wire.decode(ProblemDocument.self, from: answer.body)
            #expect(answer.status == 400 && problem.allowed == ["state"])
            #expect(problem.detail == "with is \"metrics\", but may only be state")
        }
    }

    @Test func oneThatReadsNothingIsCutOffAndDisturbsNobody() async throws {
        // A large state fills what the kernel holds for it.
        let source = ScriptedSource()
        source.script.withLockedValue { $0.state.vantage.name = String(repeating: "x", count: 100_000) }
        let limits = ControlLimits(stallTime: .milliseconds(100), leavingTime: .milliseconds(50))
        try await withPage(source: source, limits: limits) { (page) async throws in
            let stalled = try RawConnection(port: page.port, receiveBuffer: 4096)
            stalled.send("GET /v1/events?with=state HTTP/1.1\r\nHost: localhost\r\n\r\n")
            let reader = try RawConnection(port: page.port)
            reader.send("GET /v1/events?with=state HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(await reader.read(until: "event: state").contains("event: state"))
            #expect(try await eventually { source.feed.followers == 1 }, "the one that reads is left")
            source.feed.publish(Samples.event(13))
            #expect(await reader.read(until: "9f1c:13").contains("id: 9f1c:13\n"))
        }
    }
}
