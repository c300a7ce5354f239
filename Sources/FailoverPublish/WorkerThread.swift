import Dispatch
import FailoverCore
import FailoverThreads
import NIOConcurrencyHelpers

/// A thread of its own for work that may hang in the system, such as a send to a frozen service.
package final class WorkerThread: Sendable {
    private struct Work {
        var isFinished = false
        var waiters: [UInt64: CheckedContinuation<Bool, Never>] = [:]
        var lastWaiter: UInt64 = 0
    }

    private final class Completion: Sendable {
        let work = NIOLockedValueBox(Work())

        /// Takes note of one who waits, and says under which number; `nil` if there is nothing left to wait for.
        func enter(_ waiter: CheckedContinuation<Bool, Never>) -> UInt64? {
            work.withLockedValue { work in
                guard !work.isFinished else { return nil }
                work.lastWaiter += 1
                work.waiters[work.lastWaiter] = waiter
                return work.lastWaiter
            }
        }

        func finish() {
            let waiters = work.withLockedValue { work in
                work.isFinished = true
                defer { work.waiters = [:] }
                return Array(work.waiters.values)
            }
            for waiter in waiters { waiter.resume(returning: true) }
        }
    }

    private let completion: Completion

    /// Starts the thread.
    ///
    /// It is never joined: one that hangs is left behind when the process ends.
    ///
    /// - Parameters:
    ///   - name: As shown by `ps -L` and debuggers; the first 15 bytes count.
    ///   - run: Begins at once, with all signals blocked.
    /// - Throws: `FileError` when the system gives no thread.
    package init(name: String, _ run: @escaping @Sendable () -> Void) throws(FileError) {
        let completion = Completion()
        self.completion = completion
        do throws(ThreadError) {
            try DetachedThread.start(name: name) {
                run()
                completion.finish()
            }
        } catch {
            throw FileError(path: "a thread", operation: .create, errno: error.code)
        }
    }

    /// Waits for the end of the work.
    package func finished() async {
        let completion = completion
        _ = await withCheckedContinuation { continuation in
            if completion.enter(continuation) == nil { continuation.resume(returning: true) }
        }
    }

    /// Waits for the end of the work, and not for longer than `limit`.
    ///
    /// Cancellation does not cut the wait short.
    ///
    /// - Returns: Whether the work has ended.
    package func finished(within limit: Duration) async -> Bool {
        let completion = completion
        return await withCheckedContinuation { continuation in
            guard let number = completion.enter(continuation) else {
                continuation.resume(returning: true)
                return
            }
            // Not a sleeping task: cancellation, which is how an end begins, would cut the wait short.
            DispatchQueue.global().asyncAfter(deadline: .now() + limit.inSeconds) {
                completion.work.withLockedValue { $0.waiters.removeValue(forKey: number) }?.resume(returning: false)
            }
        }
    }
}
