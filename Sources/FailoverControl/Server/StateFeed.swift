import FailoverWire
import NIOConcurrencyHelpers
import NIOCore

/// The status document for those who follow it with the events: encoded once for all of them, once a second, and only
/// while somebody follows.
///
/// Whoever does not keep up misses documents, never gets an old one late.
final class StateFeed: Sendable {
    private struct Contents {
        var followers: [UInt64: AsyncStream<ByteBuffer>.Continuation] = [:]
        var lastFollower: UInt64 = 0
        var latest: Latest?
    }

    private struct Latest {
        let frame: ByteBuffer
        let generation: UInt64
        let at: ContinuousClock.Instant
    }

    /// Documents of up to this many bytes come every second; a state of thousands of endpoints comes as much less often as
    /// it is larger.
    private static let bytesASecond = 256 * 1024

    private let source: any ControlSource
    private let contents = NIOLockedValueBox(Contents())
    private let frames = EventFrames()
    private let wishes: AsyncStream<Void>
    private let wish: AsyncStream<Void>.Continuation
    private let interval: Duration

    /// A feed that says nothing before `whileRunning`.
    init(source: any ControlSource, interval: Duration = .seconds(1)) {
        self.source = source
        self.interval = interval
        (wishes, wish) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Documents from now on, the first at once; it never ends by itself.
    func follow() -> AsyncStream<ByteBuffer> {
        let (stream, follower) = AsyncStream.makeStream(of: ByteBuffer.self, bufferingPolicy: .bufferingNewest(1))
        contents.withLockedValue { contents in
            contents.lastFollower += 1
            let number = contents.lastFollower
            follower.onTermination = { [weak self] _ in
                self?.contents.withLockedValue { _ = $0.followers.removeValue(forKey: number) }
            }
            contents.followers[number] = follower
            if let latest = contents.latest, isFresh(latest) { follower.yield(latest.frame) }
        }
        wish.yield()
        return stream
    }

    /// The event as it is sent; one that says more than the last document brings the next at once.
    func frame(of event: ToldEvent) throws -> ByteBuffer {
        let isNews = contents.withLockedValue { contents in
            !contents.followers.isEmpty && contents.latest.map { $0.generation < event.document.generation } ?? false
        }
        if isNews { wish.yield() }
        return try frames.frame(of: event)
    }

    /// Feeds those who follow while `body` runs.
    func whileRunning(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [self] in await feed() }
            defer { group.cancelAll() }
            try await body()
        }
    }

    private func feed() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in
                // Ends by being cancelled.
                while (try? await Task.sleep(for: interval)) != nil { if hasFollowers { wish.yield() } }
            }
            for await _ in wishes where hasFollowers { await tell() }
            group.cancelAll()
        }
    }

    private var hasFollowers: Bool { contents.withLockedValue { !$0.followers.isEmpty } }

    private func tell() async {
        let state = await source.status()
        let generation = state.head.generation
        let isDue = contents.withLockedValue { contents in
            guard let latest = contents.latest else { return true }
            return !isFresh(latest) || latest.generation < generation
        }
        // A number that JSON cannot hold is told by GET /v1/status; the events go on without figures.
        guard isDue, let frame = try? Self.frame(of: state) else { return }
        contents.withLockedValue { contents in
            contents.latest = Latest(frame: frame, generation: generation, at: .now)
            for follower in contents.followers.values { follower.yield(frame) }
        }
    }

    /// Half an interval is left to clocks and queues: what comes a little early must not wait for a whole one more.
    private func isFresh(_ latest: Latest) -> Bool {
        let share = max(1, Double(latest.frame.readableBytes) / Double(Self.bytesASecond))
        return ContinuousClock.now - latest.at < interval * share - interval / 2
    }

    private static func frame(of state: some PublishableState) throws -> ByteBuffer {
        let document = try Wire.bytes(of: state, .compact, capacity: state.expectedBytes / 2)
        var frame = ByteBuffer()
        frame.reserveCapacity(document.count + 32)
        frame.writeString("event: state\ndata: ")
        frame.writeBytes(document)
        frame.writeString("\n\n")
        return frame
    }
}
