package import FailoverCore
package import FailoverWire
import NIOConcurrencyHelpers

/// The last events in memory, and everyone who follows them.
///
/// Safe to use from any thread; never waits for a follower.
package final class EventLog: Sendable {
    /// Events that are kept; the older ones go first.
    package static let capacity = 1_000
    /// Events that a follower may lag behind before its stream ends.
    package static let followerBacklog = 256
    /// Two hundred pages and terminals in an incident, and programs beside them; one that lags keeps no copy of an event.
    ///
    /// The page's server takes fewer of them, so that the control socket always has some.
    package static let maximumFollowers = 256

    fileprivate struct Contents {
        /// Oldest first.
        var events: [ToldEvent]
        var lastSequence: UInt64 = 0
        var followers: [UInt64: AsyncStream<ToldEvent>.Continuation] = [:]
        var lastFollower: UInt64 = 0
        var slowFollowers: UInt64 = 0
        var refusedFollowers: UInt64 = 0
        var isClosed = false
    }

    private let contents: NIOLockedValueBox<Contents>

    /// - Parameter past: What an earlier process told, oldest first.
    package init(past: [EventDocument] = []) {
        contents = NIOLockedValueBox(Contents(events: past.suffix(Self.capacity).map(ToldEvent.init)))
    }

    /// Gives an event the next number of this instance, keeps it and tells it to everyone who follows.
    ///
    /// - Returns: The event as it was told, for the journal and the history.
    @discardableResult
    package func append(_ event: Event, at clock: ClockReading, publisher: Publisher) -> EventDocument {
        let (document, slow) = contents.withLockedValue { contents in
            contents.lastSequence += 1
            let document = EventDocument(event, sequence: contents.lastSequence, at: clock, publisher: publisher)
            return (document, contents.tell(ToldEvent(document)))
        }
        // Ending a stream calls back into this object, so it is done outside the lock.
        for follower in slow { follower.finish() }
        return document
    }

    /// Events after the one with this id, oldest first; all of them without an id, or with one that is no longer known.
    package func past(after id: String? = nil) -> [EventDocument] {
        contents.withLockedValue { $0.events(after: id).map(\.document) }
    }

    /// Past events after the one with this id, then every new one.
    ///
    /// The stream ends if its reader is too slow, and at `close()`.
    ///
    /// - Returns: `nil` when `maximumFollowers` follow already.
    package func follow(after id: String? = nil) -> AsyncStream<ToldEvent>? {
        contents.withLockedValue { contents -> AsyncStream<ToldEvent>? in
            guard contents.followers.count < Self.maximumFollowers else {
                contents.refusedFollowers += 1
                return nil
            }
            let past = contents.events(after: id)
            let (stream, follower) = AsyncStream.makeStream(
                of: ToldEvent.self,
                bufferingPolicy: .bufferingOldest(past.count + Self.followerBacklog)
            )
            for event in past { follower.yield(event) }
            guard !contents.isClosed else {
                follower.finish()
                return stream
            }
            contents.lastFollower += 1
            let number = contents.lastFollower
            follower.onTermination = { [weak self] _ in
                self?.contents.withLockedValue { _ = $0.followers.removeValue(forKey: number) }
            }
            contents.followers[number] = follower
            return stream
        }
    }

    /// Counts a follower that somebody else has turned away.
    package func noteRefusedFollower() { contents.withLockedValue { $0.refusedFollowers += 1 } }

    /// Ends every stream.
    ///
    /// Events may still be appended and read.
    package func close() {
        let followers = contents.withLockedValue { contents in
            contents.isClosed = true
            defer { contents.followers = [:] }
            return Array(contents.followers.values)
        }
        for follower in followers { follower.finish() }
    }

    /// Those who follow now.
    package var followers: Int { contents.withLockedValue { $0.followers.count } }
    /// Streams that ended because their reader was too slow.
    package var slowFollowers: UInt64 { contents.withLockedValue { $0.slowFollowers } }
    /// Those who were turned away because too many followed.
    package var refusedFollowers: UInt64 { contents.withLockedValue { $0.refusedFollowers } }
}

extension EventLog.Contents {
    /// Returns the followers that have fallen too far behind; they are no longer among ours.
    fileprivate mutating func tell(_ event: ToldEvent) -> [AsyncStream<ToldEvent>.Continuation] {
        events.append(event)
        if events.count > EventLog.capacity { events.removeFirst(events.count - EventLog.capacity) }
        var slow: [AsyncStream<ToldEvent>.Continuation] = []
        for (number, follower) in followers {
            guard case .dropped = follower.yield(event) else { continue }
            followers[number] = nil
            slowFollowers += 1
            slow.append(follower)
        }
        return slow
    }

    fileprivate func events(after id: String?) -> [ToldEvent] {
        guard let id, let colon = id.lastIndex(of: ":"), let sequence = UInt64(id[id.index(after: colon)...]) else {
            return events
        }
        let instance = id[..<colon]
        // Not every event survives a restart, so the one that was named may be missing between those that did.
        guard let first = events.firstIndex(where: { $0.document.instance == instance }) else { return events }
        let last = events.lastIndex { $0.document.instance == instance && ($0.document.sequence ?? 0) <= sequence }
        return Array(events[(last.map { $0 + 1 } ?? first)...])
    }
}
