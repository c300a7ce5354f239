import FailoverWire
import Foundation
import NIOConcurrencyHelpers
import Testing

@testable import FailoverControl

@Suite struct EventStreamTests {
    private struct Enough: Error {}

    /// Follows until `count` events came.
    private func collect(
        _ count: Int,
        from running: Running,
        after id: String? = nil,
        onOpen: @escaping @Sendable () -> Void = {}
    ) async throws -> [EventDocument] {
        let seen = NIOLockedValueBox<[EventDocument]>([])
        do {
            try await running.client.follow(after: id) {
                onOpen()
            } onEvent: { event in
                let isLast = seen.withLockedValue {
                    $0.append(event)
                    return $0.count == count
                }
                if isLast { throw Enough() }
            }
        } catch is Enough {}
        return seen.withLockedValue { $0 }
    }

    @Test func followerHearsWhatHappens() async throws {
        try await withServer { (running) async throws in
            let feed = running.source.feed
            let seen = try await collect(2, from: running) {
                feed.publish(Samples.failover)
                feed.publish(Samples.event(13))
            }
            #expect(seen == [Samples.failover, Samples.event(13)])
            #expect(try await eventually { feed.followers == 0 }, "a follower that leaves frees its place")
        }
    }

    @Test func lastEventIDBringsWhatWasMissed() async throws {
        let source = ScriptedSource(feed: EventFeed(past: [Samples.event(1), Samples.event(2), Samples.event(3)]))
        try await withServer(source: source) { (running) async throws in
            #expect(try await collect(2, from: running, after: "9f1c:1") == [Samples.event(2), Samples.event(3)])
        }
    }

    @Test func pastEventsAreAListOfTheLatest() async throws {
        let source = ScriptedSource(feed: EventFeed(past: (1...5).map { Samples.event($0) }))
        try await withServer(source: source) { (running) async throws in
            #expect(try await running.client.events(limit: 2) == [Samples.event(4), Samples.event(5)])
            #expect(try await running.client.events(limit: 1000).count == 5)
        }
    }

    @Test func streamIsServerSentEvents() async throws {
        try await withServer { (running) async throws in
            let connection = try RawConnection(path: running.path)
            connection.send("GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
            let opening = await connection.read(until: ": connected\n\n")
            #expect(opening.contains("Content-Type: text/event-stream\r\n"))
            running.source.feed.publish(Samples.event(13))
            let json = String(decoding: try Wire.encode(Samples.event(13)), as: UTF8.self)
            let expected = "id: 9f1c:13\nevent: verdict\ndata: \(json)\n\n"
            #expect(await connection.read(until: expected).contains(expected))
        }
    }

    @Test func quietStreamIsKeptAlive() async throws {
        try await withServer(limits: ControlLimits(idleTime: .milliseconds(20), keepAlive: .milliseconds(50))) {
            (running) async throws in
            let connection = try RawConnection(path: running.path)
            connection.send("GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await connection.read(until: ": keep-alive\n\n").contains(": keep-alive\n\n"))
            running.source.feed.publish(Samples.event(13))
            #expect(await connection.read(until: "9f1c:13").contains("id: 9f1c:13\n"))
        }
    }

    @Test func oneFollowerTooManyIsToldSo() async throws {
        let source = ScriptedSource(feed: EventFeed(maximumFollowers: 1))
        try await withServer(source: source) { (running) async throws in
            let first = try RawConnection(path: running.path)
            first.send("GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = await first.read(until: ": connected")
            let problem = ProblemDocument(
                title: "Too many followers",
                status: 503,
                detail: "the limit of event streams is reached; close one, or ask with Accept: application/json"
            )
            await #expect(throws: ControlClientError.refused(problem)) {
                try await running.client.follow(after: nil) { _ in }
            }
        }
    }

    @Test func stopOfTheDaemonEndsTheStream() async throws {
        let (opened, signal) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            try await withServer { (running) async throws in
                let client = running.client
                tasks.addTask {
                    try await client.follow(after: nil) {
                        signal.finish()
                    } onEvent: { _ in
                    }
                }
                for await _ in opened {}
            }
            // The stream ends well or is cut off; either way the follower is told.
            _ = await tasks.nextResult()
        }
    }
}
