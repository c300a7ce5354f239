import Dispatch
import NIOConcurrencyHelpers

/// Elements that were lost because the queue was full, by kind.
package struct QueueDrops: Hashable, Sendable {
    package var byKind: [String: UInt64] = [:]
    package var total: UInt64 { byKind.values.reduce(0, +) }

    package init(byKind: [String: UInt64] = [:]) { self.byKind = byKind }
}

/// A bounded queue that a thread of its own empties, so that whoever fills it never waits.
///
/// When it is full, the least important element is lost, the oldest among equals. Losses are counted, and reported to the
/// handler when the queue has drained.
package final class QueueWorker<Element: Sendable>: Sendable {
    /// What the thread is asked to do.
    package enum Work: Sendable {
        case handle(Element)
        /// The queue is empty again, and this was lost since the last such report.
        case reportDrops(QueueDrops)
    }

    private struct Queue {
        /// Oldest first.
        var elements: [(element: Element, importance: Int)] = []
        var unreported = QueueDrops()
        var dropped: UInt64 = 0
        var isClosed = false

        mutating func drop(_ kind: String) {
            unreported.byKind[kind, default: 0] += 1
            dropped += 1
        }

        mutating func next() -> Work? {
            if !elements.isEmpty { return .handle(elements.removeFirst().element) }
            guard unreported.total > 0 else { return nil }
            defer { unreported = QueueDrops() }
            return .reportDrops(unreported)
        }
    }

    private final class Shared: Sendable {
        let queue = NIOLockedValueBox(Queue())
        let wakeUp = DispatchSemaphore(value: 0)
    }

    private let shared = Shared()
    private let thread: WorkerThread
    private let capacity: Int
    private let importance: @Sendable (Element) -> Int
    private let kind: @Sendable (Element) -> String

    /// - Parameters:
    ///   - name: Of the thread; the first 15 bytes count.
    ///   - capacity: Elements that may wait.
    ///   - importance: Larger is more important.
    ///   - kind: What a lost element is counted as; few different ones.
    ///   - perform: Runs on the thread, and may wait as long as it must.
    ///   - atEnd: Runs on the thread when the queue is closed and all of it is handled.
    /// - Throws: `FileError` when the system gives no thread.
    package init(
        name: String,
        capacity: Int,
        importance: @escaping @Sendable (Element) -> Int = { _ in 0 },
        kind: @escaping @Sendable (Element) -> String,
        perform: @escaping @Sendable (Work) -> Void,
        atEnd: @escaping @Sendable () -> Void = {}
    ) throws(FileError) {
        self.capacity = max(1, capacity)
        self.importance = importance
        self.kind = kind
        let shared = shared
        thread = try WorkerThread(name: name) {
            while true {
                while let work = shared.queue.withLockedValue({ $0.next() }) { perform(work) }
                guard !shared.queue.withLockedValue({ $0.isClosed && $0.elements.isEmpty }) else { return atEnd() }
                shared.wakeUp.wait()
            }
        }
    }

    deinit { stopTaking() }

    /// Puts an element at the end of the queue and returns at once.
    ///
    /// After `close` it is counted as lost.
    package func enqueue(_ element: Element) {
        let importance = importance(element)
        shared.queue.withLockedValue { queue in
            guard !queue.isClosed else { return queue.drop(kind(element)) }
            if queue.elements.count >= capacity {
                let least = queue.elements.indices.min { queue.elements[$0].importance < queue.elements[$1].importance }
                guard let least, queue.elements[least].importance <= importance else {
                    return queue.drop(kind(element))
                }
                queue.drop(kind(queue.elements.remove(at: least).element))
            }
            queue.elements.append((element, importance))
        }
        shared.wakeUp.signal()
    }

    /// Takes nothing more, and waits until the rest is handled, but not for longer than `limit`.
    ///
    /// - Returns: Whether everything was handled; if not, the thread is left behind with what it hangs in.
    package func close(within limit: Duration) async -> Bool {
        stopTaking()
        return await thread.finished(within: limit)
    }

    /// Elements lost since the start.
    package var dropped: UInt64 { shared.queue.withLockedValue { $0.dropped } }

    /// Elements that wait.
    package var waiting: Int { shared.queue.withLockedValue { $0.elements.count } }

    private func stopTaking() {
        shared.queue.withLockedValue { $0.isClosed = true }
        shared.wakeUp.signal()
    }
}
