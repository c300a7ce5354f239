import NIOConcurrencyHelpers
import NIOPosix

/// A few threads for work that blocks or takes long, with a bounded queue.
///
/// A call that never returns occupies its thread for ever, and shutting down does not wait for it.
final class BlockingPool: Sendable {
    private let threads: NIOThreadPool
    private let capacity: Int
    private let pending = NIOLockedValueBox(0)

    /// `capacity` bounds the work that runs or waits.
    init(threads: Int, capacity: Int) {
        self.threads = NIOThreadPool(numberOfThreads: threads)
        self.capacity = capacity
        self.threads.start()
    }

    deinit { shutdown() }

    /// Runs `work` on a thread of the pool; `false` when the queue is full.
    func submit(_ work: @escaping @Sendable () -> Void) -> Bool {
        let isAccepted = pending.withLockedValue { count in
            guard count < capacity else { return false }
            count += 1
            return true
        }
        guard isAccepted else { return false }
        threads.submit { [self] activity in
            if case .active = activity { work() }
            pending.withLockedValue { $0 -= 1 }
        }
        return true
    }

    func shutdown() { threads.shutdownGracefully { _ in } }
}
