import CLinux
import NIOConcurrencyHelpers

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Work for a loop from other threads, and the descriptors that the loop waits on.
final class LoopMailbox: Sendable {
    typealias Job = @Sendable (ProbeLoop) -> Void

    private struct Jobs: Sendable {
        var waiting: [Job] = []
        var isClosed = false
    }

    /// Waits for sockets; ready also while work waits.
    let poll: CInt
    /// Readable while work waits.
    let wakeUp: CInt
    /// Bounded by what is configured: a job for each change of a probe, and one for each answer that an attempt awaits.
    private let jobs = NIOLockedValueBox(Jobs())

    /// - Throws: When the system gives no descriptor.
    init() throws(SystemError) {
        let poll = epoll_create1(CInt(EPOLL_CLOEXEC))
        guard poll >= 0 else { throw SystemError(.poll) }
        let wakeUp = eventfd(0, CInt(EFD_NONBLOCK | EFD_CLOEXEC))
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.u64 = Poller.wakeUp
        guard wakeUp >= 0, epoll_ctl(poll, EPOLL_CTL_ADD, wakeUp, &event) == 0 else {
            let error = SystemError(.poll)
            closeDescriptor(poll)
            if wakeUp >= 0 { closeDescriptor(wakeUp) }
            throw error
        }
        self.poll = poll
        self.wakeUp = wakeUp
    }

    deinit {
        closeDescriptor(poll)
        closeDescriptor(wakeUp)
    }

    /// Runs `job` on the loop, after those that were posted before; `false` when the loop takes no more.
    @discardableResult
    func post(_ job: @escaping Job) -> Bool {
        let (isFirst, isOpen) = jobs.withLockedValue { jobs in
            guard !jobs.isClosed else { return (false, false) }
            jobs.waiting.append(job)
            return (jobs.waiting.count == 1, true)
        }
        if isFirst {
            var one: UInt64 = 1
            // Fails only when the counter is full, and the loop is awake then.
            _ = write(wakeUp, &one, MemoryLayout<UInt64>.size)
        }
        return isOpen
    }

    /// Takes no more work; what waits is still done.
    func close() { jobs.withLockedValue { $0.isClosed = true } }

    /// Does what waits; on the loop only.
    func drain(on loop: ProbeLoop) {
        let waiting = jobs.withLockedValue { jobs in
            defer { jobs.waiting.removeAll() }
            return jobs.waiting
        }
        for job in waiting { job(loop) }
    }
}

/// Closes a descriptor; an error says only that it is closed all the same.
func closeDescriptor(_ descriptor: CInt) {
    #if canImport(Glibc)
    _ = Glibc.close(descriptor)
    #elseif canImport(Musl)
    _ = Musl.close(descriptor)
    #endif
}
