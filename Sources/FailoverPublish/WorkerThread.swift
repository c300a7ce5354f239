import Dispatch
import FailoverCore
import Glibc
import NIOConcurrencyHelpers

/// A thread of its own for work that may hang in the system, such as a send to a frozen service.
package final class WorkerThread: Sendable {
    private struct Work {
        var isFinished = false
        var waiters: [UInt64: CheckedContinuation<Bool, Never>] = [:]
        var lastWaiter: UInt64 = 0
    }

    private final class Body: Sendable {
        let name: String
        let run: @Sendable () -> Void
        let work = NIOLockedValueBox(Work())

        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }

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

    private let body: Body

    /// Starts the thread.
    ///
    /// It is never joined: one that hangs is left behind when the process ends.
    ///
    /// - Parameters:
    ///   - name: As shown by `ps -L` and debuggers; the first 15 bytes count.
    ///   - run: Begins at once, with all signals blocked: they belong to the main thread, and a broken pipe is an error here.
    /// - Throws: `FileError` when the system gives no thread.
    package init(name: String, _ run: @escaping @Sendable () -> Void) throws(FileError) {
        body = Body(name: String(decoding: name.utf8.prefix(15), as: UTF8.self), run: run)
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let argument = Unmanaged.passRetained(body)
        var thread = pthread_t()
        let code = pthread_create(&thread, &attributes, { WorkerThread.main($0) }, argument.toOpaque())
        guard code == 0 else {
            argument.release()
            throw FileError(path: "a thread", operation: .create, errno: code)
        }
    }

    /// Waits for the end of the work.
    package func finished() async {
        let body = body
        _ = await withCheckedContinuation { continuation in
            if body.enter(continuation) == nil { continuation.resume(returning: true) }
        }
    }

    /// Waits for the end of the work, and not for longer than `limit`.
    ///
    /// Cancellation does not cut the wait short.
    ///
    /// - Returns: Whether the work has ended.
    package func finished(within limit: Duration) async -> Bool {
        let body = body
        return await withCheckedContinuation { continuation in
            guard let number = body.enter(continuation) else {
                continuation.resume(returning: true)
                return
            }
            // Not a sleeping task: cancellation, which is how an end begins, would cut the wait short.
            DispatchQueue.global().asyncAfter(deadline: .now() + limit.inSeconds) {
                body.work.withLockedValue { $0.waiters.removeValue(forKey: number) }?.resume(returning: false)
            }
        }
    }

    private static func main(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let argument else { return nil }
        let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
        var signals = sigset_t()
        sigfillset(&signals)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        // Only a convenience for people, so a system without /proc is no error.
        if let comm = try? Descriptor.open("/proc/thread-self/comm", O_WRONLY) {
            try? comm.writeAll(Array(body.name.utf8))
        }
        body.run()
        body.finish()
        return nil
    }
}
