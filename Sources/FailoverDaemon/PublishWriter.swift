import Dispatch
import FailoverCore
import FailoverPublish
import FailoverSystemd
import FailoverWire
import NIOConcurrencyHelpers
import Synchronization

/// Publishes what the engine decided, on a thread of its own: the state file, then what the socket shows, then the events.
///
/// That order is a promise: whoever hears of a failover finds it in the state file.
final class PublishWriter: Sendable {
    private struct Order {
        /// The newest snapshot; an older one that was not published yet is not missed.
        var snapshot: (value: Snapshot, at: ClockReading, mustWrite: Bool)?
        /// Oldest first.
        var events: [Event] = []
        var lostEvents: UInt64 = 0
        /// Events that were ever lost.
        var dropped: UInt64 = 0
        var publisher: Publisher
        var isClosed = false
    }

    private struct Published {
        var state: PublishedState?
        /// Those who wait for the first state.
        var waiters: [CheckedContinuation<PublishedState, Never>] = []
    }

    private final class Shared: Sendable {
        let order: NIOLockedValueBox<Order>
        let published = NIOLockedValueBox(Published())
        let work = DispatchSemaphore(value: 0)
        /// When the socket was last asked for figures, on the monotonic clock; long ago before the first time.
        let askedAt = Atomic<Int64>(.min)

        init(publisher: Publisher) { order = NIOLockedValueBox(Order(publisher: publisher)) }

        func show(_ state: PublishedState) {
            let waiters = published.withLockedValue { published in
                published.state = state
                defer { published.waiters = [] }
                return published.waiters
            }
            for waiter in waiters { waiter.resume(returning: state) }
        }

        func take() -> Order {
            order.withLockedValue { order in
                defer {
                    order.snapshot = nil
                    order.events = []
                    order.lostEvents = 0
                }
                return order
            }
        }
    }

    /// Events that may wait for a slow file system: every endpoint of a large configuration changing at once.
    private static let capacity = 4096
    /// A reader that asks at least this often gets fresh figures each time but the first.
    private static let attention = Duration.seconds(10)

    private let shared: Shared
    private let thread: WorkerThread

    init(round: PublishRound, publisher: Publisher) throws(FileError) {
        let shared = Shared(publisher: publisher)
        self.shared = shared
        let round = NIOLockedValueBox(round)
        thread = try WorkerThread(name: "publish") {
            while true {
                shared.work.wait()
                let order = shared.take()
                round.withLockedValue { round in
                    if let snapshot = order.snapshot {
                        let state = round.publish(
                            snapshot.value,
                            at: snapshot.at,
                            mustWrite: snapshot.mustWrite,
                            publisher: order.publisher
                        )
                        shared.show(state)
                    }
                    round.tell(order.events, lost: order.lostEvents, publisher: order.publisher)
                    // Only the engine's loop orders snapshots, so only it feeds the watchdog.
                    if order.snapshot != nil { round.finish() }
                }
                if order.isClosed { return }
            }
        }
    }

    /// The last published state; `nil` before the first.
    var latest: PublishedState? { shared.published.withLockedValue { $0.state } }

    /// The last published state; waits for the first.
    func state() async -> PublishedState {
        await withCheckedContinuation { continuation in
            let state = shared.published.withLockedValue { published in
                if published.state == nil { published.waiters.append(continuation) }
                return published.state
            }
            if let state { continuation.resume(returning: state) }
        }
    }

    /// Notes that somebody asks for figures, so that they are kept fresh for a while.
    func noteReader(at now: MonotonicInstant) { shared.askedAt.store(now.nanoseconds, ordering: .relaxed) }

    /// Whether somebody has asked for figures lately.
    func hasReaders(at now: MonotonicInstant) -> Bool {
        let asked = shared.askedAt.load(ordering: .relaxed)
        return asked != .min && now - MonotonicInstant(nanoseconds: asked) < Self.attention
    }

    /// Orders a snapshot to be published and returns at once.
    ///
    /// With `mustWrite` the file is due; otherwise only the figures that the socket shows are brought up to date.
    func publish(_ snapshot: Snapshot, at clock: ClockReading, mustWrite: Bool) {
        shared.order.withLockedValue { order in
            let isOwed = order.snapshot?.mustWrite ?? false
            order.snapshot = (snapshot, clock, mustWrite || isOwed)
        }
        shared.work.signal()
    }

    /// Orders an event to be told after the snapshot that was ordered before it.
    func tell(_ event: Event) {
        shared.order.withLockedValue { order in
            if order.events.count >= Self.capacity {
                order.events.removeFirst()
                order.lostEvents += 1
                order.dropped += 1
            }
            order.events.append(event)
        }
        shared.work.signal()
    }

    /// Events that were lost since the start.
    var dropped: UInt64 { shared.order.withLockedValue { $0.dropped } }

    /// What documents say from now on, after a reload.
    func update(_ publisher: Publisher) {
        shared.order.withLockedValue { $0.publisher = publisher }
    }

    var publisher: Publisher { shared.order.withLockedValue { $0.publisher } }

    /// Publishes what is waiting, for a bounded time.
    func close(within limit: Duration) async -> Bool {
        shared.order.withLockedValue { $0.isClosed = true }
        shared.work.signal()
        return await thread.finished(within: limit)
    }
}
