import FailoverWire
import NIOConcurrencyHelpers

/// Events for those who follow a scripted daemon: past ones on request, then whatever is published.
final class EventFeed: Sendable {
    private struct Contents {
        var past: [EventDocument]
        var followers: [Int: AsyncStream<ToldEvent>.Continuation] = [:]
        var lastFollower = 0
    }

    private let contents: NIOLockedValueBox<Contents>
    private let maximumFollowers: Int

    init(past: [EventDocument] = [], maximumFollowers: Int = 64) {
        contents = NIOLockedValueBox(Contents(past: past))
        self.maximumFollowers = maximumFollowers
    }

    var followers: Int { contents.withLockedValue { $0.followers.count } }

    func publish(_ event: EventDocument) {
        // Ending a stream calls back into this feed, so it happens outside the lock.
        let slow = contents.withLockedValue { contents in
            contents.past.append(event)
            let slow = contents.followers.filter {
                if case .dropped = $0.value.yield(ToldEvent(event)) { true } else { false }
            }
            for number in slow.keys { contents.followers[number] = nil }
            return slow.values.map { $0 }
        }
        for follower in slow { follower.finish() }
    }

    func past(after id: String?) -> [EventDocument] {
        contents.withLockedValue { $0.past.filter { ($0.sequence ?? 0) > Self.sequence(of: id) } }
    }

    func follow(after id: String?) -> AsyncStream<ToldEvent>? {
        contents.withLockedValue { contents in
            guard contents.followers.count < maximumFollowers else { return nil }
            let (events, follower) = AsyncStream.makeStream(
                of: ToldEvent.self,
                bufferingPolicy: .bufferingOldest(256)
            )
            if id != nil {
                for event in contents.past where (event.sequence ?? 0) > Self.sequence(of: id) {
                    follower.yield(ToldEvent(event))
                }
            }
            contents.lastFollower += 1
            let number = contents.lastFollower
            contents.followers[number] = follower
            follower.onTermination = { [weak self] _ in
                self?.contents.withLockedValue { $0.followers[number] = nil }
            }
            return events
        }
    }

    private static func sequence(of id: String?) -> UInt64 {
        id?.split(separator: ":").last.flatMap { UInt64($0) } ?? 0
    }
}
