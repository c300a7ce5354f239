import FailoverWire
import NIOConcurrencyHelpers
import NIOCore

/// The last events as they are sent, so that hundreds who follow share one encoding of each.
final class EventFrames: Sendable {
    /// Those who keep up are never further apart than a burst of this many; others encode anew.
    private static let capacity = 64

    /// Oldest first.
    private let frames = NIOLockedValueBox<[(event: ToldEvent, frame: ByteBuffer)]>([])

    func frame(of event: ToldEvent) throws -> ByteBuffer {
        let known = frames.withLockedValue { frames in frames.last { $0.event === event }?.frame }
        if let known { return known }
        let frame = try ServerSentEvent(event.document).frame
        frames.withLockedValue { frames in
            if frames.count >= Self.capacity { frames.removeFirst() }
            frames.append((event, frame))
        }
        return frame
    }
}
